"""`compare` against scikit-learn, statsmodels and SciPy."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from scipy.stats import chi2
from sklearn.metrics import confusion_matrix
from statsmodels.stats.contingency_tables import SquareTable, mcnemar

from tables import BINARY, LABELS, Database, Table, random_table

P, M, N = LABELS

TABLES: dict[str, Table] = {
    **{f"random{seed}": random_table(seed, models=2) for seed in range(5)},
    **{f"large{seed}": random_table(seed, models=2, contents=400, agreement=0.3) for seed in range(5, 8)},
    "missing": random_table(9, missing=0.4),
    "binary": random_table(10, models=2, binary=1, contents=200),
    "three": random_table(11, contents=120),
    "same": random_table(12, models=2, agreement=1),
    "one class": Table({"a": [P] * 4, "b": [P] * 4}),
    "opposites": Table({"a": [P] * 30, "b": [N] * 30}),
    "one way": Table({"a": [P] * 26 + [N], "b": [M] * 26 + [N]}),
    "at the edge": Table({"a": [P] * 24, "b": [M] * 24}),
    "ties": Table({"a": [P, N] * 20, "b": [N, P] * 20}),
    "apart": Table({"a": [P, None], "b": [None, N]}),
}


@pytest.fixture(scope="module")
def database(build: Callable[[Mapping[str, Table]], Database]) -> Database:
    return build(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_confusion_and_tests_are_those_of_the_libraries(name: str, database: Database) -> None:
    table = TABLES[name]
    for first, second in itertools.combinations(table.models, 2):
        answer = database.compare(name, first, second)
        rows = table.complete(first, second)
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], []]
        assert answer["confusion"]["labels"] == LABELS
        counts = confusion_matrix(*columns, labels=LABELS) if rows else np.zeros((3, 3), dtype=int)
        assert answer["confusion"]["counts"] == counts.tolist()
        one, other = (sum(label is not None for label in table.verdicts[model]) for model in (first, second))
        assert (answer["only_first"], answer["only_second"]) == (one - len(rows), other - len(rows))
        assert answer["flips"] == [] or len(answer["flips"]) == min(20, int(counts.sum() - np.trace(counts)))

        labels = BINARY if table.binary & {first, second} else LABELS
        kept = [LABELS.index(label) for label in labels]
        shared = counts[np.ix_(kept, kept)]
        assert answer["inexpressible"] == counts.sum() - shared.sum()
        symmetry, *marginal = answer["tests"]
        check_bowker(symmetry, shared)
        assert [test["sentiment"] for test in marginal] == labels
        for index, test in enumerate(marginal):
            check_mcnemar(test, shared, index)


def check_bowker(test: dict, counts: np.ndarray) -> None:
    """χ² as statsmodels has it; pairs of labels that are never confused are no degrees of freedom of ours."""
    confused = [(i, j) for i in range(len(counts)) for j in range(i) if counts[i, j] + counts[j, i]]
    if not confused:
        assert test.get("p_value") is None
        return
    with np.errstate(invalid="ignore", divide="ignore"):
        theirs = SquareTable(counts, shift_zeros=False).symmetry(method="bowker")
        statistic = sum(
            (counts[i, j] - counts[j, i]) ** 2 / (counts[i, j] + counts[j, i]) for i, j in confused
        )
    if len(confused) == len(counts) * (len(counts) - 1) // 2:
        assert test["statistic"] == pytest.approx(theirs.statistic, abs=1e-9)
        assert test["p_value"] == pytest.approx(theirs.pvalue, abs=1e-9)
    assert test["statistic"] == pytest.approx(statistic, abs=1e-9)
    assert test["degrees"] == len(confused)
    assert test["p_value"] == pytest.approx(chi2.sf(statistic, len(confused)), abs=1e-9)


def check_mcnemar(test: dict, counts: np.ndarray, index: int) -> None:
    """Exact below 25 differing contents, else χ² with continuity correction."""
    both = int(counts[index, index])
    only_first = int(counts[index].sum()) - both
    only_second = int(counts[:, index].sum()) - both
    assert (test["only_first"], test["only_second"]) == (only_first, only_second)
    differing = only_first + only_second
    if differing == 0:
        assert test.get("p_value") is None
        return
    square = [[both, only_first], [only_second, int(counts.sum()) - both - differing]]
    assert test["method"] == ("exact" if differing < 25 else "chi_squared")
    # Equal counts leave nothing to correct, as in R; statsmodels gives 1 / differing.
    theirs = mcnemar(square, exact=differing < 25, correction=only_first != only_second)
    assert test["statistic"] == pytest.approx(theirs.statistic, abs=1e-9)
    assert test["p_value"] == pytest.approx(theirs.pvalue, abs=1e-9)
