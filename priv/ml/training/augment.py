"""Small changes to training texts, so that a model leans on words and not on how a source writes."""

import re
from collections.abc import Callable, Sequence
from random import Random

from training.data import Row

Change = Callable[[str, Random], str]

_LINK = re.compile(r"https?://\S+")
_HANDLE = re.compile(r"@\w+")
_CASHTAG_LEAD = re.compile(r"^(?:\$[A-Z.]{1,6}[ ,]*)+[-:]?\s*")
_HASHTAGS_END = re.compile(r"(?:\s+#\w+)+$")


def anonymous(text: str, random: Random) -> str:
    """Half of the time, write handles as @user and links as http, as public tweet collections do."""
    if random.random() < 0.5:
        text = _LINK.sub("http", _HANDLE.sub("@user", text))
    return text


def headline(text: str, random: Random) -> str:
    """Often drop what only tweets have: links, leading cashtags, trailing hashtags, `Read more` lines."""
    if random.random() < 0.6:
        text = _LINK.sub("", text).strip()
    if random.random() < 0.5:
        text = _CASHTAG_LEAD.sub("", text)
    if random.random() < 0.5:
        text = _HASHTAGS_END.sub("", text)
    return text if text.strip() else "."


CHANGES: dict[str, Change] = {"anonymous": anonymous, "headline": headline}


def augmented(rows: Sequence[Row], changes: Sequence[str], random: Random) -> list[Row]:
    """One epoch's version of the training rows."""
    result = list(rows)
    for name in changes:
        result = [Row(CHANGES[name](text, random), label) for text, label in result]
    return result
