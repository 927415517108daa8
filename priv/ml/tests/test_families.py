"""Every family of classifiers that can be brought along: converted, and judging as transformers does."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import tiny, tiny_families
from tests.support import onnx_entry
from volfefe_ml import engines
from volfefe_ml.entry import parse_entry

TOLERANCE = 1e-4
CASES = [
    (family, labels)
    for number, family in enumerate(tiny_families.FAMILIES)
    for labels in (2 + number % 4, 2 + (number + 2) % 4)
]
POSTS = [*tiny.texts(24), "good " * 400, "Ünïcödé\u2028 \0 🚀" * 40, "x", "a b"]


def expected_of(folder: Path, posts: list[str]) -> list[list[float]]:
    """What transformers says, one text at a time."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model: Any = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = []
    for post in posts:
        tokens = tokenizer(post, truncation=True, max_length=tiny_families.POSITIONS, return_tensors="pt")
        with torch.no_grad():
            logits = model(input_ids=tokens.input_ids, attention_mask=tokens.attention_mask).logits
        rows.append(logits.double().softmax(-1)[0].tolist())
    return rows


@pytest.mark.parametrize(("family", "labels"), CASES)
def test_a_classifier_of_each_family_judges_as_transformers_does(family: str, labels: int, tmp_path: Path):
    folder = tmp_path / "model"
    tiny_families.FAMILIES[family](folder, labels)
    meanings = tiny_families.LABELS[labels]
    entry = parse_entry(
        onnx_entry("mine", f"folder:{folder}", dict(meanings), max_tokens=tiny_families.POSITIONS)
    )
    engine = engines.load(entry, tmp_path / "cache", 1)
    outputs = engine.predict(POSTS)
    assert max(output.batch_size for output in outputs) > 1, "some are judged in one batch, with padding"
    best = set()
    for output, expected in zip(outputs, expected_of(folder, POSTS), strict=True):
        assert [label for label, _ in output.raw] == list(meanings)
        assert [score for _, score in output.raw] == pytest.approx(expected, abs=TOLERANCE)
        for sentiment, score in output.scores.items():
            parts = [
                p for p, meaning in zip(expected, meanings.values(), strict=True) if meaning == sentiment
            ]
            assert score == pytest.approx(sum(parts), abs=TOLERANCE)
        best.add(int(np.argmax(expected)))
    assert len(best) > 1, "the small models must disagree about texts, or this test shows nothing"


def test_every_family_has_two_counts_of_labels_and_every_count_two_families():
    for labels in tiny_families.LABELS:
        assert len({family for family, count in CASES if count == labels}) >= 2
    assert len(CASES) == 2 * len(tiny_families.FAMILIES)
