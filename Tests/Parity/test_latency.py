"""`latency` and `stats` against NumPy."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from tables import LABELS, Database, Table, random_table

P, M, N = LABELS

TABLES: dict[str, Table] = {
    **{
        f"random{seed}": random_table(seed, contents=size)
        for seed, size in enumerate((1, 2, 3, 20, 101, 500))
    },
    "missing": random_table(7, missing=0.5),
    "ties": Table({"a": [P] * 6}, latencies={"a": [2.5, 2.5, 2.5, 7, 7, 0.125]}),
    "unknown": Table({"a": [P, N, M]}),
    "some unknown": Table({"a": [P, N, M, P]}, latencies={"a": [4, 0, 8, 0]}),
    "binary": random_table(8, binary=1),
}


@pytest.fixture(scope="module")
def database(build: Callable[[Mapping[str, Table]], Database]) -> Database:
    return build(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_latencies_are_numpys(name: str, database: Database) -> None:
    table = TABLES[name]
    answers = {answer["model_id"]: answer for answer in database.ask(name, "latency")}
    for model, said in table.verdicts.items():
        told = table.latencies.get(model, [0] * len(said))
        # 0 stands for a latency that nobody measured.
        times = [time for time, label in zip(told, said, strict=True) if label is not None and time > 0]
        steady = answers[database.model(name, model)].get("steady")
        if not times:
            assert steady is None
            continue
        assert steady["n"] == len(times)
        assert steady["mean_ms"] == pytest.approx(np.mean(times), abs=1e-9)
        assert steady["max_ms"] == max(times)
        for percent in (50, 95, 99):
            assert steady[f"p{percent}_ms"] == pytest.approx(np.percentile(times, percent), abs=1e-9)


def test_stats_count_what_is_there(database: Database) -> None:
    answers = json.loads(database.run("stats", "--json").stdout)
    found = {answer["model_id"]: answer for answer in answers}
    for name, table in TABLES.items():
        for model, said in table.verdicts.items():
            answer = found[database.model(name, model)]
            assert answer["verdicts"] == sum(label is not None for label in said)
            for label in LABELS:
                if label == "neutral" and model in table.binary:
                    assert answer[label] is None or answer[label] == 0
                else:
                    assert answer[label] == list(said).count(label)
            confidences = [
                table.scores_of(model, content)[label]
                for content, label in enumerate(said)
                if label is not None
            ]
            assert answer["mean_confidence"] == pytest.approx(np.mean(confidences), abs=1e-9)
