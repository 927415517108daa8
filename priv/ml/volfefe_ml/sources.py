"""Where a model's files come from, by the kind of its `source`."""

import hashlib
import json
from pathlib import Path
from typing import Any

from volfefe_ml import encoder as encoders
from volfefe_ml import hub
from volfefe_ml.digests import digest_of, sha256_of
from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError
from volfefe_ml.prepared import Built, Recipe, check_revision

SHIPPED = Path(__file__).parents[1] / "models"
# What an ONNX graph may keep its weights in, beside itself.
EXTERNAL_DATA = ("weights.bin", "model.onnx.data", "model.onnx_data")


def in_place(entry: ModelEntry, memory: Path | None) -> Built | None:
    """Describe a folder that holds model.onnx and tokenizer.json; None where something is to be made.

    `memory` here and below: where hashes of large files are remembered, if they may be (`digest_of`).
    """
    folder = Path(entry.source_name)
    files = [folder / "model.onnx", folder / "tokenizer.json"]
    if entry.source_kind != "folder" or not all(file.is_file() for file in files):
        return None
    weights = [folder / name for name in EXTERNAL_DATA if (folder / name).is_file()]
    config = read_config(folder) if (folder / "config.json").is_file() else {}
    revision = f"sha256:{digest_of(files[0], *weights, memory=memory)}"
    return Built(revision, config_labels(config), position_limit(config))


def recipe_of(entry: ModelEntry, cache: Path, memory: Path | None) -> Recipe:
    """How to prepare a model's graph; raises StartError where its files are missing."""
    if entry.source_kind == "shipped":
        return _shipped(entry)
    if entry.source_kind == "hub":
        return _conversion(entry, hub.find(entry, cache), memory)
    if entry.source_kind == "folder":
        return _conversion(entry, Path(entry.source_name), memory)
    raise StartError(
        "bad_configuration",
        f"Model {entry.id}: engine `{entry.engine}` cannot load `source: {entry.source}`.",
        model=entry.id,
        remedy="Correct `source` in the `models:` list in volfefe.yaml.",
    )


def fingerprint(entry: ModelEntry, cache: Path) -> str:
    """What tells whether a model's files have changed, without reading them all: for entries without a pin.

    Raises StartError where they are missing.
    """
    if entry.source_kind == "package":
        return entry.source_name
    if entry.source_kind == "shipped":
        return sha256_of(SHIPPED / entry.source_name / "adapter.json")
    folder = hub.find(entry, cache) if entry.source_kind == "hub" else Path(entry.source_name)
    names = ("config.json", "tokenizer.json", "model.onnx", *EXTERNAL_DATA, *hub.WEIGHTS)
    facts = [
        (file.name, (stat := file.stat()).st_size, stat.st_mtime_ns)
        for name in names
        if (file := folder / name).is_file()
    ]
    return f"{folder} {facts}"


def _shipped(entry: ModelEntry) -> Recipe:
    from volfefe_ml import adapters

    folder = SHIPPED / entry.source_name
    adapter = adapters.read_manifest(folder)

    def build(out: Path) -> Built:
        base = adapters.base_directory(adapter)
        revision = f"sha256:{adapters.merge(folder, base, out)}"
        config = read_config(base)
        places = {weight["name"]: (weight["offset"], weight["shape"]) for weight in adapter["weights"]}
        if encoder := encoders.describe(config, places, adapter["pooling"]):
            encoder.write(out)
        return Built(revision, adapter["labels"], position_limit(config))

    return Recipe(sha256_of(folder / adapters.MANIFEST), build)  # which holds the hashes of the other files


def original(entry: ModelEntry, cache: Path) -> Path:
    """The folder that a folder or hub model was made from; raises StartError for other sources."""
    if entry.source_kind == "hub":
        return hub.find(entry, cache)
    folder = Path(entry.source_name)
    if entry.source_kind != "folder" or not (folder / "config.json").is_file():
        raise StartError(
            "bad_configuration",
            f"Model {entry.id}: engine `{entry.engine}` needs a folder or hub model with its config.json.",
            model=entry.id,
            remedy="Say `engine: auto` for this model in volfefe.yaml.",
        )
    return folder


def _conversion(entry: ModelEntry, folder: Path, memory: Path | None) -> Recipe:
    config_file = folder / "config.json"
    weights = next((folder / name for name in hub.WEIGHTS if (folder / name).is_file()), None)
    remedy = "Point `source: folder:` at a folder with config.json, a tokenizer and model.safetensors."
    if not config_file.is_file():
        raise _missing(entry, config_file, remedy)
    if weights is None:
        raise _missing(entry, folder / hub.WEIGHTS[0], remedy)
    config = read_config(folder)
    revision = f"sha256:{digest_of(weights, memory=memory)}"
    check_revision(entry, weights, revision)  # before a conversion that would be in vain
    others = sorted(file for file in folder.iterdir() if file.suffix in (".json", ".txt", ".model"))
    key = hashlib.sha256(f"{revision} {sha256_of(*others)}".encode()).hexdigest()

    def build(out: Path) -> Built:
        from volfefe_ml.convert import convert

        convert(entry, folder, config, out)
        return Built(revision, config_labels(config), position_limit(config))

    return Recipe(key, build)


def read_config(folder: Path) -> dict[str, Any]:
    """A model folder's config.json."""
    config = json.loads((folder / "config.json").read_bytes())
    return config if isinstance(config, dict) else {}


def config_labels(config: dict[str, Any]) -> list[str] | None:
    """Raw labels in the order of the outputs, from `id2label`; None where the configuration names none."""
    names: dict[str, str] = config.get("id2label") or {}
    return [names[index] for index in sorted(names, key=int)] or None


def position_limit(config: dict[str, Any]) -> int | None:
    """How many tokens the model has positions for; RoBERTa's start after its padding id."""
    positions: int | None = config.get("max_position_embeddings")
    if positions is not None and "roberta" in str(config.get("model_type")):
        positions -= int(config.get("pad_token_id", 1)) + 1
    return positions


def _missing(entry: ModelEntry, path: Path, remedy: str) -> StartError:
    return StartError(
        "weights_missing",
        f"Model {entry.id}: {path.name} is missing.",
        model=entry.id,
        path=path,
        remedy=remedy,
    )
