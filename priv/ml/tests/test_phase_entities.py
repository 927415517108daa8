"""Phase entities: names that are there, and words that only look like names."""

import csv
import json
import sys
from pathlib import Path

import pytest

from tests.support import ML
from volfefe_ml.entities import gazetteer
from volfefe_ml.errors import StartError
from volfefe_ml.phases import entities

PHASE = entities.load({}, 1)


def names(text: str) -> list[str]:
    """The canonical names found in a text, in its order."""
    return [mention["name"] for mention in PHASE.annotate([text])[0]["mentions"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I just spoke to President Putin of Russia.", ["Vladimir Putin", "Russia"]),
        ("GM and Ford Motor are hiring in Michigan", ["General Motors", "Ford", "Michigan"]),
        ("Crooked Joe Biden’s FBI", ["Joe Biden", "FBI"]),
        ("MAKE AMERICA GREAT AGAIN!", ["United States"]),
        ("the U.S.A. and the U.K.", ["United States", "United Kingdom"]),
        ("Washington, D.C., is GREAT", ["Washington, D.C."]),
        ("Buy $TSLA and $brk.b, sell $X.", ["Tesla", "Berkshire Hathaway", "U.S. Steel"]),
        ("$ZZQX is up 5%, I paid $500 and US$ 20", ["$ZZQX"]),
        ("Recep Tayyip Erdogan, Nestle and Viktor Orban", ["Recep Tayyip Erdoğan", "Nestlé", "Viktor Orbán"]),
        ("Texas’ 6th Congressional District", ["Texas"]),
        ("Israel/Hamas/Iran", ["Israel", "Hamas", "Iran"]),
        ("#Tesla is hiring", ["Tesla"]),
        ("Chip maker Marvell Technology and A10 Networks", ["Marvell Technology", "A10 Networks"]),
    ],
)
def test_names_are_found(text: str, expected: list[str]):
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Bank of America tower", ["Bank of America"]),
        ("The New York Times is in New York", ["The New York Times", "New York"]),
        ("Eric Trump and the Trump Organization", ["Eric Trump", "Trump Organization"]),
        ("United States Steel", ["U.S. Steel"]),
        ("Trump Administration", ["Trump administration"]),
    ],
)
def test_the_longest_name_wins(text: str, expected: list[str]):
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "an apple a day, our target is the gap, may we visit turkey",
        "Apple pie and Turkey sandwiches for Thanksgiving",
        "Meta analysis. Target the Gap. Visa free travel for all",
        "She lives on Ford Street and May will come",
        "join us now, and JOIN US NOW, BELIEVE US ALL",
        "Nikeish, Chinatown, Iranian, Teslas, Bidenomics",
        "@Tesla @realDonaldTrump info@boeing.com www.boeing.com boeing.com",
        "https://www.nike.com/Boeing/Tesla?Trump=China",
        'a href="https://www.Tesla.com/Boeing" rel="nofollow Nike" target="_blank',
        "Bob Jordan was seen with Virginia Woolf and Paris Hilton",
        "The Washington Redskins beat the Cleveland Indians",
        "Real Madrid and the University of Michigan",
        "America First! Miss America!",
        "Fred Trump and Jill Biden",
        "Is Genfit (EPA:GNFT) a buy?",
        "Senator Warrenton, Mr. Powell",
        "$100 $1,000.50 $$$ $",
    ],
)
def test_words_that_only_look_like_names_are_not_found(text: str):
    assert names(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Apple sold fewer iPhones, said Tim Cook", ["Apple", "Tim Cook"]),
        ("Shares of Apple fell", ["Apple"]),
        ("Target Corp. missed", ["Target"]),
        ("Zuckerberg said that Meta will hire", ["Mark Zuckerberg", "Meta Platforms"]),
        ("President Erdoğan of Turkey", ["Recep Tayyip Erdoğan", "Turkey"]),
        ("Georgia and Pennsylvania", ["Georgia (state)", "Pennsylvania"]),
        ("Georgia and Armenia", ["Georgia (country)", "Armenia"]),
        ("ICE arrested them at the border", ["Immigration and Customs Enforcement"]),
        ("Jerome Powell is late. Powell must go", ["Jerome Powell", "Jerome Powell"]),
        ("Senator Warren spoke", ["Elizabeth Warren"]),
    ],
)
def test_an_ambiguous_word_is_a_name_where_the_text_vouches_for_it(text: str, expected: list[str]):
    assert [name for name in names(text) if name not in ("iPhone",)] == expected


