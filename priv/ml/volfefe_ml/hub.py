"""Models of the Hugging Face hub: found on this machine, or downloaded when told to."""

import os
import tempfile
from pathlib import Path

from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError

DOWNLOAD_COMMAND = "volfefe models prepare --profile hub --download"
# Weights are read from safetensors or, where a model has no other, from a pickle that torch reads as plain tensors.
PATTERNS = ("*.json", "*.txt", "*.model", "model.safetensors", "pytorch_model.bin")


def folder_name(name: str, commit: str) -> str:
    """`org--name@commit`, a downloaded model's folder under `<cache>/hub`."""
    return f"{name.replace('/', '--')}@{commit}"


def find(entry: ModelEntry, cache: Path) -> Path:
    """The folder of a model that was downloaded before, by volfefe or by another program using the hub's own cache."""
    ours = cache / "hub" / folder_name(entry.source_name, entry.commit or "main")
    theirs = _hub_cache() / f"models--{entry.source_name.replace('/', '--')}"
    candidates = [ours, theirs / "snapshots" / (entry.commit or _main_commit(theirs))]
    for folder in candidates:
        if (folder / "config.json").is_file():
            return folder
    raise StartError(
        "weights_missing",
        f"Model {entry.id}: {entry.source_name} has not been downloaded.",
        model=entry.id,
        path=ours,
        remedy=DOWNLOAD_COMMAND,
    )


def download(entry: ModelEntry, cache: Path) -> Path:
    """Fetch a model at its pinned commit (at `main` without one); the only function here that touches a network."""
    folder = cache / "hub" / folder_name(entry.source_name, entry.commit or "main")
    if (folder / "config.json").is_file():
        return folder
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise missing_extra(entry) from error
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".downloading-", dir=folder.parent) as draft:
            part = Path(draft) / "model"
            snapshot_download(
                entry.source_name,
                revision=entry.commit,
                allow_patterns=_wanted(entry),
                local_dir=part,
                etag_timeout=10,
            )
            part.rename(folder)
    except Exception as error:
        raise StartError(
            "weights_missing",
            f"Model {entry.id}: {entry.source_name} could not be downloaded ({type(error).__name__}: {error}).",
            model=entry.id,
            path=folder,
            remedy=f"Check the network and the name, then again: {DOWNLOAD_COMMAND}",
        ) from error
    return folder


def missing_extra(entry: ModelEntry) -> StartError:
    """What to install before a model from a folder or from the hub can be prepared."""
    return StartError(
        "missing_package",
        f"Model {entry.id}: torch and transformers are needed once, to prepare it.",
        model=entry.id,
        remedy="pip install -r requirements-hub.txt",
    )
