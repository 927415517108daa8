"""How sure a model was of one text, from its scores."""

import math
from collections.abc import Iterable
from typing import TypedDict

DIGITS = 4


class Quality(TypedDict):
    """Margin 0…1 between the two best scores, entropy in bits (0…log2 of the number of scores), and flags."""

    score_margin: float
    entropy: float
    flags: list[str]


def quality(scores: Iterable[float]) -> Quality:
    """Judge scores that sum to 1: they are rounded to four digits first, and so are margin and entropy.

    Entropy is Shannon's, -Σ p·log2 p. Flags are decided on the rounded figures: readers can check them.
    """
    ranked = sorted((round(score, DIGITS) for score in scores), reverse=True)
    best = ranked[0]
    margin = round(best - ranked[1], DIGITS) if len(ranked) > 1 else best
    entropy = round(math.fsum(-p * math.log2(p) for p in ranked if p > 0), DIGITS)
    flags = {
        "high_confidence": best >= 0.95,
        "perfect_score": best == 1,
        "clear_winner": margin >= 0.8,
        "ambiguous": margin < 0.3,
        "low_uncertainty": entropy < 0.1,
        "high_uncertainty": entropy > 1,
    }
    return {
        "score_margin": margin,
        "entropy": entropy,
        "flags": [name for name, raised in flags.items() if raised],
    }
