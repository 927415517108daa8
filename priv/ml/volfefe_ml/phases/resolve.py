"""Phase `resolve`: which found names are one entity, by bands that are settings."""

import hashlib
from typing import Any

from volfefe_ml.entities.gazetteer import KINDS, shipped
from volfefe_ml.phases import settings as phase_settings
from volfefe_ml.protocol import BadRequest
from volfefe_ml.resolution.accuracy import PAIRS, accuracy, shipped_pairs
from volfefe_ml.resolution.bands import Bands
from volfefe_ml.resolution.decisions import decide
from volfefe_ml.resolution.dictionary import informed_likeness
from volfefe_ml.resolution.known import Known
from volfefe_ml.resolution.likeness import likeness
from volfefe_ml.text_info import readable


class Resolve:
    """Known entities, and decisions on found ones; what is decided is known to what comes next."""

    method = "cleanco, rapidfuzz, dictionary"

    def __init__(self, bands: Bands) -> None:
        pairs = hashlib.sha256(PAIRS.read_bytes()).hexdigest()
        self.revision = f"sha256:{hashlib.sha256((shipped().revision + pairs).encode()).hexdigest()}"
        self._bands = bands
        self._known = Known()

    def know(self, entities: Any) -> int:
        """Remember objects with `key`, `type`, `name` and perhaps `aliases`."""
        _check(entities, "entities")
        for entity in entities:
            for name in (entity["name"], *(entity.get("aliases") or ())):
                self._known.add(entity["key"], entity["type"], readable(name) or "")
        return len(self._known.entities)

    def resolve(self, found: Any) -> list[dict[str, Any]]:
        """Decide on objects with `key`, `type`, `name` and `confidence`, one after the other.

        A merged one's name becomes an alias; a new one is known by its key.
        """
        _check(found, "found")
        decisions = []
        for entity in found:
            name, kind = readable(entity["name"]) or "", entity["type"]
            confidence = entity.get("confidence", 1.0)
            if type(confidence) not in (int, float) or not 0 <= confidence <= 1:
                raise BadRequest("`confidence` must be a number from 0 to 1")
            decision = decide(name, kind, confidence, self._known, self._bands)
            if decision.into is not None:
                self._known.add(decision.into.key, decision.into.kind, name)
            elif decision.verdict == "new":
                self._known.add(entity["key"], kind, name)
            decisions.append({"key": entity["key"], **decision.to_wire()})
        return decisions

    def check(self) -> dict[str, Any]:
        """Accuracy on the shipped pairs on which the bands were not set, as decided and by letters alone."""
        pairs = [pair for pair in shipped_pairs() if pair.half == "test"]
        decided = accuracy(
            pairs, lambda one, other, kind: informed_likeness(one, other, kind).score, self._bands
        )
        letters = accuracy(pairs, lambda one, other, kind: likeness(one, other, kind).score, self._bands)
        return {**decided, "by_letters": {name: value for name, value in letters.items() if name != "wrong"}}

    def forget(self) -> None:
        """Know nothing any more."""
        self._known = Known()


def _check(entities: Any, name: str) -> None:
    if not isinstance(entities, list) or not all(map(_is_entity, entities)):
        raise BadRequest(
            f"`{name}` must be a list of objects with `key` (number or string), `name`,"
            f" and a `type` of {', '.join(KINDS)}"
        )


def _is_entity(entity: Any) -> bool:
    return (
        isinstance(entity, dict)
        and type(entity.get("key")) in (int, str)
        and isinstance(entity.get("name"), str)
        and entity["name"].strip() != ""
        and entity.get("type") in KINDS
        and isinstance(entity.get("aliases") or [], list)
        and all(isinstance(alias, str) for alias in entity.get("aliases") or ())
    )


def load(settings: dict[str, Any], threads: int) -> Resolve:
    """Load names and bands; it runs on one thread."""
    import cleanco  # noqa: F401  so that a missing package is said now
    import rapidfuzz  # noqa: F401

    return Resolve(phase_settings.read(Bands, "resolve", settings))
