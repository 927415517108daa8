"""How well the top words of a topic belong together: document NPMI, moved to 0…1."""

import itertools
import math
from collections.abc import Iterable, Sequence


def coherence(tops: Sequence[Sequence[str]], documents: Iterable[Sequence[str]]) -> list[float | None]:
    """Per topic (1 + mean NPMI over pairs of its top words) / 2; 0…1, None for fewer than two words.

    NPMI = ln(p(a,b) / p(a) p(b)) / −ln p(a,b) over documents (Bouma, *GSCL*, 2009; Aletras and Stevenson,
    *IWCS*, 2013); −1 for words that never meet, 0 for independent ones, 1 for words that only come together.
    """
    wanted = {word for top in tops for word in top}
    pairs = {frozenset(pair) for top in tops for pair in itertools.combinations(top, 2)}
    singles: dict[str, int] = dict.fromkeys(wanted, 0)
    together: dict[frozenset[str], int] = dict.fromkeys(pairs, 0)
    total = 0
    for words in documents:
        total += 1
        present = sorted(wanted.intersection(words))
        for word in present:
            singles[word] += 1
        for pair in itertools.combinations(present, 2):
            if (key := frozenset(pair)) in together:
                together[key] += 1
    return [_topic(top, singles, together, total) for top in tops]


def _topic(
    top: Sequence[str], singles: dict[str, int], together: dict[frozenset[str], int], total: int
) -> float | None:
    values = [
        _npmi(singles[one], singles[other], together[frozenset((one, other))], total)
        for one, other in itertools.combinations(top, 2)
    ]
    return (1 + math.fsum(values) / len(values)) / 2 if values else None


def _npmi(one: int, other: int, both: int, total: int) -> float:
    if both == 0:
        return -1.0
    if both == total:
        return 1.0
    return math.log(both * total / (one * other)) / -math.log(both / total)
