"""`volfefe classify` against a plain Python loop over the same models and texts, in turn; see README.md."""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from engines.baselines import ReferenceWay, shipped_entries
from volfefe_ml.prepared import default_cache

ROOT = Path(__file__).resolve().parent.parent
VOLFEFE = ROOT / ".build/release/volfefe"
ROUNDS = 5


def stored_texts(file: Path, folder: Path) -> list[str]:
    """The texts of a file as volfefe reads them, without the empty ones."""
    database = folder / "texts.db"
    run("ingest", str(file), "--database", str(database))
    import sqlite3

    with sqlite3.connect(database) as connection:
        return [
            row[0]
            for row in connection.execute("SELECT text FROM contents WHERE text IS NOT NULL ORDER BY id")
        ]


def run(*arguments: str) -> None:
    """Run volfefe; its failure is ours."""
    subprocess.run([VOLFEFE, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def measured(command: list[Any]) -> tuple[float, float]:
    """Wall and CPU seconds of a command with all its processes."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - wall, cpu


def main() -> None:
    """Argument: a file of contents."""
    os.environ["VOLFEFE_ROOT"] = str(ROOT)
    run("models", "prepare")
    loop = ReferenceWay("plain loop", "loop", shipped_entries(), default_cache(), processes=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = stored_texts(Path(sys.argv[1]), folder)
        rows = [one_round(number, texts, loop, folder) for number in range(ROUNDS)]
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores; "
        f"{len(texts)} texts a round, {ROUNDS} rounds"
    )
    for label, index in (
        ("plain loop, texts/s", 0),
        ("volfefe, texts/s", 1),
        ("ratio", 2),
        ("volfefe CPU ms/text", 3),
    ):
        values = [row[index] for row in rows]
        median, least, most = statistics.median(values), min(values), max(values)
        print(f"{label:24} median {median:8.2f}   min {least:8.2f}   max {most:8.2f}")


def one_round(
    number: int, texts: list[str], loop: ReferenceWay, folder: Path
) -> tuple[float, float, float, float]:
    """Texts per second of both, their ratio, and volfefe's CPU milliseconds per text."""
    fresh = [f"{text} ({number}.{index})" for index, text in enumerate(texts)]
    file, database = folder / f"{number}.jsonl", folder / f"{number}.db"
    file.write_text(
        "".join(json.dumps({"id": index, "text": text}) + "\n" for index, text in enumerate(fresh))
    )
    baseline = loop.round(fresh).rate
    run("ingest", str(file), "--database", str(database))
    wall, cpu = measured([VOLFEFE, "classify", "--all", "--database", str(database)])
    return baseline, len(texts) / wall, len(texts) / wall / baseline, cpu / len(texts) * 1000


if __name__ == "__main__":
    main()
