"""Which texts of a request run together."""

from collections.abc import Sequence

PADDED_TOKENS = 256


def micro_batches(lengths: Sequence[int], budget: int = PADDED_TOKENS) -> list[list[int]]:
    """Group indices of texts by length: texts x longest ≤ `budget` tokens, which one text alone may exceed.

    Sorting by length first keeps padding small; callers put results back by index.
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and (len(batches[-1]) + 1) * lengths[index] <= budget:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
