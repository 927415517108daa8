"""Where the choice for an entry is kept: a file for everything that the choice depends on."""

import hashlib
import json
import os
from pathlib import Path

from volfefe_ml import engines
from volfefe_ml.candidates import AUTO
from volfefe_ml.choice import Choice, unmeasured
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError
from volfefe_ml.figures import from_wire
from volfefe_ml.machine import machine
from volfefe_ml.sources import fingerprint

FORMAT = 1


def resolve(entry: ModelEntry, cache: Path) -> ModelEntry:
    """The entry with an engine and a precision: as it says, else as measured here, else unmeasured.

    Never measures: a first text must not wait for that. Raises StartError when no engine has the precision.
    """
    if entry.engine != AUTO:
        return entry
    if (choice := read(entry, cache)) is not None:
        return choice.best.candidate.entry(entry)
    return unmeasured(entry).entry(entry)


def read(entry: ModelEntry, cache: Path) -> Choice | None:
    """The stored choice for an entry on this machine as it is; None where there is none, or none of use."""
    try:
        stored = json.loads(_file(entry, cache).read_bytes())
        choice = Choice(
            stored["chosen"],
            tuple(map(from_wire, stored["candidates"])),
            stored["texts"],
            stored["texts_from"],
            stored["measured_at"],
        )
        return choice if choice.best.candidate.engine in engines.MODULES else None
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, StartError):
        return None


def write(entry: ModelEntry, cache: Path, choice: Choice) -> None:
    """Store a choice, whole or not at all."""
    file = _file(entry, cache)
    file.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "format": FORMAT,
        "model": entry.id,
        "asked": {"engine": entry.engine, "precision": entry.precision},
        "machine": machine(),
        "texts": choice.texts,
        "texts_from": choice.texts_from,
        "measured_at": choice.measured_at,
        "chosen": choice.chosen,
        "candidates": [figures.to_wire() for figures in choice.figures],
    }
    import tempfile  # a worker, which only reads, starts without it

    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".writing-", delete=False) as draft:
        json.dump(content, draft, indent=1, allow_nan=False)
    Path(draft.name).chmod(0o644)
    os.replace(draft.name, file)  # noqa: PTH105 - says what it does


def _file(entry: ModelEntry, cache: Path) -> Path:
    """Named by everything that a choice depends on: another machine or version measures anew."""
    facts = {
        "format": FORMAT,
        "weights": entry.revision or fingerprint(entry, cache),
        "asked": [entry.engine, entry.precision, entry.max_tokens, entry.source_kind],
        "machine": machine(),
    }
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
    return cache / "choices" / entry.id / f"{key}.json"
