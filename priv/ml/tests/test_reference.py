"""The baseline of every benchmark: it says what the workers say, and times what it does."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import HubSet, registry_entries
from tests.support import Worker, line, onnx_entry, run, start_message

TEXTS = ["Record highs for the market, what a day!", "A disaster. Sad!", "The meeting is on Tuesday."]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reference")


def judged(
    cache: Path, *entries: dict[str, Any], flags: tuple[str, ...] = ()
) -> tuple[int, list[dict[str, Any]]]:
    stdin = line(start_message(cache, *entries)) + line({"texts": TEXTS})
    done = run("reference.py", *flags, stdin=stdin, cache=cache)
    return done.returncode, [json.loads(reply) for reply in done.stdout.splitlines()]


def test_the_plain_loop_says_what_the_workers_say(cache: Path) -> None:
    entries = [entry for entry in registry_entries("default") if entry["id"] in ("minilm_social", "vader")]
    status, (ready, reply) = judged(cache, *entries, flags=("--scores",))
    assert status == 0
    assert ready["type"] == "ready"
    with Worker(cache, *entries) as worker:
        worker.receive()
        items = worker.classify(*TEXTS, models=[entry["id"] for entry in entries])
    for model, scores in reply["scores"].items():
        for item, said in zip(items, scores, strict=True):
            for sentiment, score in item["models"][model]["meta"]["raw_scores"].items():
                assert abs(score - said[sentiment]) < 1e-4


def test_every_text_is_timed_for_every_model(cache: Path) -> None:
    entries = [entry for entry in registry_entries("default") if entry["id"] == "vader"]
    status, (_, reply) = judged(cache, *entries)
    assert status == 0
    assert reply["texts"] == len(TEXTS)
    assert len(reply["models"]["vader"]["latencies_ms"]) == len(TEXTS)
    assert 0 < reply["models"]["vader"]["wall_s"] <= reply["wall_s"]
    assert "scores" not in reply


def test_a_shipped_model_has_no_pipeline_and_says_so(cache: Path) -> None:
    entry = onnx_entry("minilm_social", "shipped", {"negative": "negative", "positive": "positive"})
    status, (fatal,) = judged(cache, entry, flags=("--way", "pipeline"))
    assert status == fatal["exit"] == 78
    assert fatal["code"] == "bad_configuration"
    assert "config.json" in fatal["message"]


def test_a_pipeline_says_what_the_plain_loop_says(hub_set: HubSet) -> None:
    _, (_, loop) = judged(hub_set.cache, *hub_set.entries, flags=("--scores",))
    flags = ("--way", "pipeline", "--batch", "2", "--scores")
    status, (_, pipeline) = judged(hub_set.cache, *hub_set.entries, flags=flags)
    assert status == 0
    for model, scores in loop["scores"].items():
        for ours, theirs in zip(scores, pipeline["scores"][model], strict=True):
            assert ours == pytest.approx(theirs, abs=1e-4)
