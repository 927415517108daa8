"""How alike two names are, 0…1, and why."""

from typing import NamedTuple

from rapidfuzz import fuzz

from volfefe_ml.resolution.names import Normal, normal

# Words that join others and are left out of acronyms.
JOINERS = frozenset({"of", "and", "the", "for", "de"})
# Scores for what fuzzy comparison is blind to; where they fall among the bands was set on labelled pairs.
CONTAINED, ACRONYM, SURNAME_ONLY, QUALIFIED, LONGER_PERSON = 0.8, 0.8, 0.8, 0.93, 0.93
NAMESAKE, OTHER_PLACE = 0.5, 0.5


class Likeness(NamedTuple):
    """A score and the rule that gave it."""

    score: float
    why: str


def comparable(one: str, other: str) -> bool:
    """Whether two kinds can be the same: recognisers cannot tell a company from an organisation."""
    firms = ("company", "organisation")
    return one == other or (one in firms and other in firms)


def likeness(one: str, other: str, kind: str) -> Likeness:
    """How alike two names of a kind are. Nothing is looked up: what names mean is the dictionary's matter."""
    left, right = normal(one, kind), normal(other, kind)
    if kind == "person":
        return _people(left, right)
    if kind == "place":
        return _places(left, right)
    return _organisations(left, right)


def _organisations(left: Normal, right: Normal) -> Likeness:
    if left.key == right.key:
        return Likeness(1.0, "the same without legal forms")
    if sorted(left.words) == sorted(right.words):
        return Likeness(1.0, "the same words")
    if is_acronym(left, right) or is_acronym(right, left):
        return Likeness(ACRONYM, "one is the other's initials")
    if set(left.words) < set(right.words) or set(right.words) < set(left.words):
        return Likeness(CONTAINED, "one has all words of the other, and more")
    return _fuzzy(left, right)


def _fuzzy(left: Normal, right: Normal) -> Likeness:
    """rapidfuzz's token_sort_ratio, capped by the two words that differ most.

    Names share words that say little (Bank, American, General), so that the ratio of the whole is no measure.
    """
    ratio = fuzz.token_sort_ratio(" ".join(left.words), " ".join(right.words)) / 100
    mine = [word for word in left.words if word not in right.words]
    theirs = [word for word in right.words if word not in left.words]
    if len(mine) != len(theirs):
        return Likeness(min(ratio, NAMESAKE), "different words")
    alike = [[fuzz.ratio(word, each) / 100 for each in theirs] for word in mine]
    weakest = min((max(line) for line in (*alike, *zip(*alike, strict=True))), default=1.0)
    if any(word.isdigit() for word in (*mine, *theirs)):
        return Likeness(0.0, "different numbers")
    return Likeness(round(min(ratio, weakest), 4), "spelled alike")


def is_acronym(short: Normal, long: Normal) -> bool:
    """Whether `short` is the initials of `long`, two letters or more."""
    letters = "".join(word[0] for word in long.words if word not in JOINERS)
    return len(short.words) == 1 and len(letters) > 1 and short.key == letters


def _places(left: Normal, right: Normal) -> Likeness:
    if left.key == right.key:
        if left.qualifier == right.qualifier:
            return Likeness(1.0, "the same")
        if left.qualifier and right.qualifier:
            return Likeness(0.0, "in different places")
        return Likeness(QUALIFIED, "one says where it is")
    if is_acronym(left, right) or is_acronym(right, left):
        return Likeness(ACRONYM, "one is the other's initials")
    if set(left.words) != set(right.words) and (
        set(left.words) <= set(right.words) or set(right.words) <= set(left.words)
    ):
        return Likeness(OTHER_PLACE, "one has a word more, which makes another place")
    alike = _fuzzy(left, right)
    # Austria and Australia: places are few and well spelled, so a like spelling is another place.
    return Likeness(round(alike.score * alike.score, 4), alike.why)


def _people(left: Normal, right: Normal) -> Likeness:
    if left.suffix != right.suffix:
        return Likeness(NAMESAKE, "Jr. or the like stands at one of them")
    if left.initials and right.initials and left.initials != right.initials:
        return Likeness(NAMESAKE, "different initials")
    if left.key == right.key:
        return Likeness(1.0, "the same without titles and initials")
    short, long = sorted((left, right), key=lambda each: len(each.words))
    if len(short.words) == 1:
        if short.words[0] in (long.words[-1], long.words[0]) and len(long.words) > 1:
            return Likeness(SURNAME_ONLY, "one is a part of the other")
        return _fuzzy(left, right)
    if _in_order(short.words, long.words):
        return Likeness(LONGER_PERSON, "one has a name more")
    if len(left.words) != len(right.words):
        return _spelled_people(short.words[:1] + short.words[-1:], long.words[:1] + long.words[-1:], cap=0.85)
    return _spelled_people(left.words, right.words)


def _spelled_people(left: tuple[str, ...], right: tuple[str, ...], cap: float = 1.0) -> Likeness:
    """People whose names are spelled alike: the two of their names that are least alike count."""
    alike = [fuzz.ratio(mine, theirs) / 100 for mine, theirs in zip(left, right, strict=True)]
    return Likeness(round(min(*alike, cap), 4), "spelled alike")


def _in_order(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    rest = iter(long)
    return short[0] == long[0] and all(word in rest for word in short)
