"""Phases of ingestion: one file per phase, found by the name that the start message gives."""

import importlib
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, cast, runtime_checkable

from volfefe_ml.corpus.held import Held

MODULES = {
    "language": "volfefe_ml.phases.language",
    "entities": "volfefe_ml.phases.entities",
    "ner": "volfefe_ml.phases.ner",
    "resolve": "volfefe_ml.phases.resolve",
    "topics": "volfefe_ml.phases.topics",
    "stories": "volfefe_ml.phases.stories",
}


class Phase(Protocol):
    """A loaded phase. `method`: how it finds things; `revision`: `sha256:` of what it finds them with."""

    method: str
    revision: str


@runtime_checkable
class TextPhase(Phase, Protocol):
    """A phase that looks at each text by itself."""

    def annotate(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """What is found in texts without lone surrogates, in their order; may raise anything."""


@runtime_checkable
class CorpusPhase(Phase, Protocol):
    """A phase that looks at all held contents together."""

    def find(self, held: Held) -> Iterator[dict[str, Any]]:
        """Messages without type and id: parts, and a result as the last one; raises BadRequest."""


@runtime_checkable
class EntityPhase(Phase, Protocol):
    """A phase that looks at entities instead of texts."""

    def know(self, entities: Any) -> int:
        """Remember entities of the wire, and how many are known now; raises BadRequest."""

    def resolve(self, found: Any) -> list[dict[str, Any]]:
        """One decision per entity of the wire, in their order; raises BadRequest."""

    def check(self) -> dict[str, Any]:
        """How often it decides as people did, on pairs that ship."""

    def forget(self) -> None:
        """Know nothing any more."""


class PhaseModule(Protocol):
    """What every file of this package offers."""

    def load(self, settings: dict[str, Any], threads: int) -> Phase:
        """Load a phase; raises StartError for settings that it does not have or cannot use."""


def load(name: str, settings: dict[str, Any], threads: int) -> Phase:
    """Load a phase, importing what it needs only now."""
    return cast(PhaseModule, importlib.import_module(MODULES[name])).load(settings, threads)
