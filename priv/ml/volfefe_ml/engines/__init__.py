"""Engines: one file per kind of model, found by the name that the registry gives."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError
from volfefe_ml.prediction import Output

MODULES = {
    "onnxruntime": "volfefe_ml.engines.onnxruntime",
    "openvino": "volfefe_ml.engines.openvino",
    "ctranslate2": "volfefe_ml.engines.ctranslate2",
    "transformers": "volfefe_ml.engines.transformers",
    "lexicon": "volfefe_ml.engines.lexicon",
}


class Engine(Protocol):
    """A loaded model. `revision` is `sha256:` of its weights, `version` that of the library which runs it.

    `ops_per_token`: operations of the matrix products with weights for one token; None where unknown.
    """

    version: str
    revision: str
    precision: str
    device: str
    ops_per_token: int | None

    def predict(self, texts: Sequence[str]) -> list[Output]:
        """Judge texts, in their order; may raise anything, then the caller tries them one by one."""


class EngineModule(Protocol):
    """What every file of this package offers."""

    def precisions(self) -> tuple[str, ...]:
        """Precisions that it offers in this installation on this machine; the first is its default."""

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
    module = module_of(entry.engine)
    offered = module.precisions()
    if entry.precision not in (None, *offered):
        raise StartError(
            "bad_configuration",
            f"Model {entry.id}: engine {entry.engine} runs no {entry.precision} on this machine"
            f" (it runs {', '.join(offered)}).",
            model=entry.id,
            remedy="Correct `precision` in the `models:` list in volfefe.yaml, or say `engine: auto`.",
        )
    return module.load(entry, cache, threads)


def module_of(engine: str) -> EngineModule:
    """The file of an engine, imported now; raises ImportError where its packages are not installed."""
    return cast(EngineModule, importlib.import_module(MODULES[engine]))
