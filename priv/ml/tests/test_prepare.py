"""Preparing models: what is built, cached, verified, refused, and never fetched."""

import pickle
import time
from pathlib import Path
from typing import Any

import pytest

from tests import tiny
from tests.conftest import HubSet, hub_entries, hub_folder
from tests.support import VADER, Worker, onnx_entry, prepare
from volfefe_ml.entry import parse_entry
from volfefe_ml.prepared import Prepared
from volfefe_ml.prepared import prepare as prepare_entry

FINBERT, DISTILBERT, ROBERTA = range(3)


def prepared_here(hub_set: HubSet, number: int) -> Prepared:
    """Prepare in this process, where torch is loaded already."""
    return prepare_entry(parse_entry(dict(hub_set.entries[number])), hub_set.cache)


def flip_a_byte(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def test_a_second_time_everything_is_cached_and_verified(hub_set: HubSet):
    for flags in ((), ("--verify",)):
        status, reports = prepare(hub_set.cache, *hub_set.entries, flags=flags)
        assert (status, {report["status"] for report in reports}) == (0, {"cached"})
        assert [r["revision"] for r in reports] == hub_set.revisions


def test_missing_weights_stop_everything_within_five_seconds_with_path_and_remedy(tmp_path: Path):
    entries = hub_entries()
    started = time.perf_counter()
    status, reports = prepare(tmp_path, *entries)
    with Worker(tmp_path, entries[0]) as worker:
        fatal = worker.receive()
        assert worker.finish()[0] == 66
    assert time.perf_counter() - started < 5
    assert status == 66
    for entry, report in zip([*entries, entries[0]], [*reports, fatal], strict=True):
        assert (report["code"], report["model"], report["exit"]) == ("weights_missing", entry["id"], 66)
        assert report["path"] == str(hub_folder(tmp_path, entry))
        assert report["remedy"] == "volfefe models prepare --profile hub --download"


def test_one_model_that_fails_does_not_stop_the_others(tmp_path: Path):
    status, reports = prepare(tmp_path, onnx_entry("gone", f"folder:{tmp_path}/gone", tiny.ROBERTA), VADER)
    assert status == 66
    assert [report["type"] for report in reports] == ["failed", "prepared"]
    assert reports[1]["status"] == "package"


def test_a_damaged_cache_is_made_anew_and_refused_by_verify(
    hub_copy: HubSet, capsys: pytest.CaptureFixture[str]
):
    entry = hub_copy.entries[DISTILBERT]
    (weights,) = (hub_copy.cache / "prepared" / entry["id"]).glob("*/weights.bin")
    good = weights.read_bytes()
    flip_a_byte(weights)
    status, (report,) = prepare(hub_copy.cache, entry, flags=("--verify",))
    assert (status, report["code"]) == (66, "weights_missing")
    assert report["remedy"] == f"volfefe models prepare --model {entry['id']}"
    assert prepared_here(hub_copy, DISTILBERT).status == "built"
    assert f"{weights} is damaged" in capsys.readouterr().err
    assert weights.read_bytes() == good
    for spoil in (b"", b"{}", b"[]", b'{"format":1,"files":[]}'):
        (weights.parent / "manifest.json").write_bytes(spoil)
        status, (report,) = prepare(hub_copy.cache, entry, flags=("--verify",))
        assert (status, report["code"]) == (66, "weights_missing")


def test_other_weights_than_the_pinned_are_refused_naming_both_hashes(hub_copy: HubSet):
    entry = hub_copy.entries[ROBERTA]
    old = hub_copy.revisions[ROBERTA]
    assert prepare(hub_copy.cache, {**entry, "revision": old})[0] == 0
    flip_a_byte(hub_copy.folder(ROBERTA) / "model.safetensors")
    with Worker(hub_copy.cache, {**entry, "revision": old}) as worker:
        fatal = worker.receive()
        assert worker.finish()[0] == 78
    assert (fatal["code"], fatal["model"]) == ("revision_mismatch", entry["id"])
    hashes = [word.strip(",.") for word in fatal["message"].split() if word.startswith("sha256:")]
    assert hashes[0] == old and len(set(hashes)) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"labels": [{"name": n, "sentiment": s} for n, s in tiny.ROBERTA.items()]},
            "Neutral, Positive, Negative",
        ),
        ({"max_tokens": 513}, "at most 512 tokens"),
        ({"commit": "main"}, "40 hex digits"),
    ],
)
def test_an_entry_that_does_not_fit_its_model_is_a_configuration_error(
    hub_set: HubSet, change: dict[str, Any], words: str
):
    status, (report,) = prepare(hub_set.cache, {**hub_set.entries[FINBERT], **change})
    assert (status, report["code"]) == (78, "bad_configuration")
    assert words in report["message"]


