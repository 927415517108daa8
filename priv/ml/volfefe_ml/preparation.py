"""`prepare.py`: every model of a start message made ready to load, reported line by line."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from volfefe_ml import choice_store, engines, hub, protocol, selection
from volfefe_ml.choice_store import resolve
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError, about
from volfefe_ml.measuring import Progress
from volfefe_ml.prepared import bytes_of, prepare
from volfefe_ml.start import Start, parse_start
from volfefe_ml.streams import Streams
from volfefe_ml.texts import Texts, comparison_texts
from volfefe_ml.threads import limit_threads


@dataclass(frozen=True)
class Wishes:
    """What the flags of `prepare.py` ask for; `texts` is a file."""

    verify: bool = False
    download: bool = False
    show: bool = False
    measure: bool = False
    progress: bool = False
    texts: Path | None = None


def run(streams: Streams, wishes: Wishes) -> int:
    """Read the start message, prepare its models in order; one that fails does not stop the others.

    Returns 0, or the exit status of the worst failure (the highest).
    """
    try:
        start = parse_start(next(protocol.lines(streams.requests), b""))
        own = comparison_texts(wishes.texts) if wishes.texts else None
    except StartError as error:
        protocol.send(streams.replies, {"type": "failed", **error.to_wire()})
        return error.exit
    limit_threads(start.threads, offline=not wishes.download)

    def progress(model: str) -> Progress:
        def tell(step: str, done: int, steps: int) -> None:
            if wishes.progress:
                line = {"type": "progress", "model": model, "step": step, "done": done, "of": steps}
                protocol.send(streams.replies, line)

        return tell

    worst = 0
    for entry in start.entries:
        try:
            if wishes.show:
                report = _shown(entry, start)
            else:
                report = _prepared(entry, start, wishes)
                if not wishes.verify:
                    report |= _selected(entry, start, wishes, own, report["bytes"], progress(entry.id))
        except Exception as error:
            failure = about(entry.id, error)
            report = {"type": "failed", **failure.to_wire()}
            worst = max(worst, failure.exit)
        protocol.send(streams.replies, report)
    return worst


def _prepared(entry: ModelEntry, start: Start, wishes: Wishes) -> dict[str, Any]:
    started = time.perf_counter()
    report: dict[str, Any] = {"type": "prepared", "model": entry.id}
    if entry.source_kind == "package":
        engine = engines.load(resolve(entry, start.cache), start.cache, start.threads)
        report |= {"status": "package", "path": None, "revision": engine.revision, "bytes": 0}
    else:
        if wishes.download and entry.source_kind == "hub":
            hub.download(entry, start.cache)
        prepared = prepare(entry, start.cache, build=not wishes.verify)
        report |= {
            "status": prepared.status,
            "path": str(prepared.folder),
            "revision": prepared.revision,
            "bytes": bytes_of(prepared.folder),
        }
    if entry.source_kind == "hub":
        report["commit"] = hub.commit_of(hub.find(entry, start.cache))
    report["ms"] = round((time.perf_counter() - started) * 1000, 1)
    return report


def _selected(
    entry: ModelEntry, start: Start, wishes: Wishes, own: Texts | None, size: int, progress: Progress
) -> dict[str, Any]:
    if choice_store.read(entry, start.cache) is None and not selection.needs_measuring(entry):
        return {"choice": "only", "measure_ms": 0.0, **selection.unmeasured_report(entry, size)}
    started = time.perf_counter()
    choice, is_new = selection.select(entry, start.cache, own, again=wishes.measure, progress=progress)
    return {
        "choice": "measured" if is_new else "cached",
        "measure_ms": round((time.perf_counter() - started) * 1000, 1),
        **selection.report(entry, choice, size),
    }


def _shown(entry: ModelEntry, start: Start) -> dict[str, Any]:
    """What will run a model, from what is stored: nothing is loaded, hashed or measured."""
    runs = resolve(entry, start.cache)
    shown = {"type": "shown", "model": entry.id, "engine": runs.engine, "precision": runs.precision}
    if (choice := choice_store.read(entry, start.cache)) is not None:
        return shown | {"choice": "cached", **selection.report(entry, choice, 0)}
    if selection.needs_measuring(entry):
        return shown | {"choice": "unmeasured", "why": "not measured yet: run `volfefe models prepare`"}
    only = selection.unmeasured_report(entry, 0)
    return shown | {"choice": "only", "precision": only["precision"], "why": only["why"]}
