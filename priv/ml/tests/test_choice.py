"""Which engine an `auto` entry gets: measured, judged by the gate, stored, and looked up."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import tiny
from tests.conftest import HubSet
from tests.support import Worker, onnx_entry, prepare
from volfefe_ml import choice_store, engines, selection
from volfefe_ml.candidates import REFERENCE, Candidate, candidates
from volfefe_ml.choice import Choice, choose, verdict
from volfefe_ml.entry import ModelEntry, parse_entry
from volfefe_ml.errors import StartError
from volfefe_ml.fidelity import Fidelity
from volfefe_ml.figures import Figures, from_wire
from volfefe_ml.texts import Texts

EXACT, CLOSE, WRONG = (
    Fidelity(400, 1, 0, 0),
    Fidelity(400, 0.9975, 0.001, 0.1),
    Fidelity(400, 0.98, 0.004, 0.3),
)
WORDS = ("good", "news", "bad", "day")
TEXTS = Texts(
    tuple(" ".join([*("good" for _ in range(1 + n % 2)), WORDS[n % 4], f"text {n}"]) for n in range(400)),
    own=400,
)


def entry_of(source: str = "folder:/nowhere", **more: Any) -> ModelEntry:
    raw = onnx_entry("counter", source, {"other": "negative", "good": "positive"})
    return parse_entry({**raw, "engine": "auto", **more})


def figures(engine: str, precision: str, ms: float, fidelity: Fidelity | None) -> Figures:
    failure = "broken" if fidelity is None else None
    candidate = Candidate(engine, precision)
    return Figures(candidate, ms_per_text=ms, times_reference=20 / ms, fidelity=fidelity, failure=failure)


MEASURED = [
    figures("onnxruntime", "fp32", 20, EXACT),
    figures("openvino", "bf16", 6, CLOSE),
    figures("ctranslate2", "int8", 3, WRONG),
    figures("openvino", "int8", 4, WRONG),
    figures("transformers", "bf16", 1, None),
]


@pytest.mark.parametrize(
    ("measured", "asked", "chosen"),
    [
        (MEASURED, {}, "openvino bf16"),
        (MEASURED, {"precision": "int8"}, "ctranslate2 int8"),
        (MEASURED, {"engine": "openvino", "precision": "int8"}, "openvino int8"),
        (MEASURED, {"precision": "fp32"}, "onnxruntime fp32"),
        (MEASURED[:1] + MEASURED[2:], {}, "onnxruntime fp32"),
        ([replace(MEASURED[0], times_reference=4.0), *MEASURED[1:]], {}, "onnxruntime fp32"),
    ],
)
def test_the_fastest_that_passes_is_chosen_unless_a_precision_is_asked_for(
    measured: list[Figures], asked: dict[str, Any], chosen: str
):
    assert str(measured[choose(entry_of(**asked), measured)].candidate) == chosen


def test_what_nothing_here_can_do_is_an_error_that_says_why():
    with pytest.raises(StartError, match=r"as auto bf16 \(transformers bf16: broken\)") as caught:
        choose(entry_of(precision="bf16"), [MEASURED[0], MEASURED[4]])
    assert caught.value.exit == 78


def test_every_candidate_has_a_verdict_and_survives_being_written():
    choice = Choice(1, tuple(MEASURED), "digest", "400 texts", "2026-01-01T00:00:00+00:00")
    verdicts = [verdict(choice, index) for index in range(len(MEASURED))]
    assert verdicts == ["passes", "chosen", "refused", "refused", "failed"]
    assert [from_wire(json.loads(json.dumps(each.to_wire()))) for each in MEASURED] == MEASURED


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """An `auto` entry whose graph several stand-ins imitate, well and badly."""
    tiny.make_graph(tmp_path / "counter")
    stubs = ("quick", "skewed", "crashing", "unloadable", "absent")
    modules = {"onnxruntime": engines.MODULES["onnxruntime"]} | {
        name: f"tests.stubs.{name}" for name in stubs
    }
    monkeypatch.setattr(engines, "MODULES", modules)
    return entry_of(f"folder:{tmp_path / 'counter'}")


def select(
    entry: ModelEntry, cache: Path, texts: Texts | None = TEXTS, again: bool = False
) -> tuple[Choice, bool]:
    return selection.select(entry, cache, texts, again=again, progress=lambda *_: None)


def test_candidates_are_measured_and_the_broken_ones_reported(counter: ModelEntry, tmp_path: Path):
    assert str(choice_store.resolve(counter, tmp_path).engine) == "onnxruntime", "nothing is measured yet"
    choice, is_new = select(counter, tmp_path)
    lines = {f"{line['engine']} {line['precision']}": line for line in report(counter, choice)["candidates"]}
    assert {name: line["verdict"] for name, line in lines.items()} == {
        "onnxruntime fp32": "passes",
        "quick bf16": "chosen",
        "skewed int8": "refused",
        "crashing fp32": "failed",
        "crashing int8": "failed",
        "unloadable any": "failed",
    }
    refused = lines["skewed int8"]
    assert refused["reason"] == "mean |Δp| 0.0200 > 0.005" and refused["label_agreement"] == 1
    assert lines["crashing int8"]["reason"] == "its process ended by SIGILL"
    assert "ended by SIGILL" in lines["unloadable any"]["reason"]
    assert lines["quick bf16"]["times_reference"] > 1 and lines["quick bf16"]["texts"] == 400
    resolved = choice_store.resolve(counter, tmp_path)
    assert is_new and (resolved.engine, resolved.precision) == ("quick", "bf16")
    assert "the fastest that passes" in report(counter, choice)["why"]


def report(entry: ModelEntry, choice: Choice) -> dict[str, Any]:
    return selection.report(entry, choice, 1)


def test_a_precision_that_is_asked_for_runs_with_its_fidelity_on_record(counter: ModelEntry, tmp_path: Path):
    asked = replace(counter, precision="int8")
    assert choice_store.resolve(asked, tmp_path).engine == "skewed", "the first that offers it"
    choice, _ = select(asked, tmp_path)
    resolved = choice_store.resolve(asked, tmp_path)
    assert (resolved.engine, resolved.precision) == ("skewed", "int8")
    assert choice.best.fidelity is not None and not choice.best.fidelity.passes
    assert (
        "as asked for" in report(asked, choice)["why"]
        and "gate would refuse it" in report(asked, choice)["why"]
    )
    assert choice_store.read(counter, tmp_path) is None, "what is asked for is measured for itself"


def test_a_choice_is_measured_once_for_the_same_weights_texts_and_machine(
    counter: ModelEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engines, "MODULES", {n: engines.MODULES[n] for n in ("onnxruntime", "quick")})
    assert [select(counter, tmp_path)[1], select(counter, tmp_path)[1]] == [True, False]
    assert select(counter, tmp_path, None)[1] is False
    assert select(counter, tmp_path, replace(TEXTS, texts=TEXTS.texts[::-1]))[1] is True
    assert select(counter, tmp_path, replace(TEXTS, texts=TEXTS.texts[::-1]), again=True)[1] is True
    (file,) = (tmp_path / "choices" / "counter").iterdir()
    for spoil in (b"", b"{}", b'{"chosen":9}', file.read_bytes().replace(b'"chosen": 1', b'"chosen": 7')):
        file.write_bytes(spoil)
        assert choice_store.read(counter, tmp_path) is None
        assert choice_store.resolve(counter, tmp_path).engine == "onnxruntime"
    choice, is_new = select(counter, tmp_path)
    assert is_new
    graph = Path(counter.source_name) / "model.onnx"
    graph.write_bytes(graph.read_bytes() + b"\0")
    assert choice_store.read(counter, tmp_path) is None, "other weights"
    pinned = replace(counter, revision="sha256:" + "0" * 64)
    choice_store.write(pinned, tmp_path, choice)
    assert choice_store.read(pinned, tmp_path) == choice
    monkeypatch.setattr(choice_store, "machine", lambda: {"cpu": "another"})
    assert choice_store.read(pinned, tmp_path) is None, "another machine"


def test_a_broken_quantisation_is_refused_with_its_figures(
    hub_set: HubSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    modules = {"onnxruntime": engines.MODULES["onnxruntime"], "coarse": "tests.stubs.coarse"}
    monkeypatch.setattr(engines, "MODULES", modules)
    entry = replace(parse_entry(dict(hub_set.entries[1])), engine="auto", precision=None)
    texts = Texts(tuple(tiny.texts(256)), own=256)
    choice, _ = select(entry, hub_set.cache, texts)
    reference, coarse = report(entry, choice)["candidates"]
    assert (reference["verdict"], coarse["verdict"]) == ("chosen", "refused")
    assert coarse["label_agreement"] < 0.995 or coarse["mean_delta"] > 0.005
    assert "label agreement" in coarse["reason"] or "mean |Δp|" in coarse["reason"]
    assert report(entry, choice)["why"].endswith("one other missed the gate")


def test_prepare_measures_what_is_installed_and_a_worker_runs_what_was_chosen(
    hub_copy: HubSet, tmp_path: Path
):
    # In fp32, since int8 would have to be calibrated first.
    entry = {**hub_copy.entries[1], "engine": "auto", "precision": "fp32"}
    (tmp_path / "own.txt").write_text("\n".join(tiny.texts(300)))
    status, (shown,) = prepare(hub_copy.cache, entry, flags=("--show",))
    assert status == 0 and shown["choice"] in ("unmeasured", "only")
    flags = ("--texts", str(tmp_path / "own.txt"), "--progress")
    status, (*steps, report) = prepare(hub_copy.cache, entry, flags=flags)
    assert status == 0 and all(step["type"] == "progress" for step in steps)
    assert (report["type"], report["candidates"][0]["engine"]) == ("prepared", "onnxruntime")
    (chosen,) = [line for line in report["candidates"] if line["verdict"] == "chosen"]
    assert (chosen["engine"], chosen["precision"]) == (report["engine"], report["precision"])
    with Worker(hub_copy.cache, entry) as worker:
        (model,) = worker.receive()["models"]
        assert (model["engine"], model["precision"]) == (report["engine"], report["precision"])
    status, (again,) = prepare(hub_copy.cache, entry)
    assert (status, again["status"]) == (0, "cached") and again["choice"] in ("cached", "only")
    status, (shown,) = prepare(hub_copy.cache, entry, flags=("--show",))
    assert (shown["engine"], shown["precision"]) == (report["engine"], report["precision"])


def test_what_has_nothing_to_compare_is_not_measured(tmp_path: Path):
    for given in ({"engine": "onnxruntime"}, {"source": "package:x", "engine": "auto"}):
        entry = entry_of(**{"source": "folder:/nowhere", **given})
        assert not selection.needs_measuring(entry)
        assert selection.unmeasured_report(entry, 0)["candidates"][0]["verdict"] == "chosen"
    assert candidates(entry_of(engine="onnxruntime")) == [REFERENCE]


def test_texts_that_cannot_be_read_stop_everything_with_65(tmp_path: Path):
    status, (failed,) = prepare(
        tmp_path, onnx_entry("a", "shipped", {"x": "positive"}), flags=("--texts", "/none")
    )
    assert (status, failed["type"], failed["code"]) == (65, "failed", "bad_texts")
