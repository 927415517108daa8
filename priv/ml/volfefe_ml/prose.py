"""What in a text is language: not links, mentions, addresses or remains of mark-up."""

import re

from volfefe_ml.text_info import URL

# Archives that cut posts leave tags without their brackets: `a href="https://…" rel="nofollow noopener`.
ATTRIBUTE = r"(?:href|rel|target|class|src|style)=\"[^\"]*\"?"
TAG = rf"</?[a-z][a-z0-9]*(?:\s+{ATTRIBUTE})*\s*/?>?|(?<!\S)(?:a|span|p|div|img)(?:\s+{ATTRIBUTE})+\s*/?>?"
ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
DOMAIN = r"(?<![\w@])(?:[\w-]+\.)+(?:com|org|net|gov|edu|co\.uk)\b(?:/\S*)?"
MENTION = r"(?<![\w.])@\w+"
NO_PROSE = re.compile("|".join((TAG, ATTRIBUTE, URL.pattern, ADDRESS, DOMAIN, MENTION)), re.IGNORECASE)

# Nothing of the above is in a text without one of these; most have none.
SIGNS = ("<", '="', "@", "http", "www.", ".com", ".org", ".net", ".gov", ".edu", ".co.uk")


def blanked(text: str) -> str:
    """The text with spaces in the place of what is no language, so that offsets stay true."""
    lower = text.lower()
    if not any(sign in lower for sign in SIGNS):
        return text
    return NO_PROSE.sub(lambda match: " " * len(match.group()), text)
