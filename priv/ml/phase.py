#!/usr/bin/env python3
"""A worker for phases of ingestion (language, entities, ner, …). docs/phases.md says what it speaks."""

from volfefe_ml.streams import claim

STREAMS = claim()  # before any other import, so that nothing a library prints can reach the protocol

import signal  # noqa: E402
import sys  # noqa: E402

from volfefe_ml.arguments import Parser  # noqa: E402
from volfefe_ml.phases import server  # noqa: E402


def main() -> int:
    """Serve until the end of stdin; returns the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    Parser(description=__doc__).parse_args()
    return server.serve(STREAMS)


if __name__ == "__main__":
    sys.exit(main())
