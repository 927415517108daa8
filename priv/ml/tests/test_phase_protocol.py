"""What a phase worker says on the wire, and that nothing ends it but its input."""

import json
from pathlib import Path

import pytest

from tests.phase_worker import PhaseWorker, start_line
from tests.support import REPOSITORY, line, run
from volfefe_ml.protocol import LINE_CAP


def test_ready_says_which_phases_are_loaded_and_what_they_are_made_of(tmp_path: Path):
    with PhaseWorker(tmp_path, "language", "entities") as worker:
        phases = {phase["name"]: phase for phase in worker.ready["phases"]}
    assert list(phases) == ["language", "entities"]
    assert all(phase["revision"].startswith("sha256:") and phase["method"] for phase in phases.values())


def test_one_request_runs_all_loaded_phases_on_each_text(tmp_path: Path):
    with PhaseWorker(tmp_path, "language", "entities") as worker:
        reply, _ = worker.ask("annotate", texts=["Boeing builds planes.", "Guten Morgen, liebe Freunde!"])
    assert reply["latency_ms"] > 0
    assert [item["language"]["language"] for item in reply["items"]] == ["en", "de"]
    assert [len(item["entities"]["mentions"]) for item in reply["items"]] == [1, 0]


def test_what_is_no_text_is_an_error_of_its_item_only(tmp_path: Path):
    with PhaseWorker(tmp_path, "entities") as worker:
        found = worker.annotate("", 7, None, "  \n", "Boeing", phase="entities")
    assert [item.get("error", {}).get("code") for item in found] == ["bad_text"] * 4 + [None]


@pytest.mark.parametrize(
    "request_line",
    [
        b"no json\n",
        b"\xff\xfe\n",
        b"[]\n",
        b'{"type":"annotate","texts":[]}\n',
        b'{"type":"classify","id":"r1","texts":[]}\n',
        b'{"type":"annotate","id":"r1","texts":"Boeing"}\n',
        b'{"type":"annotate","id":"r1","texts":[],"phases":["ner"]}\n',
        b'{"type":"annotate","id":"r1","texts":[],"phases":[]}\n',
        b'{"type":"annotate","id":"r1","texts":[],"phases":[["entities"]]}\n',
        b'{"type":"hold","id":"r1","items":[]}\n',
        b'{"type":"find","id":"r1","phase":"topics"}\n',
        b'{"type":"resolve","id":"r1","found":[]}\n',
        b'{"type":"annotate","id":"r1","texts":["' + b"a" * LINE_CAP + b'"]}\n',
    ],
)
def test_a_bad_request_gets_an_error_and_the_next_one_an_answer(tmp_path: Path, request_line: bytes):
    with PhaseWorker(tmp_path, "entities") as worker:
        worker.send(request_line)
        reply = worker.receive()
        assert (reply["type"], reply["code"]) == ("error", "bad_request")
        assert worker.annotate("Boeing", phase="entities")[0]["mentions"]


@pytest.mark.parametrize(
    ("start", "exit_status", "says"),
    [
        ({"type": "start", "protocol": 2, "phases": ["entities"]}, 78, "protocol 1"),
        ({"type": "start", "protocol": 1, "phases": []}, 78, "at least one phase"),
        ({"type": "start", "protocol": 1, "phases": ["entities", "entities"]}, 78, "none twice"),
        ({"type": "start", "protocol": 1, "phases": ["sentiment"]}, 78, "no phase 'sentiment'"),
        (start_line("entities") | {"threads": 0}, 78, "`threads`"),
        (start_line("entities", topics={}), 78, "not among `phases`"),
        (start_line("entities", entities={"minimum": 0.9}), 78, "no setting `minimum`"),
        (start_line("entities", entities={"minimum_confidence": "high"}), 78, "`minimum_confidence`"),
        (start_line("entities", entities={"minimum_confidence": 2}), 78, "between 0 and 1"),
        (start_line("language", language={"max_chars": 0}), 78, "at least 1"),
    ],
)
def test_a_wrong_start_ends_with_a_message_that_names_the_setting(
    tmp_path: Path, start: dict[str, object], exit_status: int, says: str
):
    done = run("phase.py", stdin=line(start), cache=tmp_path)
    (fatal,) = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, fatal["type"], fatal["exit"]) == (exit_status, "fatal", exit_status)
    assert says in fatal["message"]
    assert fatal["remedy"]


def test_a_missing_package_is_said_with_the_command_that_installs_it(tmp_path: Path):
    (tmp_path / "rapidfuzz").mkdir()
    (tmp_path / "rapidfuzz" / "__init__.py").write_text("raise ModuleNotFoundError(name='rapidfuzz')\n")
    done = run("phase.py", stdin=line(start_line("resolve")), cache=tmp_path, python_path=(tmp_path,))
    (fatal,) = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, fatal["code"]) == (66, "missing_package")
    assert "requirements-phases.txt" in fatal["remedy"]


def test_language_and_entities_need_nothing_of_the_extra(tmp_path: Path):
    blocked = ("numpy", "scipy", "sklearn", "spacy", "rapidfuzz", "cleanco", "onnxruntime", "requests")
    for name in blocked:
        (tmp_path / f"{name}.py").write_text(f"raise ModuleNotFoundError(name='{name}')\n")
    stdin = line(start_line("language", "entities")) + line(
        {"type": "annotate", "id": "r1", "texts": ["Boeing is in talks with China."]}
    )
    done = run("phase.py", stdin=stdin, cache=tmp_path, python_path=(tmp_path,))
    ready, result = map(json.loads, done.stdout.splitlines())
    assert (ready["type"], result["type"], done.returncode) == ("ready", "result", 0)


def test_no_start_is_no_error(tmp_path: Path):
    assert run("phase.py", stdin=b"", cache=tmp_path).returncode == 0


def test_texts_are_in_no_error_and_on_no_stderr(tmp_path: Path):
    with PhaseWorker(tmp_path, "language", "entities") as worker:
        worker.send(b'{"type":"annotate","id":"r1","texts":{"a":"topsecret words"}}\n')
        assert "topsecret" not in json.dumps(worker.receive())
        worker.annotate("topsecret \x00 \ud800 words", phase="language")
        assert "topsecret" not in worker.stderr()


def test_the_examples_in_the_document_are_what_the_worker_says(tmp_path: Path):
    pytest.importorskip("rapidfuzz")
    rows = [row.strip() for row in (REPOSITORY / "docs" / "phases.md").read_text().splitlines()]
    shown = [json.loads(row[2:]) for row in rows if row.startswith(("→ {", "← {"))]
    asked = [row for row in rows if row.startswith("→ {")]
    assert len(asked) >= 4
    with PhaseWorker(tmp_path, "language", "entities", "resolve") as worker:
        for request, reply in zip(shown[::2], shown[1::2], strict=True):
            worker.send(request)
            said = worker.receive()
            said["latency_ms"] = reply["latency_ms"]
            assert said == reply
