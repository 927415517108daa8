"""Candidates measured side by side: how fast each is, and how close to the reference."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from volfefe_ml.candidates import REFERENCE, Candidate
from volfefe_ml.entry import ModelEntry
from volfefe_ml.fidelity import compare
from volfefe_ml.figures import Figures
from volfefe_ml.trial import Trial

ROUNDS = 3

# What is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


def measure(
    entry: ModelEntry, found: Sequence[Candidate], cache: Path, texts: Sequence[str], progress: Progress
) -> list[Figures]:
    """Measure candidates of a model that is prepared; the reference, which is always measured, comes first.

    Each judges every text once, so that none profits from a text it has seen: a quarter of them to get warm,
    the rest in three rounds, in each of which the candidates take their turns.
    """
    others = [candidate for candidate in found if candidate != REFERENCE]
    parts = [texts[start :: ROUNDS + 1] for start in range(ROUNDS + 1)]
    steps = (1 + len(others)) * (1 + len(parts))
    done = 0
    with ExitStack() as stack:
        trials = []
        for candidate in (REFERENCE, *others):
            progress(f"loading {candidate}", done, steps)
            trials.append(trial := Trial(candidate, entry, cache))
            stack.callback(trial.close)
            done += 1
        for part in parts:
            for trial in trials:
                progress(f"measuring {trial.candidate}", done, steps)
                trial.judge(part)
                done += 1
        progress("measured", steps, steps)
        return [_figures(trial, trials[0]) for trial in trials]


def _figures(trial: Trial, reference: Trial) -> Figures:
    if trial.failure or len(trial.seconds) != ROUNDS + 1:
        return Figures(trial.candidate, failure=trial.failure or "it judged only some of the texts")
    complete = len(reference.raw) == len(trial.raw)
    loaded: dict[str, Any] = trial.loaded
    return Figures(
        trial.candidate,
        version=loaded["version"],
        device=loaded["device"],
        bytes=loaded["bytes"],
        load_ms=loaded["load_ms"],
        ms_per_text=round(_ms_per_text(trial), 4),
        times_reference=_ratio(reference.seconds, trial.seconds) if complete else None,
        fidelity=compare(trial.raw, reference.raw) if complete else None,
    )


def _ratio(reference: Sequence[float], mine: Sequence[float]) -> float:
    """The median of the rounds' ratios: what else runs on the machine slows both sides of each."""
    return round(
        median(theirs / max(own, 1e-9) for theirs, own in zip(reference[1:], mine[1:], strict=True)), 3
    )


def _ms_per_text(trial: Trial) -> float:
    size = len(trial.raw) / (ROUNDS + 1)
    return 1000 * median(trial.seconds[1:]) / size
