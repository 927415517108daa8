"""Rounds of outcomes into the rows that people read."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engines.measured import Outcome, Scores

Rounds = Sequence[Outcome]


@dataclass(frozen=True)
class Fidelity:
    """How a way's scores compare with the reference's, over all models and texts."""

    labels_equal: float
    max_difference: float
    mean_difference: float


@dataclass(frozen=True)
class Spread:
    """Median, least and greatest of the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits: int) -> str:
        """`1.2 (1.1–1.4)`."""
        if self.least == self.most:
            return f"{self.median:.{digits}f}"
        return f"{self.median:.{digits}f} ({self.least:.{digits}f}–{self.most:.{digits}f})"


def ratio(ours: Rounds, theirs: Rounds) -> Spread:
    """How many times less CPU time per text ours take, round by round."""
    return Spread.of([b.cpu_ms / a.cpu_ms for a, b in zip(ours, theirs, strict=False)])


def fidelity(ours: Rounds, reference: Rounds) -> Fidelity | None:
    """Compare scores with the reference's of the same rounds; None where either has none."""
    equal, differences, texts = 0, [], 0
    for outcome, truth in zip(ours, reference, strict=False):
        for model, said, expected in _pairs(outcome.scores, truth.scores):
            del model
            texts += 1
            equal += _label(said) == _label(expected)
            differences += [abs(score - said.get(label, 0.0)) for label, score in expected.items()]
    if not texts:
        return None
    return Fidelity(equal / texts, max(differences), statistics.mean(differences))


def _pairs(ours: Scores, theirs: Scores) -> list[tuple[str, Mapping[str, float], Mapping[str, float]]]:
    return [
        (model, said, expected)
        for model in theirs
        if model in ours
        for said, expected in zip(ours[model], theirs[model], strict=False)
        if said and expected
    ]


def _label(scores: Mapping[str, float]) -> str:
    return max(scores, key=lambda sentiment: (scores[sentiment], sentiment))


def shares(gops: float, precision: str, peaks: Sequence[Mapping[str, Any]]) -> str:
    """Per cent of the peak of the best vector unit of a precision, and of the tiles where there are any."""
    of_precision = {peak["unit"]: float(peak["gops"]) for peak in peaks if peak["precision"] == precision}
    vectors = {unit: peak for unit, peak in of_precision.items() if unit != "amx"}
    chosen = [max(vectors, key=vectors.__getitem__)] if vectors else []
    chosen += [unit for unit in of_precision if unit == "amx"]
    return ", ".join(f"{gops / of_precision[unit] * 100:.0f} % {unit}" for unit in chosen) or "–"


def rendered(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns, the first to the left."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = [cells[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([line(titles), rule, *map(line, rows)])


def row(
    label: str,
    rounds: Rounds,
    *,
    cold: Rounds | None,
    base: Rounds | None,
    reference: Rounds | None,
    gops: Callable[[Outcome], float] | None,
    precision: str,
    peaks: Sequence[Mapping[str, Any]],
) -> list[str]:
    """The cells of one way, in the order of TITLES."""
    truth = fidelity(rounds, reference) if reference else None
    memory = [outcome for outcome in rounds if outcome.rss and outcome.pss]
    reached = statistics.median(map(gops, rounds)) if gops else None
    own = [o.supervisor_cpu_s / o.wall_s * 100 for o in rounds if o.supervisor_cpu_s is not None]
    return [
        label,
        Spread.of([outcome.cpu_ms for outcome in rounds]).text(1),
        Spread.of([outcome.rate for outcome in rounds]).text(2),
        ratio(rounds, cold).text(1) if cold else "–",
        ratio(rounds, base).text(2) if base else "–",
        f"{truth.labels_equal:.3f}" if truth else "–",
        f"{truth.max_difference:.3f}" if truth else "–",
        f"{truth.mean_difference:.4f}" if truth else "–",
        shares(reached, precision, peaks) if reached else "–",
        " / ".join(f"{max(getattr(o, kind) for o in memory) / 1e9:.2f}" for kind in ("rss", "pss"))
        if memory
        else "–",
        Spread.of([outcome.start_wall_s for outcome in rounds]).text(1) if rounds[0].start_wall_s else "–",
        f"{statistics.median(own):.1f} %" if own else "–",
    ]


def titles(base: str) -> list[str]:
    """Titles of the columns of `row`."""
    return [
        "way",
        "CPU ms per text",
        "texts/s",
        "× cold",
        f"× {base}",
        "labels equal",
        "max Δp",
        "mean Δp",
        "of the peak",
        "GB RSS / PSS",
        "start s",
        "supervisor",
    ]
