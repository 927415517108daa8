"""Lists of words that ship, one file each under data/words."""

import csv
import hashlib
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "data" / "words"


def word_list(name: str) -> frozenset[str]:
    """The words of NAME.txt; lines that begin with # say why it is there."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def word_pairs(name: str) -> dict[str, str]:
    """The second column of NAME.csv → its first."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {second: first for first, second in rows}


def words_digest() -> str:
    """Hex SHA-256 of all lists: what decides together with the code what is found."""
    digest = hashlib.sha256()
    for file in sorted(FOLDER.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()
