"""A quantisation gone wrong: the prepared graph with every weight rounded to one of five values."""

import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from volfefe_ml.classifier import TransformerClassifier
from volfefe_ml.engines.onnxruntime import Session
from volfefe_ml.entry import ModelEntry
from volfefe_ml.prepared import prepare


def precisions() -> tuple[str, ...]:
    return ("int8",)


def load(entry: ModelEntry, cache: Path, threads: int) -> TransformerClassifier:
    prepared = prepare(entry, cache)
    model = onnx.load(str(prepared.folder / "model.onnx"))
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.ndim == 2:
            step = np.abs(values).max() / 2
            tensor.CopyFrom(numpy_helper.from_array(np.round(values / step) * step, tensor.name))
    with tempfile.TemporaryDirectory() as folder:
        onnx.save_model(model, str(Path(folder) / "model.onnx"))
        return TransformerClassifier(entry, prepared, Session(Path(folder) / "model.onnx", threads))
