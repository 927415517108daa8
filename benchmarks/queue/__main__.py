"""The queue of volfefe beside huey's SQLite queue, in turn, on the same disk; see benchmarks/README.md."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from huey import SqliteHuey


def huey_rate(folder: Path, count: int, synchronous: int) -> tuple[float, float]:
    """Tasks enqueued per second, and tasks taken and executed per second, by one consumer in this process."""
    path = folder / "huey.db"
    queue = SqliteHuey("bench", filename=str(path), results=False)
    queue.storage.conn.execute(f"pragma synchronous={synchronous}")

    @queue.task()
    def nothing(_content: int) -> None:
        return None

    begun = time.perf_counter()
    for number in range(count):
        nothing(number)
    put = count / (time.perf_counter() - begun)
    begun = time.perf_counter()
    done = 0
    while task := queue.dequeue():
        queue.execute(task)
        done += 1
    taken = done / (time.perf_counter() - begun)
    assert done == count
    queue.storage.close()
    for name in folder.glob("huey.db*"):
        name.unlink()
    return put, taken


def spread(values: list[float], digits: int = 0) -> str:
    """The median, with the least and the greatest."""
    shown = [f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values))]
    return f"{shown[0]} ({shown[1]}–{shown[2]})"


def main() -> None:
    """Run both and print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("program", help="the built QueueBenchmark")
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--backlog", type=int, default=1_000_000)
    parser.add_argument("--folder", help="where the databases are made (default: a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        ours: list[dict[str, object]] = []
        theirs: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
        report: dict[str, object] = {}
        for number in range(options.rounds):
            last = number == options.rounds - 1
            backlog = options.backlog if last else 1
            arguments = [options.program, str(folder), str(options.jobs), "1", str(backlog)]
            answer = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True)
            report = json.loads(answer.stdout)
            ours += report["rates"]  # type: ignore[operator]
            for sync in (True, False):
                theirs[sync].append(huey_rate(folder, max(options.jobs // 10, 500), 2 if sync else 1))
    print(
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; "
        f"write and fsync of 4 KiB: {report['fsyncMs']:.2f} ms\n"
    )
    print("| synchronous | jobs per commit | put in, jobs/s | claimed and completed, jobs/s | × huey |")
    print("|---|---|---|---|---|")
    for sync in (True, False):
        word = "FULL" if sync else "NORMAL"
        base = statistics.median(rate[1] for rate in theirs[sync])
        for batch in (1, 100, 500):
            rows = [row for row in ours if row["sync"] is sync and row["batch"] == batch]
            put = [float(str(row["enqueuePerSecond"])) for row in rows]
            done = [float(str(row["jobsPerSecond"])) for row in rows]
            ratio = statistics.median(done) / base
            print(f"| {word} | {batch} | {spread(put)} | {spread(done)} | {ratio:.1f} |")
        rates = theirs[sync]
        print(
            f"| {word} | huey: 1 | {spread([rate[0] for rate in rates])} "
            f"| {spread([rate[1] for rate in rates])} | 1 |"
        )
    ratios = [float(value) for value in report["backlogRatios"]]  # type: ignore[attr-defined]
    print(
        f"\nwith {report['backlog']:,} jobs waiting, "
        f"a claim and completion takes {spread(ratios, 2)} times as long"
    )


if __name__ == "__main__":
    main()
