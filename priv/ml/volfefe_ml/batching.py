"""Which texts of a request run together."""

from collections.abc import Sequence

PADDED_TOKENS = 256


def padded_length(length: int, multiple: int, limit: int) -> int:
    """A length rounded up to a multiple, but not beyond `limit`, the longest that the model reads."""
    return max(length, min(-(-length // multiple) * multiple, limit))


def micro_batches(
    lengths: Sequence[int], budget: int = PADDED_TOKENS, *, uniform: bool = False
) -> list[list[int]]:
    """Group indices of texts by length: texts x longest ≤ `budget` tokens, which one text alone may exceed.

    Sorting by length first keeps padding small; callers put results back by index. With `uniform` only
    texts of equal length share a batch.
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        fits = batches and (len(batches[-1]) + 1) * lengths[index] <= budget
        if fits and (not uniform or lengths[batches[-1][-1]] == lengths[index]):
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
