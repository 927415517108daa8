"""Known entities, findable by any name that could be like a given one."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from volfefe_ml.resolution.dictionary import informed_likeness, meaning
from volfefe_ml.resolution.likeness import JOINERS, Likeness, comparable
from volfefe_ml.resolution.names import normal

Key = int | str
# A name shares the beginning of a word with any name that it could be like.
STEM = 3


@dataclass(frozen=True)
class Entity:
    """A known entity: the key that its owner gave it, its kind, its name first among all its names."""

    key: Key
    kind: str
    names: list[str] = field(default_factory=list)


@dataclass
class Known:
    """Entities in the order they became known, with an index of the beginnings of their words."""

    entities: dict[Key, Entity] = field(default_factory=dict)
    _index: dict[str, dict[Key, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, key: Key, kind: str, name: str) -> None:
        """Remember an entity, or one more name of a known one."""
        entity = self.entities.setdefault(key, Entity(key, kind))
        if name not in entity.names:
            entity.names.append(name)
            for mark in _marks(name, kind):
                self._index[mark][key] = None

    def like(self, name: str, kind: str, least: float) -> Iterator[tuple[Entity, Likeness]]:
        """Known entities whose best name is at least so much like `name`, best first, then oldest first."""
        keys = {key: None for mark in _marks(name, kind) for key in self._index.get(mark, ())}
        order = {key: place for place, key in enumerate(self.entities)} if len(keys) > 1 else {}
        found = []
        for key in keys:
            entity = self.entities[key]
            if comparable(entity.kind, kind):
                best = max(
                    (informed_likeness(each, name, entity.kind) for each in entity.names),
                    key=lambda it: it.score,
                )
                if best.score >= least:
                    found.append((entity, best))
        yield from sorted(found, key=lambda pair: (-pair[1].score, order.get(pair[0].key, 0)))

    def of_other_kinds(self, name: str, kind: str) -> Iterator[tuple[Entity, Likeness]]:
        """Known entities of kinds that are not comparable which have the very name, oldest first."""
        for other in ("company", "person", "place", "asset"):  # an organisation is compared with companies
            if not comparable(other, kind):
                for entity, _ in self.like(name, other, 1.0):
                    yield entity, Likeness(1.0, f"the same name, but of type {entity.kind}")


def _marks(name: str, kind: str) -> set[str]:
    """What an entity is looked up by: beginnings of its words, its initials, its name in the dictionary."""
    words = normal(name, kind).words
    marks = {word[:STEM] for word in words} | {"".join(words)[:STEM]}
    if len(words) > 1:
        marks.add("=" + "".join(word[0] for word in words if word not in JOINERS))
    elif words:
        marks.add("=" + words[0])
    if (known := meaning(name, kind)) is not None:
        marks.add("@" + known)
    return marks
