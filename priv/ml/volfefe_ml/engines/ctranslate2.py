"""Encoders of BERT's family in CTranslate2 on the CPU: little memory, fast in fp32 and int8."""

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import ctranslate2
import numpy as np
import numpy.typing as npt

from volfefe_ml import encoder as encoders
from volfefe_ml.classifier import Ids, TransformerClassifier, check_outputs
from volfefe_ml.encoder import Encoder
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError
from volfefe_ml.machine import processor_flags
from volfefe_ml.prepared import Built, Prepared, Recipe, derive, prepare
from volfefe_ml.specification import ACTIVATIONS, specification

COMPUTE_TYPES = {"fp32": "float32", "int8": "int8_float32"}
# CTranslate2 keeps to AVX2 unless it is told otherwise, for processors that slow down in AVX-512; those
# with VNNI do not. It looks when it is first used.
if "avx512_vnni" in processor_flags():
    os.environ.setdefault("CT2_FORCE_CPU_ISA", "AVX512")
# Architecture → its head: linear layers with what follows each.
Activate = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
RELU: Activate = partial(np.maximum, np.float32(0))
HEADS: dict[str, tuple[tuple[str, Activate | None], ...]] = {
    "bert": (("pooler.dense", np.tanh), ("classifier", None)),
    "distilbert": (("pre_classifier", RELU), ("classifier", None)),
    "roberta": (("classifier.dense", np.tanh), ("classifier.out_proj", None)),
    "xlm-roberta": (("classifier.dense", np.tanh), ("classifier.out_proj", None)),
}


def precisions() -> tuple[str, ...]:
    """What this installation offers on this machine."""
    supported = ctranslate2.get_supported_compute_types("cpu")
    return tuple(precision for precision, kind in COMPUTE_TYPES.items() if kind in supported)


def load(entry: ModelEntry, cache: Path, threads: int) -> TransformerClassifier:
    """Load a model, preparing it first where that is to do; raises StartError for other architectures."""
    base = prepare(entry, cache)
    encoder = encoders.read(base.folder)
    if encoder is None or encoder.architecture not in HEADS or encoder.activation not in ACTIVATIONS:
        raise StartError(
            "bad_configuration",
            f"Model {entry.id}: CTranslate2 runs {', '.join(HEADS)} from transformers folders only.",
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
            for name, activate in HEADS[encoder.architecture]
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
