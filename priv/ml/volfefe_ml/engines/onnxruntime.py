"""ONNX graphs in ONNX Runtime on the CPU: runs everywhere, and is what other engines are measured against."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from volfefe_ml.batching import PADDED_TOKENS
from volfefe_ml.classifier import Ids, TransformerClassifier, check_outputs, mask_of
from volfefe_ml.entry import ModelEntry
from volfefe_ml.prepared import prepare


def precisions() -> tuple[str, ...]:
    """What this installation offers on this machine."""
    return ("fp32",)


def load(entry: ModelEntry, cache: Path, threads: int) -> TransformerClassifier:
    """Load a model, preparing it first where that is still to do."""
    prepared = prepare(entry, cache)
    session = Session(prepared.folder / "model.onnx", threads)
    check_outputs(entry, prepared, session.outputs)
    return TransformerClassifier(entry, prepared, session)


class Session:
    """A graph from token ids to logits."""

    version: str = ort.__version__
    precision = "fp32"
    device = "cpu"
    multiple = 1
    budget = PADDED_TOKENS
    full = False

    def __init__(self, file: Path, threads: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        # Threads that spin while they wait would take the cores of the other workers.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._inputs = {node.name for node in self._session.get_inputs()}
        self.outputs: object = self._session.get_outputs()[0].shape[-1]

    def logits(self, ids: Ids, lengths: Ids) -> npt.NDArray[np.floating]:
        """From token ids to logits [batch, labels]."""
        mask = mask_of(ids, lengths)
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (logits, *_) = self._session.run(None, {name: feeds[name] for name in self._inputs})
        return np.asarray(logits)
