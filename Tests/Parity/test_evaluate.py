"""`gold`, `evaluate` and `calibrate` against scikit-learn, krippendorff and SciPy."""

from __future__ import annotations

import csv
import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import krippendorff
import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import logsumexp
from sklearn.metrics import brier_score_loss, log_loss, precision_recall_fscore_support
from statsmodels.stats.proportion import proportion_confint

from tables import BINARY, LABELS, Database, Table, random_table

P, M, N = LABELS
Z = 1.959963984540054
EPSILON = float(np.finfo(float).eps)
BINS = 15


def random_scores(seed: int, contents: int, labels: Sequence[str]) -> list[dict[str, float]]:
    """Scores with four digits, as models have them; some are 0."""
    random = np.random.default_rng(seed)
    rows = []
    for shares in random.dirichlet([0.6] * len(labels), contents):
        rounded = [round(float(share), 4) for share in shares]
        rows.append(dict(zip(labels, rounded, strict=True)))
    return rows


def scored(seed: int, *, contents: int = 120, binary: int = 0, models: int = 3) -> Table:
    """Models whose verdict is the label with the highest of random scores."""
    names = [chr(ord("a") + number) for number in range(models)]
    limited = frozenset(names[models - binary :])
    scores = {
        name: random_scores(seed * 31 + number, contents, BINARY if name in limited else LABELS)
        for number, name in enumerate(names)
    }
    verdicts = {
        name: [max(row, key=lambda label: row[label]) for row in rows] for name, rows in scores.items()
    }
    return Table(verdicts, limited, scores=scores)


def gold_of(seed: int, table: Table, right: float = 0.5, labels: Sequence[str] = LABELS) -> list[str | None]:
    """What people say: often what the first model says, otherwise anything; sometimes nothing."""
    random = np.random.default_rng(seed)
    said = next(iter(table.verdicts.values()))
    gold: list[str | None] = []
    for verdict in said:
        if random.random() < 0.1:
            gold.append(None)
        elif verdict in labels and random.random() < right:
            gold.append(verdict)
        else:
            gold.append(str(random.choice(labels)))
    return gold


TABLES: dict[str, Table] = {
    **{f"scored{seed}": scored(seed) for seed in range(4)},
    **{f"binary{seed}": scored(seed, binary=1) for seed in range(4, 7)},
    "missing": random_table(8, missing=0.4, contents=80),
    "few": scored(9, contents=4),
    "one class": Table({"a": [P] * 6, "b": [P] * 6}),
    "never neutral": Table({"a": [P, P, N, N, P], "b": [P, N, P, N, P]}),
    "one": Table({"a": [N]}),
    "sure": Table({"a": [P, N, M, P]}, confidences={"a": [1.0, 1.0, 1.0, 1.0]}),
    "large": scored(10, contents=600),
}
GOLD: dict[str, list[str | None]] = {
    name: gold_of(number + 100, table, right=0.3 + 0.1 * (number % 6))
    for number, (name, table) in enumerate(TABLES.items())
}
GOLD["one class"] = [P] * 6
GOLD["never neutral"] = [P, M, N, M, P]
GOLD["one"] = [N]
GOLD["sure"] = [P, N, N, M]


@pytest.fixture(scope="module")
def database(build: Callable[[Mapping[str, Table]], Database]) -> Database:
    made = build(TABLES)
    file = made.folder / "gold.csv"
    with file.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["external_id", "source", "label"])
        for name, labels in GOLD.items():
            for content, label in enumerate(labels):
                writer.writerow([f"{name} {content}", "parity", label or ""])
    made.run("gold", "import", str(file), "--strict")
    return made


def close(ours: float | None, theirs: float) -> bool:
    return ours is not None and abs(ours - theirs) <= 1e-9


def judged(name: str, model: str, labels: Sequence[str]) -> list[tuple[str, str, list[float]]]:
    """Gold label, what the model said and its probabilities, of the contents that count."""
    table = TABLES[name]
    rows = []
    for content, gold in enumerate(GOLD[name]):
        said = table.verdicts[model][content]
        if gold is None or said is None or gold not in labels:
            continue
        scores = table.scores_of(model, content)
        shares = np.array([scores.get(label, 0.0) for label in LABELS])
        rows.append((gold, said, list(shares / shares.sum())))
    return rows


def ece(confidences: np.ndarray, hits: np.ndarray) -> float:
    """Naeini et al. 2015 with bins that are open below, as Guo et al. have them."""
    place = np.clip(np.digitize(confidences - 1e-9, np.linspace(0, 1, BINS + 1), right=True) - 1, 0, BINS - 1)
    return float(
        sum(
            abs(hits[place == each].mean() - confidences[place == each].mean()) * (place == each).mean()
            for each in np.unique(place)
        )
    )


