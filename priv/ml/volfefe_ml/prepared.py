"""Prepared models: what an engine runs, kept in a cache that several processes may share."""

import fcntl
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from volfefe_ml import encoder as encoders
from volfefe_ml.digests import digest_of, sha256_of
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError

FORMAT = 2
MANIFEST = "manifest.json"

_derived: list[Path] = []


@dataclass(frozen=True)
class Built:
    """What a builder knows about the files it wrote; `labels` in the order of the model's outputs."""

    revision: str
    labels: Sequence[str] | None
    position_limit: int | None


@dataclass(frozen=True)
class Recipe:
    """How to make a prepared model: `key` hashes everything that goes in, `build` writes it into a folder."""

    key: str
    build: Callable[[Path], Built]


@dataclass(frozen=True)
class Prepared:
    """A verified folder with what an engine runs; `status` is built, cached or in_place.

    `position_limit`: how many tokens the model has positions for, None where that is not known.
    """

    folder: Path
    revision: str
    status: str
    position_limit: int | None = None

    @property
    def ops_per_token(self) -> int | None:
        """Operations of the matrix products with weights for one token; None where the sizes are unknown."""
        encoder = encoders.read(self.folder)
        return encoder.ops_per_token if encoder else None


def default_cache() -> Path:
    """`$XDG_CACHE_HOME/volfefe`, or `~/.cache/volfefe`."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "volfefe"


def digest_memory(cache: Path) -> Path:
    """Where the cache remembers hashes of large files."""
    return cache / "digests"


def prepare(entry: ModelEntry, cache: Path, *, build: bool = True) -> Prepared:
    """Find a model's prepared folder, or make it (unless `build` is false), and check it against the entry.

    Every file is compared with its hash on every start, and read for that where it has changed since the last
    one, or when `build` is false: a damaged folder is made anew, or refused when `build` is false.
    """
    from volfefe_ml.sources import in_place, recipe_of

    memory = digest_memory(cache) if build else None
    built = in_place(entry, memory)
    if built is not None:
        folder, status = Path(entry.source_name), "in_place"
    else:
        recipe = recipe_of(entry, cache, memory)
        folder = cache / "prepared" / entry.id / recipe.key[:16]
        built, status = _read(folder, memory), "cached"
        if built is None:
            if not build:
                raise _unprepared(entry, folder)
            built, status = _make(entry.id, folder, recipe)
    _check(entry, folder, built)
    return Prepared(folder, built.revision, status, built.position_limit)


def derive(entry: ModelEntry, base: Prepared, cache: Path, recipe: Recipe) -> Prepared:
    """Find or make what one engine needs besides a model's prepared folder, in a folder of its own."""
    folder = cache / "prepared" / entry.id / recipe.key[:16]
    built, status = _read(folder, digest_memory(cache)), "cached"
    if built is None:
        built, status = _make(entry.id, folder, recipe)
    _derived.append(folder)
    return Prepared(folder, base.revision, status, base.position_limit)


def derived_bytes() -> int | None:
    """Bytes on disk of what `derive` gave this process; None where engines read the graph itself."""
    return sum(map(bytes_of, _derived)) if _derived else None


def bytes_of(folder: Path) -> int:
    """Bytes on disk of the files in a folder."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


def _read(folder: Path, memory: Path | None) -> Built | None:
    """The manifest of a complete, undamaged folder; None for any other."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT:
            return None
        for name, facts in manifest["files"].items():
            if digest_of(folder / name, memory=memory) != facts["sha256"]:
                print(f"volfefe: {folder / name} is damaged", file=sys.stderr)
                return None
        return Built(manifest["revision"], manifest["labels"], manifest["position_limit"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        print(f"volfefe: {folder / MANIFEST} is damaged", file=sys.stderr)
        return None


def _make(model: str, folder: Path, recipe: Recipe) -> tuple[Built, str]:
    """Build under the model's lock; another process may have been first."""
    try:
        with _locked(folder.parent):
            if (built := _read(folder, None)) is not None:
                return built, "cached"
            return _build(folder, recipe), "built"
    except OSError as error:
        if error.errno is None:  # not the system's: transformers raises OSErrors of its own
            raise
        raise StartError(
            "load_failed",
            f"Model {model} could not be prepared: {error.strerror}.",
            model=model,
            path=folder,
            remedy="Free some space there, or point XDG_CACHE_HOME at a folder that can be written.",
        ) from error


def _build(folder: Path, recipe: Recipe) -> Built:
    for remains in folder.parent.glob(".building-*"):  # of a process that was killed
        shutil.rmtree(remains)
    draft = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
    try:
        built = recipe.build(draft)
        files = {
            file.name: {"sha256": sha256_of(file), "bytes": file.stat().st_size}
            for file in sorted(draft.iterdir())
        }
        manifest = {
            "format": FORMAT,
            "revision": built.revision,
            "labels": built.labels,
            "position_limit": built.position_limit,
            "files": files,
        }
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
        if folder.exists():  # damaged; a process that has its files open keeps them
            print(f"volfefe: {folder} is made anew", file=sys.stderr)
            shutil.rmtree(folder)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return built


@contextmanager
def _locked(parent: Path) -> Iterator[None]:
    parent.mkdir(parents=True, exist_ok=True)
    with (parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check(entry: ModelEntry, folder: Path, built: Built) -> None:
    """Compare what was prepared with what the registry says: revision, labels in order, length."""
    check_revision(entry, folder, built.revision)
    limit = built.position_limit
    problem = None
    if built.labels is not None and [*map(str.lower, built.labels)] != [*map(str.lower, entry.labels)]:
        problem = (
            f"the model's labels are {', '.join(built.labels)}, the registry's {', '.join(entry.labels)}"
        )
    elif limit is not None and entry.max_tokens > limit:
        problem = f"the model reads at most {limit} tokens, the registry says max_tokens: {entry.max_tokens}"
    if problem:
        raise StartError(
            "bad_configuration",
            f"Model {entry.id}: {problem}.",
            model=entry.id,
            path=folder,
            remedy="Correct the entry in the `models:` list in volfefe.yaml.",
        )


def check_revision(entry: ModelEntry, path: Path, revision: str) -> None:
    """Compare weights with the pinned revision, if there is one; raises StartError naming both."""
    if entry.revision not in (None, revision):
        raise StartError(
            "revision_mismatch",
            f"Model {entry.id}: the registry pins {entry.revision}, but the weights are {revision}.",
            model=entry.id,
            path=path,
            remedy="Restore the pinned weights, or give the new ones a new `version` and `revision`.",
        )


def _unprepared(entry: ModelEntry, folder: Path) -> StartError:
    return StartError(
        "weights_missing",
        f"Model {entry.id} is not prepared, or its prepared files are damaged.",
        model=entry.id,
        path=folder,
        remedy=f"volfefe models prepare --model {entry.id}",
    )
