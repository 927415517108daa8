"""Phase resolve: when a found name is a known entity, a new one, or for a person to decide."""

import itertools
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rapidfuzz")
pytest.importorskip("cleanco")

from tests.phase_worker import PhaseWorker
from volfefe_ml.entities.gazetteer import KINDS
from volfefe_ml.errors import StartError
from volfefe_ml.phases import resolve
from volfefe_ml.protocol import BadRequest
from volfefe_ml.resolution.accuracy import PAIRS, accuracy, shipped_pairs, wilson
from volfefe_ml.resolution.bands import Bands
from volfefe_ml.resolution.dictionary import informed_likeness
from volfefe_ml.resolution.likeness import likeness


def entity(key: int | str, name: str, kind: str = "company", **more: Any) -> dict[str, Any]:
    """An entity of the wire."""
    return {"key": key, "name": name, "type": kind, **more}


def decide(known: list[dict[str, Any]], *found: dict[str, Any], **bands: float) -> list[dict[str, Any]]:
    """Decisions on found entities, given known ones."""
    phase = resolve.load(bands, 1)
    phase.know(known)
    return phase.resolve(list(found))


@pytest.mark.parametrize("found", ["Nike Inc", "Nike, Inc.", "NIKE", "The Nike Company", "Nike Inc."])
def test_nike_in_all_its_spellings_is_one_entity(found: str):
    (decision,) = decide([entity(1, "Nike")], entity("a", found, confidence=0.85))
    assert (decision["verdict"], decision["into"]) == ("merge", 1)


def test_nothing_alike_is_new_when_sure_and_for_review_when_not():
    sure, unsure, edge = decide(
        [entity(1, "Kennametal")],
        entity("a", "Meta", confidence=0.81),
        entity("b", "Zyxo", confidence=0.79),
        entity("c", "Quuxly", confidence=0.8),
    )
    assert (sure["verdict"], unsure["verdict"], edge["verdict"]) == ("new", "review", "review")
    assert sure["into"] is None
    assert unsure["candidates"] == []


def test_what_is_new_is_known_to_what_comes_next():
    first, second = decide([], entity("a", "Vandelay Inc"), entity("b", "Vandelay, Inc."))
    assert (first["verdict"], second["verdict"], second["into"]) == ("new", "merge", "a")


def test_a_merged_name_becomes_an_alias():
    phase = resolve.load({}, 1)
    phase.know([entity(1, "Hillary Clinton", "person")])
    (merged,) = phase.resolve([entity("a", "Hillary Diane Rodham Clinton", "person")])
    (again,) = phase.resolve([entity("b", "hillary diane rodham clinton", "person")])
    assert (merged["into"], again["into"], again["score"]) == (1, 1, 1.0)


def test_several_matches_go_to_review_with_all_of_them():
    (decision,) = decide(
        [
            entity(1, "Acmey", "person"),
            entity(2, "John Smithson", "person"),
            entity(3, "John Smithsen", "person"),
        ],
        entity("a", "John Smithsan", "person"),
        accept=0.85,
    )
    assert (decision["verdict"], decision["why"]) == ("review", "several entities match")
    assert [candidate["key"] for candidate in decision["candidates"]] == [2, 3]


def test_the_same_name_wins_over_names_that_are_only_like_it():
    (decision,) = decide(
        [entity(1, "Jamieson Greer", "person"), entity(2, "Jameson Greer", "person")],
        entity("a", "JAMESON GREER", "person"),
    )
    assert (decision["verdict"], decision["into"]) == ("merge", 2)


def test_the_middle_band_goes_to_review_with_a_reason():
    (decision,) = decide([entity(1, "Vandelay Industries")], entity("a", "Vandelay"))
    assert decision["verdict"] == "review"
    assert decision["candidates"][0] == {
        "key": 1,
        "name": "Vandelay Industries",
        "score": 0.8,
        "why": "one has all words of the other, and more",
    }


def test_bands_are_settings():
    known, found = [entity(1, "Vandelay Industries")], entity("a", "Vandelay")
    assert decide(known, found, accept=0.8)[0]["verdict"] == "merge"
    assert decide(known, found, review=0.85)[0]["verdict"] == "new"
    with pytest.raises(StartError, match="`review` ≤ `accept`"):
        resolve.load({"accept": 0.5, "review": 0.6}, 1)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("Meta", "Kennametal", "company"),
        ("United Airlines", "United States", "organisation"),
        ("Bank of America", "Bank of Montreal", "company"),
        ("Donald Trump", "Donald Trump Jr.", "person"),
        ("Joe Biden", "Hunter Biden", "person"),
        ("North Korea", "South Korea", "place"),
        ("Austria", "Australia", "place"),
        ("Niger", "Nigeria", "place"),
        ("Boeing 737", "Boeing 747", "asset"),
        ("Portland, Oregon", "Portland, Maine", "place"),
    ],
)
def test_names_that_fuzzy_comparison_takes_for_one_are_kept_apart(one: str, other: str, kind: str):
    assert not Bands().accepts(informed_likeness(one, other, kind).score)


def test_a_person_is_no_company_of_the_same_name_unless_a_person_says_so():
    (decision,) = decide([entity(1, "Dell")], entity("a", "Dell", "person"))
    assert (decision["verdict"], decision["why"]) == ("review", "the same name, but of type company")
    assert [candidate["key"] for candidate in decision["candidates"]] == [1]


