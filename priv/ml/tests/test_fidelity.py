"""The gate: what it measures, what it lets pass, and what it never does."""

import math
from pathlib import Path

import pytest

from volfefe_ml.errors import StartError
from volfefe_ml.fidelity import Fidelity, Raw, compare
from volfefe_ml.texts import ENOUGH, MOST, comparison_texts, read_texts


def raw(*probabilities: float) -> Raw:
    return list(zip("abc", probabilities, strict=False))


def test_the_figures_are_those_of_a_hand_computed_case():
    reference = [raw(0.7, 0.2, 0.1), raw(0.5, 0.4, 0.1)]
    candidate = [raw(0.7, 0.2, 0.1), raw(0.4, 0.55, 0.05)]
    found = compare(candidate, reference)
    assert (found.texts, found.label_agreement, found.failed) == (2, 0.5, 0)
    assert found.mean_delta == pytest.approx((0.1 + 0.15 + 0.05) / 3 / 2)
    assert found.max_delta == pytest.approx(0.15)


def test_one_other_label_in_200_texts_passes_and_two_do_not():
    reference: list[Raw | None] = [raw(0.501, 0.499)] * 400
    for flips, passes in ((2, True), (3, False)):
        candidate = [raw(0.499, 0.501)] * flips + reference[flips:]
        assert compare(candidate, reference).passes is passes


def test_probabilities_that_are_off_by_more_than_the_bound_are_refused_at_equal_labels():
    reference: list[Raw | None] = [raw(0.9, 0.1)] * 10
    assert compare([raw(0.8951, 0.1049)] * 10, reference).passes
    refused = compare([raw(0.89, 0.11)] * 10, reference)
    assert refused.label_agreement == 1 and not refused.passes
    assert refused.shortcomings == ["mean |Δp| 0.0100 > 0.005"]


@pytest.mark.parametrize(
    "broken",
    [
        None,
        raw(math.nan, math.nan),
        raw(math.inf, 0),
        raw(0.5, 0.4),
        raw(1.5, -0.5),
        [("x", 1.0), ("y", 0.0)],
        [],
    ],
)
def test_one_text_without_a_distribution_never_passes(broken: Raw | None):
    reference: list[Raw | None] = [raw(0.9, 0.1)] * 1000
    found = compare([broken, *reference[1:]], reference)
    assert (found.failed, found.passes) == (1, False)
    assert compare([broken] * 1000, reference) == Fidelity(1000, 0.0, 1.0, 1.0, failed=1000)


def test_texts_that_the_reference_fails_on_are_left_out_and_nothing_to_compare_is_no_pass():
    reference = [None, raw(math.nan, 1.0), raw(0.9, 0.1)]
    assert compare([raw(0.9, 0.1)] * 3, reference) == Fidelity(1, 1.0, 0.0, 0.0)
    assert not compare([raw(0.9, 0.1)], [None]).passes


def test_nan_figures_do_not_pass():
    assert not Fidelity(10, math.nan, 0.0, 0.0).passes
    assert not Fidelity(10, 1.0, math.nan, 0.0).passes


def test_the_shipped_texts_are_enough_and_each_is_another():
    shipped = comparison_texts(None)
    assert len(set(shipped.texts)) == len(shipped.texts) == 512
    assert shipped.description == "512 shipped texts"


def test_own_texts_are_filled_up_when_few_and_thinned_out_when_many(tmp_path: Path):
    few = tmp_path / "few.txt"
    few.write_text("Profits rose.\n\nProfits fell.\nProfits rose.\n")
    filled = comparison_texts(few)
    assert (len(filled.texts), filled.own, filled.texts[:2]) == (
        ENOUGH,
        2,
        ("Profits rose.", "Profits fell."),
    )
    many = tmp_path / "many.jsonl"
    many.write_text("".join(f'{{"text": "text {number}"}}\n' for number in range(3 * MOST)))
    thinned = comparison_texts(many)
    assert (len(thinned.texts), thinned.own, thinned.texts[1]) == (MOST, MOST, "text 3")
    assert filled.digest != thinned.digest


@pytest.mark.parametrize(
    ("content", "words"), [(b'{"text": "a"}\n{"txt": "b"}\n', "line 2"), (b"\xff\xfe", "not UTF-8 at byte 0")]
)
def test_unusable_texts_are_named_with_their_line(tmp_path: Path, content: bytes, words: str):
    (tmp_path / "bad.jsonl").write_bytes(content)
    with pytest.raises(StartError, match=words) as caught:
        read_texts(tmp_path / "bad.jsonl")
    assert caught.value.exit == 65
    with pytest.raises(StartError, match="No such file"):
        read_texts(tmp_path / "none.txt")
