"""What every transformer has in common, whichever library runs it: tokens in, probabilities out."""

import time
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from volfefe_ml.batching import micro_batches, padded_length
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError
from volfefe_ml.prediction import Output, scores_by_sentiment
from volfefe_ml.prepared import Prepared
from volfefe_ml.tokens import Tokens, shared_tokenizer

Ids = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]


class Backend(Protocol):
    """A loaded network: one library at one precision.

    `multiple`: every text is padded to a multiple of so many tokens and shares batches only with texts of the
    same padded length, for libraries whose rounding depends on the shape: what a text is padded to then
    depends on nothing but itself. 1: any texts may share a batch. `budget`: padded tokens per batch. `full`:
    batches are filled up with empty rows, for libraries where even the number of rows matters.
    """

    version: str
    precision: str
    device: str
    multiple: int
    budget: int
    full: bool

    def logits(self, ids: Ids, lengths: Ids) -> npt.NDArray[np.floating]:
        """Token ids [batch, sequence], of which the first `lengths` [batch] are real, to [batch, labels]."""


class TransformerClassifier:
    """An engine: the model's tokenizer in front of a backend."""

    def __init__(self, entry: ModelEntry, prepared: Prepared, backend: Backend) -> None:
        self.revision = prepared.revision
        self.version, self.precision, self.device = backend.version, backend.precision, backend.device
        self.ops_per_token = prepared.ops_per_token
        self._entry = entry
        self._tokenizer = shared_tokenizer(prepared.folder / "tokenizer.json", entry.max_tokens)
        self._backend = backend

    def predict(self, texts: Sequence[str]) -> list[Output]:
        """Judge texts in micro-batches of similar length; results come in the texts' order."""
        started = time.perf_counter()
        tokens = self._tokenizer.encode(texts)
        tokenize_ms = (time.perf_counter() - started) * 1000 / len(texts)
        backend, limit = self._backend, self._entry.max_tokens
        lengths = [padded_length(len(each.ids), backend.multiple, limit) for each in tokens]
        outputs: dict[int, Output] = {}
        for batch in micro_batches(lengths, backend.budget, uniform=backend.multiple > 1):
            started = time.perf_counter()
            rows = softmax(self._logits([tokens[index] for index in batch], lengths[batch[-1]]))
            latency_ms = tokenize_ms + (time.perf_counter() - started) * 1000 / len(batch)
            for index, row in zip(batch, rows, strict=True):
                outputs[index] = self._output(tokens[index], row, len(batch), latency_ms)
        return [outputs[index] for index in range(len(texts))]

    def _logits(self, batch: Sequence[Tokens], padded: int) -> Matrix:
        backend = self._backend
        rows = max(len(batch), backend.budget // padded) if backend.full else len(batch)
        ids = np.full((rows, padded), self._tokenizer.pad_id, dtype=np.int64)
        lengths = np.ones(rows, dtype=np.int64)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens.ids)] = tokens.ids
            lengths[row] = len(tokens.ids)
        return np.asarray(backend.logits(ids, lengths)[: len(batch)], dtype=np.float64)

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


def mask_of(ids: Ids, lengths: Ids) -> Ids:
    """The attention mask [batch, sequence]: 1 where a token is real."""
    return (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)


def softmax(logits: Matrix) -> Matrix:
    """Probabilities of each row of logits [batch, labels]; a row with NaN or infinity becomes NaN."""
    with np.errstate(invalid="ignore"):
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def check_outputs(entry: ModelEntry, prepared: Prepared, outputs: object) -> None:
    """Compare how many outputs a network has with the registry's labels; raises StartError."""
    if isinstance(outputs, int) and outputs != len(entry.labels):
        raise StartError(
            "bad_configuration",
            f"Model {entry.id}: {outputs} outputs, but {len(entry.labels)} labels.",
            model=entry.id,
            path=prepared.folder,
            remedy="Correct `labels` in the `models:` list in volfefe.yaml.",
        )
