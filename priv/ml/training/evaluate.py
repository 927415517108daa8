"""Figures on a development set: by class, overall, and how far confidence can be trusted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 15


@dataclass(frozen=True)
class Report:
    """What a model did on labelled texts. `confusion[gold][said]` counts texts."""

    labels: list[str]
    confusion: list[list[int]]
    accuracy: float
    macro_f1: float
    macro_recall: float
    calibration_error: float
    by_class: dict[str, dict[str, float]]

    def summary(self) -> str:
        """The three figures in one line."""
        return f"acc {self.accuracy:.4f}  F1 {self.macro_f1:.4f}  recall {self.macro_recall:.4f}"


def judge(probabilities: npt.NDArray[Any], gold: npt.NDArray[Any], labels: list[str]) -> Report:
    """Compare probabilities [texts, labels] with the gold label indices [texts]."""
    said = probabilities.argmax(1)
    count = len(labels)
    confusion = np.zeros((count, count), dtype=np.int64)
    np.add.at(confusion, (gold, said), 1)
    by_class = {}
    for index, label in enumerate(labels):
        hits = int(confusion[index, index])
        precision = hits / max(int(confusion[:, index].sum()), 1)
        recall = hits / max(int(confusion[index].sum()), 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-12)
        support = int(confusion[index].sum())
        by_class[label] = {"precision": precision, "recall": recall, "f1": f1, "support": support}
    return Report(
        labels=labels,
        confusion=confusion.tolist(),
        accuracy=float((said == gold).mean()),
        macro_f1=float(np.mean([row["f1"] for row in by_class.values()])),
        macro_recall=float(np.mean([row["recall"] for row in by_class.values()])),
        calibration_error=_calibration_error(probabilities.max(1), said == gold),
        by_class=by_class,
    )


def _calibration_error(confidence: npt.NDArray[Any], right: npt.NDArray[Any]) -> float:
    """Mean gap between confidence and accuracy over 15 equal bins, weighted by size (ECE)."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(confidence[bins == index].mean() - right[bins == index].mean()) * (bins == index).mean()
        for index in range(BINS)
        if (bins == index).any()
    ]
    return float(np.sum(gaps))
