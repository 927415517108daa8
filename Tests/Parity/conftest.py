"""Fixtures of the parity suite."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tables import PROGRAM, Database, Table


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, Table]], Database]:
    """Makes a database of tables; make one in a fixture with `scope="module"` and ask it often."""
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is not there: run `swift build`, or name the program with VOLFEFE_BINARY")
    return lambda tables: Database(tmp_path_factory.mktemp("parity"), tables)
