"""Phase `topics`: what a collection is about, with how coherent each topic is, and what belongs to none."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from volfefe_ml.corpus.held import Held
from volfefe_ml.corpus.topics import Model, Settings, discover
from volfefe_ml.corpus.words import content_words
from volfefe_ml.phases import settings as phase_settings
from volfefe_ml.word_lists import words_digest

# Contents per line of the reply: about 300 kB.
PART = 5000
TYPICAL = 3


class Topics:
    """NMF over TF-IDF of the held contents."""

    method = "tf-idf, nmf"

    def __init__(self, settings: Settings) -> None:
        import sklearn

        self._settings = settings
        facts = f"{sklearn.__version__} {sorted(asdict(settings).items())} {words_digest()}"
        self.revision = f"sha256:{hashlib.sha256(facts.encode()).hexdigest()}"

    def find(self, held: Held) -> Iterator[dict[str, Any]]:
        """Parts with `assigned` (key, topic, likeness), then the topics."""
        documents = [content_words(text) for text in held.texts.values()]
        usable = sum(map(bool, documents))
        facts = {"contents": len(documents), "without_words": len(documents) - usable}
        if len(documents) < self._settings.minimum_contents:
            least = self._settings.minimum_contents
            yield {**facts, **_none(f"{len(documents)} contents, and topics need {least}")}
            return
        model = discover(documents, self._settings)
        if model is None:
            yield {**facts, **_none("hardly any word stands in several contents")}
            return
        keys = list(held.texts)
        for start in range(0, len(keys), PART):
            rows = zip(keys, model.assigned, model.likeness, strict=True)
            part = list(rows)[start : start + PART]
            yield {
                "type": "part",
                "assigned": [
                    {"key": key, "topic": topic if topic >= 0 else None, "likeness": likeness}
                    for key, topic, likeness in part
                ],
            }
        yield {**facts, "reason": None, **_topics(model, keys)}


def _topics(model: Model, keys: list[int | str]) -> dict[str, Any]:
    return {
        "coherence": model.coherence,
        "outliers": model.assigned.count(-1),
        "topics": [
            {
                "topic": index,
                "size": len(topic.members),
                "coherence": topic.coherence,
                "words": [{"word": word, "weight": weight} for word, weight in topic.words],
                "typical": [keys[place] for place in topic.members[:TYPICAL]],
            }
            for index, topic in enumerate(model.topics)
        ],
    }


def _none(reason: str) -> dict[str, Any]:
    return {"reason": reason, "coherence": None, "outliers": None, "topics": []}


def load(settings: dict[str, Any], threads: int) -> Topics:
    """Load what finds topics; numeric libraries have their threads from the start message."""
    return Topics(phase_settings.read(Settings, "topics", settings))
