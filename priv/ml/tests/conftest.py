"""Models that several tests share."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from tests import tiny
from tests.support import REGISTRY
from volfefe_ml.config import configured_models
from volfefe_ml.entry import ModelEntry, parse_entry
from volfefe_ml.prepared import prepare


@dataclass(frozen=True)
class HubSet:
    """The registry's hub set, with small models in the place of downloaded ones, prepared in `cache`."""

    cache: Path
    entries: list[dict[str, Any]]
    revisions: list[str]

    def folder(self, number: int) -> Path:
        """Where the small model that stands for an entry was put."""
        return hub_folder(self.cache, self.entries[number])


def hub_folder(cache: Path, entry: dict[str, Any]) -> Path:
    """Where a downloaded model of an entry is looked for."""
    return cache / "hub" / f"{entry['source'].removeprefix('hub:').replace('/', '--')}@main"


def hub_entries() -> list[dict[str, Any]]:
    """The hub profile of the registry, which test weights stand in for: without pins."""
    return [{**entry, "revision": None, "commit": None} for entry in registry_entries("hub")]


def registry_entries(profile: str) -> list[dict[str, Any]]:
    """A profile of the registry, as the supervisor sends it; the reference runs what any engine may run.

    Choosing means measuring, for minutes: test_choice does that with small models.
    """
    keys = [field.name for field in fields(ModelEntry) if field.name != "labels"]
    return [
        {key: getattr(entry, key) for key in keys}
        | ({"engine": "onnxruntime"} if entry.engine == "auto" else {})
        | {"labels": [{"name": name, "sentiment": meaning} for name, meaning in entry.labels.items()]}
        for entry in configured_models([REGISTRY], profile, None)
    ]


@pytest.fixture(scope="session")
def hub_set(tmp_path_factory: pytest.TempPathFactory) -> HubSet:
    """The hub set, prepared once."""
    cache = tmp_path_factory.mktemp("hub")
    entries = hub_entries()
    makers: list[Callable[[Path], None]] = [tiny.make_finbert, tiny.make_distilbert, tiny.make_roberta]
    for entry, make in zip(entries, makers, strict=True):
        make(hub_folder(cache, entry))
    # In this process, since torch takes seconds to import; test_hub has prepare.py do the same.
    revisions = [prepare(parse_entry(dict(entry)), cache).revision for entry in entries]
    return HubSet(cache, entries, revisions)


@pytest.fixture
def hub_copy(hub_set: HubSet, tmp_path: Path) -> HubSet:
    """A copy that a test may damage."""
    shutil.copytree(hub_set.cache, tmp_path / "cache")
    return HubSet(tmp_path / "cache", hub_set.entries, hub_set.revisions)
