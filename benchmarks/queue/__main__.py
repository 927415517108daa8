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
from typing import TYPE_CHECKING, Any

from huey import SqliteHuey

if TYPE_CHECKING:
    from collections.abc import Callable


class Speed:
    """Jobs per second by the clock, and per second of the process's CPU time."""

    def __init__(self, wall: float, cpu: float) -> None:
        self.wall = wall
        self.cpu = cpu

    @classmethod
    def of(cls, count: int, body: Callable[[], None]) -> Speed:
        """Measure `body`, which does `count` jobs."""
        wall, cpu = time.perf_counter(), time.process_time()
        body()
        return cls(count / (time.perf_counter() - wall), count / (time.process_time() - cpu))

    @classmethod
    def read(cls, report: dict[str, float]) -> Speed:
        """What QueueBenchmark printed."""
        return cls(report["perSecond"], report["perCPUSecond"])


def huey_speed(folder: Path, count: int, synchronous: int) -> tuple[Speed, Speed]:
    """Tasks put in, and tasks taken and executed, by one consumer in this process."""
    queue = SqliteHuey("bench", filename=str(folder / "huey.db"), results=False)
    queue.storage.conn.execute(f"pragma synchronous={synchronous}")

    @queue.task()
    def nothing(_content: int) -> None:
        return None

    def put() -> None:
        for number in range(count):
            nothing(number)

    def take() -> None:
        while task := queue.dequeue():
            queue.execute(task)

    speeds = Speed.of(count, put), Speed.of(count, take)
    queue.storage.close()
    for name in folder.glob("huey.db*"):
        name.unlink()
    return speeds


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
    ours: list[dict[str, Any]] = []
    theirs: dict[bool, list[tuple[Speed, Speed]]] = {True: [], False: []}
    report: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        for number in range(options.rounds):
            backlog = options.backlog if number == options.rounds - 1 else 1
            arguments = [options.program, str(folder), str(options.jobs), "1", str(backlog)]
            answer = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True)
            report = json.loads(answer.stdout)
            ours += report["rates"]
            for sync in (True, False):
                theirs[sync].append(huey_speed(folder, max(options.jobs // 10, 500), 2 if sync else 1))
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}; "
        f"write and fsync of 4 KiB: {report['fsyncMs']:.2f} ms\n"
    )
    print(
        "| synchronous | jobs per commit | put in, jobs/s | done, jobs/s | × huey | done per CPU s | × huey |"
    )
    print("|---|---|---|---|---|---|---|")
    for sync in (True, False):
        word = "FULL" if sync else "NORMAL"
        base = [done for _, done in theirs[sync]]
        for batch in (1, 100, 500):
            rows = [row for row in ours if row["sync"] is sync and row["batch"] == batch]
            put = [Speed.read(row["enqueued"]) for row in rows]
            show(word, str(batch), put, [Speed.read(row["done"]) for row in rows], base)
        show(word, "huey: 1", [put for put, _ in theirs[sync]], base, base)
    ratio = report["backlogRatios"][0]
    print(f"\nwith {report['backlog']:,} jobs waiting, one takes {ratio:.2f} times the CPU time")


def show(word: str, batch: str, put: list[Speed], done: list[Speed], base: list[Speed]) -> None:
    """Print a row of the table."""
    wall = [speed.wall for speed in done]
    cpu = [speed.cpu for speed in done]
    print(
        f"| {word} | {batch} | {spread([speed.wall for speed in put])} "
        f"| {spread(wall)} | {statistics.median(wall) / statistics.median([s.wall for s in base]):.1f} "
        f"| {spread(cpu)} | {statistics.median(cpu) / statistics.median([s.cpu for s in base]):.1f} |"
    )


if __name__ == "__main__":
    main()
