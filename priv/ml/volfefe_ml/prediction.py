"""From what an engine says about a text to the entry that goes on the wire."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from volfefe_ml.entry import ModelEntry, Sentiment
from volfefe_ml.quality import quality

DIGITS = 6


@dataclass(frozen=True, slots=True)
class Output:
    """What an engine says about one text.

    `raw` are (raw label, score) pairs, `scores` is a distribution over the model's sentiments, `tokens`
    counts the whole text, `latency_ms` is the batch's wall time divided by its texts.
    """

    raw: Sequence[tuple[str, float]]
    scores: Mapping[Sentiment, float]
    tokens: int
    truncated: bool
    batch_size: int
    latency_ms: float


class NotFinite(ArithmeticError):
    """A model answered NaN or infinity."""


def scores_by_sentiment(entry: ModelEntry, probabilities: Sequence[float]) -> dict[Sentiment, float]:
    """Sum the probabilities of the raw labels (in the entry's order) that mean the same sentiment."""
    scores = dict.fromkeys(entry.sentiments, 0.0)
    for sentiment, probability in zip(entry.labels.values(), probabilities, strict=True):
        scores[sentiment] += probability
    return scores


def prediction(entry: ModelEntry, output: Output, *, first_call: bool) -> dict[str, Any]:
    """The wire entry of one prediction; ties go to positive before neutral before negative."""
    if not all(map(math.isfinite, output.scores.values())):
        raise NotFinite
    scores = {sentiment: round(output.scores[sentiment], DIGITS) for sentiment in entry.sentiments}
    sentiment = max(scores, key=scores.__getitem__)
    raw = sorted(output.raw, key=lambda pair: -pair[1])
    return {
        "sentiment": sentiment,
        "confidence": scores[sentiment],
        "model_version": entry.version,
        "meta": {
            "raw_scores": scores,
            "raw_model_output": [{"label": label, "score": round(score, DIGITS)} for label, score in raw],
            "processing": {
                "latency_ms": round(output.latency_ms, 3),
                "batch_size": output.batch_size,
                "tokens": output.tokens,
                "truncated": output.truncated,
                "first_call": first_call,
            },
            "quality": quality(scores.values()),
        },
    }
