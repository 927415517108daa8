"""Facts about a text that do not depend on any model."""

import hashlib
import re
from typing import Any, TypedDict

URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
HASHTAG = re.compile(r"(?<!\w)#\w+")
MENTION = re.compile(r"(?<![\w.])@\w+")


class TextInfo(TypedDict):
    """Counts of one text; `chars` are code points, `upper_share` is 0…1, `sha256` is of the UTF-8 text.

    Hashtags, mentions, capitals, ! and ? are counted outside of URLs.
    """

    chars: int
    words: int
    lines: int
    urls: int
    hashtags: int
    mentions: int
    upper_share: float
    exclamations: int
    questions: int
    url_only: bool
    sha256: str


def text_info(text: str) -> TextInfo:
    """Describe a text without lone surrogates. Words are the pieces between spaces with a letter or digit."""
    prose, urls = URL.subn(" ", text)
    letters = sum(map(str.isalpha, prose))
    upper = sum(map(str.isupper, prose))
    return {
        "chars": len(text),
        "words": sum(any(map(str.isalnum, piece)) for piece in text.split()),
        "lines": text.count("\n") + 1 if text else 0,
        "urls": urls,
        "hashtags": len(HASHTAG.findall(prose)),
        "mentions": len(MENTION.findall(prose)),
        "upper_share": round(min(1.0, upper / letters), 4) if letters else 0.0,
        "exclamations": prose.count("!"),
        "questions": prose.count("?"),
        "url_only": urls > 0 and not any(map(str.isalnum, prose)),
        "sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(),
    }


def readable(text: Any) -> str | None:
    """The text with every lone surrogate replaced by U+FFFD; None for what is no text."""
    if not isinstance(text, str):
        return None
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
