"""`volfefe classify` end to end into SQLite, with the engine and precision that a settings file names."""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from engines import hub_models
from engines.measured import Failed, Outcome, Watch, finished

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "bench"
SHIPPED = ("minilm_finance", "minilm_general", "minilm_social")


@dataclass(frozen=True)
class Program:
    """The program that is measured; `folder` is for settings and databases."""

    binary: Path
    folder: Path
    cache: Path

    def run(self, *arguments: str, **settings: object) -> subprocess.CompletedProcess[bytes]:
        """Run it to its end; raises Failed with the last that it said."""
        done = subprocess.run(
            [self.binary, *arguments], env=self.environment(settings), capture_output=True, check=False
        )
        if done.returncode != 0:
            raise Failed(_last_words((done.stdout + done.stderr).decode(errors="replace")))
        return done

    def classify(self, database: Path, config: Path, **settings: object) -> Outcome:
        """Classify everything in a database; the outcome is what came after the workers were ready."""
        begun = time.perf_counter()
        process = subprocess.Popen(
            self.command(database, config),
            env=self.environment({"runtime_dir": self.folder / "run", **settings}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        watch = Watch(process.pid, self.folder / "run" / f"{process.pid}.sock")
        wall, cpu, talk = finished(process, begun)
        watch.join()
        if process.returncode != 0:
            raise Failed(_last_words(talk))
        starts = list(watch.ready.values())
        if not starts:
            raise Failed("no worker was seen at work: give more texts with --count")
        # Workers begin when they are ready, each for itself: together they lose the mean of their starts.
        start_wall = sum(start.wall_s for start in starts) / len(starts)
        start_cpu = sum(start.cpu_s for start in starts)
        return Outcome(
            texts=_count(database),
            wall_s=wall - start_wall,
            cpu_s=cpu - start_cpu,
            start_wall_s=start_wall,
            start_cpu_s=start_cpu,
            rss=watch.rss or None,
            pss=watch.pss or None,
            supervisor_cpu_s=watch.own_cpu_s,
        )

    def command(self, database: Path, config: Path) -> list[Any]:
        """How everything in a database is classified."""
        return [self.binary, "classify", "--all", "--json", "--database", database, "--config", config]

    def stored(self, texts: Sequence[str], config: Path, name: str) -> Path:
        """A new database with these texts, whose ids are their places."""
        file, database = self.folder / f"{name}.jsonl", self.folder / f"{name}.db"
        for old in self.folder.glob(f"{name}.db*"):
            old.unlink()
        lines = (json.dumps({"id": str(index), "text": text}) for index, text in enumerate(texts))
        file.write_text("".join(line + "\n" for line in lines))
        self.run(
            "ingest", str(file), "--source", SOURCE, "--database", str(database), "--config", str(config)
        )
        return database

    def texts_of(self, file: Path) -> list[str]:
        """The texts of any file that volfefe can read, as it reads them, each once."""
        database = self.folder / "texts.db"
        self.run("ingest", str(file), "--database", str(database))
        with sqlite3.connect(database) as connection:
            rows = connection.execute("SELECT text FROM contents WHERE text IS NOT NULL ORDER BY id")
            return list(dict.fromkeys(row[0] for row in rows if row[0].strip()))

    def peaks(self) -> list[dict[str, Any]]:
        """What one core can do, per precision and unit, in Gop/s."""
        peaks: list[dict[str, Any]] = json.loads(self.run("bench", "--peak", "--json").stdout)["peaks"]
        return peaks

    def environment(self, settings: Mapping[str, object]) -> dict[str, str]:
        """What it is run with; the settings by their keys."""
        variables = {f"VOLFEFE_{key.upper()}": str(value) for key, value in settings.items()}
        return os.environ | {"VOLFEFE_ROOT": str(ROOT), "VOLFEFE_PYTHON": sys.executable} | variables


@dataclass(frozen=True)
class VolfefeWay:
    """One engine at one precision, two workers of one thread."""

    program: Program
    engine: str
    precision: str
    models: Mapping[str, Path] | None
    workers: int = 2
    # More settings of volfefe, by their keys.
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Its name in the table."""
        return f"volfefe, {self.engine} {self.precision}"

    def prepare(self) -> None:
        """Make what the engine runs; raises Failed."""
        # Not `models prepare`, which would compare what these models say with the reference, for minutes.
        self.program.run("warmup", "--config", str(self.configuration()))

    def round(self, texts: Sequence[str]) -> Outcome:
        """Everything into a new database."""
        config, program = self.configuration(), self.program
        database = program.stored(texts, config, "round")
        outcome = program.classify(database, config, **self.settings)
        if outcome.texts != len(texts):
            raise Failed(f"{outcome.texts} of {len(texts)} texts were classified")
        return replace(outcome, scores=_scores(database, len(texts)))

    @property
    def model_ids(self) -> list[str]:
        """The models that run."""
        return [*SHIPPED, "vader"] if self.models is None else list(self.models)

    def configuration(self) -> Path:
        """Write the settings file."""
        more = {"engine": self.engine, "precision": self.precision}
        if self.models is None:
            # The shipped entries, with another engine; the lexicon stays what it is.
            entries: list[dict[str, Any]] = [{"id": name, **more} for name in SHIPPED]
        else:
            entries = [
                {
                    "id": name,
                    **more,
                    "source": f"folder:{folder}",
                    "version": "random",
                    "labels": {label: hub_models.SENTIMENTS[label] for label in hub_models.LABELS[name]},
                    "max_tokens": 512,
                    "profiles": [SOURCE],
                    # Pins of the hub's weights are not meant for these.
                    "commit": None,
                    "revision": None,
                }
                for name, folder in self.models.items()
            ]
        written = {
            "profile": "default" if self.models is None else SOURCE,
            "workers": self.workers,
            "workers_min": self.workers,
            "threads_per_worker": 1,
            "cache_dir": str(self.program.cache),
            "start_timeout": "1200s",
            "sources": {SOURCE: {"html": "no"}},
            "models": [
                {key: value for key, value in entry.items() if value is not None} for entry in entries
            ],
        }
        file = self.program.folder / f"{self.engine}-{self.precision}-{self.workers}.yaml"
        file.write_text(yaml.safe_dump(written, sort_keys=False))
        return file


def _count(database: Path) -> int:
    with sqlite3.connect(database) as connection:
        (count,) = connection.execute(
            "SELECT count(DISTINCT content_id) FROM model_classifications"
        ).fetchone()
        return int(count)


def _scores(database: Path, count: int) -> dict[str, list[dict[str, float]]]:
    """Every stored score, in the order of the texts."""
    scores: dict[str, list[dict[str, float]]] = {}
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            """
            SELECT CAST(c.external_id AS INTEGER), k.model_id, json_extract(k.meta, '$.raw_scores')
            FROM model_classifications AS k
            JOIN contents AS c ON c.id = k.content_id
            """
        )
        for place, model, said in rows:
            scores.setdefault(model, [{} for _ in range(count)])[place] = json.loads(said)
    return scores


def _last_words(talk: str) -> str:
    """What went wrong, and the remedy that stands behind it."""
    lines = [line.strip() for line in talk.splitlines() if line.strip()]
    return " ".join(lines[-2:]) or "it said nothing"


def temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    """Where databases lie while they are measured."""
    return tempfile.TemporaryDirectory(prefix="volfefe-bench-")


def program_of(options: argparse.Namespace, folder: Path) -> Program:
    """The program that a command line means."""
    return Program(options.volfefe, folder, options.cache)
