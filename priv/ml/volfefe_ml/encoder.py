"""What an encoder is made of: for engines that take weights and no graph, and for counting operations."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FILE = "encoder.json"
WEIGHTS = "weights.bin"
# Names of the same sizes in the configurations of different architectures.
SIZES = {
    "layers": ("num_hidden_layers", "n_layers"),
    "heads": ("num_attention_heads", "n_heads"),
    "hidden": ("hidden_size", "dim"),
    "inner": ("intermediate_size", "hidden_dim"),
}


@dataclass(frozen=True)
class Encoder:
    """Sizes of a transformer encoder, and where in weights.bin its fp32 tensors lie.

    `first_position`: index of the first token's position embedding. `pooling`: what the head reads of the
    last layer, `cls` (the first token) or `mean` (of all). `tensors`: name → (offset in bytes, shape).
    """

    architecture: str
    layers: int
    heads: int
    hidden: int
    inner: int
    activation: str
    norm_eps: float
    first_position: int
    pooling: str
    tensors: Mapping[str, tuple[int, list[int]]]

    @property
    def ops_per_token(self) -> int:
        """Operations of the matrix products with weights for one token: two per weight.

        Four projections of attention and two layers after it; the scores of attention, which depend on the
        length, and the head are left out (together under 5 % for texts of 100 tokens).
        """
        return 2 * self.layers * (4 * self.hidden**2 + 2 * self.hidden * self.inner)

    def tensor(self, folder: Path, name: str) -> npt.NDArray[np.float32]:
        """One tensor of weights.bin in `folder`; raises KeyError for a name that is not there."""
        offset, shape = self.tensors[name]
        count = int(np.prod(shape))
        return np.fromfile(folder / WEIGHTS, dtype="<f4", count=count, offset=offset).reshape(shape)

    def write(self, folder: Path) -> None:
        """Put the description beside the weights."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1) + "\n")


def describe(
    config: Mapping[str, Any], tensors: Mapping[str, tuple[int, list[int]]], pooling: str = "cls"
) -> Encoder | None:
    """The encoder that a config.json tells of; None for one that is no plain encoder."""
    try:
        sizes = {
            size: int(next(config[name] for name in names if name in config)) for size, names in SIZES.items()
        }
    except StopIteration:
        return None
    architecture = str(config.get("model_type"))
    starts_late = architecture in ("roberta", "xlm-roberta")
    return Encoder(
        architecture=architecture,
        **sizes,
        activation=str(config.get("hidden_act", config.get("activation"))),
        norm_eps=float(config.get("layer_norm_eps", 1e-12)),
        first_position=int(config.get("pad_token_id", 1)) + 1 if starts_late else 0,
        pooling=pooling,
        tensors=tensors,
    )


def read(folder: Path) -> Encoder | None:
    """The description in a prepared folder; None where there is none."""
    try:
        return Encoder(**json.loads((folder / FILE).read_bytes()))
    except FileNotFoundError:
        return None
