"""Phases topics and stories: what a collection is about, and what tells the same in nearly the same words."""

import itertools
import random
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn")

from tests.phase_worker import PhaseWorker
from volfefe_ml.corpus import topics as topic_model
from volfefe_ml.corpus.coherence import coherence
from volfefe_ml.corpus.held import Held
from volfefe_ml.corpus.stories import Settings as StorySettings
from volfefe_ml.corpus.stories import stories
from volfefe_ml.corpus.words import content_words
from volfefe_ml.phases import topics

SUBJECTS = {
    subject: words.split()
    for subject, words in {
        "trade": "tariff tariffs china trade deal import duties steel exports market",
        "war": "ukraine russia putin ceasefire peace war troops missile zelenskyy nato",
        "rates": "fed powell inflation rate cut interest jerome economy prices mortgage",
        "health": "hospital doctor vaccine patients medicine nurse virus clinic drug cancer",
    }.items()
}


def collection(size: int = 400, seed: int = 1) -> tuple[list[str], list[str]]:
    """Texts on four subjects, and the subject of each."""
    chance = random.Random(seed)
    subjects = [chance.choice(sorted(SUBJECTS)) for _ in range(size)]
    return [" ".join(chance.sample(SUBJECTS[subject], 6)) for subject in subjects], subjects


def held(texts: list[str], sources: list[str] | None = None) -> Held:
    """Held contents with their places as keys."""
    contents = Held()
    contents.add(
        [
            {"key": key, "text": text, "source": sources[key] if sources else "one"}
            for key, text in enumerate(texts)
        ]
    )
    return contents