def test_roberta_has_two_positions_fewer_than_its_configuration_says(hub_set: HubSet):
    status, (report,) = prepare(hub_set.cache, {**hub_set.entries[ROBERTA], "max_tokens": 514})
    assert (status, "at most 512 tokens" in report["message"]) == (78, True)


def test_labels_are_compared_without_their_case(hub_set: HubSet):
    labels = [{"name": n.upper(), "sentiment": s} for n, s in tiny.FINBERT.items()]
    assert prepare(hub_set.cache, {**hub_set.entries[FINBERT], "labels": labels})[0] == 0


class Intruder:
    """A pickle that would write a file when it is loaded."""

    def __init__(self, file: Path):
        self.file = file

    def __reduce__(self):
        return Path.write_text, (self.file, "code was run")


def test_weights_that_would_run_code_or_lack_a_layer_are_refused(hub_copy: HubSet):
    import torch

    weights = hub_copy.folder(FINBERT) / "pytorch_model.bin"
    state = torch.load(weights, weights_only=True)
    weights.write_bytes(pickle.dumps(Intruder(hub_copy.cache / "intruder"), protocol=2))
    with pytest.raises(pickle.UnpicklingError):
        prepared_here(hub_copy, FINBERT)
    assert not (hub_copy.cache / "intruder").exists()
    torch.save({name: tensor for name, tensor in state.items() if not name.startswith("classifier")}, weights)
    with pytest.raises(ValueError, match="no trained classifier"):
        prepared_here(hub_copy, FINBERT)


def test_without_torch_a_folder_model_says_what_to_install(hub_set: HubSet, tmp_path: Path):
    (tmp_path / "torch.py").write_text("raise ImportError('not here')")
    entry = {**hub_set.entries[FINBERT], "source": f"folder:{hub_set.folder(FINBERT)}"}
    with Worker(tmp_path, entry, python_path=(tmp_path,)) as worker:
        fatal = worker.receive()
        assert worker.finish()[0] == 66
    assert (fatal["code"], fatal["remedy"]) == ("missing_package", "pip install -r requirements-hub.txt")


def test_without_numpy_it_says_what_to_install(tmp_path: Path):
    (tmp_path / "numpy.py").write_text("raise ModuleNotFoundError('not here', name='numpy')")
    status, (failed,) = prepare(tmp_path, VADER, python_path=(tmp_path,))
    assert (status, failed["code"]) == (66, "missing_package")
    assert "numpy" in failed["message"] and "requirements.txt" in failed["remedy"]


def test_a_cache_that_cannot_be_written_is_named(hub_set: HubSet, tmp_path: Path):
    (tmp_path / "prepared").write_text("a file where a folder should be")
    entry = {**hub_set.entries[FINBERT], "source": f"folder:{hub_set.folder(FINBERT)}"}
    status, (report,) = prepare(tmp_path, entry)
    assert (status, report["code"]) == (70, "load_failed")
    assert report["path"].startswith(str(tmp_path / "prepared"))
    assert "XDG_CACHE_HOME" in report["remedy"]


def test_a_graph_in_a_folder_is_used_where_it_is(tmp_path: Path):
    tiny.make_graph(tmp_path / "counter")
    entry = onnx_entry("counter", f"folder:{tmp_path / 'counter'}", {"other": "negative", "good": "positive"})
    status, (report,) = prepare(tmp_path, entry)
    assert (status, report["status"], report["path"]) == (0, "in_place", str(tmp_path / "counter"))
    flip_a_byte(tmp_path / "counter" / "model.onnx")
    status, (other,) = prepare(tmp_path, {**entry, "revision": report["revision"]}, flags=("--verify",))
    assert (status, other["code"]) == (78, "revision_mismatch")
