"""An encoder in CTranslate2's terms: its specs are imported only here, since they import torch."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from volfefe_ml.encoder import Encoder

# What configurations call an activation → what CTranslate2 calls it.
ACTIVATIONS = {"gelu": "GELU", "gelu_new": "GELUTanh", "relu": "RELU"}
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
LAYERS = {
    "bert": BERT_LAYER,
    "distilbert": DISTILBERT_LAYER,
    "roberta": BERT_LAYER,
    "xlm-roberta": BERT_LAYER,
}


def specification(encoder: Encoder, tensor: Callable[[str], npt.NDArray[np.float32]]) -> Any:
    """The model in CTranslate2's terms; `tensor` gives the weights by name."""
    from ctranslate2.specs import common_spec, transformer_spec

    places = LAYERS[encoder.architecture]
    has_types = "embeddings.token_type_embeddings.weight" in encoder.tensors
    spec = transformer_spec.TransformerEncoderModelSpec(
        transformer_spec.TransformerEncoderSpec(
            encoder.layers,
            encoder.heads,
            pre_norm=False,
            activation=common_spec.Activation[ACTIVATIONS[encoder.activation]],
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
