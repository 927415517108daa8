"""A large database with made-up verdicts.

The schema is made by volfefe; the rows go into it directly, as running the models on 100,000 texts takes
hours and says nothing about the questions. Then volfefe counts them, as after any other program's writing.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
import subprocess
from pathlib import Path

MODELS = [
    ("finance", "1.0", True),
    ("general", "1.0", False),
    ("social", "1.0", True),
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


def make(database: Path, volfefe: Path, contents: int) -> None:
    """A database of volfefe with so many contents, judged by every model."""
    one = database.parent / "one.jsonl"
    one.write_text('{"id": 1, "text": "a"}\n')
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([volfefe, "ingest", one, "--database", database], check=True, **quiet)
    fill(database, contents)
    # Its other checks may fail, such as those of models that are not here.
    subprocess.run([volfefe, "doctor", "--rebuild", "--database", database], check=False, **quiet)
