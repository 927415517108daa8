"""One run of `volfefe ingest`, watched from outside."""

from __future__ import annotations

import os
import signal
import sqlite3
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from engines.measured import Watch

QUESTION = """
    SELECT entity, count(DISTINCT content_id) FROM content_entities WHERE content_id > :newest - 1000
    GROUP BY entity ORDER BY 2 DESC LIMIT 5
"""
COUNTS = {
    "contents": "SELECT count(*) FROM contents WHERE text IS NOT NULL",
    "statuses": "SELECT count(*) FROM content_phases WHERE state = 'done'",
    "attempts": "SELECT coalesce(sum(attempts), 0) FROM content_phases",
    "languages": "SELECT count(*) FROM content_languages",
    "mentions": "SELECT count(*) FROM mentions",
}


@dataclass
class Run:
    """What a run took; times in seconds, memory as (seconds, bytes of volfefe, bytes of its processes)."""

    status: int
    wall_s: float
    cpu_s: float
    first_answer_s: float | None
    answers_s: list[float] = field(repr=False)
    memory: list[tuple[float, int, int]] = field(repr=False)

    def mean_mb(self, start: float, end: float, index: int) -> float:
        """Mean memory in MB over a part of the run."""
        last = self.memory[-1][0]
        sizes = [row[index] for row in self.memory if start * last <= row[0] <= end * last and row[index]]
        return statistics.mean(sizes) / 1e6 if sizes else 0.0


def counts(database: Path) -> dict[str, int]:
    """How much is stored."""
    with _reader(database) as reader:
        return {name: int(reader.execute(sql).fetchone()[0]) for name, sql in COUNTS.items()}


def run(
    command: list[str], root: Path, database: Path, *, kill_at: int | None = None, asks: bool = False
) -> Run:
    """Run a command on a database; `asks`: ask it questions meanwhile; `kill_at`: contents until SIGKILL."""
    begun = time.perf_counter()
    environment = os.environ | {"VOLFEFE_ROOT": str(root)}
    process = subprocess.Popen(
        [*command, "--database", str(database)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    watch = Watch(process.pid)
    asker = Asker(database, begun) if asks else None
    while kill_at is not None and process.poll() is None:
        if _contents(database) >= kill_at:
            os.kill(process.pid, signal.SIGKILL)
            break
        time.sleep(0.02)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    watch.join()
    if asker:
        asker.end()
    if kill_at is None and process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    return Run(
        process.returncode,
        wall,
        usage.ru_utime + usage.ru_stime,
        asker.first if asker else None,
        asker.times if asker else [],
        watch.memory,
    )


class Asker:
    """Asks five times a second which entities the newest thousand contents mention, until told to end."""

    def __init__(self, database: Path, begun: float) -> None:
        self._database = database
        self._begun = begun
        self._stop = threading.Event()
        # When the first answer came, and how long each took.
        self.first: float | None = None
        self.times: list[float] = []
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Ask no more."""
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.wait(0.05 if self.first is None else 0.2):
            asked = time.perf_counter()
            try:
                with _reader(self._database) as reader:
                    newest = reader.execute("SELECT max(id) FROM contents").fetchone()[0]
                    answer = reader.execute(QUESTION, {"newest": newest}).fetchall() if newest else []
            except sqlite3.Error:
                continue  # not there yet
            if answer:
                self.first = self.first or time.perf_counter() - self._begun
                self.times.append(time.perf_counter() - asked)


class _reader:
    """A connection that writes nothing and is closed."""

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _contents(database: Path) -> int:
    try:
        with _reader(database) as reader:
            return int(reader.execute("SELECT count(*) FROM contents").fetchone()[0])
    except sqlite3.Error:
        return 0
