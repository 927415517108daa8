"""Transformers as ONNX graphs, run by ONNX Runtime on the CPU."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from volfefe_ml.batching import micro_batches
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError
from volfefe_ml.prediction import Output, scores_by_sentiment
from volfefe_ml.prepared import Prepared, prepare
from volfefe_ml.tokens import TextTokenizer, Tokens

Matrix = npt.NDArray[np.float64]


def precisions() -> tuple[str, ...]:
    """What this installation offers on this CPU."""
    return ("fp32",)


def load(entry: ModelEntry, cache: Path, threads: int) -> "OnnxRuntime":
    """Load a model, preparing it first where that is still to do."""
    return OnnxRuntime(entry, prepare(entry, cache), threads)


class OnnxRuntime:
    """An ONNX graph from token ids to logits, with its tokenizer."""

    device = "cpu"
    version: str = ort.__version__

    def __init__(self, entry: ModelEntry, prepared: Prepared, threads: int) -> None:
        self.revision = prepared.revision
        self._entry = entry
        self._tokenizer = TextTokenizer(prepared.folder / "tokenizer.json", entry.max_tokens)
        self._session = _session(prepared.folder / "model.onnx", threads)
        self._inputs = {node.name for node in self._session.get_inputs()}
        outputs = self._session.get_outputs()[0].shape[-1]
        if isinstance(outputs, int) and outputs != len(entry.labels):
            raise StartError(
                "bad_configuration",
                f"Model {entry.id}: {outputs} outputs, but {len(entry.labels)} labels.",
                model=entry.id,
                path=prepared.folder,
                remedy="Correct `labels` in the `models:` list in volfefe.yaml.",
            )

    def predict(self, texts: Sequence[str]) -> list[Output]:
        """Judge texts in micro-batches of similar length; results come in the texts' order."""
        started = time.perf_counter()
        tokens = self._tokenizer.encode(texts)
        tokenize_ms = (time.perf_counter() - started) * 1000 / len(texts)
        outputs: dict[int, Output] = {}
        for batch in micro_batches([len(each.ids) for each in tokens]):
            started = time.perf_counter()
            rows = softmax(self._logits([tokens[index] for index in batch]))
            latency_ms = tokenize_ms + (time.perf_counter() - started) * 1000 / len(batch)
            for index, row in zip(batch, rows, strict=True):
                outputs[index] = self._output(tokens[index], row, len(batch), latency_ms)
        return [outputs[index] for index in range(len(texts))]

    def _logits(self, batch: Sequence[Tokens]) -> Matrix:
        shape = len(batch), max(len(tokens.ids) for tokens in batch)
        ids = np.full(shape, self._tokenizer.pad_id, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens.ids)] = tokens.ids
            mask[row, : len(tokens.ids)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros(shape, dtype=np.int64)}
        (logits, *_) = self._session.run(None, {name: feeds[name] for name in self._inputs})
        return np.asarray(logits, dtype=np.float64)

    def _output(self, tokens: Tokens, row: npt.NDArray[np.float64], size: int, latency_ms: float) -> Output:
        probabilities: list[float] = row.tolist()
        return Output(
            raw=list(zip(self._entry.labels, probabilities, strict=True)),
            scores=scores_by_sentiment(self._entry, probabilities),
            tokens=tokens.total,
            truncated=tokens.total > len(tokens.ids),
            batch_size=size,
            latency_ms=latency_ms,
        )


def softmax(logits: Matrix) -> Matrix:
    """Probabilities of each row of logits [batch, labels]; a row with NaN or infinity becomes NaN."""
    with np.errstate(invalid="ignore"):
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _session(file: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    # Threads that spin while they wait would take the cores of the other workers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
