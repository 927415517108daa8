"""Hugging Face transformers with torch: the reference, and the way to a GPU."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import transformers

from volfefe_ml.batching import PADDED_TOKENS
from volfefe_ml.classifier import Ids, TransformerClassifier, check_outputs, mask_of
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError
from volfefe_ml.prepared import prepare
from volfefe_ml.sources import original

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
# The largest batch that is tried on a GPU, in padded tokens.
GPU_TOKENS = 1 << 15


def precisions() -> tuple[str, ...]:
    """What this installation offers on this machine."""
    return tuple(DTYPES)


def load(entry: ModelEntry, cache: Path, threads: int) -> TransformerClassifier:
    """Load a folder or hub model as transformers does, on `device` (cuda where there is one, else cpu).

    Raises StartError for shipped models, which have no such folder, and for a device that is not there.
    """
    prepared = prepare(entry, cache)
    device = entry.device or ("cuda" if torch.cuda.is_available() else "cpu")
    if device == "cuda" and not torch.cuda.is_available():
        raise StartError(
            "bad_configuration",
            f"Model {entry.id}: `device: cuda`, but torch {torch.__version__} finds no GPU.",
            model=entry.id,
            remedy="Say `device: cpu`, or install a driver and a build of torch for it.",
        )
    torch.set_num_threads(threads)
    network = Network(original(entry, cache), entry.precision or "fp32", device, entry.max_tokens)
    check_outputs(entry, prepared, network.outputs)
    return TransformerClassifier(entry, prepared, network)


class Network:
    """A classifier in torch.

    In fp32 on a CPU any texts share a batch. Elsewhere rounding depends on the shape of the batch: there,
    shapes are few and depend on a text's length only; on a CPU each text is alone.
    """

    version: str = transformers.__version__

    def __init__(self, folder: Path, precision: str, device: str, max_tokens: int) -> None:
        self.precision, self.device = precision, device
        model: Any = transformers.AutoModelForSequenceClassification.from_pretrained(
            folder, local_files_only=True, weights_only=True, dtype=DTYPES[precision]
        )
        self._model = model.to(device).eval()
        self.outputs: object = model.config.num_labels
        is_gpu = device == "cuda"
        is_free = precision == "fp32" and not is_gpu
        self.multiple = 1 if is_free else 16
        self.full = is_gpu
        self.budget = self._largest(max_tokens) if is_gpu else PADDED_TOKENS if is_free else 1

    def logits(self, ids: Ids, lengths: Ids) -> npt.NDArray[np.floating]:
        """From token ids to logits [batch, labels]."""
        inputs = {"input_ids": ids, "attention_mask": mask_of(ids, lengths)}
        with torch.inference_mode():
            tensors = {name: torch.from_numpy(values).to(self.device) for name, values in inputs.items()}
            return np.asarray(self._model(**tensors).logits.float().cpu().numpy())

    def _largest(self, max_tokens: int) -> int:
        """The most padded tokens that fit the GPU's memory, found once by doubling, less half for safety."""
        tokens = max_tokens
        try:
            while tokens < GPU_TOKENS:
                rows = 2 * tokens // max_tokens
                self.logits(np.zeros((rows, max_tokens), dtype=np.int64), np.full(rows, max_tokens))
                tokens *= 2
        except torch.cuda.OutOfMemoryError:
            torch.cuda.empty_cache()
        return max(max_tokens, tokens // 2)
