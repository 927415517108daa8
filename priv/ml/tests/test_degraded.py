"""A degraded start: what loads is served, what does not is named."""

from pathlib import Path
from typing import Any

import pytest

from tests.support import VADER, Worker, onnx_entry, start_message

BROKEN = onnx_entry("broken", "folder:/nowhere/at/all", {"a": "negative", "b": "positive"})
PINNED = {**VADER, "id": "pinned", "revision": "sha256:" + "0" * 64}


def degraded(cache: Path, *entries: dict[str, Any]) -> dict[str, Any]:
    """A start message that lets models be missing."""
    return {**start_message(cache, *entries), "degraded": True}


def test_a_degraded_start_serves_what_loads_and_names_the_rest_with_its_remedy(tmp_path: Path):
    with Worker(tmp_path) as worker:
        worker.send(degraded(tmp_path, BROKEN, VADER, PINNED))
        ready = worker.receive()
        assert (ready["type"], [model["id"] for model in ready["models"]]) == ("ready", ["vader"])
        broken, pinned = ready["missing"]
        assert (broken["model"], broken["code"], broken["exit"]) == ("broken", "weights_missing", 66)
        assert (pinned["model"], pinned["code"], pinned["exit"]) == ("pinned", "revision_mismatch", 78)
        assert broken["path"].startswith("/nowhere/at/all") and broken["remedy"]
        assert broken["message"].endswith(".") and "0" * 64 in pinned["message"]
        (item,) = worker.classify("Good news", models=["vader"])
        assert item["models"]["vader"]["sentiment"] == "positive"
        worker.send({"type": "classify", "id": "r2", "models": ["broken"], "texts": ["good"]})
        assert worker.receive()["code"] == "bad_request"


def test_missing_and_fatal_have_the_same_fields(tmp_path: Path):
    with Worker(tmp_path, BROKEN, VADER) as strict, Worker(tmp_path) as lenient:
        lenient.send(degraded(tmp_path, BROKEN, VADER))
        fatal = strict.receive()
        assert fatal.pop("type") == "fatal"
        assert lenient.receive()["missing"] == [fatal]
        assert strict.finish() == (66, b"")


def test_a_degraded_start_without_a_single_model_is_fatal(tmp_path: Path):
    with Worker(tmp_path) as worker:
        worker.send(degraded(tmp_path, BROKEN, PINNED))
        fatal = worker.receive()
        assert (fatal["type"], fatal["model"], fatal["exit"]) == ("fatal", "broken", 66)
        assert worker.finish() == (66, b"")


def test_a_degraded_start_that_lacks_nothing_says_so(tmp_path: Path):
    with Worker(tmp_path) as worker:
        worker.send(degraded(tmp_path, VADER))
        assert worker.receive()["missing"] == []


@pytest.mark.parametrize("value", [1, "yes", []])
def test_degraded_must_be_true_or_false(tmp_path: Path, value: Any):
    with Worker(tmp_path) as worker:
        worker.send({**start_message(tmp_path, VADER), "degraded": value})
        fatal = worker.receive()
        assert (fatal["type"], fatal["code"]) == ("fatal", "bad_configuration")
