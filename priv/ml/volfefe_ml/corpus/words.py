"""The words of a text that can say what it is about."""

import re
import unicodedata

from volfefe_ml.prose import blanked
from volfefe_ml.word_lists import word_list

WORD = re.compile(r"[^\W\d_]+(?:['’.][^\W\d_]+)*")
STOP = word_list("stop")
SHORTEST = 2


def content_words(text: str) -> list[str]:
    """The words of a text in its order, lower case: no links, handles, numbers, function words, letters.

    A possessive counts as the word itself, and U.S. as usa, which a list of words must tell from the pronoun.
    """
    prose = unicodedata.normalize("NFKC", blanked(text)).replace("’", "'")
    words = []
    for match in WORD.finditer(prose):
        word = match.group().casefold().removesuffix("'s")
        if "." in word:
            word = word.replace(".", "")
        if word in ("us", "usa") and match.group()[:2] == "U.":
            word = "usa"
        if len(word) >= SHORTEST and word not in STOP:
            words.append(word)
    return words
