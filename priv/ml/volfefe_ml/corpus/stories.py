"""Contents that tell the same story in nearly the same words, across sources."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

# Rows of the similarity matrix that exist at once.
BLOCK = 1000
# A content is compared with those that share one of its rarest words or pairs, unless that stands everywhere.
RAREST = 8
MOST_CONTENTS_PER_TRACE = 2000


@dataclass(frozen=True)
class Settings:
    """`minimum_likeness`: the cosine from which two contents are one story, 0…1.

    It is that of TF-IDF over words and pairs of words. `minimum_words`: shorter contents have no story;
    `across_sources`: only stories of two sources or more.
    """

    minimum_likeness: float = 0.6
    minimum_words: int = 6
    across_sources: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be computed."""
        if not 0 < self.minimum_likeness <= 1 or self.minimum_words < 1:
            raise ValueError("needs `minimum_likeness` above 0 and at most 1, `minimum_words` from 1")


@dataclass(frozen=True)
class Story:
    """Places of the contents that tell it, in their order, and how like each is to its likest other."""

    members: tuple[int, ...]
    likeness: tuple[float, ...]


def stories(documents: Sequence[Sequence[str]], sources: Sequence[str], settings: Settings) -> list[Story]:
    """Stories with two contents or more, the largest first. `documents` as words in their order."""
    copies: dict[tuple[str, ...], list[int]] = {}
    for place, words in enumerate(documents):
        if len(words) >= settings.minimum_words:
            copies.setdefault(tuple(words), []).append(place)
    if not copies:
        return []
    matrix = TfidfVectorizer(analyzer=list, sublinear_tf=True).fit_transform(map(_traces, copies))
    links = _links(matrix, settings.minimum_likeness)
    _, groups = connected_components(links, directed=False)
    strongest = np.maximum(*(np.asarray(links.max(axis=axis).todense()).ravel() for axis in (0, 1)))
    found: dict[int, list[tuple[int, float]]] = {}
    for same, group, strength in zip(copies.values(), groups.tolist(), strongest.tolist(), strict=True):
        likeness = 1.0 if len(same) > 1 else round(min(strength, 1.0), 4)
        found.setdefault(group, []).extend((place, likeness) for place in same)
    told = []
    for members in map(sorted, found.values()):
        places = tuple(place for place, _ in members)
        if len(places) > 1 and (not settings.across_sources or len({sources[place] for place in places}) > 1):
            told.append(Story(places, tuple(likeness for _, likeness in members)))
    return sorted(told, key=lambda story: (-len(story.members), story.members))


def _traces(words: Sequence[str]) -> list[str]:
    return [*words, *(f"{one} {other}" for one, other in itertools.pairwise(words))]


def _links(matrix: csr_matrix, least: float) -> csr_matrix:
    """Cosines ≥ `least` between rows that share one of their rarest traces; above the diagonal."""
    rare = _rarest(matrix)
    rows, columns, values = [], [], []
    for start in range(0, matrix.shape[0], BLOCK):
        near = (rare[start : start + BLOCK] @ rare.T).tocoo()
        one, other = near.row + start, near.col
        above = other > one
        one, other = one[above], other[above]
        cosine = np.asarray(matrix[one].multiply(matrix[other]).sum(axis=1)).ravel()
        close = cosine >= least
        rows.append(one[close])
        columns.append(other[close])
        values.append(cosine[close])
    size = matrix.shape[0]
    return csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(size, size)
    )


def _rarest(matrix: csr_matrix) -> csr_matrix:
    """1 where a trace is among the rarest of its row that stand in another row, too."""
    contents = np.bincount(matrix.indices, minlength=matrix.shape[1])
    rows, columns = [], []
    for row in range(matrix.shape[0]):
        mine = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        shared = mine[(contents[mine] > 1) & (contents[mine] <= MOST_CONTENTS_PER_TRACE)]
        best = shared[np.lexsort((shared, contents[shared]))][:RAREST]
        rows.append(np.full(len(best), row))
        columns.append(best)
    ones = np.ones(sum(map(len, columns)))
    return csr_matrix((ones, (np.concatenate(rows), np.concatenate(columns))), shape=matrix.shape)
