"""What evaluating 100,000 gold labels takes, beside pandas and scikit-learn.

The database is that of `questions`, with a label for each content. Both sides read the same file and must
come to the same figures; rounds alternate. Needs the packages of requirements-dev.txt and pandas:

    python benchmarks/gold.py [--contents N] [--rounds N] [--volfefe PROGRAM] [--database FILE]
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from questions.made_up import MODELS, make
from questions.measured import Command, Times, command, hardware, spread

ROOT = Path(__file__).resolve().parent.parent
THREE = ",".join(f"{name}@{version}" for name, version, _ in MODELS[:3])
EVALUATE = ["evaluate", "--models", THREE]
QUESTIONS = [
    EVALUATE,
    ["evaluate", "--by", "week"],
    ["calibrate", "--models", THREE],
    [*EVALUATE, "--calibration", "latest"],
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


def with_pandas(database: Path) -> dict[str, list[float]]:
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
        figures[str(model)] = [
            float(accuracy_score(rows.gold, rows.said)),
            float(f1_score(rows.gold, rows.said, average="macro", zero_division=0)),
            float(brier_score_loss(rows.gold, shares, labels=[-1, 0, 1], scale_by_half=False)),
            float(log_loss(rows.gold, np.clip(shares, epsilon, 1), labels=[-1, 0, 1])),
        ]
    return figures


def check(ours: dict[str, Any], theirs: dict[str, list[float]]) -> None:
    """Both sides must come to the same figures."""
    for row in ours["rows"]:
        if row["model"] not in theirs:
            continue
        section = row["sections"][0]
        figures = [section[name]["value"] for name in ("accuracy", "macro_f1", "brier", "log_loss")]
        for mine, other in zip(figures, theirs[row["model"]], strict=True):
            assert mine is None or abs(mine - other) < 1e-9, (row["model"], mine, other)


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contents", type=int, default=100_000, help="contents, each judged by three models")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--volfefe", type=Path, default=ROOT / ".build/release/volfefe")
    parser.add_argument("--database", type=Path, help="keep the database here, or take the one that is")
    parser.add_argument("--pandas", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    given = options()
    if given.pandas:
        print(json.dumps(with_pandas(given.pandas)))
        return
    with tempfile.TemporaryDirectory() as name:
        database = given.database or Path(name) / "gold.db"
        if not database.exists():
            make(database, given.volfefe, given.contents)
            label(database)
        print(f"{hardware()}\nMedians (least–greatest) of {given.rounds} rounds.\n")
        print("| question | seconds | CPU seconds |\n|---|---|---|")
        theirs: list[Times] = []
        for question in QUESTIONS:
            ours: list[Times] = []
            for _ in range(given.rounds):
                line: Command = [given.volfefe, *question, "--json", "--database", database]
                times, answer = command(line)
                ours.append(times)
                if question is EVALUATE:
                    times, figures = command([sys.executable, __file__, "--pandas", database])
                    theirs.append(times)
                    check(answer, figures)
            show(" ".join(question), ours)
        show("the first in pandas and scikit-learn, imports included", theirs)


def show(name: str, rounds: list[Times]) -> None:
    """A row of the table."""
    print(f"| {name} | {spread([t.wall for t in rounds], 2)} | {spread([t.cpu for t in rounds], 2)} |")


if __name__ == "__main__":
    main()
