"""Spellings made comparable, character by character, so that offsets stay true."""

PLAIN = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "‐": "-",
        "‑": "-",
        "–": "-",
        "—": "-",
        "\n": " ",
        "\u00a0": " ",
    }
)


def folded(text: str) -> str:
    """The text in lower case with plain apostrophes, quotes, hyphens and spaces; as long as it was."""
    plain = text.translate(PLAIN)
    lower = plain.lower()
    if len(lower) == len(plain):
        return lower
    return "".join(char if len(char.lower()) != 1 else char.lower() for char in plain)
