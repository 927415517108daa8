"""What the real hub models said, replayed without their weights: their labels mean what the registry says."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import registry_entries
from tests.support import REPOSITORY
from volfefe_ml.entry import ModelEntry, parse_entry
from volfefe_ml.prediction import Output, prediction, scores_by_sentiment

EXCERPT = Path(__file__).parent / "fixtures" / "golden_labels.json"
GOLDEN = REPOSITORY.parent / "shared" / "data" / "golden" / "posts_with_real_results.json"
# Probabilities were recorded with six digits, scores with four.
TOLERANCE = 1.01e-4


def replay(blocks: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    """Judge recorded raw outputs with the registry's labels; returns which model said which sentiment."""
    hub = {entry["id"]: parse_entry(dict(entry)) for entry in registry_entries("hub")}
    seen = set()
    for block in blocks:
        entry = hub[block["model"]]
        judged = prediction(entry, output_of(entry, block["raw_model_output"]), first_call=False)
        assert judged["sentiment"] == block["sentiment"]
        assert judged["confidence"] == pytest.approx(block["confidence"], abs=TOLERANCE)
        assert judged["meta"]["raw_scores"] == pytest.approx(block["raw_scores"], abs=TOLERANCE)
        best, *_ = judged["meta"]["raw_model_output"]
        assert best["label"] == block["raw_model_output"][0]["label"]
        seen.add((block["model"], judged["sentiment"]))
    return seen


def output_of(entry: ModelEntry, recorded: list[dict[str, Any]]) -> Output:
    """The engine's output that was recorded: every label of the entry, and no other, must be in it."""
    by_label = {each["label"]: each["score"] for each in recorded}
    assert by_label.keys() == set(entry.labels)
    probabilities = [by_label[label] for label in entry.labels]
    raw = list(zip(entry.labels, probabilities, strict=True))
    return Output(raw, scores_by_sentiment(entry, probabilities), 1, False, 1, 0.0)


def test_labels_kept_from_real_models_give_the_recorded_sentiments():
    seen = replay(json.loads(EXCERPT.read_bytes()))
    assert {model for model, _ in seen} == {"finbert", "distilbert", "twitter_roberta"}
    assert len(seen) == 7, "all of what each can say, but that finbert calls none of these posts negative"


@pytest.mark.skipif(not GOLDEN.is_file(), reason="the whole golden file is not on this machine")
def test_every_output_of_the_golden_file_gives_its_recorded_sentiment():
    posts = json.loads(GOLDEN.read_bytes())
    blocks = [{"model": model, **block} for post in posts for model, block in post["models"].items()]
    assert len(blocks) == 132
    replay(blocks)
