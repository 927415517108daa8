"""Exports of a large database against pandas doing the same: `exports.py [VERDICTS]`.

Needs the packages of requirements-dev.txt and a release build. The database is that of `questions`. pandas
reads the same query from the same file and writes the same format; both begin with a fresh process each
round, in turns.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from questions import made_up

ROOT = Path(__file__).resolve().parent.parent
VOLFEFE = Path(os.environ.get("VOLFEFE_BINARY", ROOT / ".build/release/volfefe"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
# The columns of `volfefe export --long`, as someone would ask pandas for them.
QUERY = """
    SELECT
        c.id AS content_id, s.name AS source, c.external_id, c.published_at, c.author, c.url, c.text, t.words,
        t.url_only AS links_only, m.model_id, v.version AS model_version, k.sentiment, k.confidence,
        k.score_positive, k.score_neutral, k.score_negative, k.score_margin, k.entropy, k.flags, k.latency_ms,
        k.batch_size, k.tokens, k.truncated, k.first_call, e.engine, e.precision, u.reused_from, k.run_id,
        k.inserted_at AS classified_at
    FROM contents AS c
    JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
    JOIN model_versions AS v ON v.id = k.model_version_id
    JOIN models AS m ON m.id = v.model
    JOIN sources AS s ON s.id = c.source_id
    LEFT JOIN text_facts AS t ON t.content_id = c.id AND t.text_version = c.text_version
    LEFT JOIN run_models AS e ON e.run_id = k.run_id AND e.model_version_id = k.model_version_id
    LEFT JOIN reuses AS u ON u.content_id = k.content_id AND u.model_version_id = k.model_version_id
    WHERE k.error_code IS NULL AND c.text_hash IS NOT NULL
    ORDER BY c.id, k.model_version_id
"""
PANDAS = """
import sqlite3, sys
import pandas as pd
database, output, query = sys.argv[1:]
frame = pd.read_sql(query, sqlite3.connect(database))
frame["sentiment"] = frame["sentiment"].map({1: "positive", 0: "neutral", -1: "negative"})
for column in ("published_at", "classified_at"):
    frame[column] = pd.to_datetime(frame[column], unit="ms", utc=True)
for column in ("links_only", "truncated", "first_call"):
    frame[column] = frame[column].astype("boolean")
for column in ("words", "tokens", "reused_from"):
    frame[column] = frame[column].astype("Int64")
if output.endswith("parquet"):
    frame.to_parquet(output, compression="zstd", index=False)
elif output.endswith("csv"):
    frame.to_csv(output, index=False)
else:
    frame.to_json(output, orient="records", lines=True, date_format="iso")
"""


@dataclass
class Cost:
    """Seconds, CPU seconds, and the resident megabytes of the largest process."""

    wall: float
    cpu: float
    peak: float


def cost(command: list[str | Path]) -> Cost:
    """Runs a command to its end."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    talk = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command}: {talk.decode()}")
    return Cost(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def ours(database: Path, output: Path, *arguments: str) -> Cost:
    """`volfefe export`; the peak is that of the program or of its Python, whichever is larger."""
    python = ["--python", sys.executable]
    return cost([VOLFEFE, "export", "--database", database, "--output", output, *python, *arguments])


def theirs(database: Path, output: Path) -> Cost:
    """pandas."""
    return cost([sys.executable, "-c", PANDAS, database, output, QUERY])


def rows(output: Path) -> str:
    """Rows and sum of confidences of a Parquet file; in another process as children begin with our memory."""
    question = """
import sys
import pyarrow.compute as pc
import pyarrow.parquet as pq
table = pq.read_table(sys.argv[1], columns=["confidence"])
print(table.num_rows, round(pc.sum(table["confidence"]).as_py(), 6))
"""
    return subprocess.run(
        [sys.executable, "-c", question, output], check=True, capture_output=True, text=True
    ).stdout


def make(folder: Path, verdicts: int) -> Path:
    """A database with so many verdicts."""
    database = folder / f"{verdicts}.db"
    made_up.make(database, VOLFEFE, verdicts // len(made_up.MODELS))
    return database


def middle(costs: list[Cost]) -> Cost:
    """The medians."""
    columns = zip(*((each.wall, each.cpu, each.peak) for each in costs), strict=True)
    return Cost(*(statistics.median(column) for column in columns))


def line(title: str, x: Cost, y: Cost | None = None) -> None:
    """A row of the table."""
    cells = [title, f"{x.wall:.2f}", f"{x.cpu:.2f}", f"{x.peak:.0f}"]
    if y:
        cells += [f"{y.wall:.2f}", f"{y.cpu:.2f}", f"{y.peak:.0f}"]
        cells += [f"{y.wall / x.wall:.1f}", f"{y.cpu / x.cpu:.1f}", f"{y.peak / x.peak:.1f}"]
    print("| " + " | ".join(cells + [""] * (10 - len(cells))) + " |")


def main() -> None:
    verdicts = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = make(folder, verdicts)
        size = database.stat().st_size >> 20
        print(f"{verdicts:,} verdicts, database of {size} MiB; medians of {ROUNDS} rounds\n")
        print("| export | s | CPU s | peak MiB | pandas: s | CPU s | peak MiB | × wall | × CPU | × memory |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for kind in ("parquet", "csv", "jsonl"):
            a, b = [], []
            for _ in range(ROUNDS):
                a.append(ours(database, folder / f"ours.{kind}"))
                b.append(theirs(database, folder / f"theirs.{kind}"))
            line(f"{kind}, long", middle(a), middle(b))
            if kind == "parquet" and rows(folder / "ours.parquet") != rows(folder / "theirs.parquet"):
                sys.exit("the two Parquet files do not hold the same")
        wide = [ours(database, folder / "wide.parquet", "--wide") for _ in range(ROUNDS)]
        line("parquet, wide", middle(wide))
        small = make(folder, verdicts // 4)
        line("parquet, long, a quarter", middle([ours(small, folder / "s.parquet") for _ in range(ROUNDS)]))


if __name__ == "__main__":
    main()