def test_a_name_that_the_dictionary_has_for_another_type_is_for_review():
    (decision,) = decide([], entity("a", "Novartis", "place"))
    assert decision["verdict"] == "review"
    assert decision["why"] == "the dictionary knows the name as one of type company"


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("Socialist Republic of Vietnam", "Vietnam", "place"),
        ("People's Republic of Zorblatt", "Zorblatt", "place"),
        ("U.S. Department of Zorblatts", "Department of Zorblatts", "organisation"),
        ("Drug Enforcement Administration", "DEA", "organisation"),
        ("Xi", "Xi Jinping", "person"),
    ],
)
def test_names_in_full_are_the_short_ones(one: str, other: str, kind: str):
    assert Bands().accepts(informed_likeness(one, other, kind).score)


def test_a_company_may_have_been_found_as_an_organisation():
    (decision,) = decide([entity(1, "Nike")], entity("a", "Nike Inc", "organisation"))
    assert decision["into"] == 1


def test_the_dictionary_knows_what_letters_do_not_tell():
    known = [entity(1, "General Motors"), entity(2, "Kyiv", "place")]
    assert [
        decision["into"] for decision in decide(known, entity("a", "GM"), entity("b", "Kiev", "place"))
    ] == [1, 2]


def test_likeness_is_symmetric_reflexive_and_between_0_and_1():
    names = [name for pair in shipped_pairs()[::3] for name in (pair.left, pair.right)][:60]
    for kind in KINDS:
        for one, other in itertools.combinations(names, 2):
            there, back = likeness(one, other, kind), likeness(other, one, kind)
            assert there.score == back.score, (one, other)
            assert 0 <= there.score <= 1
        assert all(likeness(name, name, kind).score == 1 for name in names)


@pytest.mark.parametrize(
    "name", ["", " ", "!!!", "\x00", "Inc.", "The", "Jr.", "🇺🇸", "X" * 10_000, "President", "of"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_strange_names_are_compared_like_any_other(name: str, kind: str):
    assert likeness(name, name, kind).score == 1
    assert 0 <= likeness(name, "Nike Inc", kind).score <= 1


def test_there_are_200_pairs_or_more_of_both_verdicts_in_both_halves():
    pairs = shipped_pairs()
    assert len(pairs) >= 200
    assert len({frozenset((pair.left, pair.right)) for pair in pairs}) == len(pairs)
    for half, same in itertools.product(("set", "test"), (True, False)):
        assert sum(pair.half == half and pair.same == same for pair in pairs) >= 50
    assert all(pair.kind in KINDS for pair in pairs)
    assert PAIRS.is_file()


def test_accuracy_on_the_pairs_not_used_for_setting_the_bands_passes_the_gate(tmp_path: Path):
    with PhaseWorker(tmp_path, "resolve") as worker:
        figures, _ = worker.ask("check")
    assert figures["low"] >= 0.9
    assert figures["by_letters"]["low"] >= 0.9
    assert figures["decided"] + figures["review"] == figures["pairs"]
    assert figures["review"] <= figures["pairs"] * 0.1


def test_wilsons_interval_has_the_values_of_its_author():
    # statsmodels.stats.proportion.proportion_confint(9, 10, method="wilson") and (0, 10), (10, 10)
    assert wilson(9, 10) == pytest.approx((0.5958499732047615, 0.9821237869049271), abs=1e-12)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775327998628892), abs=1e-12)
    assert wilson(10, 10) == pytest.approx((0.7224672001371107, 1.0), abs=1e-12)
    assert wilson(0, 0) is None


def test_accuracy_counts_what_was_decided_and_what_was_not():
    pairs = [pair for pair in shipped_pairs() if pair.half == "test"][:10]
    everything_merged = accuracy(pairs, lambda one, other, kind: 1.0, Bands())
    nothing_decided = accuracy(pairs, lambda one, other, kind: 0.8, Bands())
    assert everything_merged["merged_wrongly"] == sum(not pair.same for pair in pairs)
    assert (nothing_decided["decided"], nothing_decided["accuracy"]) == (0, None)


@pytest.mark.parametrize(
    "bad",
    [
        "Nike",
        [["Nike"]],
        [{"key": 1, "name": "Nike"}],
        [{"key": 1, "name": "", "type": "company"}],
        [{"key": None, "name": "Nike", "type": "company"}],
        [{"key": True, "name": "Nike", "type": "company"}],
        [{"key": 1, "name": "Nike", "type": "firm"}],
        [{"key": 1, "name": "Nike", "type": "company", "aliases": "Nike Inc"}],
    ],
)
def test_what_is_no_entity_is_refused(bad: Any):
    with pytest.raises(BadRequest):
        resolve.load({}, 1).know(bad)


def test_thousands_of_known_entities_are_searched_by_their_words():
    phase = resolve.load({}, 1)
    phase.know([entity(number, f"Vandelay{number} Works{number % 7}") for number in range(5000)])
    (decision,) = phase.resolve([entity("a", "VANDELAY4321 Works2, Inc.")])
    assert decision["into"] == 4321


def test_forgetting_leaves_nothing_known(tmp_path: Path):
    with PhaseWorker(tmp_path, "resolve") as worker:
        assert worker.ask("know", entities=[entity(1, "Nike")])[0]["known"] == 1
        worker.ask("forget")
        assert worker.ask("resolve", found=[entity("a", "Nike")])[0]["items"][0]["verdict"] == "new"
