"""CSV to Parquet: types, missing values and texts survive."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import REPOSITORY

pq = pytest.importorskip("pyarrow.parquet")

COLUMNS = [
    {"name": "id", "type": "int64"},
    {"name": "at", "type": "timestamp[ms, UTC]"},
    {"name": "text", "type": "string"},
    {"name": "score", "type": "double"},
    {"name": "sure", "type": "bool"},
    {"name": "flags", "type": "list<string>"},
]
CSV = (
    '"id","at","text","score","sure","flags"\n'
    '1,2025-10-31T17:24:49.426Z,"say ""hi"",\nthere",0.1,true,"a;b"\n'
    '2,,"",,,""\n'
    "3,,,1e-05,false,\n"
)


def convert(path: Path, rows: str) -> list[dict[str, Any]]:
    from volfefe_ml.parquet import Order, write

    write(Order(str(path), COLUMNS, {"layout": "long"}), io.BytesIO(rows.encode()))
    table = pq.read_table(path)
    assert table.schema.metadata[b"layout"] == b"long"
    rows_back: list[dict[str, Any]] = table.to_pylist()
    return rows_back


def test_values_come_back_as_they_were(tmp_path):
    first, second, third = convert(tmp_path / "a.parquet", CSV)
    assert first["text"] == 'say "hi",\nthere'
    assert first["at"].isoformat() == "2025-10-31T17:24:49.426000+00:00"
    assert (first["score"], first["sure"], first["flags"]) == (0.1, True, ["a", "b"])
    assert second == {"id": 2, "at": None, "text": "", "score": None, "sure": None, "flags": []}
    assert third["text"] is None
    assert third["flags"] is None
    assert third["score"] == 1e-05


def test_no_rows_are_a_file_with_columns(tmp_path):
    assert convert(tmp_path / "a.parquet", CSV.splitlines()[0] + "\n") == []


def test_the_program_says_which_package_is_missing(tmp_path):
    order = json.dumps({"output": str(tmp_path / "a.parquet"), "columns": COLUMNS, "metadata": {}})
    # Without site-packages there is no pyarrow.
    command = [sys.executable, "-S", str(REPOSITORY / "priv/ml/export.py"), order]
    finished = subprocess.run(command, input=CSV, capture_output=True, text=True, check=False)
    assert finished.returncode == 78
    assert "pip install -r requirements-export.txt" in finished.stderr
    finished = subprocess.run(command[:-1], input="", capture_output=True, text=True, check=False)
    assert finished.returncode == 64


def test_a_folder_that_is_not_there_is_an_input_output_error(tmp_path):
    order = json.dumps({"output": str(tmp_path / "no/a.parquet"), "columns": COLUMNS, "metadata": {}})
    command = [sys.executable, str(REPOSITORY / "priv/ml/export.py"), order]
    finished = subprocess.run(command, input=CSV, capture_output=True, text=True, check=False)
    assert finished.returncode == 74
    assert finished.stderr.startswith("Parquet cannot be written")
