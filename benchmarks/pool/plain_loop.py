"""The baseline: the same worker over a pipe, JSON and a commit per batch, without anyone who watches over it.

Arguments: the start line as JSON, how many batches, texts per batch, the worker's command. Prints the
milliseconds of each batch as a JSON list.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCHEMA = """
    CREATE TABLE classifications (
        content_id INTEGER NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL, sentiment TEXT NOT NULL,
        confidence REAL NOT NULL, positive REAL, neutral REAL, negative REAL, margin REAL, entropy REAL,
        latency_ms REAL, batch_size INTEGER, tokens INTEGER, truncated INTEGER, first_call INTEGER,
        inserted_at INTEGER NOT NULL, PRIMARY KEY (content_id, model, version)
    ) WITHOUT ROWID
"""
UPSERT = f"INSERT OR REPLACE INTO classifications VALUES ({', '.join('?' * 16)})"


def rows(content: int, models: dict[str, dict]) -> list[tuple[object, ...]]:
    """One row per model."""
    made: list[tuple[object, ...]] = []
    for model, cell in models.items():
        meta = cell["meta"]
        scores, quality, processing = meta["raw_scores"], meta["quality"], meta["processing"]
        made.append(
            (
                content,
                model,
                cell["model_version"],
                cell["sentiment"],
                cell["confidence"],
                scores["positive"],
                scores["neutral"],
                scores["negative"],
                quality["score_margin"],
                quality["entropy"],
                processing["latency_ms"],
                processing["batch_size"],
                processing["tokens"],
                processing["truncated"],
                processing["first_call"],
                time.time_ns() // 1_000_000,
            )
        )
    return made


def main() -> None:
    """Runs the batches and prints what each took."""
    start, batches, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    models = [model["id"] for model in json.loads(start)["models"]]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(sys.argv[4:], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker,
    ):
        assert worker.stdin
        assert worker.stdout
        database = sqlite3.connect(Path(folder) / "plain.db")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(SCHEMA)
        worker.stdin.write(start.encode() + b"\n")
        worker.stdin.flush()
        worker.stdout.readline()
        durations = []
        for batch in range(batches + 1):
            texts = [f"plain {batch}.{index} " + "of a usual length " * 6 for index in range(size)]
            begun = time.perf_counter()
            request = {"type": "classify", "id": str(batch), "models": models, "texts": texts}
            worker.stdin.write(json.dumps(request).encode() + b"\n")
            worker.stdin.flush()
            items = json.loads(worker.stdout.readline())["items"]
            for index, item in enumerate(items):
                database.executemany(UPSERT, rows(batch * size + index, item["models"]))
            database.commit()
            durations.append((time.perf_counter() - begun) * 1000)
        worker.stdin.close()
        # The first batch opens files and compiles statements, here as there.
        print(json.dumps(durations[1:]))


main()