@pytest.mark.parametrize("name", TABLES)
def test_figures_are_those_of_the_libraries(name: str, database: Database) -> None:
    table = TABLES[name]
    rows = {row["model"]: row for row in database.ask(name, "evaluate")["rows"]}
    assert set(rows) == {database.model(name, model) + "@1" for model in table.models} | (
        {"majority"} if len(table.models) > 1 else set()
    )
    for model in table.models:
        sections = rows[database.model(name, model) + "@1"]["sections"]
        # What a model can say follows from what it says in the file.
        assert len(sections) == (2 if model_labels(table, model) != LABELS else 1)
        for section in sections:
            labels = LABELS if section["labels"] == "all" else model_labels(table, model)
            check_section(section, judged(name, model, labels), labels, model_labels(table, model))


def model_labels(table: Table, model: str) -> list[str]:
    """The labels that some score of the model is of."""
    seen = {
        label
        for content, said in enumerate(table.verdicts[model])
        if said is not None
        for label in table.scores_of(model, content)
    }
    return [label for label in LABELS if label in seen]


def check_section(
    section: dict[str, Any],
    rows: list[tuple[str, str, list[float]]],
    labels: Sequence[str],
    expressible: Sequence[str],
) -> None:
    assert section["contents"] == len(rows)
    if not rows:
        assert section["accuracy"]["value"] is None
        assert section["macro_f1"]["value"] is None
        return
    gold, said, shares = (list(column) for column in zip(*rows, strict=True))
    probabilities = np.array(shares)
    hits = np.array([a == b for a, b in zip(gold, said, strict=True)], dtype=float)
    assert close(section["accuracy"]["value"], hits.mean())
    low, high = proportion_confint(hits.sum(), len(hits), method="wilson")
    assert close(section["accuracy"]["low"], float(low))
    assert close(section["accuracy"]["high"], float(high))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        present = [label for label in LABELS if label in gold or label in said]
        macro = precision_recall_fscore_support(gold, said, labels=present, average="macro", zero_division=0)
        figures = precision_recall_fscore_support(gold, said, labels=labels, zero_division=0)
    assert close(section["macro_f1"]["value"], float(macro[2]))
    for index, (label, ours) in enumerate(zip(labels, section["classes"], strict=True)):
        assert ours["sentiment"] == label
        assert ours["support"] == figures[3][index]
        for figure, column in (("precision", 0), ("recall", 1), ("f1", 2)):
            counted = {"precision": label in said, "recall": label in gold, "f1": label in present}[figure]
            if counted:
                assert close(ours[figure]["value"], float(figures[column][index]))
            else:
                assert ours[figure]["value"] is None
                assert ours[figure]["reason"]

    brier = brier_score_loss(gold, probabilities[:, ORDER], labels=SORTED, scale_by_half=False)
    assert close(section["brier"]["value"], float(brier))
    spread = ((probabilities - np.eye(3)[[LABELS.index(each) for each in gold]]) ** 2).sum(axis=1)
    if len(rows) > 1 and spread.var() / len(rows) > 1e-12:
        half = Z * spread.std(ddof=1) / np.sqrt(len(rows))
        assert close(section["brier"]["high"], min(float(spread.mean() + half), 2))
    if set(gold) <= set(expressible):
        clipped = np.clip(probabilities[:, ORDER], EPSILON, 1 - EPSILON)
        chosen = clipped[np.arange(len(gold)), [SORTED.index(each) for each in gold]]
        assert close(section["log_loss"]["value"], float(-np.log(chosen).mean()))
        if (probabilities > 0).all():
            assert close(
                section["log_loss"]["value"], float(log_loss(gold, probabilities[:, ORDER], labels=SORTED))
            )
    else:
        assert section["log_loss"]["value"] is None
    confidences = probabilities[np.arange(len(said)), [LABELS.index(each) for each in said]]
    assert close(section["ece"]["value"], ece(confidences, hits))
    assert sum(row["contents"] for row in section["reliability"]) == len(rows)


SORTED = sorted(LABELS)
ORDER = [LABELS.index(label) for label in SORTED]


