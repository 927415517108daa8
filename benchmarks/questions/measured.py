"""Commands and queries with the time that they take."""

from __future__ import annotations

import json
import platform
import resource
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Command = Sequence[str | Path]


@dataclass
class Times:
    """Wall and CPU seconds of a round."""

    wall: float
    cpu: float


def command(line: Command) -> tuple[Times, Any]:
    """Runs a command; its times, the start included, and the JSON that it prints."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    output = subprocess.run(line, check=True, capture_output=True).stdout
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Times(wall, cpu), json.loads(output)


def query(db: sqlite3.Connection, sql: str) -> tuple[Times, list[tuple[Any, ...]]]:
    """Runs a query in this process; its times and its rows."""
    wall, cpu = time.perf_counter(), time.process_time()
    rows = db.execute(sql).fetchall()
    return Times(time.perf_counter() - wall, time.process_time() - cpu), rows


def spread(values: Sequence[float], digits: int, factor: float = 1) -> str:
    """`median (least–greatest)`."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle * factor:.{digits}f} ({low * factor:.{digits}f}–{high * factor:.{digits}f})"


def hardware() -> str:
    """One line about this machine."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line]
    cpu = f"{len(names)} × {names[0]}" if names else platform.processor()
    load = Path("/proc/loadavg").read_text().split()[0]
    return f"{cpu}, {platform.system()} {platform.release()}, SQLite {sqlite3.sqlite_version}, load {load}"
