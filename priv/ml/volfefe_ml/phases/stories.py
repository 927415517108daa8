"""Phase `stories`: which contents, of one source or several, are the same story."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from volfefe_ml.corpus.held import Held
from volfefe_ml.corpus.stories import Settings, stories
from volfefe_ml.corpus.words import content_words
from volfefe_ml.phases import settings as phase_settings
from volfefe_ml.word_lists import words_digest

# Stories per line of the reply.
PART = 1000


class Stories:
    """Cosine of TF-IDF over words and pairs of words."""

    method = "tf-idf cosine"

    def __init__(self, settings: Settings) -> None:
        import sklearn

        self._settings = settings
        facts = f"{sklearn.__version__} {sorted(asdict(settings).items())} {words_digest()}"
        self.revision = f"sha256:{hashlib.sha256(facts.encode()).hexdigest()}"

    def find(self, held: Held) -> Iterator[dict[str, Any]]:
        """Parts with `stories`, largest first, then how many there are."""
        keys = list(held.texts)
        sources = [held.sources[key] for key in keys]
        documents = [content_words(text) for text in held.texts.values()]
        found = stories(documents, sources, self._settings)
        for start in range(0, len(found), PART):
            yield {
                "type": "part",
                "stories": [
                    {
                        "sources": len({sources[place] for place in story.members}),
                        "contents": [
                            {"key": keys[place], "likeness": likeness}
                            for place, likeness in zip(story.members, story.likeness, strict=True)
                        ],
                    }
                    for story in found[start : start + PART]
                ],
            }
        yield {
            "contents": len(keys),
            "stories": len(found),
            "in_stories": sum(len(story.members) for story in found),
        }


def load(settings: dict[str, Any], threads: int) -> Stories:
    """Load what finds stories; numeric libraries have their threads from the start message."""
    return Stories(phase_settings.read(Settings, "stories", settings))
