"""Transformers as ONNX graphs: against transformers itself, in batches, and when they fail."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import tiny
from tests.conftest import HubSet
from tests.support import Worker, onnx_entry

TOLERANCE = 1e-4


def scores(item: dict[str, Any], model: str) -> dict[str, float]:
    raw = item["models"][model]["meta"]["raw_model_output"]
    return {each["label"]: each["score"] for each in raw}


def test_hub_models_judge_as_transformers_does(hub_set: HubSet):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    posts = [*tiny.texts(24), "good " * 700, "Ünïcödé\u2028 \0 🚀" * 40, "x"]
    names = [entry["id"] for entry in hub_set.entries]
    with Worker(hub_set.cache, *hub_set.entries) as worker:
        assert worker.receive()["type"] == "ready"
        items = worker.classify(*posts, models=names)
    for number, entry in enumerate(hub_set.entries):
        model = AutoModelForSequenceClassification.from_pretrained(
            hub_set.folder(number), weights_only=True
        ).eval()
        tokenizer = AutoTokenizer.from_pretrained(hub_set.folder(number))
        seen = set()
        for post, item in zip(posts, items, strict=True):
            verdict = item["models"][entry["id"]]
            tokens = tokenizer(post, truncation=True, max_length=512, return_tensors="pt")
            with torch.no_grad():
                expected = model(**tokens).logits.double().softmax(-1)[0].tolist()
            labels = [label["name"] for label in entry["labels"]]
            assert [scores(item, entry["id"])[label] for label in labels] == pytest.approx(
                expected, abs=TOLERANCE
            )
            best = entry["labels"][int(np.argmax(expected))]["sentiment"]
            assert verdict["sentiment"] == best
            assert verdict["confidence"] == verdict["meta"]["raw_scores"][best]
            processing = verdict["meta"]["processing"]
            assert processing["tokens"] == len(tokenizer(post).input_ids)
            assert processing["truncated"] == (processing["tokens"] > 512)
            seen.add(best)
        assert len(seen) > 1, "the small models must disagree about texts, or this test shows nothing"


def test_a_text_is_judged_alike_alone_and_in_any_batch(hub_set: HubSet):
    posts = tiny.texts(64, seed=11)
    names = [entry["id"] for entry in hub_set.entries]
    with Worker(hub_set.cache, *hub_set.entries) as worker:
        worker.receive()
        alone = [worker.classify(post, models=names)[0] for post in posts]
        halves = worker.classify(*posts[:32], models=names) + worker.classify(*posts[32:], models=names)
        backwards = worker.classify(*posts[::-1], models=names)[::-1]
    sizes = {item["models"][names[0]]["meta"]["processing"]["batch_size"] for item in halves}
    assert max(sizes) > 1
    for first, *others in zip(alone, halves, backwards, strict=True):
        for other in others:
            assert other["text_info"] == first["text_info"]
            for name in names:
                assert other["models"][name]["sentiment"] == first["models"][name]["sentiment"]
                assert scores(other, name) == pytest.approx(scores(first, name), abs=TOLERANCE)


def test_a_text_that_makes_the_model_raise_or_answer_nan_fails_alone(tmp_path: Path):
    tiny.make_graph(tmp_path / "counter")
    entry = onnx_entry("counter", f"folder:{tmp_path / 'counter'}", {"other": "negative", "good": "positive"})
    with Worker(tmp_path, entry) as worker:
        worker.receive()
        posts = ["good news", "this is poison", "good", "a nan here", "good good"]
        verdicts = [item["models"]["counter"] for item in worker.classify(*posts, models=["counter"])]
        assert [v.get("confidence") for v in verdicts] == pytest.approx(
            [0.731059, None, 0.731059, None, 0.880797]
        )
        errors = [v["error"] for v in verdicts if "error" in v]
        assert [error["code"] for error in errors] == ["model_error", "model_error"]
        assert all("poison" not in error["message"] for error in errors)
        assert errors[1]["message"].startswith("NotFinite in prediction.py:")


def test_a_folder_with_more_outputs_than_labels_is_refused(tmp_path: Path):
    tiny.make_graph(tmp_path / "counter")
    labels = {"a": "negative", "b": "neutral", "c": "positive"}
    with Worker(tmp_path, onnx_entry("counter", f"folder:{tmp_path / 'counter'}", labels)) as worker:
        fatal = worker.receive()
        assert (fatal["code"], fatal["model"]) == ("bad_configuration", "counter")
        assert "2 outputs, but 3 labels" in fatal["message"]
