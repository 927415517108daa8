"""How long the questions of docs/analysis.md take on a large database: `questions.py [CONTENTS]`.

Standard library only. The schema is made by volfefe; the rows are made up and go into it directly, as
running four models on 100,000 texts takes hours and says nothing about the questions.
"""

from __future__ import annotations

import hashlib
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VOLFEFE = ROOT / ".build/release/volfefe"
ROUNDS = 5
MODELS = [
    ("finance", "1.0", True),
    ("general", "1.0", False),
    ("social", "1.0", True),
    ("vader", "3.3.2", True),
]
WORDS = [
    "market",
    "stocks",
    "rise",
    "fall",
    "deal",
    "profit",
    "loss",
    "great",
    "terrible",
    "news",
    "the",
    "a",
    "of",
]
QUESTIONS = [
    ["agreement"],
    ["compare", "finance", "social"],
    ["disagreements", "--top", "50"],
    ["disagreements", "--pattern", "general=negative,vader=positive"],
    ["stats"],
    ["stats", "--by", "week"],
    ["stats", "--by", "source"],
    ["latency"],
    ["list", "--sentiment", "negative", "--min-confidence", "0.99"],
    ["report", "--html", "-"],
    ["sql", "--csv", "SELECT model_id, sentiment, count(*) FROM model_classifications GROUP BY 1, 2"],
]
VERDICTS = """
    INSERT INTO classifications
        (content_id, model_version_id, text_version, sentiment, confidence, score_positive, score_neutral,
        score_negative, score_margin, entropy, flags, latency_ms, batch_size, tokens, truncated, first_call,
        run_id, inserted_at, error_code, error_message)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def register(db: sqlite3.Connection) -> list[int]:
    """Models, a run and three sources; returns the sources' ids."""
    for number, (model, version, has_neutral) in enumerate(MODELS, 1):
        db.execute("INSERT INTO models VALUES (?, ?)", (number, model))
        db.execute(
            "INSERT INTO model_versions VALUES (?, ?, ?, ?, 'onnxruntime', 'fp32', ?, 256, 1)",
            (number, number, version, f"sha256:{number}", has_neutral),
        )
        for place, sentiment in enumerate((-1, 0, 1) if has_neutral else (-1, 1)):
            db.execute(
                "INSERT INTO model_labels VALUES (?, ?, ?, ?)", (number, place, str(sentiment), sentiment)
            )
    db.execute(
        "INSERT INTO runs (id, started_at, finished_at, state, command, configuration) "
        "VALUES (1, 1, 2, 'finished', 'made up', '[]')"
    )
    for name in ("b", "c"):
        db.execute("INSERT INTO sources (name, inserted_at) VALUES (?, 1)", (name,))
    return [row[0] for row in db.execute("SELECT id FROM sources")]


def verdict(content: int, number: int, truth: int, text_version: int) -> tuple[object, ...]:
    """A row of `classifications`: mostly the truth, sometimes anything, in 2 of 1,000 a failure."""
    _, _, has_neutral = MODELS[number - 1]
    if random.random() < 0.002:
        return (content, number, text_version, *[None] * 13, 1, 1, "timeout", "too slow")
    said = truth if random.random() < 0.6 else random.choice([-1, 0, 1])
    if not has_neutral and said == 0:
        said = random.choice([-1, 1])
    confidence = round(random.uniform(0.4, 1), 4)
    rest = (1 - confidence) / 2
    scores = [confidence if said == s else rest if has_neutral or s else None for s in (1, 0, -1)]
    facts = (max(confidence - rest, 0), 0.5, int(confidence > 0.95), random.expovariate(1 / 12), 32, 40)
    first_call = random.random() < 0.0005
    return (
        *(content, number, text_version, said, confidence, *scores, *facts),
        *(random.random() < 0.02, first_call, 1, 1, None, None),
    )


def fill(path: Path, contents: int) -> None:
    """Contents of 8 to 50 words, one in 500 edited since, one in seven links only, one in 20 reused."""
    random.seed(4)
    db = sqlite3.connect(path)
    db.execute("DELETE FROM contents")
    sources = register(db)
    for content in range(1, contents + 1):
        text = " ".join(random.choices(WORDS, k=random.randint(8, 50))) + f" {content}"
        digest = hashlib.sha256(text.encode()).digest()
        edited = content % 500 == 0
        db.execute(
            "INSERT INTO contents (id, source_id, external_id, text_version, text_hash, published_at, "
            "inserted_at, updated_at, text) VALUES (?, ?, ?, ?, ?, ?, 1, 1, ?)",
            (
                *(content, random.choice(sources), str(content), 1 + edited, digest),
                *(1_700_000_000_000 + content * 300_000, text),
            ),
        )
        db.execute(
            "INSERT INTO text_facts VALUES (?, ?, ?, 9, 1, 0, 0, 0, .1, 0, 0, ?, ?)",
            (content, 1 + edited, len(text), random.random() < 0.15, digest),
        )
        truth = random.choice([-1, 0, 0, 1, 1])
        models = range(1, len(MODELS) + 1)
        db.executemany(VERDICTS, [verdict(content, number, truth, 1) for number in models])
        if content % 20 == 0:
            db.executemany("INSERT INTO reuses VALUES (?, ?, ?)", [(content, n, content - 1) for n in models])
    db.commit()
    db.close()


def measured(command: list[str | Path]) -> tuple[float, float]:
    """Wall and CPU seconds of a command."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - wall, cpu


def main() -> None:
    contents = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "questions.db"
        (folder / "a.jsonl").write_text('{"id": 1, "text": "a"}\n')
        ingest: list[str | Path] = [VOLFEFE, "ingest", folder / "a.jsonl", "--database", database]
        subprocess.run(ingest, check=True, stderr=subprocess.DEVNULL)
        fill(database, contents)
        print(f"{contents:,} contents, {contents * len(MODELS):,} verdicts; median of {ROUNDS} rounds\n")
        print("| question | seconds | CPU seconds |\n|---|---|---|")
        for question in QUESTIONS:
            rounds = [measured([VOLFEFE, *question, "--database", database]) for _ in range(ROUNDS)]
            wall, cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
            print(f"| `{' '.join(question)}` | {wall:.2f} | {cpu:.2f} |")


if __name__ == "__main__":
    main()
