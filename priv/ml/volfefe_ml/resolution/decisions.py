"""What becomes of a found entity: merged into a known one, new, or for a person to decide."""

from dataclasses import dataclass
from typing import Any

from volfefe_ml.resolution.bands import Bands
from volfefe_ml.resolution.dictionary import known_as
from volfefe_ml.resolution.known import Entity, Known
from volfefe_ml.resolution.likeness import Likeness

MOST_CANDIDATES = 5


@dataclass(frozen=True)
class Decision:
    """`verdict`: merge, new or review; `why` in words.

    `into`: the entity to merge into; `candidates`: what a person has to choose from, best first.
    """

    verdict: str
    why: str
    into: Entity | None = None
    score: float | None = None
    candidates: tuple[tuple[Entity, Likeness], ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """The decision as lines have it."""
        return {
            "verdict": self.verdict,
            "why": self.why,
            "into": self.into.key if self.into else None,
            "score": self.score,
            "candidates": [
                {"key": entity.key, "name": entity.names[0], "score": likeness.score, "why": likeness.why}
                for entity, likeness in self.candidates
            ],
        }


def decide(name: str, kind: str, confidence: float, known: Known, bands: Bands) -> Decision:
    """Decide on a found name.

    One match merges, and so does the only one that is the same name, whatever else is like it. Several, or
    some in the middle band, are for review. None is new if found with more confidence than `new_above`, but
    for review where something of another kind has the name: recognisers take people for places.
    """
    candidates = tuple(known.like(name, kind, bands.review))
    matches = [pair for pair in candidates if bands.accepts(pair[1].score)]
    equal = [pair for pair in matches if pair[1].score == 1.0]
    for pairs in (equal, matches):
        if len(pairs) == 1:
            entity, likeness = pairs[0]
            return Decision("merge", likeness.why, entity, likeness.score)
    if matches:
        return Decision("review", "several entities match", candidates=candidates[:MOST_CANDIDATES])
    if candidates:
        return Decision("review", candidates[0][1].why, candidates=candidates[:MOST_CANDIDATES])
    if others := tuple(known.of_other_kinds(name, kind)):
        return Decision("review", others[0][1].why, candidates=others[:MOST_CANDIDATES])
    if (other := known_as(name, kind)) is not None:
        return Decision("review", f"the dictionary knows the name as one of type {other}")
    if confidence > bands.new_above:
        return Decision("new", "nothing known is like it")
    return Decision(
        "review", f"nothing known is like it, and its confidence is not above {bands.new_above:g}"
    )
