"""The choice of an engine for a prepared model, looked up or measured, and as lines tell it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from volfefe_ml import choice_store
from volfefe_ml.candidates import REFERENCE, candidates
from volfefe_ml.choice import Choice, choose, is_explicit, passes, unmeasured, verdict
from volfefe_ml.entry import ModelEntry
from volfefe_ml.figures import Figures
from volfefe_ml.measuring import Progress, measure
from volfefe_ml.texts import Texts, comparison_texts


def needs_measuring(entry: ModelEntry) -> bool:
    """Whether there is anything to compare: more than the reference, and weights."""
    return entry.source_kind != "package" and any(found != REFERENCE for found in candidates(entry))


def select(
    entry: ModelEntry, cache: Path, own: Texts | None, *, again: bool, progress: Progress
) -> tuple[Choice, bool]:
    """The stored choice, or a new one; and whether it was measured now.

    It is measured `again` when told to, and when the user's `own` texts are not those of the stored one.
    Raises StartError when nothing here can do what the entry asks for.
    """
    stored = None if again else choice_store.read(entry, cache)
    if stored is not None and (own is None or stored.texts == own.digest):
        return stored, False
    texts = own or comparison_texts(None)
    figures = measure(entry, candidates(entry), cache, texts.texts, progress)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    choice = Choice(choose(entry, figures), tuple(figures), texts.digest, texts.description, now)
    choice_store.write(entry, cache, choice)
    return choice, True


def explain(entry: ModelEntry, choice: Choice) -> str:
    """Why the chosen candidate runs, in a sentence for people."""
    best = choice.best
    if best.candidate == REFERENCE:
        refused = sum(each.failure is None and not passes(each) for each in choice.figures)
        beside = f"; {refused} others missed the gate" if refused > 1 else "; one other missed the gate"
        return "the reference is the fastest of those that pass" + (beside if refused else "")
    speed = f"{best.times_reference:.1f} × as fast as {REFERENCE}" if best.times_reference else "not compared"
    fidelity = best.fidelity
    if fidelity is None:
        return speed
    figures = (
        f"{speed}, label agreement {fidelity.label_agreement:.4f}, mean |Δp| {fidelity.mean_delta:.4f} "
        f"on {choice.texts_from}"
    )
    gate = f"; the gate would refuse it: {', '.join(fidelity.shortcomings)}" if not fidelity.passes else ""
    return f"{'as asked for' if is_explicit(entry) else 'the fastest that passes'}: {figures}{gate}"


def report(entry: ModelEntry, choice: Choice, size: int) -> dict[str, Any]:
    """What a `prepared` line says of a choice; `size`: bytes, where an engine has no own files."""
    return {
        "engine": choice.best.candidate.engine,
        "precision": choice.best.candidate.precision,
        "why": explain(entry, choice),
        "texts_from": choice.texts_from,
        "measured_at": choice.measured_at,
        "candidates": [_candidate(choice, index, size) for index in range(len(choice.figures))],
    }


def unmeasured_report(entry: ModelEntry, size: int) -> dict[str, Any]:
    """The same for a model that has nothing to compare."""
    only = unmeasured(entry) if not is_explicit(entry) else candidates(entry)[0]
    why = "as configured" if is_explicit(entry) else "nothing else is installed that could run it"
    line = Figures(only, bytes=size).to_wire() | {"verdict": "chosen", "reason": None}
    return {"engine": only.engine, "precision": only.precision, "why": why, "candidates": [line]}


def _candidate(choice: Choice, index: int, size: int) -> dict[str, Any]:
    figures = choice.figures[index]
    shortcomings = figures.fidelity.shortcomings if figures.fidelity else []
    reason = figures.failure or ", ".join(shortcomings) or None
    wire = figures.to_wire() | {"verdict": verdict(choice, index), "reason": reason}
    if wire["bytes"] is None and figures.failure is None:
        wire["bytes"] = size
    return wire
