"""`export` in all formats: what loads in pandas, DuckDB and `datasets` is what is stored."""

from __future__ import annotations

import hashlib
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from tables import LABELS, PROGRAM, ROOT, Database, Table, random_table

P, M, N = LABELS
TABLES = {
    "x": random_table(1, contents=30, missing=0.2, binary=1),
    "versions": Table({"a": [P, N, None], "b": [None, M, None]}, versions={"a": "7"}),
}


@pytest.fixture(scope="module")
def database(build: Callable[[Mapping[str, Table]], Database]) -> Database:
    made = build(TABLES)
    # A text with everything that CSV and JSON have trouble with, and a date.
    text = 'say "hi",\r\n\ttwo\\lines; \u2028 ünï 🦊 \x07 =1+1'
    scores = {"positive": 0.7, "negative": 0.3}
    odd = {
        "external_id": "odd",
        "source": "other",
        "text": text,
        "author": "Ann, B.",
        "url": "",
        "published_at": "2025-10-25T22:15:50.076Z",
        "models": {"x.c": {"model_version": "1", "raw_scores": scores, "latency_ms": 3.5}},
    }
    (made.folder / "odd.jsonl").write_text(json.dumps(odd))
    made.run("results", "import", str(made.folder / "odd.jsonl"))
    return made


def export(database: Database, name: str, *arguments: str) -> tuple[Path, dict[str, Any]]:
    """Exports to a file of this name; returns it and its manifest."""
    path = database.folder / name
    database.run("export", "--output", str(path), "--python", sys.executable, *arguments)
    manifest = json.loads(path.with_name(path.name + ".manifest.json").read_text())
    assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert manifest["bytes"] == path.stat().st_size
    assert manifest["file"] == name
    assert not list(database.folder.glob("*unfinished*"))
    return path, manifest


def stored(database: Database) -> list[dict[str, Any]]:
    query = """
        SELECT k.content_id, c.external_id, c.text, k.model_id, k.model_version, k.sentiment, k.confidence,
            k.meta ->> '$.raw_scores.neutral' AS score_neutral
        FROM model_classifications AS k JOIN contents AS c ON c.id = k.content_id
        ORDER BY k.content_id, k.id
    """
    answer: list[dict[str, Any]] = json.loads(database.run("sql", "--json", query).stdout)
    return answer


