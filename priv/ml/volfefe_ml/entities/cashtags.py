"""Cashtags: `$AAPL`, and `$BRK.B`."""

import re
from collections.abc import Iterator, Mapping

from volfefe_ml.entities.gazetteer import Alias
from volfefe_ml.entities.mention import Mention

CASHTAG = re.compile(r"(?<![\w$@#.])\$([A-Za-z]{1,6}(?:\.[A-Za-z]{1,2})?)(?![\w$])")
KNOWN, UNKNOWN = 0.98, 0.85


def cashtags(text: str, tickers: Mapping[str, Alias]) -> Iterator[Mention]:
    """Mentions of a text's cashtags. In lower case only a ticker that the dictionary has counts.

    A ticker that the dictionary lacks is an asset with the ticker as its name.
    """
    for match in CASHTAG.finditer(text):
        written = match.group(1)
        ticker = written.upper()
        # A full stop ends a sentence more often than it parts a class of shares.
        alias = tickers.get(ticker) or tickers.get(ticker.partition(".")[0])
        if alias is not None:
            yield Mention(
                match.start(), match.end(), alias.name, alias.kind, "cashtag", "known", KNOWN, alias.ticker
            )
        elif written.isupper() and len(written.partition(".")[0]) > 1:
            yield Mention(
                match.start(), match.end(), f"${ticker}", "asset", "cashtag", "unknown", UNKNOWN, ticker
            )
