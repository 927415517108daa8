"""Many texts through the shipped set: flat memory, a kill in the middle, a run that does the rest."""

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from engines.__main__ import common, cpu_name, say
from engines.measured import Failed, Watch
from engines.runs import Program, VolfefeWay, program_of, temporary_folder
from engines.texts import Supply

# Memory is compared between these parts of a run: after the start, and at the end.
EARLY, LATE = (0.1, 0.3), (0.8, 1.0)


def main() -> int:
    """Classify, kill the supervisor, classify the rest; 1 when a cell is missing or stands twice."""
    options = arguments()
    with temporary_folder() as name:
        program = program_of(options, Path(name))
        texts = Supply(program.texts_of(options.texts)).take(options.total)
        way = VolfefeWay(program, options.engine, options.precision, None)
        way.prepare()
        say(f"storing {len(texts)} texts …")
        database = program.stored(texts, way.configuration(), "long")
        wanted = len(texts) * len(way.model_ids)
        first = run(program, database, way.configuration(), kill_at=int(wanted * options.kill_at))
        kept = cells(database)
        say(f"killed with {kept} of {wanted} verdicts stored")
        second = run(program, database, way.configuration(), kill_at=None)
        stored = cells(database)
    print(f"{cpu_name()}; {options.engine} {options.precision}, {len(texts)} texts, {wanted} verdicts")
    for label, (watch, seconds, done) in {"until the kill": first, "the rest": second}.items():
        texts_done = done / len(way.model_ids)
        print(f"{label:16} {texts_done:9.0f} texts in {seconds:8.1f} s: {texts_done / seconds:.1f} texts/s")
        for part, index in (("supervisor", 1), ("workers", 2)):
            early, late = mean(watch, EARLY, index), mean(watch, LATE, index)
            print(f"{'':16} {part}: {early:.0f} MB early, {late:.0f} MB late ({late - early:+.0f})")
    print(f"stored {stored} of {wanted}")
    return 0 if stored == wanted else 1


def run(program: Program, database: Path, config: Path, kill_at: int | None) -> tuple[Watch, float, int]:
    """Classify what is missing; with `kill_at`, kill the supervisor once so many cells are stored."""
    before, begun = cells(database), time.perf_counter()
    process = subprocess.Popen(
        program.command(database, config),
        env=program.environment({}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    watch = Watch(process.pid)
    killed = False
    while process.poll() is None:
        time.sleep(0.25)
        if kill_at is not None and not killed and cells(database) >= kill_at:
            os.kill(process.pid, signal.SIGKILL)
            killed = True
    seconds = time.perf_counter() - begun
    watch.join()
    if not killed and process.returncode != 0:
        raise Failed(f"volfefe ended with status {process.returncode}")
    return watch, seconds, cells(database) - before


def cells(database: Path) -> int:
    """Verdicts in a database; each stands there once, by its primary key."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM classifications WHERE error_code IS NULL"
        ).fetchone()
        return int(count)


def mean(watch: Watch, part: tuple[float, float], index: int) -> float:
    """Mean memory in MB over a part of a run."""
    end = watch.memory[-1][0]
    sizes = [row[index] for row in watch.memory if part[0] * end <= row[0] <= part[1] * end and row[2]]
    return sum(sizes) / len(sizes) / 1e6 if sizes else 0.0


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="scripts/bench long", description=__doc__)
    common(parser)
    parser.add_argument("--engine", default="onnxruntime")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--total", type=int, default=100_000, help="texts")
    parser.add_argument("--kill-at", type=float, default=0.4, help="share of the work before the kill")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
