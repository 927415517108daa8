"""A name found in a text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at `start`…`end` of a text, in code points.

    `name`: the canonical one; `kind`: company, organisation, person, place, asset; `method`: what found it;
    `rule`: which kind of evidence it rests on; `confidence` 0…1: how often such evidence is right.
    """

    start: int
    end: int
    name: str
    kind: str
    method: str
    rule: str
    confidence: float
    ticker: str | None = None

    def to_wire(self, text: str) -> dict[str, Any]:
        """The mention with the characters that it covers."""
        return {
            "start": self.start,
            "end": self.end,
            "text": text[self.start : self.end],
            "name": self.name,
            "type": self.kind,
            "ticker": self.ticker,
            "method": self.method,
            "rule": self.rule,
            "confidence": self.confidence,
        }


def without_overlaps(mentions: Iterable[Mention]) -> list[Mention]:
    """The longest of mentions that overlap (of equals the surer, the first), in the text's order."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda each: (each.start - each.end, -each.confidence, each.start)):
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda each: each.start)
