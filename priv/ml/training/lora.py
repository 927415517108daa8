"""Low-rank adapters on frozen linear layers, trained through the merged weight that will ship."""

import math
from typing import Any

import torch
from torch import Tensor, nn

# The update is scaled by SCALING × B A; a power of two, so that folding it in is exact in fp16.
SCALING = 2.0


class _MergedLinear(torch.autograd.Function):
    """`x (W + s B A)ᵀ + b`, with gradients for x, b, A and B but none of the size of W."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, a: Tensor, b: Tensor) -> Tensor:
        merged = torch.addmm(weight, b, a, alpha=SCALING).to(x.dtype)
        ctx.save_for_backward(x, merged, a, b)
        return torch.nn.functional.linear(x, merged, bias.to(x.dtype))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, merged, a, b = ctx.saved_tensors
        grad = grads[0]
        rows, inputs = grad.reshape(-1, grad.shape[-1]), x.reshape(-1, x.shape[-1])
        low_a, low_b = a.to(x.dtype), b.to(x.dtype)
        grad_b = (rows.T @ (inputs @ low_a.T)).float().mul_(SCALING)
        grad_a = ((rows @ low_b).T @ inputs).float().mul_(SCALING)
        return grad @ merged, None, rows.float().sum(0), grad_a, grad_b


class LoraLinear(nn.Module):
    """A linear layer whose weight is frozen; its bias and a rank-r update learn."""

    weight: Tensor

    def __init__(self, inputs: int, outputs: int, rank: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.lora_a = nn.Parameter(torch.randn(rank, inputs) / math.sqrt(inputs))
        self.lora_b = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x: Tensor) -> Tensor:
        """Map [..., inputs] to [..., outputs], in the dtype of x."""
        result: Tensor = _MergedLinear.apply(  # type: ignore[no-untyped-call]
            x, self.weight, self.bias, self.lora_a, self.lora_b
        )
        return result
