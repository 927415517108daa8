"""From a trained network to the files that ship, checked against each other."""

import hashlib
import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx.external_data_helper import set_external_data
from safetensors.torch import save
from torch import Tensor, nn

from training.base import adapter_of, describe, lay_adapter
from training.batches import Batch
from training.lora import SCALING
from training.network import Network
from training.recipes import Recipe
from volfefe_ml import adapters

OPSET = 17
TOLERANCE = 1e-4
INPUTS = ("input_ids", "attention_mask")


def export(
    network: Network, recipe: Recipe, base_dir: Path, base: dict[str, Tensor], samples: list[Batch], out: Path
) -> dict[str, Any]:
    """Write graph.onnx, adapter.safetensors and adapter.json to `out`; rounds `network` to what they hold.

    The merged model is run by ONNX Runtime on `samples` of several shapes and must give the network's logits
    within 1e-4, else ArithmeticError. Returns the manifest; its `revision` is the merged weights' SHA-256.
    """
    out.mkdir(parents=True, exist_ok=True)
    tensors, changes = adapter_of(network, base)
    lay_adapter(network, tensors, base, head=True)
    adapter = save(dict(sorted(tensors.items())))
    graph = _graph(recipe)
    weights = _layout(graph, changes)
    graph_bytes = graph.SerializeToString(deterministic=True)
    manifest: dict[str, Any] = {
        "format": adapters.FORMAT,
        "id": recipe.id,
        "labels": recipe.labels,
        "base": describe(),
        "rank": recipe.rank,
        "scaling": SCALING,
        "pooling": recipe.pooling,
        "files": {
            adapters.GRAPH: hashlib.sha256(graph_bytes).hexdigest(),
            adapters.ADAPTER: hashlib.sha256(adapter).hexdigest(),
        },
        "revision": None,
        "weights": weights,
    }
    (out / adapters.GRAPH).write_bytes(graph_bytes)
    (out / adapters.ADAPTER).write_bytes(adapter)
    write_manifest(manifest, out)
    with tempfile.TemporaryDirectory() as folder:
        manifest["revision"] = f"sha256:{adapters.merge(out, base_dir, Path(folder))}"
        manifest["difference"] = difference(network, Path(folder), samples)
    if not manifest["difference"] <= TOLERANCE:
        raise ArithmeticError(f"{recipe.id}: the merged graph's logits are {manifest['difference']:.1e} off")
    write_manifest(manifest, out)
    return manifest


def write_manifest(manifest: dict[str, Any], out: Path) -> None:
    """adapter.json with one weight per line."""
    shown = {key: value for key, value in manifest.items() if key not in ("weights", "difference")}
    lines = ",\n".join(f"  {json.dumps(weight)}" for weight in manifest["weights"])
    head = json.dumps(shown, indent=1)[:-2]
    (out / adapters.MANIFEST).write_text(f'{head},\n "weights": [\n{lines}\n ]\n}}\n')


def difference(network: Network, folder: Path, samples: list[Batch]) -> float:
    """The largest |Δ logit| on samples between the network in fp32 and the merged model in `folder`."""
    session = onnxruntime.InferenceSession(str(folder / adapters.MODEL), providers=["CPUExecutionProvider"])
    was_training, compute = network.training, network.compute
    network.eval()
    network.compute = torch.float32
    largest = 0.0
    with torch.inference_mode():
        for batch in samples:
            expected = network(batch.ids, batch.mask).numpy()
            feeds = dict(zip(INPUTS, (batch.ids.numpy(), batch.mask.numpy()), strict=True))
            (logits,) = session.run(None, feeds)
            largest = max(largest, float(np.abs(logits - expected).max()))
    network.train(was_training)
    network.compute = compute
    return largest


def _graph(recipe: Recipe) -> onnx.ModelProto:
    """The network's operations with their initializers named as in the base."""
    network = Network(len(recipe.labels), recipe.pooling, nn.Linear).eval()
    network.exporting = True
    for value in network.parameters():  # the exporter would make one of equal tensors
        nn.init.normal_(value.data)
    mask = torch.ones(2, 8, dtype=torch.int64)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # about this exporter's age; it keeps the names, the newer one does not
        file = Path(folder) / "graph.onnx"
        torch.onnx.export(
            network,
            (mask * 1000, mask),
            str(file),
            dynamo=False,
            do_constant_folding=False,
            opset_version=OPSET,
            input_names=list(INPUTS),
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "sequence"} for name in INPUTS} | {"logits": {0: "batch"}},
        )
        graph = onnx.load(str(file))
    for node in graph.graph.node:
        node.ClearField("doc_string")
    return graph


def _layout(graph: onnx.ModelProto, changes: dict[str, str]) -> list[dict[str, Any]]:
    """Take the weights out of the graph, give each a place in weights.bin, and describe them."""
    missing = {name for name in changes if not name.endswith("position_ids")} ^ {
        tensor.name for tensor in graph.graph.initializer
    }
    if missing:
        raise ValueError(f"the exporter renamed or dropped {', '.join(sorted(missing))}")
    weights = []
    offset = 0
    for tensor in sorted(graph.graph.initializer, key=lambda tensor: str(tensor.name)):
        length = int(np.prod(tensor.dims)) * 4
        set_external_data(tensor, adapters.WEIGHTS, offset, length)
        tensor.ClearField("raw_data")
        change = changes[tensor.name]
        weights.append(
            {
                "name": tensor.name,
                "shape": list(tensor.dims),
                "offset": offset,
                "length": length,
                "base": None if change == "new" else tensor.name,
                "change": change,
            }
        )
        offset += -(-length // adapters.ALIGNMENT) * adapters.ALIGNMENT
    return weights
