"""`prepare.py`: every model of a start message made ready to load, reported line by line."""

import time
from pathlib import Path
from typing import Any

from volfefe_ml import engines, hub, protocol
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError, about
from volfefe_ml.prepared import prepare
from volfefe_ml.start import Start, limit_threads, parse_start
from volfefe_ml.streams import Streams


def run(streams: Streams, *, verify: bool, download: bool) -> int:
    """Read the start message, prepare its models in order; one that fails does not stop the others.

    Returns 0, or the exit status of the worst failure (the highest).
    """
    try:
        start = parse_start(next(protocol.lines(streams.requests), b""))
    except StartError as error:
        protocol.send(streams.replies, {"type": "failed", **error.to_wire()})
        return error.exit
    limit_threads(start.threads, offline=not download)
    worst = 0
    for entry in start.entries:
        try:
            report = _prepare(entry, start, verify, download)
        except Exception as error:
            failure = about(entry.id, error)
            report = {"type": "failed", **failure.to_wire()}
            worst = max(worst, failure.exit)
        protocol.send(streams.replies, report)
    return worst


def _prepare(entry: ModelEntry, start: Start, verify: bool, download: bool) -> dict[str, Any]:
    started = time.perf_counter()
    report: dict[str, Any] = {"type": "prepared", "model": entry.id}
    if entry.source_kind == "package":
        engine = engines.load(entry, start.cache, start.threads)
        report |= {"status": "package", "path": None, "revision": engine.revision, "bytes": 0}
    else:
        if download and entry.source_kind == "hub":
            hub.download(entry, start.cache)
        prepared = prepare(entry, start.cache, build=not verify)
        report |= {
            "status": prepared.status,
            "path": str(prepared.folder),
            "revision": prepared.revision,
            "bytes": _bytes(prepared.folder),
        }
    if entry.source_kind == "hub":
        report["commit"] = hub.commit_of(hub.find(entry, start.cache))
    report["ms"] = round((time.perf_counter() - started) * 1000, 1)
    return report


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
