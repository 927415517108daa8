"""The dictionary of names that ships: curated aliases, and listed companies with their tickers."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from volfefe_ml.errors import StartError
from volfefe_ml.word_lists import words_digest

DATA = Path(__file__).parents[2] / "data"
ALIASES = DATA / "aliases"
TICKERS = DATA / "tickers.csv"
HEADER = ["name", "type", "ticker", "aliases", "evidence"]
KINDS = ("company", "organisation", "person", "place", "asset")
# What stands before an alias in the files, and what it demands of a text: see data/README.md.
RULES = {"=": "exact", "~": "evidence", "^": "surname", "": "plain"}


@dataclass(frozen=True, slots=True)
class Alias:
    """One spelling of a name: `rule` says when it counts, `evidence` which words vouch for it in a text."""

    spelling: str
    name: str
    kind: str
    ticker: str | None
    rule: str
    evidence: tuple[str, ...]
    curated: bool


@dataclass(frozen=True)
class Gazetteer:
    """All aliases, in the files' order; `tickers`: ticker → alias of its company or asset."""

    aliases: tuple[Alias, ...]
    tickers: dict[str, Alias]
    revision: str


@lru_cache(maxsize=1)
def shipped() -> Gazetteer:
    """The dictionary of this installation; raises StartError for a damaged file."""
    files = [*sorted(ALIASES.glob("*.csv")), TICKERS]
    digest = hashlib.sha256(words_digest().encode())
    aliases: list[Alias] = []
    for file in files:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise _bad(file, f"cannot be read: {error.strerror}") from None
        digest.update(data)
        aliases.extend(_aliases(file, data))
    tickers: dict[str, Alias] = {}
    for alias in aliases:
        if alias.ticker:
            tickers.setdefault(alias.ticker, alias)
    return Gazetteer(tuple(aliases), tickers, f"sha256:{digest.hexdigest()}")


def _aliases(file: Path, data: bytes) -> Iterator[Alias]:
    rows = csv.reader(data.decode("utf-8").splitlines())
    if next(rows, None) != HEADER:
        raise _bad(file, f"must begin with the line {','.join(HEADER)}")
    for number, row in enumerate(rows, 2):
        if len(row) != len(HEADER) or row[1] not in KINDS or not row[0]:
            raise _bad(
                file, f"line {number} needs {len(HEADER)} columns, a name, and a type of {', '.join(KINDS)}"
            )
        name, kind, ticker, spellings, evidence = row
        words = tuple(filter(None, evidence.split("|")))
        for marked in filter(None, spellings.split("|")):
            rule = RULES[marked[0] if marked[0] in RULES else ""]
            spelling = marked if rule == "plain" else marked[1:]
            yield Alias(spelling, name, kind, ticker or None, rule, words, file.parent == ALIASES)


def _bad(file: Path, what: str) -> StartError:
    return StartError(
        "bad_configuration",
        f"{file} {what}.",
        path=file,
        remedy="Restore it from the repository: `git checkout -- priv/ml/data`.",
    )
