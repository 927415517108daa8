#!/usr/bin/env python3
"""Turns CSV on stdin into a Parquet file; its argument is a JSON object with output, columns and metadata."""

import json
import os
import sys

from volfefe_ml.errors import Exit


def main() -> int:
    """Write the file; returns 0 or the exit status of what went wrong, which is said on stderr."""
    if len(sys.argv) != 2:
        print(
            'usage: export.py \'{"output": …, "columns": […], "metadata": {…}}\' < rows.csv', file=sys.stderr
        )
        return Exit.USAGE
    try:
        from volfefe_ml import parquet
    except ModuleNotFoundError as error:
        print(
            f"Parquet needs the Python package {error.name}, which {sys.executable} does not have: "
            f"{sys.executable} -m pip install -r requirements-export.txt",
            file=sys.stderr,
        )
        return Exit.CONFIGURATION
    try:
        parquet.write(parquet.Order(**json.loads(sys.argv[1])), sys.stdin.buffer)
    except OSError as error:
        print(f"Parquet cannot be written: {error.strerror or error}", file=sys.stderr)
        return Exit.INPUT_OUTPUT
    return 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    # Not sys.exit: a thread of pyarrow that still holds stdin would bring the ending interpreter down.
    os._exit(status)
