#!/usr/bin/env python3
"""The plain ways to run models, with which volfefe is compared; `--way` says which."""

from volfefe_ml.streams import claim

STREAMS = claim()  # before any other import, so that nothing a library prints can reach the output

import sys  # noqa: E402

from volfefe_ml import reference  # noqa: E402
from volfefe_ml.arguments import Parser  # noqa: E402


def main() -> int:
    """Parse arguments, judge what comes; returns the exit status."""
    parser = Parser(
        description=__doc__,
        epilog="stdin: a start message (docs/protocol.md), then lines {'texts': [...]}, each timed.",
    )
    parser.add_argument("--way", choices=reference.WAYS, default="loop", help="what to compare with")
    parser.add_argument("--batch", type=int, default=1, help="texts per call of a pipeline, unsorted")
    parser.add_argument("--scores", action="store_true", help="report every score too")
    options = parser.parse_args()
    return reference.run(STREAMS, options.way, batch=options.batch, scores=options.scores)


if __name__ == "__main__":
    sys.exit(main())
