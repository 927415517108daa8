"""`drift` against SciPy, statsmodels and NumPy."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2_contingency, ks_2samp
from statsmodels.stats.multitest import multipletests

from tables import LABELS, Database, Table, random_table

P, M, N = LABELS

# Of each table the first half was published in January, the second in February 2025; a tenth has no date.
TABLES: dict[str, Table] = {
    **{f"random{seed}": random_table(seed, contents=90 + 7 * seed) for seed in range(5)},
    "missing": random_table(6, missing=0.5, contents=80),
    "binary": random_table(7, binary=2, contents=100),
    "few": random_table(8, contents=6),
    "one class": Table({"a": [P] * 12}),
    "perfect": Table({"a": [P, N] * 10}, confidences={"a": [1.0] * 10 + [1.0, 0.6] * 5}),
    "one": Table({"a": [P, N]}),
    "shifted": Table({"a": [P] * 40 + [N] * 40}, confidences={"a": [0.6 + k / 400 for k in range(80)]}),
    "only now": Table({"a": [None] * 10 + [P] * 10}),
}


def month(table: Table, content: int) -> str | None:
    """When a content was published."""
    if content % 10 == 9:
        return None
    return "2025-01-31T23:59:59Z" if content < table.contents // 2 else "2025-02-01T00:00:00Z"


@pytest.fixture(scope="module")
def database(build: Callable[[Mapping[str, Table]], Database]) -> Database:
    made = build(TABLES)
    file = made.folder / "dates.jsonl"
    with file.open("w") as lines:
        for name, table in TABLES.items():
            for content in range(table.contents):
                record = {
                    "id": f"{name} {content}",
                    "text": f"{name} {content}",
                    "published_at": month(table, content),
                }
                lines.write(json.dumps(record) + "\n")
    made.run("ingest", str(file), "--source", "parity", "--strict")
    return made


def sample(table: Table, model: str, when: str) -> tuple[list[str], np.ndarray]:
    """What a model said of the texts of a month, and how sure it was."""
    rows = [
        (said, table.scores_of(model, content)[said])
        for content, said in enumerate(table.verdicts[model])
        if said is not None and (month(table, content) or "").startswith(when)
    ]
    return [row[0] for row in rows], np.sort(np.array([row[1] for row in rows]))


def psi(reference: np.ndarray, current: np.ndarray) -> float:
    """By its definition; a bin that is empty on one side counts as half a content."""
    kept = reference + current > 0
    p = np.maximum(reference[kept], 0.5) / reference.sum()
    q = np.maximum(current[kept], 0.5) / current.sum()
    return float(((q - p) * np.log(q / p)).sum())


def same(ours: float | None, theirs: float) -> bool:
    return ours is not None and abs(ours - theirs) <= 1e-9


@pytest.mark.parametrize("name", TABLES)
def test_figures_are_those_of_the_libraries(name: str, database: Database) -> None:
    table = TABLES[name]
    answer = database.ask(name, "drift", "--reference", "2025-01", "--current", "2025-02")
    assert answer["without_date"] == sum(
        month(each, content) is None for each in TABLES.values() for content in range(each.contents)
    )
    p_values: list[float] = []
    corrected: list[float] = []
    for model, ours in zip(table.models, answer["models"], strict=True):
        (before, sure_before), (after, sure_after) = (
            sample(table, model, each) for each in ("2025-01", "2025-02")
        )
        counts = np.array([[said.count(label) for label in LABELS] for said in (before, after)])
        assert (ours["reference"]["verdicts"], ours["current"]["verdicts"]) == (len(before), len(after))
        if not before or not after:
            assert ours["labels"]["psi"]["value"] is None
            assert ours["labels"]["test"]["p_value"] is None
            assert ours["confidence"]["test"]["p_value"] is None
            continue
        assert same(ours["labels"]["psi"]["value"], psi(counts[0], counts[1]))
        check_labels(ours["labels"]["test"], counts)
        check_confidences(ours["confidence"], sure_before, sure_after)
        for test in (ours["labels"]["test"], ours["confidence"]["test"]):
            if test["p_value"] is not None:
                p_values.append(test["p_value"])
                corrected.append(test["p_holm"])
    if p_values:
        assert np.allclose(corrected, multipletests(p_values, method="holm")[1], atol=1e-9)


def check_labels(test: dict[str, Any], counts: np.ndarray) -> None:
    """χ² of homogeneity, with Yates' correction for two labels."""
    seen = counts[:, counts.sum(axis=0) > 0]
    if seen.shape[1] < 2:
        assert test["p_value"] is None
        assert test["reason"]
        return
    theirs = chi2_contingency(seen)
    assert test["degrees"] == theirs.dof
    assert same(test["statistic"], float(theirs.statistic))
    assert same(test["p_value"], float(theirs.pvalue))
    assert ("reason" in test) == bool((theirs.expected_freq < 5).any())


def check_confidences(shift: dict[str, Any], before: np.ndarray, after: np.ndarray) -> None:
    """Kolmogorov–Smirnov exactly, and PSI between the deciles of the reference."""
    theirs = ks_2samp(before, after, method="exact")
    assert same(shift["test"]["statistic"], float(theirs.statistic))
    assert same(shift["test"]["p_value"], float(theirs.pvalue))
    edges = np.unique(np.quantile(before, np.arange(1, 10) / 10))
    counts = [np.bincount(np.digitize(each, edges), minlength=len(edges) + 1) for each in (before, after)]
    assert [row["reference"] for row in shift["psi"]["bins"]] == counts[0].tolist()
    assert [row["current"] for row in shift["psi"]["bins"]] == counts[1].tolist()
    assert same(shift["psi"]["value"], psi(*counts))
