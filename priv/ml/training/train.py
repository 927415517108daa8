"""The training loop: seeded, averaged over steps, continued from its last checkpoint when killed."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from training.augment import augmented
from training.base import trainable
from training.batches import in_order, shuffled
from training.data import Dataset, Row
from training.evaluate import Report, judge
from training.network import Network
from training.recipes import Recipe

WARM_UP = 0.1
CLIP = 1.0
CHECKPOINT_EVERY = 200
LOG_EVERY = 100

Log = Callable[[str], None]


@dataclass
class Progress:
    """What a run has behind it: steps, CPU seconds, and the training loss of every step."""

    step: int = 0
    cpu_seconds: float = 0.0
    losses: list[float] = field(default_factory=list)


def fast_dtype() -> torch.dtype:
    """bf16 where the processor multiplies it natively (twice as fast), else fp32."""
    return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32


class Trainer:
    """One run of a recipe over a dataset. `network` ends with the averaged parameters."""

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        dataset: Dataset,
        tokenizer: Tokenizer,
        checkpoint: Path,
        log: Log,
    ) -> None:
        self.network, self.recipe, self.dataset, self.tokenizer = network, recipe, dataset, tokenizer
        self.checkpoint, self.log = checkpoint, log
        self.progress = Progress()
        self.parameters = list(trainable(network).values())
        self.average = [value.detach().clone() for value in self.parameters]
        groups = [
            {
                "params": [value for value in self.parameters if value.ndim > 1],
                "weight_decay": recipe.weight_decay,
            },
            {"params": [value for value in self.parameters if value.ndim == 1], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=recipe.learning_rate)
        self.steps_per_epoch = math.ceil(len(dataset.train) / recipe.batch)
        self.weights = class_weights(dataset.train, len(recipe.labels), recipe.class_weights)

    def run(self, stop_after: int | None = None) -> Progress:
        """Train to the end, or to a checkpoint at step `stop_after`."""
        started, before = time.process_time(), self.progress.cpu_seconds
        self.network.train()
        for epoch in range(self.progress.step // self.steps_per_epoch, self.recipe.epochs):
            random = Random(f"{self.recipe.seed} {epoch}")
            rows = augmented(self.dataset.train, self.recipe.augment, random)
            batches = shuffled(rows, self.tokenizer, self.recipe.batch, self.recipe.masked, random)
            for batch in batches[self.progress.step - epoch * self.steps_per_epoch :]:
                self._step(batch.ids, batch.mask, batch.labels)
                self.progress.cpu_seconds = before + time.process_time() - started
                if self.progress.step % CHECKPOINT_EVERY == 0:
                    self.save()
                if self.progress.step == self.recipe.stop_after:
                    self._swap()
                    return self.progress
                if self.progress.step == stop_after:
                    self.save()
                    return self.progress
            if self.dataset.dev:
                self.log(f"epoch {epoch + 1}: dev {self.judge_average().summary()}")
        self._swap()
        return self.progress

    def judge_average(self) -> Report:
        """Figures of the averaged parameters on the development set."""
        self._swap()
        probabilities = predict(self.network, self.dataset.dev, self.tokenizer)
        self._swap()
        return judge(probabilities, np.array([row.label for row in self.dataset.dev]), self.recipe.labels)

    def save(self) -> None:
        """Write everything that continuing needs, all or nothing."""
        state = {
            "settings": self.recipe.settings(),
            "rows": len(self.dataset.train),
            "progress": asdict(self.progress),
            "parameters": [value.detach() for value in self.parameters],
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
        }
        draft = self.checkpoint.with_suffix(".draft")
        torch.save(state, draft)
        draft.replace(self.checkpoint)

    def resume(self) -> bool:
        """Continue from the checkpoint, if there is one of this very recipe and data."""
        if not self.checkpoint.is_file():
            return False
        state: dict[str, Any] = torch.load(self.checkpoint, weights_only=True)
        if state["settings"] != self.recipe.settings() or state["rows"] != len(self.dataset.train):
            self.log(f"{self.checkpoint} is of another recipe or other data; starting anew")
            return False
        with torch.no_grad():
            for own, saved in zip(self.parameters, state["parameters"], strict=True):
                own.copy_(saved)
        self.average = state["average"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])
        torch.set_rng_state(state["random"])
        self.log(f"continuing after step {self.progress.step}")
        return True

    def _step(self, ids: Tensor, mask: Tensor, labels: Tensor) -> None:
        recipe, progress = self.recipe, self.progress
        rate = recipe.learning_rate * schedule(progress.step, self.steps_per_epoch * recipe.epochs)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        logits = self.network(ids, mask)
        loss = functional.cross_entropy(
            logits, labels, weight=self.weights, label_smoothing=recipe.label_smoothing
        )
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.parameters, CLIP)
        self.optimizer.step()
        progress.step += 1
        decay = min(recipe.averaging, (1 + progress.step) / (10 + progress.step))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, [value.detach() for value in self.parameters], 1 - decay)
        progress.losses.append(loss.item())
        if progress.step % LOG_EVERY == 0:
            mean = sum(progress.losses[-LOG_EVERY:]) / LOG_EVERY
            total = self.steps_per_epoch * recipe.epochs
            self.log(f"{progress.step}/{total} loss {mean:.4f} cpu {progress.cpu_seconds:.0f} s")

    def _swap(self) -> None:
        with torch.no_grad():
            for own, mean in zip(self.parameters, self.average, strict=True):
                kept = own.clone()
                own.copy_(mean)
                mean.copy_(kept)


def predict(network: Network, rows: list[Row], tokenizer: Tokenizer) -> npt.NDArray[np.float32]:
    """Probabilities [rows, labels]."""
    was_training = network.training
    network.eval()
    result = np.zeros((len(rows), network.classifier.out_features), dtype=np.float32)
    with torch.inference_mode():
        for indices, batch in in_order(rows, tokenizer, 64):
            result[indices] = torch.softmax(network(batch.ids, batch.mask), -1).numpy()
    network.train(was_training)
    return result


def schedule(step: int, total: int) -> float:
    """The learning rate's share at a step: a straight rise, then half a cosine down to zero."""
    rise = max(1, round(total * WARM_UP))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, total - rise)))


def class_weights(rows: list[Row], labels: int, power: float) -> Tensor:
    """Weights of the classes, (1 / share) to `power`, with mean 1."""
    counts = torch.bincount(torch.tensor([row.label for row in rows]), minlength=labels).clamp(min=1)
    weights = (counts.sum() / counts) ** power
    return weights / weights.mean()
