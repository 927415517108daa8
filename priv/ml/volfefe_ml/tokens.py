"""Texts into token ids, as the model's own tokenizer.json says."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import Encoding, Tokenizer

from volfefe_ml.digests import sha256_of

# Longer texts are tokenized in pieces: an encoding takes 100 times the memory of its text.
PIECE_CHARS = 50_000
PAD_TOKENS = ("[PAD]", "<pad>")
_SHARED: dict[tuple[str, int], "TextTokenizer"] = {}


class Tokens(NamedTuple):
    """Ids with the special tokens, at most the model's limit; `total` is the count of the whole text."""

    ids: list[int]
    total: int


class TextTokenizer:
    """A tokenizer that reads at most `max_tokens` tokens, special ones included, and counts them all.

    It remembers its last result: models that share a tokenizer get the same texts one after the other.
    """

    def __init__(self, file: Path, max_tokens: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._special = self._tokenizer.num_special_tokens_to_add(False)
        self._room = max_tokens - self._special
        pads = (self._tokenizer.token_to_id(token) for token in PAD_TOKENS)
        self.pad_id: int = next((pad for pad in pads if pad is not None), 0)
        self._last: tuple[list[str], list[Tokens]] = ([], [])

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """Tokenize texts, in their order."""
        if self._last[0] != list(texts):
            self._last = list(texts), [self._encode(text) for text in texts]
        return self._last[1]

    def _encode(self, text: str) -> Tokens:
        count = self._special
        kept = Encoding()
        for piece in pieces(text):
            (encoding,) = self._tokenizer.encode_batch_fast([piece], add_special_tokens=False)
            count += len(encoding)
            if len(kept) < self._room:
                kept = Encoding.merge([kept, encoding])
                kept.truncate(self._room)
        return Tokens(self._tokenizer.post_process(kept).ids, count)


def shared_tokenizer(file: Path, max_tokens: int) -> TextTokenizer:
    """One tokenizer for all models of this process whose tokenizer.json has the same content and limit."""
    key = sha256_of(file), max_tokens
    if key not in _SHARED:
        _SHARED[key] = TextTokenizer(file, max_tokens)
    return _SHARED[key]


def pieces(text: str) -> Iterator[str]:
    """Cut a long text before spaces, as tokenizers do; only a word longer than a piece is cut inside."""
    start = 0
    while len(text) - start > PIECE_CHARS:
        space = text.rfind(" ", start + 1, start + PIECE_CHARS)
        end = space if space > start else start + PIECE_CHARS
        yield text[start:end]
        start = end
    yield text[start:]
