"""Which of the measured candidates an entry runs with."""

from collections.abc import Sequence
from dataclasses import dataclass

from volfefe_ml.candidates import AUTO, LEXICON, REFERENCE, Candidate, candidates
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError
from volfefe_ml.figures import Figures


@dataclass(frozen=True)
class Choice:
    """What was measured for an entry on this machine, and what came of it.

    `texts` is the digest of the texts that it was measured on, `texts_from` says where they are from.
    `chosen` is an index into `figures`, the first of which is the reference's.
    """

    chosen: int
    figures: tuple[Figures, ...]
    texts: str
    texts_from: str
    measured_at: str

    @property
    def best(self) -> Figures:
        """The chosen candidate's figures."""
        return self.figures[self.chosen]


def choose(entry: ModelEntry, figures: Sequence[Figures]) -> int:
    """The fastest candidate that may run: one that passes the gate, or any that the entry asks for by name.

    The first of `figures` is the reference's. Raises StartError when nothing here can do what is asked.
    """
    able = [
        index
        for index, each in enumerate(figures)
        if each.failure is None
        and (is_wanted(entry, each.candidate) if is_explicit(entry) else index == 0 or passes(each))
    ]
    if not able:
        raise unable(entry, [f"{each.candidate}: {each.failure}" for each in figures if each.failure])
    return max(able, key=lambda index: _speed(figures[index]))


def _speed(figures: Figures) -> float:
    """As a multiple of the reference's, or where the reference failed in texts per millisecond."""
    return figures.times_reference or 1 / max(figures.ms_per_text or 0, 1e-9)


def is_explicit(entry: ModelEntry) -> bool:
    """Whether the user asked for an engine or a precision by name, which the gate does not overrule."""
    return entry.engine != AUTO or entry.precision is not None


def is_wanted(entry: ModelEntry, candidate: Candidate) -> bool:
    """Whether a candidate has the engine and the precision that an entry names, where it names them."""
    return entry.engine in (AUTO, candidate.engine) and entry.precision in (None, candidate.precision)


def passes(figures: Figures) -> bool:
    """Whether a candidate was measured and is as good as the reference."""
    return figures.fidelity is not None and figures.fidelity.passes


def verdict(choice: Choice, index: int) -> str:
    """Chosen, passes, refused (by the gate) or failed."""
    figures = choice.figures[index]
    if figures.failure is not None:
        return "failed"
    if index == choice.chosen:
        return "chosen"
    return "passes" if passes(figures) else "refused"


def unmeasured(entry: ModelEntry) -> Candidate:
    """What runs an `auto` entry as long as nothing has been measured."""
    if entry.source_kind == "package":
        return Candidate(LEXICON, "fp32")
    if entry.precision in (None, REFERENCE.precision):
        return REFERENCE
    found = candidates(entry)
    usable = [candidate for candidate in found if candidate.failure is None]
    if not usable:
        raise unable(entry, [f"{candidate}: {candidate.failure}" for candidate in found])
    return usable[0]


def unable(entry: ModelEntry, reasons: Sequence[str]) -> StartError:
    """Nothing here can do what an entry asks for."""
    asked = f"{entry.engine} {entry.precision or ''}".strip()
    why = f" ({'; '.join(reasons)})" if reasons else ""
    return StartError(
        "bad_configuration",
        f"Model {entry.id}: no installed engine can run it as {asked}{why}.",
        model=entry.id,
        remedy="Install one that can (docs/models.md), or leave `precision` out of its entry.",
    )
