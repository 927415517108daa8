"""What evaluating 100,000 gold labels takes, beside pandas and scikit-learn: `gold.py [CONTENTS]`.

The database is that of `questions.py`, with a label for each content. Both sides read the same file and must
come to the same figures; rounds alternate. Needs pandas and scikit-learn.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from questions import MODELS, ROUNDS, VOLFEFE, fill, measured

THREE = [f"{name}@{version}" for name, version, _ in MODELS[:3]]
QUESTIONS = [
    ["evaluate", "--models", ",".join(THREE), "--json"],
    ["evaluate", "--by", "week", "--csv"],
    ["calibrate", "--models", ",".join(THREE), "--json"],
    ["evaluate", "--models", ",".join(THREE), "--calibration", "latest", "--json"],
    ["drift", "--reference", "2023-11..2024-02", "--current", "2024-03..2024-10"],
    ["gold", "stats"],
]
VERDICTS = """
    SELECT g.sentiment AS gold, m.model_id || '@' || v.version AS model, k.sentiment AS said,
        k.score_positive, k.score_neutral, k.score_negative
    FROM gold_labels AS g
    JOIN contents AS c ON c.id = g.content_id AND c.text_version = g.text_version
    JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
    JOIN model_versions AS v ON v.id = k.model_version_id
    JOIN models AS m ON m.id = v.model
    WHERE k.error_code IS NULL AND k.model_version_id <= 3
"""


def label(database: Path) -> None:
    """A label for each content: half of them what the first model says."""
    random.seed(5)
    db = sqlite3.connect(database)
    said = dict(db.execute("SELECT content_id, sentiment FROM classifications WHERE model_version_id = 1"))
    rows = [
        (
            content,
            version,
            said[content]
            if random.random() < 0.5 and said[content] is not None
            else random.choice([-1, 0, 1]),
        )
        for content, version in db.execute("SELECT id, text_version FROM contents").fetchall()
    ]
    db.executemany("INSERT INTO gold_labels VALUES (?, '', ?, ?, 1)", rows)
    db.commit()
    db.close()


def with_pandas(database: Path) -> dict[str, tuple[float, float, float, float]]:
    """Accuracy, macro-F1, Brier score and log loss of three models, as a competent user has them."""
    import numpy as np
    import pandas as pd
    from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss

    with sqlite3.connect(database) as db:
        verdicts = pd.read_sql(VERDICTS, db)
    figures = {}
    for model, rows in verdicts.groupby("model"):
        shares = rows[["score_negative", "score_neutral", "score_positive"]].fillna(0).to_numpy()
        shares = shares / shares.sum(axis=1, keepdims=True)
        epsilon = np.finfo(float).eps
        figures[str(model)] = (
            float(accuracy_score(rows.gold, rows.said)),
            float(f1_score(rows.gold, rows.said, average="macro", zero_division=0)),
            float(brier_score_loss(rows.gold, shares, labels=[-1, 0, 1], scale_by_half=False)),
            float(log_loss(rows.gold, np.clip(shares, epsilon, 1), labels=[-1, 0, 1])),
        )
    return figures


def check(ours: dict[str, Any], theirs: dict[str, tuple[float, float, float, float]]) -> None:
    """Both sides must come to the same figures."""
    for row in ours["rows"]:
        if row["model"] not in theirs:
            continue
        section = row["sections"][0]
        figures = [section[name]["value"] for name in ("accuracy", "macro_f1", "brier", "log_loss")]
        for mine, other in zip(figures, theirs[row["model"]], strict=True):
            assert mine is None or abs(mine - other) < 1e-9, (row["model"], mine, other)


def main() -> None:
    contents = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "gold.db"
        (Path(name) / "a.jsonl").write_text('{"id": 1, "text": "a"}\n')
        ingest: list[str | Path] = [VOLFEFE, "ingest", Path(name) / "a.jsonl", "--database", database]
        subprocess.run(ingest, check=True, stderr=subprocess.DEVNULL)
        fill(database, contents)
        label(database)
        answer = subprocess.run(
            [VOLFEFE, *QUESTIONS[0], "--database", database], check=True, capture_output=True, text=True
        )
        check(json.loads(answer.stdout), with_pandas(database))
        print(f"{contents:,} gold labels, {len(THREE)} models; median of {ROUNDS} rounds\n")
        print("| question | seconds | CPU seconds |\n|---|---|---|")
        theirs: list[tuple[float, float]] = []
        for question in QUESTIONS:
            rounds = []
            for _ in range(ROUNDS):
                rounds.append(measured([VOLFEFE, *question, "--database", database]))
                if question is QUESTIONS[0]:
                    theirs.append(measured([sys.executable, __file__, "--pandas", database]))
            show(" ".join(question), rounds)
        show("pandas and scikit-learn, the first question", theirs)


def show(name: str, rounds: list[tuple[float, float]]) -> None:
    """A row of the table."""
    wall, cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"| `{name}` | {wall:.2f} | {cpu:.2f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--pandas"]:
        with_pandas(Path(sys.argv[2]))
    else:
        main()
