"""Texts that engines are compared on, and quantised with: the user's own, or those that ship."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from volfefe_ml.errors import StartError

SHIPPED = Path(__file__).parents[1] / "models" / "fidelity" / "texts.jsonl"
# One wrong label of 256 texts is within the gate, of 128 it is not: fewer texts are too coarse a sieve.
ENOUGH = 256
MOST = 1024
MAX_CHARS = 8_000


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts in a fixed order, and how many of them are the user's own."""

    texts: tuple[str, ...]
    own: int

    @property
    def digest(self) -> str:
        """SHA-256 of the texts, in hex: what was measured on the same texts need not be measured again."""
        return sha256("\0".join(self.texts).encode("utf-8", "replace")).hexdigest()

    @property
    def description(self) -> str:
        """Where the texts are from, for people."""
        shipped = len(self.texts) - self.own
        own = f"{self.own} of your texts"
        return (
            f"{shipped} shipped texts" if not self.own else f"{own} and {shipped} shipped" if shipped else own
        )


def comparison_texts(file: Path | None) -> Texts:
    """At least `ENOUGH` and at most `MOST` texts: those of `file` (one a line, or JSON lines with `text`).

    Too many are thinned out evenly, too few are filled up with shipped ones. Raises StartError naming the
    file and the line.
    """
    shipped = read_texts(SHIPPED)
    own = read_texts(file) if file else []
    own = [own[index * len(own) // MOST] for index in range(MOST)] if len(own) > MOST else own
    known = set(own)
    missing = ENOUGH - len(own) if own else len(shipped)
    filling = [text for text in shipped if text not in known][: max(missing, 0)]
    return Texts((*own, *filling), len(own))


def read_texts(file: Path) -> list[str]:
    """The texts of a file, each once and cut at `MAX_CHARS`; blank ones are left out."""
    try:
        lines = file.read_bytes().decode("utf-8-sig").split("\n")
    except OSError as error:
        raise _bad(file, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise _bad(file, f"is not UTF-8 at byte {error.start}") from None
    if file.suffix in (".jsonl", ".ndjson"):
        lines = [_text_of(file, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    return list(dict.fromkeys(text[:MAX_CHARS] for line in lines if (text := line.strip())))


def _text_of(file: Path, number: int, line: str) -> str:
    try:
        text = json.loads(line)["text"]
    except (ValueError, KeyError, TypeError):
        text = None
    if not isinstance(text, str):
        raise _bad(file, f"line {number} is no JSON object with a `text`")
    return text


def _bad(file: Path, what: str) -> StartError:
    return StartError(
        "bad_texts",
        f"{file} {what}.",
        path=file,
        remedy="Give --texts a text file with a text per line, or a .jsonl file with `text` on every line.",
    )
