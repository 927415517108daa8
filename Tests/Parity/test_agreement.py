"""`agreement` against scikit-learn, statsmodels and krippendorff."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa
from statsmodels.stats.proportion import proportion_confint

from tables import LABELS, Database, Table, random_table

P, M, N = LABELS
Z = 1.959963984540054

TABLES: dict[str, Table] = {
    **{f"random{seed}": random_table(seed) for seed in range(6)},
    **{f"missing{seed}": random_table(seed, missing=0.3) for seed in range(10, 14)},
    "sparse": random_table(20, missing=0.8, contents=40),
    "two": random_table(21, models=2),
    "seven": random_table(22, models=7, missing=0.1),
    "few": random_table(23, contents=3),
    "avoiding": random_table(24, agreement=0, contents=200),
    "same": random_table(25, agreement=1),
    "rare": random_table(26, weights=(0.98, 0.01, 0.01), agreement=0.95, contents=120),
    "binary": random_table(27, binary=1, contents=90),
    "all binary": random_table(28, binary=3),
    "binary missing": random_table(29, binary=2, models=4, missing=0.25, contents=90),
    "one class": Table({"a": [P] * 5, "b": [P] * 5, "c": [P] * 5}),
    "one class each": Table({"a": [P] * 5, "b": [N] * 5}),
    "one differs": Table({"a": [P, P, P, P], "b": [P, P, P, N]}),
    "constant": Table({"a": [P, N, M, P], "b": [P, P, P, P]}),
    "ties": Table({"a": [P, N, M, P, N, M], "b": [N, M, P, P, N, M], "c": [M, P, N, P, N, M]}),
    "single": Table({"a": [P], "b": [N]}),
    "apart": Table({"a": [P, N, None, None], "b": [None, None, P, N]}),
    "alone": Table({"a": [P, N, M]}),
}


@pytest.fixture(scope="module")
def database(build: Callable[[Mapping[str, Table]], Database]) -> Database:
    return build(TABLES)


def expressible(table: Table, models: Sequence[str]) -> set[str]:
    """Labels that every one of these models can say."""
    return {label for label in LABELS if label != M or not table.binary & set(models)}


def counted(table: Table, models: Sequence[str], labels: str) -> list[list[str | None]]:
    """Rows of these models that count; on shared labels without those where one says what another cannot."""
    rows = [list(row) for row in zip(*(table.verdicts[model] for model in models), strict=True)]
    if labels == "all":
        return rows
    shared = expressible(table, models) | {None}
    return [row for row in rows if set(row) <= shared]


def close(ours: float | None, theirs: float | None) -> bool:
    """Equal to 1e-9; what one of the two does not define, the other must not either."""
    if ours is None or theirs is None or math.isnan(theirs):
        return ours is None and (theirs is None or math.isnan(theirs))
    return abs(ours - theirs) <= 1e-9


def fleiss(rows: list[list[str]]) -> float | None:
    counts = [[row.count(label) for label in LABELS] for row in rows]
    if len({label for row in rows for label in row}) < 2:
        return None
    return float(fleiss_kappa(counts))


def alpha(rows: list[list[str | None]]) -> float | None:
    """Krippendorff's α; None where no content has two verdicts, or only one label is among those that do."""
    paired = [row for row in rows if len(row) - row.count(None) > 1]
    if len({label for row in paired for label in row} - {None}) < 2:
        return None
    codes = [[np.nan if label is None else LABELS.index(label) for label in row] for row in rows]
    return float(
        krippendorff.alpha(
            np.array(codes, dtype=float).T, level_of_measurement="nominal", value_domain=[0, 1, 2]
        )
    )


def jackknife(rows: list[Any], coefficient: Callable[[list[Any]], float | None]) -> float | None:
    """Variance by leaving out one content after the other."""
    if len(rows) < 2:
        return None
    left = [coefficient(rows[:index] + rows[index + 1 :]) for index in range(len(rows))]
    if None in left:
        return None
    values = np.array(left, dtype=float)
    return float((len(rows) - 1) / len(rows) * ((values - values.mean()) ** 2).sum())


def check_interval(estimate: dict[str, Any], variance: float | None) -> None:
    """An interval of ± 1.96 standard errors, clipped; none where there is no spread."""
    if estimate["value"] is None:
        return
    if variance is None or variance <= 1e-15:
        assert estimate["low"] is None
        return
    half = Z * math.sqrt(variance)
    assert close(estimate["low"], max(estimate["value"] - half, -1))
    assert close(estimate["high"], min(estimate["value"] + half, 1))


@pytest.mark.parametrize("name", TABLES)
def test_shares_and_coefficients_are_those_of_the_libraries(name: str, database: Database) -> None:
    table = TABLES[name]
    models = table.models
    report = database.ask(name, "agreement")
    assert [model["model_id"] for model in report["models"]] == [database.model(name, m) for m in models]
    for section in report["sections"]:
        rows = counted(table, models, section["labels"])
        judged = [row for row in rows if len(row) - row.count(None) > 1]
        complete = [row for row in judged if None not in row]
        assert section["contents"] == len(judged)
        assert section["judged_by_all"] == len(complete)
        if len(models) == 1:
            assert section["all_agree"]["value"] is None
            continue
        unanimous = sum(len(set(row)) == 1 for row in complete)
        check_share(section["all_agree"], unanimous, len(complete))
        assert close(section["fleiss_kappa"]["value"], fleiss(complete))
        check_interval(section["fleiss_kappa"], jackknife(complete, fleiss))
        assert close(section["krippendorff_alpha"]["value"], alpha(rows))
        check_interval(section["krippendorff_alpha"], jackknife(judged, alpha))


def check_share(estimate: dict[str, Any], hits: int, total: int) -> None:
    """A share with Wilson's interval."""
    if total == 0:
        assert estimate["value"] is None
        return
    low, high = proportion_confint(hits, total, method="wilson")
    assert close(estimate["value"], hits / total)
    assert close(estimate["low"], float(low))
    assert close(estimate["high"], float(high))


@pytest.mark.parametrize("name", TABLES)
def test_pairs_are_those_of_the_libraries(name: str, database: Database) -> None:
    table = TABLES[name]
    for section in database.ask(name, "agreement")["sections"]:
        pairs = {(pair["first"], pair["second"]): pair for pair in section["pairs"]}
        assert len(pairs) == math.comb(len(table.models), 2)
        for first, second in itertools.combinations(table.models, 2):
            pair = pairs[database.model(name, first) + "@1", database.model(name, second) + "@1"]
            # The shared labels of a pair are those of these two.
            rows = [row for row in counted(table, [first, second], section["labels"]) if None not in row]
            assert pair["contents"] == len(rows)
            check_share(pair["agreement"], sum(a == b for a, b in rows), len(rows))
            check_kappa(pair["kappa"], rows)


def check_kappa(estimate: dict[str, Any], rows: list[Any]) -> None:
    """Cohen's κ with its large-sample interval."""
    if len({label for row in rows for label in row}) < 2:
        assert estimate["value"] is None
        assert estimate["reason"]
        return
    first, second = zip(*rows, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kappa = float(cohen_kappa_score(first, second, labels=LABELS))
        counts = [[sum(row == (a, b) for row in map(tuple, rows)) for b in LABELS] for a in LABELS]
        variance = float(cohens_kappa(np.array(counts)).var_kappa) if len(rows) > 1 else None
    assert close(estimate["value"], kappa)
    check_interval(estimate, variance)
