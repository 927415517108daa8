"""Texts into token ids, as the model's own tokenizer.json says."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import Tokenizer

PAD_TOKENS = ("[PAD]", "<pad>")


class Tokens(NamedTuple):
    """Ids with the special tokens, at most the model's limit; `count` is that of the whole text."""

    ids: list[int]
    count: int


class TextTokenizer:
    """A tokenizer that reads at most `max_tokens` tokens, special ones included, and counts them all."""

    def __init__(self, file: Path, max_tokens: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._special = self._tokenizer.num_special_tokens_to_add(False)
        self._room = max_tokens - self._special
        pads = (self._tokenizer.token_to_id(token) for token in PAD_TOKENS)
        self.pad_id: int = next((pad for pad in pads if pad is not None), 0)

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """Tokenize texts, in their order."""
        encoded = []
        for encoding in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False):
            count = len(encoding) + self._special
            encoding.truncate(self._room)
            encoded.append(Tokens(self._tokenizer.post_process(encoding).ids, count))
        return encoded
