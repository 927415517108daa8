"""The same questions with pandas from the same file: `python -m questions.by_pandas DATABASE QUESTION…`.

Written as one would in a notebook: read the columns that are needed, merge, group. It prints its figures and
the seconds without the imports.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score

Figures = dict[str, float]
LABELS = [1, 0, -1]
VERDICTS = """
    SELECT k.content_id, k.sentiment, k.confidence, m.model_id AS model {more}
    FROM classifications AS k
    JOIN contents AS c ON c.id = k.content_id AND c.text_version = k.text_version
    JOIN model_versions AS v ON v.id = k.model_version_id
    JOIN models AS m ON m.id = v.model
    WHERE k.error_code IS NULL
"""


def stats(db: sqlite3.Connection, by: str) -> Figures:
    """Counts, coverage and mean confidence by group and model."""
    verdicts = pd.read_sql(
        "SELECT k.content_id, k.model_version_id, m.model_id AS model, k.text_version, k.sentiment, "
        "k.confidence, k.flags, k.truncated, k.error_code FROM classifications AS k JOIN model_versions AS v "
        "ON v.id = k.model_version_id JOIN models AS m ON m.id = v.model",
        db,
    )
    contents = pd.read_sql(
        "SELECT c.id AS content_id, c.text_version AS current, c.published_at, s.name AS source, "
        "c.text_hash IS NOT NULL AS has_text FROM contents AS c JOIN sources AS s ON s.id = c.source_id",
        db,
    )
    reuses = pd.read_sql("SELECT content_id, model_version_id, 1 AS reused FROM reuses", db)
    if by == "model":
        contents["group"] = ""
    elif by == "source":
        contents["group"] = contents["source"]
    else:
        day = pd.to_datetime(contents["published_at"], unit="ms").dt.floor("D")
        if by == "week":
            day -= pd.to_timedelta(day.dt.weekday, unit="D")
        contents["group"] = day.dt.strftime("%Y-%m-%d")
    sizes = contents[contents["has_text"] == 1].groupby("group").size()
    rows = verdicts.merge(contents, on="content_id").merge(
        reuses, on=["content_id", "model_version_id"], how="left"
    )
    rows["stale"] = rows["text_version"] < rows["current"]
    rows["failed"] = ~rows["stale"] & rows["error_code"].notna()
    said = rows[~rows["stale"] & rows["error_code"].isna()].copy()
    said["perfect"] = (said["flags"].astype(int) & 2) > 0
    keys = ["group", "model"]
    counts = pd.crosstab([said["group"], said["model"]], said["sentiment"])
    figures: Figures = {}
    for (group, model), number in said.groupby(keys).size().items():
        figures[f"{group} {model} verdicts"] = number
        figures[f"{group} {model} coverage"] = number / sizes[group]
        for name, label in zip(["positive", "neutral", "negative"], LABELS, strict=True):
            figures[f"{group} {model} {name}"] = counts.loc[(group, model)].get(label, 0)
    for name, values in {
        "mean_confidence": said.groupby(keys)["confidence"].mean(),
        "perfect": said.groupby(keys)["perfect"].sum(),
        "truncated": said.groupby(keys)["truncated"].sum(),
        "reused": said.groupby(keys)["reused"].sum(),
        "failed": rows.groupby(keys)["failed"].sum(),
        "stale": rows.groupby(keys)["stale"].sum(),
    }.items():
        figures |= {f"{group} {model} {name}": value for (group, model), value in values.items()}
    return figures


def agreement(db: sqlite3.Connection) -> Figures:
    """Shares and coefficients of texts with words, on all labels."""
    more = ", coalesce(t.url_only, 0) AS url_only"
    facts = "LEFT JOIN text_facts AS t ON t.content_id = c.id AND t.text_version = c.text_version WHERE"
    verdicts = pd.read_sql(VERDICTS.format(more=more).replace("WHERE", facts), db)
    table = verdicts[verdicts["url_only"] == 0].pivot(index="content_id", columns="model", values="sentiment")
    complete = table.dropna().astype(int)
    ratings = np.stack([(complete == label).sum(axis=1) for label in LABELS], axis=1)
    raters = complete.shape[1]
    observed = ((ratings * (ratings - 1)).sum(axis=1) / (raters * (raters - 1))).mean()
    expected = ((ratings.sum(axis=0) / ratings.sum()) ** 2).sum()
    figures: Figures = {
        "judged_by_all": len(complete),
        "all_agree": (complete.nunique(axis=1) == 1).mean(),
        "fleiss_kappa": (observed - expected) / (1 - expected),
    }
    for place, first in enumerate(table.columns):
        for second in table.columns[place + 1 :]:
            both = table[[first, second]].dropna().astype(int)
            figures[f"{first} {second} agreement"] = (both[first] == both[second]).mean()
            figures[f"{first} {second} kappa"] = cohen_kappa_score(both[first], both[second])
    return figures


def compare(db: sqlite3.Connection, first: str, second: str) -> Figures:
    """The confusion matrix, Cohen's κ, and the twenty surest contents on which two models differ."""
    verdicts = pd.read_sql(VERDICTS.format(more="") + f" AND m.model_id IN ('{first}', '{second}')", db)
    table = verdicts.pivot(index="content_id", columns="model", values=["sentiment", "confidence"]).dropna()
    one, two = table["sentiment"][first], table["sentiment"][second]
    counts = pd.crosstab(one, two).reindex(index=LABELS, columns=LABELS, fill_value=0)
    figures: Figures = {f"{x} {y}": counts.loc[x, y] for x in LABELS for y in LABELS}
    figures["kappa"] = cohen_kappa_score(one, two)
    weight = table["confidence"].min(axis=1) * (one - two).abs()
    flips = weight[weight > 0].rename("weight").reset_index()
    flips = flips.sort_values(["weight", "content_id"], ascending=[False, True]).head(20)
    texts = pd.read_sql(
        "SELECT id, text FROM contents WHERE id IN (" + ",".join(map(str, flips["content_id"])) + ")", db
    )
    assert len(texts) == len(flips)
    return figures | {f"flip {place}": number for place, number in enumerate(flips["content_id"])}


