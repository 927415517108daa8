"""The process that tries one candidate: it loads the engine and judges texts, until its stdin ends.

First line in: `{"module", "entry", "cache", "threads"}`, answered with what was loaded or with `failed`.
Then lines `{"texts": […]}`, answered with `seconds` and per text a list of (raw label, probability) pairs, or
null where it failed.
"""

from volfefe_ml.streams import claim

STREAMS = claim()  # before any other import, so that nothing a library prints can reach the answers

import importlib  # noqa: E402
import math  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from volfefe_ml import protocol  # noqa: E402
from volfefe_ml.entry import parse_entry  # noqa: E402
from volfefe_ml.environment import die_with_parent  # noqa: E402
from volfefe_ml.errors import about  # noqa: E402
from volfefe_ml.prepared import derived_bytes  # noqa: E402
from volfefe_ml.threads import limit_threads  # noqa: E402


def main() -> int:
    """Load, then judge; returns 1 when the engine could not be loaded."""
    die_with_parent(STREAMS.parent)
    messages = (protocol.decode(line) for line in protocol.lines(STREAMS.requests))
    order = next(messages)
    limit_threads(order["threads"])
    entry = parse_entry(order["entry"])
    started = time.perf_counter()
    try:
        engine = importlib.import_module(order["module"]).load(entry, Path(order["cache"]), order["threads"])
    except Exception as error:
        protocol.send(STREAMS.replies, {"failed": about(entry.id, error).message})
        return 1
    loaded = {
        "load_ms": round((time.perf_counter() - started) * 1000, 1),
        "version": engine.version,
        "device": engine.device,
        "bytes": derived_bytes(),
    }
    protocol.send(STREAMS.replies, loaded)
    # A core's own time does not depend on what else runs here; on another device only the wall's counts.
    clock = time.process_time if engine.device == "cpu" else time.perf_counter
    for message in messages:
        protocol.send(STREAMS.replies, _judge(engine, message["texts"], clock))
    return 0


def _judge(engine: Any, texts: Sequence[str], clock: Callable[[], float]) -> dict[str, Any]:
    started = clock()
    try:
        outputs = list(engine.predict(texts))
    except Exception:
        outputs = [_alone(engine, text) for text in texts]
    seconds = clock() - started
    return {"seconds": seconds, "raw": [output and _finite(output.raw) for output in outputs]}


def _alone(engine: Any, text: str) -> Any:
    try:
        return engine.predict([text])[0]
    except Exception:
        return None


def _finite(raw: Sequence[tuple[str, float]]) -> list[tuple[str, float]] | None:
    return list(raw) if all(math.isfinite(probability) for _, probability in raw) else None


if __name__ == "__main__":
    sys.exit(main())
