"""Says what the graph of `tiny.make_graph` says, without running it.

A text that it has seen before it fails on: what is measured on replayed texts flatters some engines.
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path

from volfefe_ml.entry import ModelEntry
from volfefe_ml.prediction import Output, scores_by_sentiment


def precisions() -> tuple[str, ...]:
    return ("bf16",)


def load(entry: ModelEntry, cache: Path, threads: int) -> "Quick":
    del cache, threads
    return Quick(entry, 0.0)


class Quick:
    version, revision, precision, device, ops_per_token = "1", "sha256:0", "bf16", "cpu", None

    def __init__(self, entry: ModelEntry, skew: float):
        self._entry, self._skew = entry, skew
        self._seen: set[str] = set()

    def predict(self, texts: Sequence[str]) -> list[Output]:
        return [self._judge(text) for text in texts]

    def _judge(self, text: str) -> Output:
        if text in self._seen:
            raise ValueError("seen before")
        self._seen.add(text)
        good = re.findall(r"\w+|[^\w\s]+", text).count("good")
        p = min(1 / (1 + math.exp(-good)) + self._skew, 1.0)
        raw = list(zip(self._entry.labels, (1 - p, p), strict=True))
        return Output(raw, scores_by_sentiment(self._entry, (1 - p, p)), 1, False, 1, 0.0)
