"""When a spelling from the dictionary is a name in the text that it stands in: decisions without state."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from volfefe_ml.entities.gazetteer import Alias
from volfefe_ml.word_lists import word_list

# How often a mention on such evidence is right, as read on real posts and tweets: see docs/phases.md.
CONFIDENCE = {"plain": 0.97, "exact": 0.95, "surname": 0.9, "evidence": 0.85}
LISTED_CONFIDENCE = {"exact": 0.9, "evidence": 0.8}

WORD_BEFORE = re.compile(r"([\w.'’&-]+)[\s]*[\"“(‘]?\s?$")
WORD_AFTER = re.compile(r"^(?:['’]s)?\s([\w.'’&-]+)")
TITLES = word_list("titles")
# First names that make a known surname somebody else's.
FIRST_NAMES = word_list("first_names")
# A place before one of these is part of another name; a person before one of those below too.
NOT_A_PLACE_BEFORE = word_list("after_places")
NOT_A_PLACE_AFTER = (
    "university of ",
    "bank of ",
    "miss ",
    "captain ",
    "lana del ",
    "real ",
    "atletico ",
    "inter ",
)
NOT_A_PERSON_BEFORE = word_list("after_people")
# Words behind a spelling that make another name of both.
NOT_BEFORE = {
    "america": frozenset({"first"}),
    "us": frozenset({"llp", "inc", "open", "weekly", "magazine"}),
    "fox news": frozenset({"media"}),
    "wall street": frozenset({"journal"}),
    "china": frozenset({"town", "wall"}),
    "disney": frozenset({"land", "world"}),
}
COMPANY_BEFORE = re.compile(
    r"(?:\b(?:shares|stock|stocks|stake|ceo|cfo|chairman|founder|investors|employees|owner|maker|giant|retailer|bank"
    r"|automaker|carmaker|lender|chipmaker|company|analyst|analysts)\s(?:of|in|at|by|for)?\s?"
    r"|\b(?:shares of|invest in|invested in|upgrades?|downgrades?|lawsuit against|sues?)\s)(?:the\s)?$",
    re.IGNORECASE,
)
COMPANY_AFTER = re.compile(
    r"^(?:['’]s)?\s?(?:,?\s(?:inc|corp|corporation|co|ltd|plc|llc|ag|sa|group|holdings)\b"
    r"|\s(?:stock|stocks|shares|ceo|cfo|earnings|revenue|profit|dividend|ipo|guidance|quarterly|investors"
    r"|shareholders|analyst|price target)\b|\s?\((?:nyse|nasdaq|[A-Z]{2,5}\)))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a spelling stands: the text, its two offsets, and whether other words occur in the text."""

    text: str
    start: int
    end: int
    has_word: Callable[[str], bool]
    has_name: Callable[[str], bool]

    @property
    def written(self) -> str:
        """The spelling as it stands there."""
        return self.text[self.start : self.end]

    @property
    def before(self) -> str:
        """The word before it in the sentence; empty at its start."""
        match = WORD_BEFORE.search(self.text[max(0, self.start - 40) : self.start])
        word = match.group(1) if match else ""
        return (
            "" if word.endswith((".", "!", "?")) and word.casefold() not in TITLES and len(word) > 2 else word
        )

    @property
    def after(self) -> str:
        """The word after it."""
        match = WORD_AFTER.search(self.text[self.end : self.end + 40])
        return match.group(1) if match else ""


def confidence(alias: Alias, place: Place) -> float | None:
    """How sure it is that `alias` is meant there, 0…1; None when it is not sure enough to say so."""
    if (
        not _is_spelled(alias, place)
        or _is_part_of_another(alias, place)
        or not _is_vouched_for(alias, place)
    ):
        return None
    return (CONFIDENCE if alias.curated else LISTED_CONFIDENCE)[alias.rule]


def _is_spelled(alias: Alias, place: Place) -> bool:
    """Whether the case is right: every word of a plain name begins with a capital as its spelling does."""
    written = place.written.replace("’", "'").replace("\n", " ")
    if written == alias.spelling:
        return not (written == "US" and _is_shouted(place))
    if alias.rule in ("exact", "evidence"):
        return False
    return written.isupper() or all(
        mine[:1] == theirs[:1] or mine[:1].isupper()
        for mine, theirs in zip(written.split(), alias.spelling.split(), strict=False)
    )


def _is_shouted(place: Place) -> bool:
    """Whether both neighbours are in capitals, so that capitals say nothing: `JOIN US NOW`."""
    around = [word for word in (place.before, place.after) if any(map(str.isalpha, word))]
    return bool(around) and all(word.isupper() and len(word) > 1 for word in around)


def _is_part_of_another(alias: Alias, place: Place) -> bool:
    after, before = place.after.casefold().rstrip(".,"), place.before.casefold()
    if (
        re.match(r":[A-Z]", place.text[place.end : place.end + 3])
        and place.text[place.start - 1 : place.start] == "("
    ):
        return True  # an exchange: (EPA:GNFT)
    if after in NOT_BEFORE.get(alias.spelling.casefold(), ()):
        return True
    if alias.kind == "place":
        lead = place.text[max(0, place.start - 14) : place.start].casefold()
        return (after in NOT_A_PLACE_BEFORE and place.after[0].isupper()) or lead.endswith(NOT_A_PLACE_AFTER)
    if alias.kind == "person" and " " not in alias.spelling:
        return (before in FIRST_NAMES and place.before[0].isupper()) or (
            after in NOT_A_PERSON_BEFORE and place.after[0].isupper()
        )
    return False


def _is_vouched_for(alias: Alias, place: Place) -> bool:
    if alias.rule == "surname":
        return place.before.casefold() in TITLES or place.has_name(alias.name)
    if alias.rule != "evidence":
        return True
    if _is_within_a_name(place):
        return False
    if any(map(place.has_word, alias.evidence)) or (alias.ticker and place.has_word(f"${alias.ticker}")):
        return True
    return alias.kind == "company" and bool(
        COMPANY_BEFORE.search(place.text[max(0, place.start - 40) : place.start])
        or COMPANY_AFTER.search(place.text[place.end : place.end + 30])
    )


def _is_within_a_name(place: Place) -> bool:
    """Whether a first name stands before a doubtful word, or a capitalised word right behind it."""
    if place.before[:1].isupper() and place.before.casefold() in FIRST_NAMES:
        return True
    after = place.after
    return (
        after[:1].isupper()
        and not after.isupper()
        and not re.match(r"(?:['’]s)", place.text[place.end : place.end + 3])
        and not COMPANY_AFTER.search(place.text[place.end : place.end + 30])
    )
