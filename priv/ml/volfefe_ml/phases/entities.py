"""Phase `entities`: names that need no model, found only where they are nearly sure to be right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from volfefe_ml.entities.cashtags import cashtags
from volfefe_ml.entities.gazetteer import shipped
from volfefe_ml.entities.matcher import Matcher
from volfefe_ml.entities.mention import without_overlaps
from volfefe_ml.phases import settings as phase_settings
from volfefe_ml.prose import blanked


@dataclass(frozen=True)
class Settings:
    """`minimum_confidence`: mentions that are less sure are left out, 0…1."""

    minimum_confidence: float = 0.8

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        if not 0 <= self.minimum_confidence <= 1:
            raise ValueError("needs `minimum_confidence` between 0 and 1")


class Entities:
    """Cashtags, and the dictionary's companies, organisations, people and places."""

    method = "cashtags, dictionary"

    def __init__(self, settings: Settings) -> None:
        gazetteer = shipped()
        self.revision = gazetteer.revision
        self._tickers = gazetteer.tickers
        self._matcher = Matcher(gazetteer)
        self._minimum = settings.minimum_confidence

    def annotate(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Per text: `mentions` in its order, none over another."""
        return [{"mentions": self._mentions(text)} for text in texts]

    def _mentions(self, text: str) -> list[dict[str, Any]]:
        prose = blanked(text)
        found = [*cashtags(prose, self._tickers), *self._matcher.mentions(text, prose)]
        sure = (mention for mention in found if mention.confidence >= self._minimum)
        return [mention.to_wire(text) for mention in without_overlaps(sure)]


def load(settings: dict[str, Any], threads: int) -> Entities:
    """Load the dictionary; it runs on one thread."""
    return Entities(phase_settings.read(Settings, "entities", settings))
