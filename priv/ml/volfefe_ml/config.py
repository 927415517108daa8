"""The settings files, for those who run models without the supervisor, which reads them alike."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from volfefe_ml.entry import ModelEntry
from volfefe_ml.errors import StartError
from volfefe_ml.start import parse_entries

NAME = "volfefe.yaml"
SHIPPED = Path(__file__).parents[3] / NAME


def settings_files(given: Path | None) -> list[Path]:
    """The shipped file, the user's, the given one or ./volfefe.yaml; later ones change what they name."""
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    files = [file for file in (SHIPPED, Path(home) / "volfefe" / NAME) if file.is_file()]
    if given is not None:
        files.append(given)
    elif Path(NAME).is_file() and not Path(NAME).samefile(SHIPPED):
        files.append(Path(NAME))
    return files


def configured_models(
    files: Sequence[Path], profile: str | None, only: Sequence[str] | None
) -> tuple[ModelEntry, ...]:
    """The enabled models of a profile (by default the settings' own), or those named in `only`."""
    merged: dict[str, Any] = {}
    models: dict[str, dict[str, Any]] = {}
    for file in files:
        settings = _read(file)
        merged |= settings
        for entry in settings.get("models") or ():
            if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
                raise _bad(file, "has an entry without `id` in `models`")
            models.setdefault(entry["id"], {}).update(_absolute(entry, file.parent))
    entries = parse_entries(list(models.values()))
    if only:
        if unknown := set(only) - set(models):
            raise _bad(files[-1], f"has no model {min(unknown)}")
        return tuple(entry for entry in entries if entry.id in only)
    profile = profile or merged.get("profile") or "default"
    chosen = tuple(entry for entry in entries if entry.enabled and profile in entry.profiles)
    if not chosen:
        raise _bad(files[-1], f"enables no model for profile {profile}")
    return chosen


def _read(file: Path) -> dict[str, Any]:
    try:
        settings = yaml.safe_load(file.read_bytes())
    except yaml.YAMLError as error:
        raise _bad(file, f"is not YAML: {' '.join(str(error).split())}") from None
    except OSError as error:
        raise _bad(file, f"cannot be read: {error.strerror}") from None
    if not isinstance(settings, dict | None) or not isinstance((settings or {}).get("models"), list | None):
        raise _bad(file, "must hold settings, and `models` a list")
    return settings or {}


def _absolute(entry: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Folder sources are relative to the settings file."""
    kind, _, name = str(entry.get("source")).partition(":")
    return {**entry, "source": f"folder:{(folder / name).resolve()}"} if kind == "folder" else entry


def _bad(file: Path, what: str) -> StartError:
    return StartError(
        "bad_configuration",
        f"{file} {what}.",
        path=file,
        remedy="Correct the file, or name another with --config.",
    )
