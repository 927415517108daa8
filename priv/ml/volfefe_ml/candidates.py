"""Which engines and precisions an entry could run with on this machine."""

from dataclasses import dataclass, replace

from volfefe_ml import engines, offers
from volfefe_ml.entry import ModelEntry
from volfefe_ml.machine import machine

AUTO = "auto"
LEXICON = "lexicon"
UNKNOWN = "any"


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
        return [_named(entry)]
    if entry.source_kind == "package":
        return [Candidate(LEXICON, "fp32")]
    offered = [candidate for engine in engines.MODULES if _fits(engine) for candidate in _offered(engine)]
    wanted = (entry.precision, UNKNOWN)
    return [candidate for candidate in offered if entry.precision is None or candidate.precision in wanted]


def _fits(engine: str) -> bool:
    """Not the lexicon; and torch, which takes seconds to load, where there is a GPU that makes up for it."""
    return engine != LEXICON and (engine != "transformers" or bool(machine()["gpus"]))


def _named(entry: ModelEntry) -> Candidate:
    """The engine that an entry names, with the precision that it names or the engine's first."""
    if entry.engine in (REFERENCE.engine, LEXICON) or entry.precision is not None:
        return Candidate(entry.engine, entry.precision or "fp32")
    return next(iter(_offered(entry.engine)), Candidate(entry.engine, "fp32"))


def _offered(engine: str) -> list[Candidate]:
    if engine not in engines.MODULES:
        return []
    try:
        return [Candidate(engine, precision) for precision in offers.precisions(engines.MODULES[engine])]
    except offers.BrokenPackage as error:
        return [Candidate(engine, UNKNOWN, str(error))]
