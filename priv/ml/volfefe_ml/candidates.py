"""Which engines and precisions an entry could run with on this machine."""

import importlib
from dataclasses import dataclass, replace

from volfefe_ml import engines
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import where

AUTO = "auto"
LEXICON = "lexicon"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An engine with a precision; `failure` says why it cannot even be tried."""

    engine: str
    precision: str
    failure: str | None = None

    def __str__(self) -> str:
        return f"{self.engine} {self.precision}"

    def entry(self, entry: ModelEntry) -> ModelEntry:
        """The entry, to be run with this engine and precision."""
        return replace(entry, engine=self.engine, precision=self.precision)


# What every other candidate is compared with; what runs where nothing has been measured.
REFERENCE = Candidate("onnxruntime", "fp32")


def candidates(entry: ModelEntry) -> list[Candidate]:
    """What could run an entry, in the order of `engines.MODULES`.

    An entry that names its engine, or has no weights, has one candidate. `auto` has every engine's
    precisions, or with a precision that one of every engine that offers it. A broken package gives a
    candidate with a failure.
    """
    if entry.engine != AUTO:
        return [Candidate(entry.engine, entry.precision or "fp32")]
    if entry.source_kind == "package":
        return [Candidate(LEXICON, "fp32")]
    offered = [candidate for engine in engines.MODULES if engine != LEXICON for candidate in _offered(engine)]
    wanted = (entry.precision, "any")
    return [candidate for candidate in offered if entry.precision is None or candidate.precision in wanted]


def _offered(engine: str) -> list[Candidate]:
    try:
        module = importlib.import_module(engines.MODULES[engine])
        return [Candidate(engine, precision) for precision in module.precisions()]
    except ModuleNotFoundError:
        return []
    except Exception as error:
        return [Candidate(engine, "any", f"its package is broken: {where(error)}")]
