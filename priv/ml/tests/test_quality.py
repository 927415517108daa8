"""Quality figures against those that the real hub models' first users computed."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.support import REPOSITORY
from volfefe_ml.quality import quality

GOLDEN = REPOSITORY.parent / "shared" / "data" / "golden" / "posts_with_real_results.json"


def check(block: dict[str, Any]) -> None:
    assert quality(block["raw_scores"].values()) == {
        **block["quality"],
        "entropy": block["quality"]["entropy"] or 0.0,
    }


def test_figures_kept_from_real_models_are_reproduced():
    for block in json.loads((Path(__file__).parent / "fixtures" / "quality.json").read_bytes()):
        check(block)


@pytest.mark.skipif(not GOLDEN.is_file(), reason="the whole golden file is not on this machine")
def test_every_figure_of_the_golden_file_is_reproduced():
    blocks = [block for post in json.loads(GOLDEN.read_bytes()) for block in post["models"].values()]
    assert len(blocks) == 132
    for block in blocks:
        check(block)


@pytest.mark.parametrize(
    ("scores", "flags"),
    [
        ((1.0, 0.0, 0.0), ["high_confidence", "perfect_score", "clear_winner", "low_uncertainty"]),
        ((0.99996, 0.00004), ["high_confidence", "perfect_score", "clear_winner", "low_uncertainty"]),
        ((0.99994, 0.00006), ["high_confidence", "clear_winner", "low_uncertainty"]),
        ((0.95, 0.05), ["high_confidence", "clear_winner"]),
        ((0.9, 0.1), ["clear_winner"]),
        ((0.65, 0.35), []),
        ((0.6499, 0.3501), ["ambiguous"]),
        ((1 / 3, 1 / 3, 1 / 3), ["ambiguous", "high_uncertainty"]),
        ((1.0,), ["high_confidence", "perfect_score", "clear_winner", "low_uncertainty"]),
    ],
)
def test_flags_change_exactly_at_their_thresholds(scores: tuple[float, ...], flags: list[str]):
    assert quality(scores)["flags"] == flags


def test_entropy_of_a_sure_model_is_a_plain_zero():
    assert math.copysign(1, quality((1.0, 0.0))["entropy"]) == 1