def disagreements(db: sqlite3.Connection, top: int) -> Figures:
    """The contents on which confident models contradict each other most."""
    can = pd.read_sql(
        "SELECT DISTINCT m.model_id AS model, l.sentiment FROM model_labels AS l JOIN model_versions AS v "
        "ON v.id = l.model_version_id JOIN models AS m ON m.id = v.model",
        db,
    )
    able = can.groupby("model")["sentiment"].agg(set)
    table = pd.read_sql(VERDICTS.format(more=""), db).pivot(
        index="content_id", columns="model", values=["sentiment", "confidence"]
    )
    models = list(able.index)
    worst = pd.Series(0.0, index=table.index)
    for place, first in enumerate(models):
        for second in models[place + 1 :]:
            one, two = table["sentiment"][first], table["sentiment"][second]
            usable = one.isin(able[second]) & two.isin(able[first]) & (one != two)
            sure = table["confidence"][[first, second]].min(axis=1) / np.where(one * two == 0, 2, 1)
            worst = worst.where(worst > sure.where(usable, 0), sure.where(usable, 0))
    worst = worst[worst > 0].rename("contradiction").reset_index()
    found = worst.sort_values(["contradiction", "content_id"], ascending=[False, True]).head(top)
    texts = pd.read_sql(
        "SELECT id, text FROM contents WHERE id IN (" + ",".join(map(str, found["content_id"])) + ")", db
    )
    assert len(texts) == len(found)
    figures: Figures = {"total": len(worst)}
    for place, row in enumerate(found.itertuples()):
        figures |= {f"{place} content": row.content_id, f"{place} contradiction": row.contradiction}
    return figures


def latency(db: sqlite3.Connection) -> Figures:
    """Mean and percentiles by model, first calls apart, without what was reused."""
    more = (
        ", k.latency_ms, k.first_call, EXISTS (SELECT 1 FROM reuses AS u WHERE u.content_id = k.content_id "
        "AND u.model_version_id = k.model_version_id) AS reused"
    )
    rows = pd.read_sql(VERDICTS.format(more=more), db)
    times = rows[rows["reused"] == 0]
    figures: Figures = {
        f"{model} reused": number for model, number in rows.groupby("model")["reused"].sum().items()
    }
    for (model, first), values in times.groupby(["model", "first_call"])["latency_ms"]:
        name = f"{model} {'first_calls' if first else 'steady'}"
        figures |= {
            f"{name} n": len(values),
            f"{name} mean_ms": values.mean(),
            f"{name} max_ms": values.max(),
        }
        for q in (50, 95, 99):
            figures[f"{name} p{q}_ms"] = values.quantile(q / 100)
    return figures


QUESTIONS: dict[str, Callable[[sqlite3.Connection, list[str]], Figures]] = {
    "stats": lambda db, rest: stats(db, rest[1] if rest else "model"),
    "agreement": lambda db, rest: agreement(db),
    "compare": lambda db, rest: compare(db, rest[0], rest[1]),
    "disagreements": lambda db, rest: disagreements(db, int(rest[1])),
    "latency": lambda db, rest: latency(db),
}


def plain(value: Any) -> float:
    """A number as JSON has it."""
    return value.item() if hasattr(value, "item") else value


def main() -> None:
    started = (time.perf_counter(), time.process_time())
    database, question, *rest = sys.argv[1:]
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    figures = QUESTIONS[question](db, rest)
    wall, cpu = time.perf_counter() - started[0], time.process_time() - started[1]
    answer = {name: plain(value) for name, value in figures.items()}
    print(json.dumps({"wall": wall, "cpu": cpu, "figures": answer}))


if __name__ == "__main__":
    main()