@pytest.mark.parametrize("name", ["scored0", "scored1", "never neutral", "large"])
def test_the_interval_of_macro_f1_is_the_delta_methods(name: str, database: Database) -> None:
    """By differentiating numerically by the share of each cell."""
    table = TABLES[name]
    row = database.ask(name, "evaluate")["rows"][0]["sections"][0]
    rows = judged(name, table.models[0], LABELS)
    counts = np.zeros((3, 3))
    for gold, said, _ in rows:
        counts[LABELS.index(gold), LABELS.index(said)] += 1
    shares = counts / counts.sum()
    present = [k for k in range(3) if counts[k].sum() + counts[:, k].sum() > 0]

    def macro(cells: np.ndarray) -> float:
        return float(np.mean([2 * cells[k, k] / (cells[k].sum() + cells[:, k].sum()) for k in present]))

    step = 1e-6
    gradient = np.zeros((3, 3))
    for cell in np.ndindex(3, 3):
        above, below = shares.copy(), shares.copy()
        above[cell] += step
        below[cell] -= step
        gradient[cell] = (macro(above) - macro(below)) / (2 * step)
    variance = ((shares * gradient**2).sum() - (shares * gradient).sum() ** 2) / counts.sum()
    assert row["macro_f1"]["high"] == pytest.approx(min(macro(shares) + Z * variance**0.5, 1), abs=1e-8)


@pytest.mark.parametrize("name", ["scored0", "binary4", "large"])
def test_temperatures_are_where_the_likelihood_is_highest(name: str, database: Database) -> None:
    table = TABLES[name]
    report = database.ask(name, "calibrate", "--folds", "4", "--name", name)
    for model, ours in zip(table.models, report["models"], strict=True):
        labels = model_labels(table, model)
        columns = [LABELS.index(label) for label in labels]
        rows = judged(name, model, labels)
        assert ours["contents"] == len(rows)
        logs = np.log(np.maximum(np.array([row[2] for row in rows])[:, columns], 1e-6))
        gold = np.array([labels.index(row[0]) for row in rows])
        folds = np.array(folds_of(name, model, labels))
        assert ours["temperature"] == pytest.approx(temperature(logs, gold), rel=1e-9)
        for fold, fitted in enumerate(ours["fold_temperatures"]):
            kept = folds != fold
            assert fitted == pytest.approx(temperature(logs[kept], gold[kept]), rel=1e-9)
        held_out = np.array([ours["fold_temperatures"][fold] for fold in folds])
        powers = logs / held_out[:, None]
        chosen = (powers - logsumexp(powers, axis=1, keepdims=True))[np.arange(len(gold)), gold]
        assert close(ours["after"]["log_loss"]["value"], float(-chosen.mean()))


def folds_of(name: str, model: str, labels: Sequence[str]) -> list[int]:
    """The fold of each content that counts, from the hash of its text."""
    folds = []
    for content, gold in enumerate(GOLD[name]):
        if gold is None or gold not in labels or TABLES[name].verdicts[model][content] is None:
            continue
        digest = hashlib.sha256(f"{name} {content}".encode()).digest()
        folds.append(int.from_bytes(digest[:8], "big") % 4)
    return folds


def temperature(logs: np.ndarray, gold: np.ndarray) -> float:
    """1 / the root of the slope of the likelihood, within the limits."""

    def slope(b: float) -> float:
        shares = np.exp(b * logs - logsumexp(b * logs, axis=1, keepdims=True))
        return float(((shares * logs).sum(axis=1) - logs[np.arange(len(gold)), gold]).sum())

    if slope(0.01) >= 0:
        return 100.0
    if slope(100.0) <= 0:
        return 0.01
    return 1 / float(brentq(slope, 0.01, 100, xtol=1e-15, rtol=1e-14))


def test_annotators_agree_as_krippendorff_has_it(build: Callable[[Mapping[str, Table]], Database]) -> None:
    random = np.random.default_rng(5)
    made = build({"t": Table({"a": [P] * 40})})
    ratings = random.integers(0, 3, 40)
    columns = []
    lines = []
    for annotator in ("kim", "lee", "ana"):
        said = np.where(random.random(40) < 0.7, ratings, random.integers(0, 3, 40)).astype(float)
        said[random.random(40) < 0.3] = np.nan
        columns.append(said)
        lines += [
            json.dumps(
                {"external_id": f"t {c}", "source": "parity", "label": LABELS[int(x)], "annotator": annotator}
            )
            for c, x in enumerate(said)
            if not np.isnan(x)
        ]
    file = made.folder / "annotated.jsonl"
    file.write_text("\n".join(lines) + "\n")
    made.run("gold", "import", str(file), "--strict")
    stats = json.loads(made.run("gold", "stats", "--json").stdout)
    alpha = krippendorff.alpha(np.array(columns), level_of_measurement="nominal", value_domain=[0, 1, 2])
    assert close(stats["krippendorff_alpha"]["value"], float(alpha))
    # The majority of those who have said anything; the first of two that are equally frequent is a tie.
    counts = np.array([[np.sum(np.array(columns)[:, c] == k) for k in range(3)] for c in range(40)])
    labelled = counts.sum(axis=1) > 0
    tied = labelled & ((counts == counts.max(axis=1, keepdims=True)).sum(axis=1) > 1)
    assert stats["totals"]["ties"] == tied.sum()
    assert stats["totals"]["contents"] == (labelled & ~tied).sum()