def as_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows with None for what is missing."""
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(key): value for key, value in record.items()} for record in records]


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    "a.parquet": pd.read_parquet,
    "a.csv": lambda path: pd.read_csv(path, dtype={"model_version": str}),
    "a.jsonl": lambda path: pd.read_json(path, lines=True, dtype={"model_version": str}),
    "b.parquet": lambda path: duckdb.sql(f"SELECT * FROM '{path}'").df(),
}


@pytest.mark.parametrize("name", READERS)
def test_a_long_export_holds_every_verdict(name: str, database: Database) -> None:
    path, manifest = export(database, name)
    frame = READERS[name](path)
    expected = stored(database)
    assert list(frame.columns) == [column["name"] for column in manifest["columns"]]
    assert manifest["rows"] == len(frame) == len(expected)
    for found, row in zip(as_records(frame), expected, strict=True):
        assert found["model_version"] == row["model_version"]
        for key in ("content_id", "external_id", "text", "model_id", "sentiment"):
            assert found[key] == row[key], key
        assert found["confidence"] == pytest.approx(row["confidence"], abs=1e-14)
        # JSON of SQLite has 15 digits.
        assert found["score_neutral"] == pytest.approx(row["score_neutral"], abs=1e-14)
    [odd] = [row for row in as_records(frame) if row["external_id"] == "odd"]
    assert (odd["author"], odd["latency_ms"], odd["tokens"]) == ("Ann, B.", 3.5, None)
    assert pd.Timestamp(odd["published_at"]) == pd.Timestamp("2025-10-25T22:15:50.076Z")


def test_parquet_has_the_types_that_the_manifest_names(database: Database) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    path, manifest = export(database, "types.parquet")
    schema = pq.read_schema(path)
    names = {"timestamp[ms, tz=UTC]": "timestamp[ms, UTC]", "list<element: string>": "list<string>"}
    types = {field.name: names.get(str(field.type), str(field.type)) for field in schema}
    assert types == {column["name"]: column["type"] for column in manifest["columns"]}
    assert schema.metadata[b"schema_version"].decode() == manifest["schema_version"]


@pytest.mark.parametrize("name", READERS)
def test_a_wide_export_has_a_row_per_content(name: str, database: Database) -> None:
    path, manifest = export(database, name, "--wide", "--models", "x.a,x.c")
    frame = READERS[name](path)
    assert manifest["layout"] == "wide"
    assert len(frame) == 34 == manifest["rows"]
    rows = {row["external_id"]: row for row in as_records(frame)}
    table = TABLES["x"]
    for content in range(table.contents):
        row = rows[f"x {content}"]
        for model in ("a", "c"):
            said = table.verdicts[model][content]
            assert row[f"x.{model}_sentiment"] == said
            confidence = None if said is None else table.confidences[model][content]
            # pandas reads the numbers of JSON faster than exactly.
            assert row[f"x.{model}_confidence"] == pytest.approx(confidence, abs=1e-14)
            assert (row[f"x.{model}_neutral"] is None) == (said is None or model in table.binary)
    assert rows["versions 0"]["x.a_sentiment"] is None


def test_filters_choose_contents_and_models(database: Database) -> None:
    for arguments, rows in [
        (["--source", "other"], 1),
        (["--since", "2025-10-25", "--until", "2025-10-26"], 1),
        (["--since", "2025-10-26"], 0),
        (["--models", "versions.a"], 2),
        (["--models", "versions.a@7,versions.b"], 3),
        (["--wide", "--source", "other"], 1),
    ]:
        path, manifest = export(database, "filtered.csv", *arguments)
        assert len(pd.read_csv(path)) == rows == manifest["rows"], arguments
    assert manifest["filters"] == {"source": "other", "since": None, "until": None}


def test_what_goes_to_stdout_is_what_goes_to_a_file(database: Database) -> None:
    for name in ("csv", "jsonl"):
        path, _ = export(database, f"same.{name}")
        printed = subprocess.run(
            [str(PROGRAM), "export", "--format", name, "--database", str(database.path)],
            env={"VOLFEFE_ROOT": str(ROOT), **os.environ},
            capture_output=True,
            check=True,
            cwd=database.folder,
        )
        assert printed.stdout == path.read_bytes()


def test_bad_wishes_have_their_status_and_leave_nothing(database: Database) -> None:
    for arguments, status in [
        (["--format", "parquet"], 64),
        (["--output", "a.xlsx"], 64),
        ([], 64),
        (["--format", "csv", "--source", "elsewhere"], 66),
        (["--format", "csv", "--models", "nobody"], 66),
        (["--output", "no/such/folder.csv"], 66),
        (["--output", "none.csv", "--source", "elsewhere"], 66),
        (["--output", "none.parquet", "--python", "/bin/false"], 70),
    ]:
        database.run("export", *arguments, status=status)
    assert not [path for path in database.folder.iterdir() if path.name.startswith(("none", "a.xlsx"))]


def test_parquet_without_pyarrow_says_how_to_get_it(database: Database) -> None:
    python = database.folder / "python-without-packages"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    arguments = ["export", "--output", "none.parquet", "--python", str(python)]
    finished = database.run(*arguments, status=78)
    assert "pip install -r requirements-export.txt" in finished.stderr
    assert not list(database.folder.glob("none*"))


@pytest.mark.parametrize("name", ["d.parquet", "d.csv", "d.jsonl"])
def test_datasets_loads_it(name: str, database: Database, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    path, manifest = export(database, name)
    kind = {"jsonl": "json"}.get(path.suffix[1:], path.suffix[1:])
    loaded = datasets.load_dataset(kind, data_files=str(path), split="train", cache_dir=str(tmp_path))
    assert loaded.num_rows == manifest["rows"]
    assert loaded.column_names == [column["name"] for column in manifest["columns"]]
    assert math.isclose(sum(loaded["confidence"]), sum(row["confidence"] for row in stored(database)))
