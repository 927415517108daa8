"""Encoders of BERT's family in CTranslate2 on the CPU: little memory, fast in fp32 and int8."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from ctranslate2.specs import common_spec, transformer_spec

from volfefe_ml import encoder as encoders
from volfefe_ml.classifier import Ids, TransformerClassifier, check_outputs
from volfefe_ml.encoder import Encoder
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError
from volfefe_ml.prepared import Built, Prepared, Recipe, derive, prepare

COMPUTE_TYPES = {"fp32": "float32", "int8": "int8_float32"}
ACTIVATIONS = {
    "gelu": common_spec.Activation.GELU,
    "gelu_new": common_spec.Activation.GELUTanh,
    "relu": common_spec.Activation.RELU,
}
# Where a layer keeps its tensors: query, key, value, output, its norm, inner, outer, its norm.
BERT_LAYER = (
    "encoder.layer.{}.attention.self.query",
    "encoder.layer.{}.attention.self.key",
    "encoder.layer.{}.attention.self.value",
    "encoder.layer.{}.attention.output.dense",
    "encoder.layer.{}.attention.output.LayerNorm",
    "encoder.layer.{}.intermediate.dense",
    "encoder.layer.{}.output.dense",
    "encoder.layer.{}.output.LayerNorm",
)
DISTILBERT_LAYER = (
    "transformer.layer.{}.attention.q_lin",
    "transformer.layer.{}.attention.k_lin",
    "transformer.layer.{}.attention.v_lin",
    "transformer.layer.{}.attention.out_lin",
    "transformer.layer.{}.sa_layer_norm",
    "transformer.layer.{}.ffn.lin1",
    "transformer.layer.{}.ffn.lin2",
    "transformer.layer.{}.output_layer_norm",
)
# Architecture → its layers, and its head: linear layers with what follows each.
Activate = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
RELU: Activate = partial(np.maximum, np.float32(0))
ARCHITECTURES: dict[str, tuple[tuple[str, ...], tuple[tuple[str, Activate | None], ...]]] = {
    "bert": (BERT_LAYER, (("pooler.dense", np.tanh), ("classifier", None))),
    "distilbert": (DISTILBERT_LAYER, (("pre_classifier", RELU), ("classifier", None))),
    "roberta": (BERT_LAYER, (("classifier.dense", np.tanh), ("classifier.out_proj", None))),
    "xlm-roberta": (BERT_LAYER, (("classifier.dense", np.tanh), ("classifier.out_proj", None))),
}


def precisions() -> tuple[str, ...]:
    """What this installation offers on this machine."""
    supported = ctranslate2.get_supported_compute_types("cpu")
    return tuple(precision for precision, kind in COMPUTE_TYPES.items() if kind in supported)


def load(entry: ModelEntry, cache: Path, threads: int) -> TransformerClassifier:
    """Load a model, preparing it first where that is to do; raises StartError for other architectures."""
    base = prepare(entry, cache)
    encoder = encoders.read(base.folder)
    if encoder is None or encoder.architecture not in ARCHITECTURES or encoder.activation not in ACTIVATIONS:
        raise StartError(
            "bad_configuration",
            f"Model {entry.id}: CTranslate2 runs {', '.join(ARCHITECTURES)} from transformers folders only.",
            model=entry.id,
            path=base.folder,
            remedy="Say `engine: onnxruntime` or `engine: auto` for this model in volfefe.yaml.",
        )
    precision = entry.precision or "fp32"
    converted = derive(entry, base, cache, _recipe(encoder, base, precision))
    network = Encoded(converted.folder, base.folder, encoder, precision, threads)
    check_outputs(entry, base, network.outputs)
    return TransformerClassifier(entry, base, network)


class Encoded:
    """An encoder in CTranslate2 with its head in numpy.

    Rows of a batch do not influence each other: activations are quantised token by token, padding is skipped.
    """

    version: str = ctranslate2.__version__
    device = "cpu"
    multiple = 1
    budget = 256
    full = False

    def __init__(self, folder: Path, base: Path, encoder: Encoder, precision: str, threads: int) -> None:
        self.precision = precision
        self._encoder = ctranslate2.Encoder(
            str(folder),
            device="cpu",
            compute_type=COMPUTE_TYPES[precision],
            inter_threads=1,
            intra_threads=threads,
        )
        self._mean = encoder.pooling == "mean"
        self._head = [
            (encoder.tensor(base, f"{name}.weight").T, encoder.tensor(base, f"{name}.bias"), activate)
            for name, activate in ARCHITECTURES[encoder.architecture][1]
        ]
        self.outputs = len(self._head[-1][1])

    def logits(self, ids: Ids, lengths: Ids) -> npt.NDArray[np.floating]:
        """From token ids to logits [batch, labels]."""
        view = ctranslate2.StorageView.from_array
        output = self._encoder.forward_batch(view(ids.astype(np.int32)), view(lengths.astype(np.int32)))
        states = np.asarray(output.last_hidden_state)
        if self._mean:
            rows = np.stack([row[:length].mean(axis=0) for row, length in zip(states, lengths, strict=True)])
        else:
            rows = states[:, 0]
        for weight, bias, activate in self._head:
            rows = rows @ weight + bias
            rows = activate(rows) if activate else rows
        return rows


def _recipe(encoder: Encoder, base: Prepared, precision: str) -> Recipe:
    def build(out: Path) -> Built:
        spec = specification(encoder, partial(encoder.tensor, base.folder))
        spec.validate()
        spec.optimize(quantization="int8" if precision == "int8" else None)
        spec.save(str(out))
        return Built(base.revision, None, None)

    key = hashlib.sha256(f"ctranslate2 {ctranslate2.__version__} {precision} {base.revision}".encode())
    return Recipe(key.hexdigest(), build)


def specification(encoder: Encoder, tensor: Callable[[str], npt.NDArray[np.float32]]) -> Any:
    """The model in CTranslate2's terms; `tensor` gives the weights by name."""
    places, _ = ARCHITECTURES[encoder.architecture]
    has_types = "embeddings.token_type_embeddings.weight" in encoder.tensors
    spec = transformer_spec.TransformerEncoderModelSpec(
        transformer_spec.TransformerEncoderSpec(
            encoder.layers,
            encoder.heads,
            pre_norm=False,
            activation=ACTIVATIONS[encoder.activation],
            layernorm_embedding=True,
            num_source_embeddings=2 if has_types else 1,
            embeddings_merge=common_spec.EmbeddingsMerge.ADD
            if has_types
            else common_spec.EmbeddingsMerge.CONCAT,
        )
    )
    root = spec.encoder
    root.scale_embeddings = False
    words = tensor("embeddings.word_embeddings.weight")
    root.embeddings[0].weight = words
    if has_types:
        root.embeddings[1].weight = tensor("embeddings.token_type_embeddings.weight")
    positions = tensor("embeddings.position_embeddings.weight")
    root.position_encodings.encodings = positions[encoder.first_position :]
    _norm(root.layernorm_embedding, "embeddings.LayerNorm", tensor)
    for layer, names in zip(root.layer, _layer_names(places, encoder.layers), strict=True):
        query, key, value, output, output_norm, inner, outer, outer_norm = names
        fused = layer.self_attention.linear[0]
        fused.weight = np.concatenate([tensor(f"{name}.weight") for name in (query, key, value)])
        fused.bias = np.concatenate([tensor(f"{name}.bias") for name in (query, key, value)])
        _linear(layer.self_attention.linear[1], output, tensor)
        _norm(layer.self_attention.layer_norm, output_norm, tensor)
        _linear(layer.ffn.linear_0, inner, tensor)
        _linear(layer.ffn.linear_1, outer, tensor)
        _norm(layer.ffn.layer_norm, outer_norm, tensor)
    spec.config.layer_norm_epsilon = encoder.norm_eps
    spec.config.unk_token = "0"
    # Ids come from the model's own tokenizer; only their number matters here.
    spec.register_vocabulary([str(number) for number in range(len(words))])
    return spec


def _layer_names(places: tuple[str, ...], layers: int) -> Iterator[list[str]]:
    for number in range(layers):
        yield [place.format(number) for place in places]


def _linear(spec: Any, name: str, tensor: Callable[[str], Any]) -> None:
    spec.weight, spec.bias = tensor(f"{name}.weight"), tensor(f"{name}.bias")


def _norm(spec: Any, name: str, tensor: Callable[[str], Any]) -> None:
    spec.gamma, spec.beta = tensor(f"{name}.weight"), tensor(f"{name}.bias")
