"""Many posts that differ, made of the sentences of real ones."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

SENTENCES = re.compile(r"(?<=[.!?])\s+")


def real_texts(root: Path, shared: Path) -> list[str]:
    """The texts that ship, and those of `shared` where that is there."""
    texts = [_text(line) for line in _lines(root / "priv/ml/models/fidelity/texts.jsonl")]
    texts += [_text(line) for line in _lines(root / "examples/posts.jsonl")]
    for file in sorted(shared.glob("*")) if shared.is_dir() else []:
        if file.suffix == ".jsonl":
            texts += [_text(line) for line in _lines(file)]
        elif file.suffix == ".csv":
            with file.open(encoding="utf-8", newline="") as opened:
                texts += [row.get("Text") or row.get("text") or "" for row in csv.DictReader(opened)]
    return sorted({text.strip() for text in texts if text and text.strip()})


def made_up(texts: list[str], count: int, seed: int = 1) -> Iterator[dict[str, str]]:
    """Posts with ids from 1: as long as real ones, each of sentences of several of them."""
    dice = random.Random(seed)
    pieces = [SENTENCES.split(text) for text in texts]
    for number in range(1, count + 1):
        mixed = list(dice.choice(pieces))
        for place in range(len(mixed)):
            if dice.random() < 0.5:
                mixed[place] = dice.choice(dice.choice(pieces))
        # Two of one sentence are not the same post yet.
        text = f"{' '.join(mixed)} #{number}" if dice.random() < 0.9 else " ".join(mixed)
        yield {"id": str(number), "text": text}


def write(file: Path, posts: Iterator[dict[str, str]]) -> None:
    """As JSON Lines."""
    with file.open("w", encoding="utf-8") as opened:
        for post in posts:
            opened.write(json.dumps(post) + "\n")


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _text(line: str) -> str:
    fields = json.loads(line)
    return str(fields.get("text") or fields.get("content") or "")
