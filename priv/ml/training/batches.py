"""Texts into padded batches of similar length."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.data import Row

PAD, MASK, FIRST_ORDINARY = 0, 103, 999
MAX_TOKENS = 128
# Rows are sorted by length within groups of so many batches, and the batches then shuffled.
GROUP = 50


class Batch(NamedTuple):
    """Token ids and mask, int64 [rows, tokens], and labels, int64 [rows]."""

    ids: Tensor
    mask: Tensor
    labels: Tensor


def load_tokenizer(base: Path, max_tokens: int = MAX_TOKENS) -> Tokenizer:
    """The base's tokenizer, cutting at `max_tokens`."""
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def shuffled(
    rows: Sequence[Row], tokenizer: Tokenizer, size: int, masked: float, random: Random
) -> list[Batch]:
    """All rows once, in random batches; a share of `masked` of the ordinary tokens is hidden."""
    encoded = [encoding.ids for encoding in tokenizer.encode_batch([row.text for row in rows])]
    order = random.sample(range(len(rows)), len(rows))
    batches: list[list[int]] = []
    for start in range(0, len(order), size * GROUP):
        group = sorted(order[start : start + size * GROUP], key=lambda index: len(encoded[index]))
        batches += [group[first : first + size] for first in range(0, len(group), size)]
    random.shuffle(batches)
    result = []
    for batch in batches:
        ids = [[_hide(token, masked, random) for token in encoded[index]] for index in batch]
        result.append(padded(ids, [rows[index].label for index in batch]))
    return result


def in_order(rows: Sequence[Row], tokenizer: Tokenizer, size: int) -> Iterator[tuple[list[int], Batch]]:
    """Rows by length, with their indices: for judging."""
    encoded = [encoding.ids for encoding in tokenizer.encode_batch([row.text for row in rows])]
    order = sorted(range(len(rows)), key=lambda index: len(encoded[index]))
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        yield batch, padded([encoded[index] for index in batch], [rows[index].label for index in batch])


def padded(ids: Sequence[Sequence[int]], labels: Sequence[int]) -> Batch:
    """Ids filled up to the longest row."""
    length = max(map(len, ids))
    rows = torch.tensor([[*row, *[PAD] * (length - len(row))] for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in ids])
    return Batch(rows, mask, torch.tensor(labels))


def _hide(token: int, share: float, random: Random) -> int:
    return MASK if token >= FIRST_ORDINARY and random.random() < share else token
