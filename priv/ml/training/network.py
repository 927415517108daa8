"""The MiniLM encoder with a classifier on top; its tensors are named as in the base's safetensors."""

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

HIDDEN, INNER, LAYERS, HEADS, HEAD_SIZE, EPSILON = 384, 1536, 6, 12, 32, 1e-12
VOCABULARY, POSITIONS, TOKEN_TYPES = 30522, 512, 2

Pooling = Literal["mean", "cls"]
MakeLinear = Callable[[int, int], nn.Module]


class Network(nn.Module):
    """From token ids and their mask [batch, sequence] to logits [batch, labels] in fp32.

    `linear` makes the layers of the encoder and the pooler: with adapters for training, plain for export.
    Matrix products run in `compute`; sums and norms stay in fp32.
    """

    compute: torch.dtype = torch.float32
    exporting = False

    def __init__(self, labels: int, pooling: Pooling, linear: MakeLinear, dropout: float = 0.0) -> None:
        super().__init__()
        self.pooling = pooling
        self.embeddings = Embeddings()
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer(linear, dropout) for _ in range(LAYERS))})
        self.pooler = nn.ModuleDict({"dense": linear(HIDDEN, HIDDEN)})
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(HIDDEN, labels)
        nn.init.normal_(self.classifier.weight, std=0.02)
        nn.init.zeros_(self.classifier.bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Judge token ids; padding (mask 0) has no influence."""
        hidden = 1.0 - attention_mask[:, None, None, :].float()
        bias = (hidden * torch.finfo(torch.float32).min).to(self.compute)
        x: Tensor = self.dropout(self.embeddings(input_ids))
        for layer in self.encoder.get_submodule("layer").children():
            x = layer(x, bias, self.compute, self.exporting)
        pooled = x[:, 0]
        if self.pooling == "mean":
            weights = attention_mask[..., None].float()
            pooled = (x * weights).sum(1) / weights.sum(1)
        logits: Tensor = self.classifier(self.dropout(torch.tanh(self.pooler["dense"](pooled))))
        return logits


class Embeddings(nn.Module):
    """Words and positions; frozen except for the norm."""

    def __init__(self) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(VOCABULARY, HIDDEN)
        self.position_embeddings = nn.Embedding(POSITIONS, HIDDEN)
        self.token_type_embeddings = nn.Embedding(TOKEN_TYPES, HIDDEN)
        self.LayerNorm = nn.LayerNorm(HIDDEN, eps=EPSILON)
        for table in (self.word_embeddings, self.position_embeddings, self.token_type_embeddings):
            table.requires_grad_(False)

    def forward(self, input_ids: Tensor) -> Tensor:
        words = self.word_embeddings(input_ids) + self.token_type_embeddings.weight[0]
        result: Tensor = self.LayerNorm(words + self.position_embeddings.weight[: input_ids.shape[1]])
        return result


class Residual(nn.Module):
    """A linear layer added to what went around its block, and normed."""

    def __init__(self, linear: MakeLinear, inputs: int, dropout: float) -> None:
        super().__init__()
        self.dense = linear(inputs, HIDDEN)
        self.LayerNorm = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, inner: Tensor, around: Tensor) -> Tensor:
        result: Tensor = self.LayerNorm(around + self.dropout(self.dense(inner)))
        return result


class Layer(nn.Module):
    """Attention, then two linear layers with a GELU between them."""

    def __init__(self, linear: MakeLinear, dropout: float) -> None:
        super().__init__()
        heads = nn.ModuleDict({name: linear(HIDDEN, HIDDEN) for name in ("query", "key", "value")})
        self.attention = nn.ModuleDict({"self": heads, "output": Residual(linear, HIDDEN, dropout)})
        self.intermediate = nn.ModuleDict({"dense": linear(HIDDEN, INNER)})
        self.output = Residual(linear, INNER, dropout)

    def forward(self, x: Tensor, bias: Tensor, compute: torch.dtype, exporting: bool) -> Tensor:
        batch, length, _ = x.shape
        low = x.to(compute)
        query, key, value = (
            heads(low).view(batch, length, HEADS, HEAD_SIZE).transpose(1, 2)
            for heads in self.attention.get_submodule("self").children()
        )
        if exporting:
            mixed = torch.softmax(query @ key.transpose(2, 3) / math.sqrt(HEAD_SIZE) + bias, -1) @ value
        else:
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        x = self.attention["output"](mixed.transpose(1, 2).reshape(batch, length, HIDDEN), x)
        result: Tensor = self.output(functional.gelu(self.intermediate["dense"](x.to(compute))), x)
        return result