def test_a_spelling_of_two_names_is_none_where_nothing_tells_them_apart():
    assert names("I was in Georgia") == []


def test_offsets_are_code_points_of_the_text_that_was_sent():
    text = "🇺🇸 “𝗕𝗶𝗴” — İstanbul’s visit: President Trump’s $AAPL call on\nNew York"
    for mention in PHASE.annotate([text])[0]["mentions"]:
        assert text[mention["start"] : mention["end"]] == mention["text"]
    assert names(text) == ["Donald Trump", "Apple", "New York"]


def test_every_mention_says_how_it_was_found_and_how_sure_that_is():
    found = PHASE.annotate(["$AAPL is in talks with Boeing and China; shares of Target rose; $QQQQX"])[0][
        "mentions"
    ]
    assert {mention["method"] for mention in found} == {"cashtag", "dictionary"}
    assert all(0.8 <= mention["confidence"] <= 1 for mention in found)
    assert {mention["type"] for mention in found} == {"company", "place", "asset"}


def test_a_higher_minimum_leaves_out_what_is_less_sure():
    text = "Shares of Target rose in China"
    sure = entities.load({"minimum_confidence": 0.9}, 1).annotate([text])[0]["mentions"]
    assert [mention["name"] for mention in sure] == ["China"]


def test_strange_texts_are_texts():
    for text in ("\x00", "İ" * 100, "\u2028Boeing\u2029", "ﬁ", "a" * 100_000, "U.S.U.S.A.", "$" * 1000, "'s"):
        assert isinstance(PHASE.annotate([text])[0]["mentions"], list)
    assert names("\u2028Boeing\u2029") == ["Boeing"]


def test_no_spelling_of_the_curated_files_stands_for_two_names_unless_a_rule_tells_them_apart():
    meant: dict[str, set[str]] = {}
    for alias in gazetteer.shipped().aliases:
        if alias.curated and alias.rule in ("plain", "exact"):
            meant.setdefault(alias.spelling, set()).add(alias.name)
    assert {spelling: found for spelling, found in meant.items() if len(found) > 1} == {}


def test_every_plain_spelling_of_the_curated_files_is_found_in_a_sentence():
    missed = [
        alias.spelling
        for alias in gazetteer.shipped().aliases
        if alias.curated
        and alias.rule == "plain"
        and alias.name not in names(f"We met {alias.spelling} there.")
    ]
    assert missed == []


def test_the_list_of_companies_is_what_its_maker_makes(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("pytickersymbols")
    pytest.importorskip("cleanco")
    monkeypatch.syspath_prepend(str(ML))
    from pytickersymbols import PyTickerSymbols

    import gazetteer as maker

    with gazetteer.TICKERS.open(newline="") as file:
        shipped = list(csv.reader(file))[1:]
    assert maker.rows(PyTickerSymbols().get_all_stocks()) == shipped
    sys.modules.pop("gazetteer", None)


def test_a_damaged_file_is_named_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "tickers.csv"
    file.write_text("name,type,ticker,aliases,evidence\nBoeing,plane,BA,Boeing,\n")
    monkeypatch.setattr(gazetteer, "TICKERS", file)
    gazetteer.shipped.cache_clear()
    try:
        with pytest.raises(StartError, match="line 2"):
            gazetteer.shipped()
    finally:
        monkeypatch.undo()
        gazetteer.shipped.cache_clear()
    assert json.dumps(sorted(gazetteer.shipped().tickers)[:1])
