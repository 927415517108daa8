"""How close one engine's outputs are to another's, and the gate that a faster engine must pass."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

# What an engine says about a text: (raw label, probability) pairs, in the order of the model's outputs.
Raw = Sequence[tuple[str, float]]

MIN_AGREEMENT = 0.995
MAX_MEAN_DELTA = 0.005


@dataclass(frozen=True, slots=True)
class Fidelity:
    """A candidate's distance from the reference on texts that both were given.

    `label_agreement` is the share of texts with the same best raw label. |Δp| is averaged over the labels of
    a text, then over texts (`mean_delta`); `max_delta` is the largest of all texts and labels. `failed`
    counts texts that the candidate has no distribution for: they agree with nothing, and have no |Δp|.
    """

    texts: int
    label_agreement: float
    mean_delta: float
    max_delta: float
    failed: int = 0

    @property
    def passes(self) -> bool:
        """Whether an engine this close may stand for the reference."""
        return not self.shortcomings

    @property
    def shortcomings(self) -> list[str]:
        """What keeps it from passing, with the figures and their bounds; empty when it passes."""
        found = {
            "no texts to compare": self.texts == 0,
            f"{self.failed} of {self.texts} texts failed": self.failed > 0,
            f"label agreement {self.label_agreement:.4f} < {MIN_AGREEMENT}": not self.label_agreement
            >= MIN_AGREEMENT,
            f"mean |Δp| {self.mean_delta:.4f} > {MAX_MEAN_DELTA}": not self.mean_delta <= MAX_MEAN_DELTA,
        }
        return [shortcoming for shortcoming, holds in found.items() if holds]


def compare(candidate: Sequence[Raw | None], reference: Sequence[Raw | None]) -> Fidelity:
    """Compare outputs for the same texts in the same order; None is a text that an engine failed on.

    A text that the reference failed on shows nothing, and is left out. Raises ValueError when the two differ
    in length.
    """
    texts = agreeing = failed = 0
    deltas: list[float] = []
    largest = 0.0
    for mine, expected in zip(candidate, reference, strict=True):
        if not _is_distribution(expected):
            continue
        texts += 1
        if not _is_distribution(mine) or [label for label, _ in mine] != [label for label, _ in expected]:
            failed += 1
            continue
        agreeing += _best(mine) == _best(expected)
        differences = [abs(p - q) for (_, p), (_, q) in zip(mine, expected, strict=True)]
        deltas.append(math.fsum(differences) / len(differences))
        largest = max(largest, *differences)
    if not deltas:
        return Fidelity(texts, 0.0, 1.0, 1.0, failed)
    return Fidelity(texts, agreeing / texts, math.fsum(deltas) / len(deltas), largest, failed)


def _is_distribution(raw: Raw | None) -> TypeGuard[Raw]:
    probabilities = [probability for _, probability in raw or ()]
    return (
        bool(probabilities) and all(0 <= p <= 1 for p in probabilities) and abs(sum(probabilities) - 1) < 1e-3
    )


def _best(raw: Raw) -> str:
    return max(raw, key=lambda pair: pair[1])[0]
