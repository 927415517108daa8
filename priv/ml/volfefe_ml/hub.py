"""Models of the Hugging Face hub: found on this machine, or downloaded when told to."""

import os
import tempfile
from pathlib import Path

from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError

DOWNLOAD_COMMAND = "volfefe models prepare --profile hub --download"
TIMEOUT_SECONDS = 10
TEXT_FILES = ("*.json", "*.txt", "*.model")
# safetensors where a model has them; the other is a pickle, which torch reads as plain tensors only.
WEIGHTS = ("model.safetensors", "pytorch_model.bin")


def find(entry: ModelEntry, cache: Path) -> Path:
    """The folder of a model downloaded before, by volfefe or into the hub's own cache.

    Ours is `<cache>/hub/org--name@commit`; an entry without a commit takes the last one downloaded.
    """
    name = entry.source_name.replace("/", "--")
    ours = (cache / "hub").glob(f"{name}@{entry.commit or '*'}")
    theirs = _hub_cache() / f"models--{name}"
    snapshot = theirs / "snapshots" / (entry.commit or _main_commit(theirs))
    for folder in [*sorted(ours, key=_age), snapshot]:
        if (folder / "config.json").is_file():
            return folder
    raise StartError(
        "weights_missing",
        f"Model {entry.id}: {entry.source_name} has not been downloaded.",
        model=entry.id,
        path=cache / "hub" / f"{name}@{entry.commit or 'main'}",
        remedy=DOWNLOAD_COMMAND,
    )


def download(entry: ModelEntry, cache: Path) -> None:
    """Fetch a model at its pinned commit or at `main`, if it is missing; nothing else uses a network."""
    try:
        find(entry, cache)
        return
    except StartError as error:
        missing = error
    try:
        from huggingface_hub import HfApi, snapshot_download
    except ImportError as error:
        raise missing_extra(entry) from error
    parent = cache / "hub"
    parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".downloading-", dir=parent) as draft:
            model = HfApi().model_info(entry.source_name, revision=entry.commit, timeout=TIMEOUT_SECONDS)
            names = {sibling.rfilename for sibling in model.siblings or ()}
            part = Path(draft) / "model"
            snapshot_download(
                entry.source_name,
                revision=model.sha,
                allow_patterns=[*TEXT_FILES, next(name for name in WEIGHTS if name in names)],
                ignore_patterns=["*/*"],
                local_dir=part,
                etag_timeout=TIMEOUT_SECONDS,
            )
            part.rename(parent / f"{entry.source_name.replace('/', '--')}@{model.sha}")
    except Exception as error:
        missing.message = f"Model {entry.id}: download failed ({type(error).__name__}: {error})."
        missing.remedy = f"Check the network and the name, then again: {DOWNLOAD_COMMAND}"
        raise missing from error


def commit_of(folder: Path) -> str:
    """The commit of a folder that `find` found, to be pinned as `commit:`."""
    return folder.name.rpartition("@")[2]


def missing_extra(entry: ModelEntry) -> StartError:
    """What to install before a model from a folder or from the hub can be prepared."""
    return StartError(
        "missing_package",
        f"Model {entry.id}: torch and transformers are needed once, to prepare it.",
        model=entry.id,
        remedy="pip install -r requirements-hub.txt",
    )


def _age(folder: Path) -> float:
    return -folder.stat().st_mtime


def _hub_cache() -> Path:
    home = os.environ.get("HF_HOME") or str(Path.home() / ".cache" / "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or f"{home}/hub")


def _main_commit(model_folder: Path) -> str:
    try:
        return (model_folder / "refs" / "main").read_text().strip()
    except OSError:
        return "main"
