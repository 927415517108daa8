"""Topics of a collection: NMF of its TF-IDF matrix, the same digits for the same collection."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.decomposition import NMF
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.extmath import safe_sparse_dot

from volfefe_ml.corpus.coherence import coherence

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Settings:
    """`minimum_contents`: fewer have no topics yet. `topics`: how many; 0: √(different texts / 5), at most 50.

    `top_words`: per topic; `minimum_likeness`: contents that are less like their topic (cosine, 0…1), or have
    fewer than `minimum_words` words that count, are outliers; `minimum_contents_per_word`,
    `maximum_share_per_word`: rarer and commoner words say nothing; `seed` of the start.
    """

    minimum_contents: int = 1000
    topics: int = 0
    top_words: int = 10
    minimum_likeness: float = 0.15
    minimum_words: int = 3
    minimum_contents_per_word: int = 5
    maximum_share_per_word: float = 0.3
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be computed."""
        if self.minimum_contents < 2 or self.topics < 0 or self.top_words < 2 or self.seed < 0:
            raise ValueError("needs `minimum_contents` and `top_words` from 2, `topics` and `seed` from 0")
        if not 0 <= self.minimum_likeness <= 1 or not 0 < self.maximum_share_per_word <= 1:
            raise ValueError("needs `minimum_likeness` and `maximum_share_per_word` between 0 and 1")
        if self.minimum_contents_per_word < 1 or self.minimum_words < 1:
            raise ValueError("needs `minimum_contents_per_word` and `minimum_words` to be at least 1")


@dataclass(frozen=True)
class Topic:
    """Top words with their class TF-IDF, best first; coherence 0…1; its contents, most typical first."""

    words: tuple[tuple[str, float], ...]
    coherence: float | None
    members: tuple[int, ...]


@dataclass(frozen=True)
class Model:
    """Topics, largest first; per document the index of its topic (−1: outlier) and its likeness, 0…1."""

    topics: tuple[Topic, ...]
    assigned: tuple[int, ...]
    likeness: tuple[float, ...]

    @property
    def coherence(self) -> float | None:
        """The mean over topics."""
        known = [topic.coherence for topic in self.topics if topic.coherence is not None]
        return math.fsum(known) / len(known) if known else None


def discover(documents: Sequence[Sequence[str]], settings: Settings) -> Model | None:
    """Topics of documents given as words; None where hardly any word is shared."""
    # Reposts would make topics of single texts: the model sees each text once.
    first: dict[tuple[str, ...], int] = {}
    for place, words in enumerate(documents):
        if words:
            first.setdefault(tuple(words), place)
    unique = list(first)
    vectorizer = TfidfVectorizer(
        analyzer=list,
        min_df=settings.minimum_contents_per_word,
        max_df=settings.maximum_share_per_word,
        sublinear_tf=True,
    )
    try:
        matrix = vectorizer.fit_transform(unique)
    except ValueError:  # sklearn's word for an empty vocabulary
        return None
    vocabulary: list[str] = vectorizer.get_feature_names_out().tolist()
    everything = vectorizer.transform(documents)
    number = min(settings.topics or usual_number(len(unique)), min(matrix.shape) - 1)
    return _model(documents, everything, matrix, vocabulary, number, settings) if number > 0 else None


def usual_number(contents: int) -> int:
    """How many topics a reader gets on with: √(n / 5), 2 to 50. More are narrower and less coherent."""
    return min(50, max(2, round(math.sqrt(contents / 5))))


def _model(
    documents: Sequence[Sequence[str]],
    everything: csr_matrix,
    matrix: csr_matrix,
    vocabulary: Sequence[str],
    number: int,
    settings: Settings,
) -> Model:
    nmf = NMF(number, init="nndsvd", solver="cd", random_state=settings.seed, max_iter=400, tol=1e-4)
    nmf.fit(matrix)
    parts = np.asarray(nmf.components_, dtype=np.float64)
    norms = np.linalg.norm(parts, axis=1, keepdims=True)
    cosines = np.asarray(
        safe_sparse_dot(everything, (parts / np.where(norms > 0, norms, 1)).T, dense_output=True)
    )
    best = cosines.argmax(axis=1)
    likeness = cosines[np.arange(len(best)), best]
    enough = np.diff(everything.indptr) >= settings.minimum_words
    assigned = np.where((likeness >= settings.minimum_likeness) & enough, best, -1)
    sizes = [int((assigned == topic).sum()) for topic in range(number)]
    order = [topic for topic in sorted(range(number), key=lambda each: (-sizes[each], each)) if sizes[topic]]
    place = {topic: index for index, topic in enumerate(order)} | {-1: -1}
    words = class_words(documents, assigned.tolist(), order, set(vocabulary), settings.top_words)
    scores = coherence([[word for word, _ in top] for top in words], [doc for doc in documents if doc])
    topics = []
    for topic, top, score in zip(order, words, scores, strict=True):
        members = np.flatnonzero(assigned == topic)
        typical = members[np.argsort(-likeness[members], kind="stable")]
        topics.append(Topic(tuple(top), score, tuple(typical.tolist())))
    return Model(
        tuple(topics), tuple(place[topic] for topic in assigned.tolist()), tuple(likeness.round(4).tolist())
    )


def class_words(
    documents: Sequence[Sequence[str]],
    assigned: Sequence[int],
    topics: Sequence[int],
    vocabulary: set[str],
    most: int,
) -> list[list[tuple[str, float]]]:
    """Per topic its words by class TF-IDF: tf(word, topic) · ln(1 + A / f(word)).

    tf: share of the topic's words; f: count over all topics; A: mean count of words per topic (Grootendorst,
    arXiv:2203.05794, 2022).
    """
    counts: dict[int, dict[str, int]] = {topic: {} for topic in topics}
    for words, topic in zip(documents, assigned, strict=True):
        if topic in counts:
            mine = counts[topic]
            for word in words:
                if word in vocabulary:
                    mine[word] = mine.get(word, 0) + 1
    overall: dict[str, int] = {}
    for mine in counts.values():
        for word, count in mine.items():
            overall[word] = overall.get(word, 0) + count
    average = sum(overall.values()) / max(1, len(topics))
    ranked = []
    for topic in topics:
        total = sum(counts[topic].values()) or 1
        weights = {
            word: n / total * math.log(1 + average / overall[word]) for word, n in counts[topic].items()
        }
        best = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
        ranked.append([(word, round(weight, 6)) for word, weight in best])
    return ranked
