#!/usr/bin/env python3
"""A volfefe worker; with --once, a command that judges one text. docs/protocol.md says what it speaks."""

from volfefe_ml.streams import claim

STREAMS = claim()  # before any other import, so that nothing a library prints can reach the protocol

import signal  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from volfefe_ml import once, server  # noqa: E402
from volfefe_ml.arguments import Parser  # noqa: E402


def main() -> int:
    """Serve, or classify once; returns the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parser = Parser(
        description=__doc__, epilog="example: echo 'Stocks soar!' | python priv/ml/classify.py --once"
    )
    parser.add_argument(
        "--once", action="store_true", help="judge all of stdin as one text, print the result map"
    )
    parser.add_argument("--config", type=Path, help="settings file to use instead of ./volfefe.yaml")
    parser.add_argument("--profile", help="which models to run (default: as the settings say)")
    parser.add_argument(
        "--models", type=lambda ids: ids.split(","), help="only these model ids, comma-separated"
    )
    options = parser.parse_args()
    if options.once:
        return once.classify_once(STREAMS, options.config, options.profile, options.models)
    return server.serve(STREAMS)


if __name__ == "__main__":
    sys.exit(main())
