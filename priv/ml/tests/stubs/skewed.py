"""As quick as `quick`, and wrong."""

from pathlib import Path

from tests.stubs.quick import Quick
from volfefe_ml.entry import ModelEntry


def precisions() -> tuple[str, ...]:
    return ("int8",)


def load(entry: ModelEntry, cache: Path, threads: int) -> Quick:
    del cache, threads
    return Quick(entry, 0.02)
