"""VADER as a model among the others."""

import random
import time

import pytest

from tests import tiny
from tests.support import VADER
from volfefe_ml.engines import lexicon
from volfefe_ml.entry import ModelEntry, parse_entry


@pytest.fixture(scope="module")
def entry() -> ModelEntry:
    return parse_entry(dict(VADER))


@pytest.fixture(scope="module")
def vader(entry: ModelEntry) -> lexicon.Lexicon:
    return lexicon.Lexicon(entry)


def test_the_best_score_is_the_sentiment_of_the_authors_rule_for_every_compound():
    for thousandth in range(-10_000, 10_001):
        compound = thousandth / 10_000
        scores = {sentiment: round(score, 6) for sentiment, score in lexicon.distribution(compound).items()}
        rule = "positive" if compound >= 0.05 else "negative" if compound <= -0.05 else "neutral"
        assert max(scores, key=scores.__getitem__) == rule, compound
        assert sorted(scores.values())[-1] > sorted(scores.values())[-2]
        assert sum(scores.values()) == pytest.approx(1, abs=2e-6)


def test_compound_and_proportions_are_kept_as_the_raw_output(vader: lexicon.Lexicon):
    (output,) = vader.predict(["VADER is smart, handsome, and funny!"])
    # The example and its figures stand in VADER's own documentation.
    assert dict(output.raw) == {"neg": 0.0, "neu": 0.248, "pos": 0.752, "compound": 0.8439}


def test_a_text_is_judged_alike_alone_and_in_any_batch(vader: lexicon.Lexicon):
    posts = tiny.texts(100)
    alone = [vader.predict([post])[0] for post in posts]
    order = random.Random(1).sample(range(100), 100)
    together = dict(zip(order, vader.predict([posts[index] for index in order]), strict=True))
    assert all(together[index].scores == output.scores for index, output in enumerate(alone))


@pytest.mark.parametrize("text", ["😀" * 25_000, "good but bad " * 8_000, "!" * 100_000, "a" * 100_000])
def test_a_text_of_100_kb_takes_less_than_a_cpu_second(vader: lexicon.Lexicon, text: str):
    started = time.process_time()
    vader.predict([text])
    assert time.process_time() - started < 1


def test_words_beyond_the_limit_are_counted_and_not_read(vader: lexicon.Lexicon):
    full, over = vader.predict(["good " * 1024, "good " * 1024 + "awful " * 5000])
    assert (full.tokens, full.truncated) == (1024, False)
    assert (over.tokens, over.truncated) == (6024, True)
    assert over.scores == full.scores
