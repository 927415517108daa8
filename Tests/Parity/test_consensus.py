"""`consensus` and `redundancy` against crowd-kit, scikit-learn and NumPy."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from tables import LABELS, Database, Table, random_table

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from crowdkit.aggregation import DawidSkene, MajorityVote

P, M, N = LABELS


def certain(table: Table) -> Table:
    """The same table with every confidence 1."""
    return dataclasses.replace(table, confidences={m: [1.0] * table.contents for m in table.models})


# Warnings of crowd-kit's about its own use of pandas.
pytestmark = pytest.mark.filterwarnings("ignore")

TABLES: dict[str, Table] = {
    "random": random_table(1),
    "four": random_table(4, models=4, contents=150, agreement=0.7),
    "certain": certain(random_table(20, models=4, missing=0.2)),
    "missing": random_table(8, models=5, missing=0.5, contents=120),
    "binary": random_table(9, models=3, binary=1, contents=150),
    "two binary": random_table(10, models=4, binary=2, contents=150, missing=0.2),
    "all binary": random_table(11, models=3, binary=3),
    "two models": random_table(12, models=2),
    "one model": random_table(13, models=1),
    "same": random_table(14, models=3, agreement=1),
    "one class": Table({"a": [P] * 4, "b": [P] * 4, "c": [P] * 4}),
    "all tie": Table({"a": [P, N] * 5, "b": [N, P] * 5}),
    "only neutral differs": Table(
        {"a": [P, N, M, M, P], "b": [P, N, P, N, P]}, binary=frozenset({"b"}), confidences={}
    ),
    "nobody": Table({"a": [P, None], "b": [N, None], "c": [N, None]}),
}
FULL = [name for name, table in TABLES.items() if not table.binary]
SEVERAL = [name for name, table in TABLES.items() if len(table.models) > 1]


@pytest.fixture(scope="module")
def database(build: Callable[[Mapping[str, Table]], Database]) -> Database:
    return build(TABLES)


def long(table: Table, *, without: str | None = None) -> pd.DataFrame:
    """Rows of task, worker and label, as crowd-kit has them."""
    rows = [
        (content, model, label)
        for model in table.models
        if model != without
        for content, label in enumerate(table.verdicts[model])
        if label is not None
    ]
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


def shares(table: Table, *, skills: pd.Series | None = None, without: str | None = None) -> pd.DataFrame:
    """crowd-kit's shares of the votes by content, a column for each label."""
    voted = MajorityVote().fit(long(table, without=without), skills).probas_
    assert voted is not None
    return voted.reindex(columns=LABELS, fill_value=0).sort_index()


def winner(scores: np.ndarray) -> str | None:
    """The label with the highest score, none for a tie."""
    best = np.flatnonzero(scores > scores.max() - 1e-9)
    return LABELS[best[0]] if len(best) == 1 else None


def check_contents(answer: Any, expected: pd.DataFrame, *, isclose: float = 1e-9) -> None:
    """Every content's scores, sentiment and tie are those of `expected`."""
    assert len(answer["contents"]) == len(expected)
    for content, scores in zip(answer["contents"], expected.to_numpy(), strict=True):
        for label, score in zip(LABELS, scores, strict=True):
            assert content["scores"].get(label, 0) == pytest.approx(score, abs=isclose)
        assert content["sentiment"] == winner(scores)
        tied = [label for label, score in zip(LABELS, scores, strict=True) if score > scores.max() - 1e-9]
        assert content["tied"] == ([] if len(tied) == 1 else tied)
        assert content["reason"] == (None if len(tied) == 1 else "tie")
    summary = answer["summary"]
    found = pd.Series([winner(scores) for scores in expected.to_numpy()])
    assert [summary[label] for label in LABELS] == [int((found == label).sum()) for label in LABELS]
    assert summary["ties"] == found.isna().sum()


@pytest.mark.parametrize("name", TABLES)
def test_a_plain_majority_is_crowd_kits(name: str, database: Database) -> None:
    check_contents(database.ask(name, "consensus", "--labels", "all"), shares(TABLES[name]))


@pytest.mark.parametrize("name", FULL)
def test_where_every_model_can_say_everything_own_labels_are_all_labels(
    name: str, database: Database
) -> None:
    check_contents(database.ask(name, "consensus"), shares(TABLES[name]))


@pytest.mark.parametrize("name", TABLES)
def test_own_labels_are_votes_of_those_that_could(name: str, database: Database) -> None:
    table = TABLES[name]
    votes = shares(table) * 0
    could = votes.copy()
    for row in long(table).itertuples():
        votes.loc[row.task, row.label] += 1
        for label in LABELS:
            could.loc[row.task, label] += not (label == M and row.worker in table.binary)
    check_contents(database.ask(name, "consensus"), (votes / could).fillna(0))


def weighted(database: Database, name: str, method: str, *more: str) -> tuple[Any, dict[str, float]]:
    """The answer with weights of 0.1, 0.3, 0.5, … and these weights by model."""
    weights = {model: round(0.1 + 0.2 * place, 1) for place, model in enumerate(TABLES[name].models)}
    given = ",".join(f"{database.model(name, model)}={weight}" for model, weight in weights.items())
    return database.ask(name, "consensus", "--method", method, "--weights", given, *more), weights


