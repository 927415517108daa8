"""Registry entries into loaded, warmed models."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from volfefe_ml import engines
from volfefe_ml.choice_store import resolve
from volfefe_ml.engines import Engine
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError, about, where
from volfefe_ml.memory import trim
from volfefe_ml.prediction import Output, prediction

# The first call in a process is 10 to 100 times slower than the next: each model makes two before it serves.
WARM_UP_TEXTS = ("Stocks are up.", "The market closed lower today, and nobody was surprised by it.")

Models = dict[str, "LoadedModel"]


class LoadedModel:
    """A model ready to judge texts, with what loading and warming it took in milliseconds."""

    def __init__(self, entry: ModelEntry, engine: Engine, load_ms: float) -> None:
        self.entry = entry
        self._engine = engine
        self._load_ms = load_ms
        self._warm_ms: list[float] = []
        self._called = False

    def warm_up(self) -> None:
        """Make two real calls and time them."""
        for text in WARM_UP_TEXTS:
            started = time.perf_counter()
            self._engine.predict([text])
            self._warm_ms.append(_ms_since(started))
        self._called = True

    def classify(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """One wire entry per text, in order: a prediction, or an error that leaves the other texts alone."""
        first_call, self._called = not self._called, True
        try:
            outputs: list[Output | Exception] = list(self._engine.predict(texts))
        except Exception:
            outputs = [self._predict_alone(text) for text in texts]
        return [self._wire_entry(output, first_call) for output in outputs]

    def _predict_alone(self, text: str) -> Output | Exception:
        try:
            return self._engine.predict([text])[0]
        except Exception as error:
            return error

    def _wire_entry(self, output: Output | Exception, first_call: bool) -> dict[str, Any]:
        try:
            if isinstance(output, Exception):
                raise output
            return prediction(self.entry, output, first_call=first_call)
        except Exception as error:
            return {"error": {"code": "model_error", "message": where(error)}}

    def describe(self) -> dict[str, Any]:
        """The model's part of the ready message; the model must be warm."""
        first, second = self._warm_ms
        return {
            "id": self.entry.id,
            "version": self.entry.version,
            "engine": self.entry.engine,
            "engine_version": self._engine.version,
            "precision": self._engine.precision,
            "device": self._engine.device,
            "revision": self._engine.revision,
            "labels": [{"name": name, "sentiment": meaning} for name, meaning in self.entry.labels.items()],
            "has_neutral": self.entry.has_neutral,
            "max_tokens": self.entry.max_tokens,
            "ops_per_token": self._engine.ops_per_token,
            "load_ms": round(self._load_ms, 1),
            "first_call_ms": round(first, 3),
            "second_call_ms": round(second, 3),
        }


def load_models(entries: Iterable[ModelEntry], cache: Path, threads: int, *, warm: bool = True) -> Models:
    """Load every entry, in order; the first that cannot be loaded raises StartError naming it."""
    return {entry.id: _load(entry, cache, threads, warm) for entry in entries}


def load_available(
    entries: Iterable[ModelEntry], cache: Path, threads: int
) -> tuple[Models, list[StartError]]:
    """Load what can be loaded, in order: the models, and why each of the others is missing.

    Raises the first reason when nothing can be loaded at all.
    """
    models: Models = {}
    missing: list[StartError] = []
    for entry in entries:
        try:
            models[entry.id] = _load(entry, cache, threads, warm=True)
        except StartError as error:
            missing.append(error)
    if missing and not models:
        raise missing[0]
    return models, missing


def _load(entry: ModelEntry, cache: Path, threads: int, warm: bool) -> LoadedModel:
    started = time.perf_counter()
    try:
        entry = resolve(entry, cache)
        engine = engines.load(entry, cache, threads)
        model = LoadedModel(entry, engine, _ms_since(started))
        if warm:
            model.warm_up()
        trim()
    except Exception as error:
        raise about(entry.id, error) from error
    return model


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
