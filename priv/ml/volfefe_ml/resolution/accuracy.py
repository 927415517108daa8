"""How often bands decide as people did, with Wilson's interval (*JASA* 22, 1927) at 95 %."""

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from volfefe_ml.resolution.bands import Bands

PAIRS = Path(__file__).parents[2] / "data" / "pairs.csv"
Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names that a person has compared. `half`: `set`, on which bands were set, or `test`."""

    left: str
    right: str
    kind: str
    same: bool
    half: str


@lru_cache(maxsize=1)
def shipped_pairs() -> tuple[Pair, ...]:
    """The labelled pairs that ship."""
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return tuple(
            Pair(row["left"], row["right"], row["type"], row["verdict"] == "same", row["half"])
            for row in csv.DictReader(file)
        )


def wilson(hits: int, total: int) -> tuple[float, float] | None:
    """Lower and upper end of the 95 % interval of a share; None without cases."""
    if total == 0:
        return None
    share, square = hits / total, Z * Z
    centre = (share + square / (2 * total)) / (1 + square / total)
    half = Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    low = 0.0 if hits == 0 else max(centre - half, 0.0)
    return low, 1.0 if hits == total else min(centre + half, 1.0)


def accuracy(pairs: Sequence[Pair], score: Callable[[str, str, str], float], bands: Bands) -> dict[str, Any]:
    """Of the pairs that the bands decide, the share decided as people did; the rest is for review."""
    right = merged_wrongly = split_wrongly = review = 0
    wrong: list[dict[str, Any]] = []
    for pair in pairs:
        value = score(pair.left, pair.right, pair.kind)
        if bands.is_middle(value):
            review += 1
            continue
        merges = bands.accepts(value)
        if merges == pair.same:
            right += 1
            continue
        merged_wrongly += merges
        split_wrongly += not merges
        wrong.append(
            {"left": pair.left, "right": pair.right, "type": pair.kind, "score": value, "same": pair.same}
        )
    decided = len(pairs) - review
    interval = wilson(right, decided)
    return {
        "pairs": len(pairs),
        "decided": decided,
        "right": right,
        "merged_wrongly": merged_wrongly,
        "split_wrongly": split_wrongly,
        "review": review,
        "accuracy": right / decided if decided else None,
        "low": interval[0] if interval else None,
        "high": interval[1] if interval else None,
        "wrong": wrong,
    }
