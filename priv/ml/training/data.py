"""The labelled texts: read, repaired, deduplicated, and kept apart from what they are judged on."""

import csv
import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

csv.field_size_limit(1 << 24)


class Row(NamedTuple):
    """A text and the index of its label in the recipe's order."""

    text: str
    label: int


@dataclass(frozen=True)
class Dataset:
    """Texts to train on and to judge by. `removed`: rows left out, by reason."""

    train: list[Row]
    dev: list[Row]
    removed: dict[str, int]


class DataError(Exception):
    """The data to train on is missing or malformed: a sentence that says what to do."""


_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_LINK = re.compile(r"\b(?:https?|www)\b\S*", re.IGNORECASE)
_HANDLE = re.compile(r"@\S+")
# Two texts that begin with the same so many letters and digits are taken for one.
_BEGINNING = 40
_DETACHED = re.compile(r" (n't|'(?:s|re|ve|ll|d|m)\b|'(?= )|[.,!?;:%)])")
_ATTACHED = re.compile(r"([$(]) ")


def repair(text: str) -> str:
    """Undo what exports did to a post: \\uXXXX escapes, HTML entities, doubled and enclosing quotes."""
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    text = html.unescape(html.unescape(text)).replace('\\""', '"').replace('""', '"').replace("\\/", "/")
    text = " ".join(text.split())
    if text[:1] == '"' and (text.count('"') % 2 or text[-1:] == '"'):
        text = text.removeprefix('"').removesuffix('"')
    return text.strip()


def fingerprint(text: str) -> str:
    """What two copies of a text share: its letters and digits without links and handles, in lower case."""
    return re.sub(r"[\W_]+", "", _HANDLE.sub("", _LINK.sub("", repair(text))).lower())


def detokenize(text: str) -> str:
    """Plain English from treebank tokens: `it 's a `` film '' .` becomes `it's a "film".`"""
    text = text.replace("``", '"').replace("''", '"').replace("-LRB-", "(").replace("-RRB-", ")")
    text = _ATTACHED.sub(r"\1", _DETACHED.sub(r"\1", text))
    return re.sub(r'" ([^"]+) "', r'"\1"', text)


def separate(train: Iterable[Row], dev: list[Row]) -> Dataset:
    """Drop training rows that are empty, repeated, labelled in two ways, or begin like a row of `dev`."""
    held_out = {fingerprint(row.text)[:_BEGINNING] for row in dev}
    removed = dict.fromkeys(("empty", "also in dev", "repeated", "labelled in two ways"), 0)
    kept: dict[str, Row] = {}
    disputed: set[str] = set()
    for row in train:
        key = fingerprint(row.text)
        if not key:
            removed["empty"] += 1
        elif key[:_BEGINNING] in held_out:
            removed["also in dev"] += 1
        elif key in kept:
            removed["repeated"] += 1
            if kept[key].label != row.label:
                disputed.add(key)
        else:
            kept[key] = row
    removed["labelled in two ways"] = len(disputed)
    return Dataset([row for key, row in kept.items() if key not in disputed], dev, removed)


def finance(folder: Path) -> Dataset:
    """Twitter Financial News Sentiment: 0 bearish, 1 bullish, 2 neutral."""

    def rows(name: str) -> Iterator[Row]:
        with _open(folder / name) as lines:
            for row in csv.DictReader(lines):
                yield Row(repair(row["text"]), int(row["label"]))

    return separate(rows("tfns_train.csv"), list(rows("tfns_valid.csv")))


def social(folder: Path) -> Dataset:
    """All tweets of SemEval task A (2013 to 2016); dev: TweetEval's validation set."""
    labels = {"negative": 0, "neutral": 1, "positive": 2}

    def rows() -> Iterator[Row]:
        files = sorted(folder.glob("semeval_twitter-*-A.tsv"))
        if not files:
            raise DataError(f"There is no semeval_twitter-*-A.tsv in {folder}; --data names the folder.")
        for file in files:
            with _open(file) as lines:
                for fields in (line.rstrip("\n").split("\t") for line in lines):
                    text = fields[2] if len(fields) > 2 else ""
                    if text not in ("", "Not Available") and fields[1] in labels:
                        yield Row(repair(text), labels[fields[1]])

    with (
        _open(folder / "tweeteval_sentiment_val_text.txt") as texts,
        _open(folder / "tweeteval_sentiment_val_labels.txt") as answers,
    ):
        dev = [Row(repair(text), int(label)) for text, label in zip(texts, answers, strict=True)]
    return separate(rows(), dev)


def general(folder: Path) -> Dataset:
    """SST-2's sentences (0 negative, 1 positive), and again with case and punctuation from SST-5."""
    with _open(folder / "sst2_dev.tsv") as lines:
        dev = [_sst2(line) for line in lines]
    with _open(folder / "sst2_train.tsv") as lines:
        parts = separate((_sst2(line) for line in lines), dev)
    held_out = {fingerprint(row.text) for row in dev}
    with _open(folder / "sst5_train.txt") as lines:
        for line in lines:
            stars, text = int(line[9]), detokenize(line[11:].strip())
            if stars != 3 and fingerprint(text) not in held_out:
                parts.train.append(Row(text, int(stars > 3)))
    return parts


def _sst2(line: str) -> Row:
    text, label = line.rstrip("\n").split("\t")
    return Row(text, int(label))


DATASETS: dict[str, Callable[[Path], Dataset]] = {
    "finance": finance,
    "general": general,
    "social": social,
}


def _open(file: Path) -> TextIO:
    try:
        return file.open(encoding="utf-8", newline="")
    except FileNotFoundError as error:
        raise DataError(f"{file} is missing; --data names the folder with the labelled texts.") from error
