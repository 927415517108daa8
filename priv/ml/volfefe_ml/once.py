"""`classify.py --once`: one text in, the result map out, without a supervisor."""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from volfefe_ml.errors import Exit, StartError, about
from volfefe_ml.prepared import default_cache
from volfefe_ml.server import classify
from volfefe_ml.streams import Streams, write_all
from volfefe_ml.threads import limit_threads


def classify_once(
    streams: Streams, config: Path | None, profile: str | None, only: Sequence[str] | None
) -> int:
    """Classify the whole of stdin as one text and print the result map; returns the exit status."""
    threads = os.cpu_count() or 1
    limit_threads(threads)
    try:
        from volfefe_ml.config import configured_models, settings_files
        from volfefe_ml.registry import load_models

        entries = configured_models(settings_files(config), profile, only)
        with os.fdopen(streams.requests, "rb") as stdin:
            text = stdin.read().decode("utf-8-sig").removesuffix("\n")  # the one that echo adds
        if not text.strip():
            print("volfefe: stdin is empty; pipe a text into it", file=sys.stderr)
            return Exit.BAD_INPUT
        models = load_models(entries, default_cache(), threads, warm=False)
        (item,) = classify([text], models)
    except UnicodeDecodeError as error:
        print(f"volfefe: stdin is not UTF-8 at byte {error.start}", file=sys.stderr)
        return Exit.BAD_INPUT
    except (StartError, ImportError) as error:
        failure = about(None, error)
        place = f" ({failure.path})" if failure.path else ""
        print(f"volfefe: {failure.message}{place}\n  {failure.remedy}", file=sys.stderr)
        return failure.exit
    result = {"models": item["models"], "text_info": item["text_info"], "timestamp": time.time()}
    indent = 2 if os.isatty(streams.replies) else None
    write_all(streams.replies, (json.dumps(result, indent=indent, allow_nan=False) + "\n").encode("ascii"))
    return 1 if any("error" in entry for entry in item["models"].values()) else 0
