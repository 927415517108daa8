"""VADER: scores from a lexicon and rules (Hutto & Gilbert 2014), no weights."""

import math
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from volfefe_ml.digests import sha256_of
from volfefe_ml.entry import ModelEntry, Sentiment
from volfefe_ml.errors import StartError
from volfefe_ml.prediction import Output
from volfefe_ml.prepared import check_revision

PACKAGE = "vaderSentiment"
LEXICONS = ("vader_lexicon.txt", "emoji_utf8_lexicon.txt")
# VADER's authors call a compound ≥ .05 positive and ≤ -.05 negative. Compounds have four digits, so a
# threshold just below .05 decides the same and leaves no ties.
THRESHOLD = 0.04995
# Slope of the scores in the compound: maximum likelihood on the 2,000 tweets of TweetEval's validation set.
SLOPE = 1.8
WORD_LABELS = ("pos", "neu", "neg")


def precisions() -> tuple[str, ...]:
    """One way only: Python's own arithmetic, under the registry's word for exact."""
    return ("fp32",)


def load(entry: ModelEntry, cache: Path, threads: int) -> "Lexicon":
    """Load VADER's lexicons; nothing is prepared or downloaded, and `threads` has no meaning here."""
    del cache, threads
    if set(entry.labels) != set(WORD_LABELS) or len(entry.sentiments) != 3:
        raise StartError(
            "bad_configuration",
            f"Model {entry.id}: a lexicon's labels are pos, neu and neg, one for each sentiment.",
            model=entry.id,
            remedy="Correct `labels` in the `models:` list in volfefe.yaml.",
        )
    try:
        lexicon = Lexicon(entry)
    except ImportError as error:
        raise StartError(
            "missing_package",
            f"Model {entry.id}: the Python package {PACKAGE} is not installed.",
            model=entry.id,
            remedy="pip install --no-deps -r requirements-models.txt",
        ) from error
    check_revision(entry, lexicon.folder, lexicon.revision)
    return lexicon


class Lexicon:
    """VADER with scores made into a distribution over the three sentiments.

    Its own pos/neu/neg are proportions of words, not chances of a class, so they stay in the raw output only.
    The scores are the softmax of (s·c, s·t, -s·c) for positive, neutral, negative, with the compound c, the
    threshold t and the slope s: the best score is the sentiment of the authors' rule.
    """

    device = "cpu"
    precision = "fp32"
    ops_per_token = None

    def __init__(self, entry: ModelEntry) -> None:
        from vaderSentiment import vaderSentiment

        self.folder = Path(vaderSentiment.__file__).parent
        self.revision = f"sha256:{sha256_of(*(self.folder / name for name in LEXICONS))}"
        self.version = version(PACKAGE)
        self._analyzer = vaderSentiment.SentimentIntensityAnalyzer()
        # VADER reads each emoji as the words that describe it.
        self._apart = {ord(emoji): f" {emoji} " for emoji in self._analyzer.emojis if len(emoji) == 1}
        self._max_words = entry.max_tokens

    def predict(self, texts: Sequence[str]) -> list[Output]:
        """Judge texts one after the other; `tokens` are words, each emoji of the lexicon being one."""
        return [self._judge(text) for text in texts]

    def _judge(self, text: str) -> Output:
        started = time.perf_counter()
        words = text.translate(self._apart).split()
        truncated = len(words) > self._max_words
        # VADER's time grows with the square of the words: without a limit 100 kB of emojis take minutes.
        read = " ".join(words[: self._max_words]) if truncated else text
        raw: dict[str, float] = self._analyzer.polarity_scores(read)
        compound = raw["compound"]
        return Output(
            raw=list(raw.items()),
            scores=distribution(compound),
            tokens=len(words),
            truncated=truncated,
            batch_size=1,
            latency_ms=(time.perf_counter() - started) * 1000,
        )


def distribution(compound: float) -> dict[Sentiment, float]:
    """Scores of the three sentiments for a compound from -1 to 1; they sum to 1."""
    weights: dict[Sentiment, float] = {
        "positive": math.exp(SLOPE * compound),
        "neutral": math.exp(SLOPE * THRESHOLD),
        "negative": math.exp(-SLOPE * compound),
    }
    total = sum(weights.values())
    return {sentiment: weight / total for sentiment, weight in weights.items()}
