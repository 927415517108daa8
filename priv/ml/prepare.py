#!/usr/bin/env python3
"""Prepares the models of a start message on stdin, measures their engines; prints one JSON line per model."""

from volfefe_ml.streams import claim

STREAMS = claim()  # before any other import, so that nothing a library prints can reach the output

import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from volfefe_ml import protocol  # noqa: E402
from volfefe_ml.arguments import Parser  # noqa: E402
from volfefe_ml.errors import about  # noqa: E402


def main() -> int:
    """Parse arguments, prepare; returns 0 or the exit status of the worst failure."""
    parser = Parser(description=__doc__)
    parser.add_argument(
        "--verify", action="store_true", help="only hash what is prepared and compare with the pins"
    )
    parser.add_argument(
        "--download", action="store_true", help="fetch hub models; nothing else uses a network"
    )
    parser.add_argument("--show", action="store_true", help="only say which engine runs each model here")
    parser.add_argument("--measure", action="store_true", help="measure the engines again")
    parser.add_argument(
        "--texts", type=Path, help="measure on these: a text per line, or JSON lines with `text`"
    )
    parser.add_argument("--progress", action="store_true", help="print lines about what is being done, too")
    options = parser.parse_args()
    try:
        from volfefe_ml import preparation
    except ImportError as error:
        failure = about(None, error)
        protocol.send(STREAMS.replies, {"type": "failed", **failure.to_wire()})
        return failure.exit
    return preparation.run(STREAMS, preparation.Wishes(**vars(options)))


if __name__ == "__main__":
    sys.exit(main())
