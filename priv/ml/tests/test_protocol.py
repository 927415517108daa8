"""The conversation with a real worker process."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import VADER, Worker, start_message
from volfefe_ml.protocol import LINE_CAP


def test_every_request_in_the_pipe_is_answered_under_its_own_id(tmp_path: Path):
    with Worker(tmp_path, VADER) as worker:
        assert worker.receive()["type"] == "ready"
        for number in range(5):
            worker.send(
                {"type": "classify", "id": f"g1-{number}", "models": ["vader"], "texts": ["good"] * number}
            )
        replies = [worker.receive() for _ in range(5)]
        assert [(reply["id"], len(reply["items"])) for reply in replies] == [(f"g1-{n}", n) for n in range(5)]


def test_ready_says_what_runs_and_that_it_was_warmed(tmp_path: Path):
    with Worker(tmp_path, VADER) as worker:
        ready = worker.receive()
        (model,) = ready["models"]
        assert ready["protocol"] == 1 and ready["pid"] == worker.process.pid
        assert model["labels"] == VADER["labels"] and model["revision"].startswith("sha256:")
        assert model["first_call_ms"] > 0 and model["second_call_ms"] > 0
        (item,) = worker.classify("Good news", models=["vader"])
        assert item["models"]["vader"]["meta"]["processing"]["first_call"] is False


UNUSABLE = {
    "not JSON": b"{\n",
    "a list": b"[1,2]\n",
    "an empty line": b"\n",
    "bad UTF-8": b'{"type":"classify","id":"r","models":["vader"],"texts":["\xff"]}\n',
    "UTF-16": '{"id":1}'.encode("utf-16") + b"\n",
    "3,000 levels of nesting": b"[" * 3000 + b"]" * 3000 + b"\n",
    "no type": b'{"id":"r"}\n',
    "texts is a string": b'{"type":"classify","id":"r","models":["vader"],"texts":"good"}\n',
    "no models": b'{"type":"classify","id":"r","models":[],"texts":["good"]}\n',
    "an unknown model": b'{"type":"classify","id":"r","models":["finbert"],"texts":["good"]}\n',
    "a model that is no string": b'{"type":"classify","id":"r","models":[{}],"texts":["good"]}\n',
    "an enormous number": b'{"id":"r","type":' + b"9" * 5000 + b"}\n",
    "a line over the cap": b'"' + b"x" * LINE_CAP + b'"\n',
    "terminal noise": b"\r100%|####| 3/3\x1b[0m\0\n",
}


def test_unusable_lines_are_answered_with_an_error_and_leave_the_worker_alive(tmp_path: Path):
    with Worker(tmp_path, VADER) as worker:
        worker.receive()
        for what, data in UNUSABLE.items():
            worker.send(data)
            reply = worker.receive()
            assert (reply["type"], reply["code"]) == ("error", "bad_request"), what
            assert (
                reply["id"] == ("r" if b'"id":"r"' in data and b"\xff" not in data else None)
                or b"9" * 9 in data
            )
        assert worker.classify("good", models=["vader"])[0]["models"]["vader"]["sentiment"] == "positive"


def test_strange_texts_are_judged_and_empty_ones_are_errors_of_their_own(tmp_path: Path):
    strange = [
        "NUL \0 good",
        "line\u2028separator good",
        "😀" * 25_000,
        "lone \ud800 good",
        "\n" * 5000 + "good",
    ]
    useless = ["", " \n\t", "\n" * 5000, None, 7, {"text": "good"}]
    with Worker(tmp_path, VADER) as worker:
        worker.receive()
        items = worker.classify(*strange, *useless, "good", models=["vader"])
        verdicts = [item["models"]["vader"] for item in items]
        assert [v["sentiment"] for v in [*verdicts[: len(strange)], verdicts[-1]]] == ["positive"] * 6
        assert {v["error"]["code"] for v in verdicts[len(strange) : -1]} == {"bad_text"}


def test_a_lone_surrogate_is_read_as_the_replacement_character(tmp_path: Path):
    with Worker(tmp_path, VADER) as worker:
        worker.receive()
        lone, replaced, pair = worker.classify("x \ud800 y", "x \ufffd y", "\ud83d\ude00", models=["vader"])
        assert lone["text_info"] == replaced["text_info"]
        assert pair["text_info"]["chars"] == 1


def test_a_reply_over_the_cap_becomes_errors_of_its_items(tmp_path: Path):
    with Worker(tmp_path, VADER) as worker:
        worker.receive()
        items = worker.classify(*["good"] * 12_000, models=["vader"])
        assert {item["models"]["vader"]["error"]["code"] for item in items} == {"model_error"}
        worker.send({"type": "classify", "id": "r2", "models": ["vader"], "texts": [""] * 30_000})
        assert worker.receive()["code"] == "bad_request"


NOISY = """
import os
from vaderSentiment import vaderSentiment

quiet = vaderSentiment.SentimentIntensityAnalyzer.polarity_scores

def noisy(self, text):
    print("noise from Python")
    os.write(1, b"noise from C\\r")
    os.system("echo noise from a child")
    if "#raise" in text:
        raise ValueError("a secret: " + text)
    return {**quiet(self, text), **({"compound": float("nan")} if "#nan" in text else {})}

vaderSentiment.SentimentIntensityAnalyzer.polarity_scores = noisy
"""


def test_noise_and_exceptions_of_a_model_stay_out_of_the_protocol(tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(NOISY)
    with Worker(tmp_path, VADER, {**VADER, "id": "twin"}, python_path=(tmp_path,)) as worker:
        worker.receive()
        items = worker.classify("good", "#raise bad", "#nan bad", "awful", models=["vader", "twin"])
        for name in ("vader", "twin"):
            verdicts = [item["models"][name] for item in items]
            assert [v.get("sentiment") for v in verdicts] == ["positive", None, None, "negative"]
            assert verdicts[1]["error"]["code"] == verdicts[2]["error"]["code"] == "model_error"
            assert verdicts[1]["error"]["message"].startswith("ValueError in lexicon.py:")
        assert "secret" not in json.dumps(items)
        stderr = worker.stderr()
        assert "noise from Python" in stderr and "noise from C" in stderr and "noise from a child" in stderr
        assert "secret" not in stderr


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in VADER.items() if name != key}


@pytest.mark.parametrize(
    "first",
    [
        b"no start at all\n",
        {"type": "classify", "id": "1", "models": [], "texts": []},
        {"type": "start", "protocol": 2, "models": [VADER]},
        start_message(Path("/tmp")),
        start_message(Path("/tmp"), VADER, VADER),
        start_message(Path("/tmp"), without("version")),
        start_message(Path("/tmp"), {**VADER, "wieght": 1}),
        start_message(Path("/tmp"), {**VADER, "engine": "openvino"}),
        start_message(Path("/tmp"), {**VADER, "labels": [{"name": "pos", "sentiment": "good"}]}),
        start_message(Path("/tmp"), {**VADER, "has_neutral": False}),
        start_message(Path("/tmp"), {**VADER, "precision": "int8"}),
        start_message(Path("/tmp"), VADER, threads=0),
    ],
)
def test_a_start_that_cannot_be_understood_is_fatal_with_a_sentence_and_a_remedy(tmp_path: Path, first):
    with Worker(tmp_path) as worker:
        worker.send(first)
        fatal = worker.receive()
        assert (fatal["type"], fatal["code"], fatal["exit"]) == ("fatal", "bad_configuration", 78)
        assert fatal["message"].endswith(".") and fatal["remedy"]
        assert worker.finish() == (78, b"")
