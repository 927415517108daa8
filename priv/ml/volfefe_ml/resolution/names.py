"""Names made comparable: without titles, legal forms, accents and articles, which do not say who is meant."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from volfefe_ml.word_lists import word_list, word_pairs

APOSTROPHES = re.compile(r"['’‘`]")
SEPARATORS = re.compile(r"[^\w]+")
DOTTED = re.compile(r"\b(?:\w\.){2,}")
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
# Words before a person's name that are not part of it: offices, and what an office is of, and epithets.
OFFICES = word_list("offices")
OF_OFFICE = word_list("of_office")
# Given names that are used for one another.
GIVEN = word_pairs("given_names")
# What a place's name may begin with and still be the same place.
REALMS = re.compile(
    r"^(?:the |(?:(?:democratic|federal|federative|islamic|people s|peoples|socialist) )?republic of "
    r"|(?:state|commonwealth|kingdom) of )+"
)
STATES = {
    "nc": "north carolina",
    "dc": "district of columbia",
    "pa": "pennsylvania",
    "ny": "new york",
    "fl": "florida",
}


@dataclass(frozen=True, slots=True)
class Normal:
    """A comparable name: its words, and what keeps namesakes apart.

    `suffix`: Jr, Sr, II; `initials`: letters that stand for middle names; `qualifier`: what follows the comma
    of a place.
    """

    words: tuple[str, ...]
    suffix: str = ""
    initials: tuple[str, ...] = ()
    qualifier: str = ""
    key: str = field(init=False)

    def __post_init__(self) -> None:
        """Keep the words without spaces, which writers set as they like."""
        object.__setattr__(self, "key", "".join(self.words))


@lru_cache(maxsize=200_000)
def normal(name: str, kind: str) -> Normal:
    """The comparable form of a name of a kind (company, organisation, asset, person, place)."""
    made = {"person": _person, "place": _place}.get(kind, _organisation)(name)
    return made if made.words else Normal((name.strip() or " ",))  # of signs only


def plain(text: str) -> str:
    """Lower case without accents, apostrophes and the dots of U.S.A."""
    letters = unicodedata.normalize("NFKD", APOSTROPHES.sub("", text).casefold())
    stripped = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return DOTTED.sub(lambda match: match.group().replace(".", ""), stripped)


def _words(text: str) -> list[str]:
    return SEPARATORS.sub(" ", text).split()


def _person(name: str) -> Normal:
    last, comma, first = plain(name).partition(",")
    if comma and first.strip().rstrip(".") not in SUFFIXES:
        last = f"{first} {last}"
    elif comma:
        last = f"{last} {first}"
    words = _words(last.partition(" of ")[0] if not last.startswith(tuple(OFFICES)) else last)
    start = 0
    while start < len(words) - 1 and (words[start] in OFFICES or (start and words[start] in OF_OFFICE)):
        start += 1
    words = words[start:]
    if "of" in words[1:]:
        words = words[: words.index("of", 1)]
    suffix = words.pop() if len(words) > 1 and words[-1] in SUFFIXES else ""
    initials = tuple(word for word in words if len(word) == 1)
    kept = [GIVEN.get(word, word) for word in words[:1]] + words[1:]
    kept = [word for word in kept if len(word) > 1] or words
    return Normal(tuple(kept), suffix, initials)


def _place(name: str) -> Normal:
    text = REALMS.sub("", plain(name))
    before, _, behind = text.partition(",")
    words = [{"st": "saint"}.get(word, word) for word in _words(before)]
    behind = " ".join(_words(behind))
    if words and words[-1] == "dc" and len(words) > 1:
        words, behind = words[:-1], "dc"
    return Normal(tuple(words), qualifier=STATES.get(behind, behind))


def _organisation(name: str) -> Normal:
    from cleanco import basename

    text = plain(name).replace("&", " and ").strip()
    text = re.sub(r"\bunited states\b(?: of america)?", "us", text)
    text = re.sub(
        r",? (?:class [abc]|n ?a|failing)$|\bfailing ",
        "",
        text.replace(".", "" if text.count(".") > 1 else "."),
    )
    before = ""
    while text != before:  # `Co., Ltd.` takes two rounds
        before, text = text, basename(text) or text
    words = [word for word in _words(text) if word != "the"]
    if words[:3] == ["us", "department", "of"]:
        words = words[1:]
    while len(words) > 1 and words[-1] in ("and", "company", "companies", "group", "holdings"):
        words.pop()
    return Normal(tuple(words or _words(plain(name))))
