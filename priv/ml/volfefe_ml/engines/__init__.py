"""Engines: one file per kind of model, found by the name that the registry gives."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError
from volfefe_ml.prediction import Output

MODULES = {"onnxruntime": "volfefe_ml.engines.onnxruntime", "lexicon": "volfefe_ml.engines.lexicon"}


class Engine(Protocol):
    """A loaded model. `revision` is `sha256:` of its weights, `version` that of the library which runs it."""

    version: str
    revision: str
    device: str

    def predict(self, texts: Sequence[str]) -> list[Output]:
        """Judge texts, in their order; may raise anything, then the caller tries them one by one."""


class EngineModule(Protocol):
    """What every file of this package offers."""

    def precisions(self) -> tuple[str, ...]:
        """The precisions that this installation has on this CPU; empty without the engine's package."""

    def load(self, entry: ModelEntry, cache: Path, threads: int) -> Engine:
        """Load a model with a budget of threads; raises StartError."""


def load(entry: ModelEntry, cache: Path, threads: int) -> Engine:
    """Load a model with the engine that its entry names, importing that engine only now."""
    if entry.engine not in MODULES:
        raise StartError(
            "bad_configuration",
            f"Model {entry.id}: there is no engine `{entry.engine}` (there are {', '.join(MODULES)}).",
            model=entry.id,
            remedy="Correct `engine` in the `models:` list in volfefe.yaml.",
        )
    module = cast(EngineModule, importlib.import_module(MODULES[entry.engine]))
    return module.load(entry, cache, threads)
