#!/usr/bin/env python3
"""Prepares, verifies or downloads the models of a start message on stdin; prints one JSON line per model."""

from volfefe_ml.streams import claim

STREAMS = claim()  # before any other import, so that nothing a library prints can reach the output

import sys  # noqa: E402

from volfefe_ml import preparation  # noqa: E402
from volfefe_ml.arguments import Parser  # noqa: E402


def main() -> int:
    """Parse arguments, prepare; returns 0 or the exit status of the worst failure."""
    parser = Parser(description=__doc__)
    parser.add_argument(
        "--verify", action="store_true", help="only hash what is prepared and compare with the pins"
    )
    parser.add_argument(
        "--download", action="store_true", help="fetch hub models; nothing else uses a network"
    )
    options = parser.parse_args()
    return preparation.run(STREAMS, verify=options.verify, download=options.download)


if __name__ == "__main__":
    sys.exit(main())