def test_with_certain_models_weighted_votes_are_crowd_kits(database: Database) -> None:
    answer, weights = weighted(database, "certain", "weighted")
    check_contents(answer, shares(TABLES["certain"], skills=pd.Series(weights)))


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("method", ["weighted", "v1.0"])
def test_weighted_is_its_formula(name: str, method: str, database: Database) -> None:
    table = TABLES[name]
    answer, weights = weighted(database, name, method, *(["--labels", "all"] if method == "weighted" else []))
    scores = shares(table) * 0
    total = pd.Series(0.0, index=scores.index)
    for row in long(table).itertuples():
        confidence = table.scores_of(row.worker, row.task)[row.label]
        scores.loc[row.task, row.label] += confidence * weights[row.worker]
        total[row.task] += weights[row.worker]
    if method == "weighted":
        check_contents(answer, scores.div(total, axis=0))
        return
    for content, (task, row) in zip(answer["contents"], scores.iterrows(), strict=True):
        expected = {
            label: round(float(row[label]) / max(float(total[task]), 1.0), 4)
            for label in LABELS
            if row[label] > 0
        }
        assert content["scores"] == expected


def likelihood(data: pd.DataFrame, priors: pd.Series, errors: pd.DataFrame) -> float:
    """Natural logarithm of the probability of all verdicts."""
    said = errors.loc[list(zip(data.worker, data.label, strict=True))].to_numpy()
    joint = pd.DataFrame(np.log(said), columns=errors.columns).groupby(data.task.to_numpy()).sum()
    return float(np.log(np.exp(joint + np.log(priors.clip(lower=1e-10))).sum(axis=1)).sum())


@pytest.mark.parametrize("name", TABLES)
def test_dawid_skene_is_crowd_kits_after_the_same_rounds(name: str, database: Database) -> None:
    table = TABLES[name]
    # crowd-kit takes 50 ms for a round, and hundreds until nothing changes any more.
    answer = database.ask(name, "consensus", "--method", "dawid-skene", "--iterations", "8")
    estimate = answer["dawid_skene"]
    assert 1 <= estimate["iterations"] <= 8
    data = long(table)
    theirs = DawidSkene(n_iter=estimate["iterations"], tol=-np.inf).fit(data)
    priors, errors, probabilities = theirs.priors_, theirs.errors_, theirs.probas_
    assert priors is not None and errors is not None and probabilities is not None
    assert estimate["sentiments"] == [label for label in LABELS if label in priors.index]
    for label in estimate["sentiments"]:
        assert estimate["priors"][label] == pytest.approx(priors[label], abs=1e-9)
    for model in estimate["models"]:
        worker = model["model"].removeprefix(f"{name}.").removesuffix("@1")
        for truth in estimate["sentiments"]:
            for said in estimate["sentiments"]:
                expected = errors[truth].get((worker, said), 0.0)
                assert model["confusion"][truth][said] == pytest.approx(expected, abs=1e-9)
    assert estimate["log_likelihood"] == pytest.approx(likelihood(data, priors, errors), rel=1e-9, abs=1e-9)
    check_contents(answer, probabilities.reindex(columns=LABELS, fill_value=0).sort_index())


@pytest.mark.parametrize("name", SEVERAL)
def test_redundancy_is_the_majority_with_and_without(name: str, database: Database) -> None:
    table = TABLES[name]
    answer = database.ask(name, "redundancy", "--labels", "all")
    full = {task: winner(row) for task, row in zip(*split(shares(table)), strict=True)}
    for found in answer["models"]:
        model = found["model"].removeprefix(f"{name}.").removesuffix("@1")
        rest = {task: winner(row) for task, row in zip(*split(shares(table, without=model)), strict=True)}
        said = {task: table.verdicts[model][task] for task in rest if table.verdicts[model][task]}
        assert found["contents"] == len(said)
        lost = sum(full[task] is not None and rest[task] is None for task in said)
        gained = sum(full[task] is None and rest[task] is not None for task in said)
        changed = sum(full[task] != rest[task] for task in said)
        assert (found["lost"], found["gained"]) == (lost, gained)
        assert found["flipped"] == changed - lost - gained
        assert found["changed"]["value"] == pytest.approx(changed / len(said), abs=1e-9)
        pairs = [(said[task], rest[task]) for task in said if rest[task]]
        if table.binary:
            pairs = [pair for pair in pairs if not (M in pair and is_limited(table, model))]
        assert found["agreement"]["value"] == (
            pytest.approx(np.mean([one == other for one, other in pairs]), abs=1e-9) if pairs else None
        )
        kappa = cohen_kappa_score(*zip(*pairs, strict=True)) if len({*sum(pairs, ())}) > 1 else None
        assert found["kappa"]["value"] == (None if kappa is None else pytest.approx(kappa, abs=1e-9))


def split(frame: pd.DataFrame) -> tuple[list[int], np.ndarray]:
    """Tasks and rows."""
    return list(frame.index), frame.to_numpy()


def is_limited(table: Table, model: str) -> bool:
    """Whether the model, or every other one, cannot say neutral."""
    return model in table.binary or all(other in table.binary for other in table.models if other != model)