def found(texts: list[str], **settings: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Assigned contents, and the last reply of phase topics."""
    *parts, last = topics.load({"minimum_contents": 10, **settings}, 1).find(held(texts))
    return [row for part in parts for row in part["assigned"]], last


def test_topics_are_the_subjects_that_texts_were_made_of():
    texts, subjects = collection()
    assigned, result = found(texts, topics=4)
    by_topic: dict[int, set[str]] = {}
    for row in assigned:
        by_topic.setdefault(row["topic"], set()).add(subjects[row["key"]])
    assert sorted(map(len, by_topic.values())) == [1, 1, 1, 1]
    for topic in result["topics"]:
        assert {word["word"] for word in topic["words"]} in map(set, SUBJECTS.values())
    assert result["outliers"] == 0
    assert sum(topic["size"] for topic in result["topics"]) == len(texts)


def test_the_same_collection_has_the_same_topics_to_the_last_digit():
    texts, _ = collection(200)
    assert found(texts) == found(texts)


def test_contents_that_belong_to_no_topic_are_outliers():
    texts, _ = collection()
    assigned, result = found(
        [*texts, "zebra giraffe elephant lion", "", "https://example.com/a-link", "tariff"]
    )
    assert [row["topic"] for row in assigned[-4:]] == [None] * 4
    assert result["outliers"] == 4
    assert result["without_words"] == 2


def test_too_few_contents_have_no_topics_and_a_reason():
    assigned, result = found(["tariffs on china"] * 9)
    assert (assigned, result["topics"], result["coherence"]) == ([], [], None)
    assert result["reason"] == "9 contents, and topics need 10"


def test_contents_that_share_no_words_have_no_topics_and_a_reason():
    _, result = found(
        [
            f"word{chr(97 + a)}{chr(97 + b)} other{chr(97 + b)}{chr(97 + a)}"
            for a in range(5)
            for b in range(5)
        ]
    )
    assert result["topics"] == []
    assert "hardly any word" in result["reason"]


def test_a_text_repeated_many_times_is_no_topic_of_its_own():
    texts, _ = collection()
    _, result = found(texts + ["retro gaming console arcade joystick"] * 4, topics=4)
    assert all("arcade" not in {word["word"] for word in topic["words"]} for topic in result["topics"])


def test_real_topics_are_more_coherent_than_mixed_ones_and_these_than_random_words():
    texts, _ = collection()
    documents = [content_words(text) for text in texts]
    real = [words[:8] for words in SUBJECTS.values()]
    mixed = [[*one[:4], *other[4:8]] for one, other in itertools.pairwise(SUBJECTS.values())]
    chance = random.Random(0)
    noise = [chance.sample([word for words in SUBJECTS.values() for word in words], 8) for _ in range(4)]

    def mean(tops: list[list[str]]) -> float:
        values = coherence(tops, documents)
        return sum(value or 0 for value in values) / len(values)

    assert mean(real) > mean(mixed) > 0
    assert mean(mixed) > mean(noise) - 0.1
    assert mean(real) > 0.55


def test_coherence_by_hand():
    # Four documents: a and b always together in two of them, c never with a.
    documents = [["a", "b"], ["a", "b"], ["c"], ["d"]]
    assert coherence([["a", "b"]], documents) == [pytest.approx(1.0)]
    assert coherence([["a", "c"]], documents) == [0.0]
    assert coherence([["a"]], documents) == [None]
    assert coherence([["a", "d", "b"]], documents) == [pytest.approx(1 / 3)]
    # Independent: p(a) = p(b) = ½, p(a,b) = ¼, so NPMI is 0.
    assert coherence([["a", "b"]], [["a", "b"], ["a"], ["b"], []]) == [pytest.approx(0.5)]


def test_class_words_by_hand():
    # Counts: topic 0 has x 3, y 1; topic 1 has y 2. A = 6 / 2 = 3; f(x) = 3, f(y) = 3: ln(1 + 1) for both.
    words = topic_model.class_words([["x", "x", "x", "y"], ["y", "y"]], [0, 1], [0, 1], {"x", "y"}, 2)
    assert [[word for word, _ in top] for top in words] == [["x", "y"], ["y"]]
    assert [weight for top in words for _, weight in top] == pytest.approx(
        [0.519860, 0.173287, 0.693147], abs=1e-6
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thank you for your attention to this matter!", []),
        ("The FED’s Rates, and Powell's rates", ["fed", "rates", "powell", "rates"]),
        ("https://a.com/tariffs @someone #Tariffs", ["tariffs"]),
        ('a href="https://x.com/y" rel="nofollow noopener noreferrer" target="_blank">https://x.c', []),
        ("the U.S.A. and the U.S. want steel", ["usa", "usa", "steel"]),
        ("50% of 1,000 is x", []),
        ("𝗧𝗮𝗿𝗶𝗳𝗳", ["tariff"]),
    ],
)
def test_words_that_count(text: str, expected: list[str]):
    assert content_words(text) == expected


STORY = "The president said on Friday that tariffs on foreign steel would rise to fifty percent next month"


def told(texts: list[str], sources: list[str] | None = None, **settings: Any) -> list[tuple[int, ...]]:
    """Members of the stories in texts."""
    documents = [content_words(text) for text in texts]
    return [
        story.members
        for story in stories(documents, sources or ["one"] * len(texts), StorySettings(**settings))
    ]


def test_a_repost_and_a_quotation_with_a_link_are_the_same_story():
    texts = [
        STORY,
        f"RT @someone {STORY}",
        f"“{STORY}” https://news.com/x",
        "Something else about hospitals and nurses in towns",
    ]
    assert told(texts) == [(0, 1, 2)]


def test_the_same_subject_in_other_words_is_another_story():
    other = "Steel makers welcome tariffs while builders warn that homes will cost much more money soon"
    assert told([STORY, other]) == []


def test_stories_of_one_source_only_can_be_left_out():
    texts = [
        STORY,
        STORY,
        f"{STORY} again",
        "Doctors and nurses warn that hospitals lack beds",
        "Doctors and nurses warn that hospitals lack beds",
    ]
    sources = ["a", "b", "a", "a", "a"]
    assert told(texts, sources) == [(0, 1, 2), (3, 4)]
    assert told(texts, sources, across_sources=True) == [(0, 1, 2)]


def test_one_text_many_times_is_one_story():
    assert told([STORY] * 3000) == [tuple(range(3000))]


def test_short_texts_tell_no_story():
    assert told(["Thank you America", "Thank you America"]) == []
    assert told([]) == []


def test_a_worker_holds_contents_over_several_requests_and_forgets_them(tmp_path: Path):
    texts, _ = collection(60)
    rows = [{"key": f"c{number}", "text": text, "source": "x"} for number, text in enumerate(texts)]
    with PhaseWorker(tmp_path, "topics", "stories", topics={"minimum_contents": 60, "topics": 4}) as worker:
        assert worker.ask("hold", items=rows[:40])[0]["held"] == 40
        early, _ = worker.ask("find", phase="topics")
        assert early["reason"] == "40 contents, and topics need 60"
        assert worker.ask("hold", items=rows[20:])[0]["held"] == 60
        result, parts = worker.ask("find", phase="topics")
        assert [row["key"] for part in parts for row in part["assigned"]] == [row["key"] for row in rows]
        assert len(result["topics"]) == 4
        assert worker.ask("find", phase="stories")[0]["type"] == "result"
        bad, _ = worker.ask("hold", items=[{"key": 1}])
        assert (bad["type"], bad["code"]) == ("error", "bad_request")
        assert worker.ask("forget")[0]["held"] == 0
        assert worker.ask("find", phase="topics")[0]["contents"] == 0
