"""What the shipped dictionary knows of two names: nobody sees from its letters that GM is General Motors."""

from functools import lru_cache

from volfefe_ml.entities.folding import folded
from volfefe_ml.entities.gazetteer import shipped
from volfefe_ml.resolution.likeness import Likeness, comparable, likeness


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[tuple[str, str], ...]]:
    """Folded spelling → the names and kinds that it stands for."""
    names: dict[str, dict[tuple[str, str], None]] = {}
    for alias in shipped().aliases:
        for spelling in (alias.spelling, alias.name):
            names.setdefault(folded(spelling), {})[alias.name, alias.kind] = None
    return {spelling: tuple(found) for spelling, found in names.items()}


def meaning(name: str, kind: str) -> str | None:
    """The dictionary's name for an entity of a kind; None where it has none, or several."""
    found = {known for known, of in _names().get(folded(name), ()) if comparable(of, kind)}
    return found.pop() if len(found) == 1 else None


def known_as(name: str, kind: str) -> str | None:
    """The kind of the only thing that the dictionary calls so, where it is none that could be of `kind`."""
    found = _names().get(folded(name), ())
    kinds = {of for _, of in found}
    return kinds.pop() if len(found) == 1 and not any(comparable(of, kind) for of in kinds) else None


def informed_likeness(one: str, other: str, kind: str) -> Likeness:
    """`likeness`, unless the dictionary knows both names."""
    left, right = meaning(one, kind), meaning(other, kind)
    if left is None or right is None:
        return likeness(one, other, kind)
    return (
        Likeness(1.0, "aliases of one name")
        if left == right
        else Likeness(0.0, "names of different entities")
    )
