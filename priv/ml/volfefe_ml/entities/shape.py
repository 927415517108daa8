"""How far a recogniser's find is trusted, by its label and its shape: the recogniser gives no probabilities.

spaCy's small model was trained on edited news. Where people capitalise what they find important, as in
`Secure Border`, it takes half of that for names; these rules tell what to believe.
"""

import re
from functools import lru_cache

from volfefe_ml.entities.context import FIRST_NAMES, TITLES
from volfefe_ml.entities.folding import folded
from volfefe_ml.entities.gazetteer import shipped
from volfefe_ml.word_lists import word_list

ORGANISATION_WORDS = re.compile(
    r"\b(?:Inc|Corp|Corporation|Co|Ltd|LLC|LLP|PLC|plc|Group|Holdings|Bank|University|College|Institute|Institution"
    r"|Foundation|Association|Committee|Commission|Council|Department|Ministry|Agency|Bureau|Court|Party|Union|Board"
    r"|Authority|Service|Services|Society|Federation|League|Club|Press|Times|Post|Journal|News|Network|Motors|Airlines"
    r"|Airways|Systems|Technologies|Pharmaceuticals|Partners|Capital|Church|Coalition|Center|Institute|Academy|School"
    r"|Administration|Organization|Army|Navy|Force|Guard|Police|Parliament|Senate|Congress|Media|Studios)\b\.?"
)
PLACE_WORDS = re.compile(
    r"\b(?:County|City|Island|Islands|River|Lake|Sea|Ocean|Gulf|Bay|Mount|Mountains|Valley|Airport|Bridge|Tower|Park"
    r"|Palace|Hotel|Stadium|Arena|Beach|Strait|Canal|Province|Peninsula|Coast|Hall|House|Center|Garden|Prison)\b"
)
# What a country or a part of one is called in full.
REALM = re.compile(
    r"\b\w+ County$|^(?:\w+ )?(?:Republic|Kingdom|State|Commonwealth|District|Province) of [A-Z]"
)
ACRONYM = re.compile(r"(?:[A-Z]\.?){2,5}[s0-9]?|[A-Z]{2,5}-\d{1,3}")
# `Bogotá, Colombia`: what a place lies in.
REGION = re.compile(r",\s+((?:(?:[A-Z]\.)+|[A-Z][\w’'-]*)(?: [A-Z][\w’'-]*)*)")
# Of 25 finds of each shape in real posts (50 people with a first name, 50 places, all that are not listed)
# the share that was right; no more than .95.
SHARE = {
    "a person with a first name": 0.95,
    "a person with a title": 0.9,
    "a person of several words": 0.35,
    "a person of one word": 0.45,
    "a place": 0.95,
    "a place of a region": 0.85,
    "a place that is not listed": 0.05,
    "a place of a kind": 0.85,
    "a place, perhaps": 0.4,
    "an organisation of a kind": 0.7,
    "an organisation of several words": 0.25,
    "an organisation of one word": 0.25,
    "an acronym": 0.35,
    "shouted": 0.45,
}
# What people capitalise, and the recogniser takes for places.
NO_PLACES = word_list("no_places")


def shape(label: str, name: str, before: str, behind: str = "") -> tuple[str, float]:
    """What a find looks like, and how often such finds are right, 0…1.

    `label`: PERSON, ORG, GPE, LOC or FAC; `before`: the word before the find; `behind`: the text after it.
    """
    kind = _shape(label, name, before, behind)
    return kind, SHARE[kind]


def _shape(label: str, name: str, before: str, behind: str) -> str:
    words = name.split()
    if len(words) > 1 and name.isupper():
        return "shouted"
    if label == "PERSON":
        if words[0].casefold() in _given_names() and len(words) > 1:
            return "a person with a first name"
        if before.casefold() in TITLES:
            return "a person with a title"
        return "a person of several words" if len(words) > 1 else "a person of one word"
    if label == "GPE":
        if name.casefold() in NO_PLACES:
            return "a place, perhaps"
        return "shouted" if name.isupper() and len(name) > 4 else _place(name, behind)
    if label == "ORG":
        if ACRONYM.fullmatch(name):
            return "an acronym"
        if len(words) > 1 and ORGANISATION_WORDS.search(name):
            return "an organisation of a kind"
        return "an organisation of several words" if len(words) > 1 else "an organisation of one word"
    return "a place of a kind" if len(words) > 1 and PLACE_WORDS.search(name) else "a place, perhaps"


def _place(name: str, behind: str) -> str:
    if folded(name) in _places():
        return "a place"
    region = REGION.match(behind)
    if region and folded(region.group(1)) in _places():
        return "a place of a region"
    return "a place of a kind" if REALM.search(name) else "a place that is not listed"


@lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    """Spellings of places in the dictionary, also of those that it cannot tell apart."""
    return frozenset(folded(alias.spelling) for alias in shipped().aliases if alias.kind == "place")


@lru_cache(maxsize=1)
def _given_names() -> frozenset[str]:
    """Common first names, and those of the people in the dictionary."""
    people = (alias for alias in shipped().aliases if alias.kind == "person" and alias.rule == "plain")
    first = {alias.name.split()[0].casefold() for alias in people if " " in alias.name}
    return FIRST_NAMES | (first - TITLES)
