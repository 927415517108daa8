"""What the questions of docs/analysis.md take on a large database, against pandas and without the counts."""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

from questions import counted, made_up
from questions.answers import difference, figures
from questions.measured import Times, command, hardware, spread

ROOT = Path(__file__).resolve().parent.parent.parent
QUESTIONS = [
    ["agreement"],
    ["compare", "finance", "social"],
    ["stats"],
    ["stats", "--by", "day"],
    ["stats", "--by", "week"],
    ["stats", "--by", "source"],
    ["latency"],
    ["disagreements", "--top", "50"],
]


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench questions", description=__doc__)
    parser.add_argument("--contents", type=int, default=100_000, help="contents, each judged by three models")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--volfefe", type=Path, default=ROOT / ".build/release/volfefe")
    parser.add_argument("--database", type=Path, help="keep the database here, or take the one that is")
    return parser.parse_args()


def uncounted(database: Path) -> Path:
    """A copy whose counts do not count everything, so that `stats` reads all verdicts."""
    copy = database.with_name("uncounted.db")
    shutil.copy(database, copy)
    db = sqlite3.connect(copy)
    db.execute("DELETE FROM verdict_counts WHERE outcome = 2")
    db.commit()
    db.close()
    return copy


def against_pandas(database: Path, without: Path, given: argparse.Namespace) -> None:
    """Asks volfefe and pandas in turn, and prints what both took."""
    print(
        "| question | volfefe, s | CPU s | pandas, s | CPU s | of it import | × CPU, import left out | "
        "volfefe without counts, CPU s | × |\n|---|---|---|---|---|---|---|---|---|"
    )
    for question in QUESTIONS:
        ours: list[Times] = []
        theirs: list[Times] = []
        computing: list[float] = []
        reading: list[float] = []
        for _ in range(given.rounds):
            times, answer = command([given.volfefe, *question, "--json", "--database", database])
            ours.append(times)
            times, pandas = command([sys.executable, "-m", "questions.by_pandas", str(database), *question])
            theirs.append(times)
            computing.append(pandas["cpu"])
            if found := difference(figures(question, answer), pandas["figures"]):
                raise SystemExit(f"the answers to `{' '.join(question)}` differ: {found}")
            if question[0] == "stats":
                times, same = command([given.volfefe, *question, "--json", "--database", without])
                if same != answer:
                    raise SystemExit(f"without the counts `{' '.join(question)}` has another answer")
                reading.append(times.cpu)
        ratios = [cpu / times.cpu for cpu, times in zip(computing, ours, strict=True)]
        imports = [times.cpu - cpu for cpu, times in zip(computing, theirs, strict=True)]
        gains = [cpu / times.cpu for cpu, times in zip(reading, ours, strict=False)]
        print(
            f"| `{' '.join(question)}` | {spread([each.wall for each in ours], 2)} "
            f"| {spread([each.cpu for each in ours], 2)} | {spread([each.wall for each in theirs], 1)} "
            f"| {spread([each.cpu for each in theirs], 1)} | {spread(imports, 1)} | {spread(ratios, 1)} "
            f"| {spread(reading, 2) if reading else ''} | {spread(gains, 0) if gains else ''} |",
            flush=True,
        )


def main() -> None:
    given = options()
    with tempfile.TemporaryDirectory() as name:
        database = given.database or Path(name) / "questions.db"
        if not database.exists():
            made_up.make(database, given.volfefe, given.contents)
        db = sqlite3.connect(database)
        contents, verdicts = (
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("contents", "classifications")
        )
        cells = db.execute("SELECT count(*) FROM verdict_counts").fetchone()[0]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        print(f"{contents:,} contents, {verdicts:,} verdicts and failures, {cells:,} counts; {hardware()}")
        print(f"Medians (least–greatest) of {given.rounds} rounds, in turn.\n")
        counted.table(database, given.rounds)
        print()
        copy = uncounted(database)
        against_pandas(database, copy, given)
        copy.unlink()


if __name__ == "__main__":
    main()
