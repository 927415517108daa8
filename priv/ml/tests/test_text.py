"""What is said about a text before any model has read it, and which texts run together."""

import hashlib
import random

import pytest

from volfefe_ml.batching import micro_batches
from volfefe_ml.text_info import text_info
from volfefe_ml.tokens import PIECE_CHARS, pieces


def test_a_post_is_described():
    text = "BUY NOW!! @whale says $AAPL & #stonks to the moon?\nSee https://x.com/@who?a=B#top! a@b.com"
    info = text_info(text)
    assert info == {
        "chars": len(text),
        "words": 12,
        "lines": 2,
        "urls": 1,
        "hashtags": 1,
        "mentions": 1,
        "upper_share": pytest.approx(11 / 42, abs=1e-4),
        "exclamations": 2,
        "questions": 1,
        "url_only": False,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


@pytest.mark.parametrize(
    ("text", "url_only"),
    [
        ("https://a.b/c", True),
        (" www.a.b \n HTTP://C.d ! ", True),
        ("see https://a.b/c", False),
        ("!!!", False),
        ("", False),
    ],
)
def test_a_text_of_nothing_but_links_is_told_apart(text: str, url_only: bool):
    assert text_info(text)["url_only"] is url_only


def test_letters_without_case_and_odd_spaces_are_no_trouble():
    info = text_info("日本語\u2028ＡＢＣ\x00ǅ 😀")
    assert (info["chars"], info["lines"], info["words"]) == (11, 1, 2)
    assert info["upper_share"] == pytest.approx(3 / 7, abs=1e-4)


def test_micro_batches_hold_every_text_once_and_stay_within_the_budget():
    dice = random.Random(3)
    lengths = [dice.choice([1, 2, 7, 30, 128, 256, 257, 900]) for _ in range(300)]
    batches = micro_batches(lengths)
    assert sorted(index for batch in batches for index in batch) == list(range(300))
    assert all(len(b) == 1 or len(b) * max(lengths[i] for i in b) <= 256 for b in batches)
    assert len(micro_batches([64] * 8)) == 2


def test_pieces_of_a_long_text_are_cut_before_spaces_and_lose_nothing():
    dice = random.Random(5)
    text = " ".join("x" * dice.randint(1, 2000) for _ in range(400)) + "y" * (2 * PIECE_CHARS)
    parts = list(pieces(text))
    assert "".join(parts) == text
    assert all(0 < len(part) <= PIECE_CHARS for part in parts)
    assert all(part.startswith((" ", "y")) for part in parts[1:])
