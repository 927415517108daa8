"""What decides how fast an engine is here: the processor, and the versions that are installed."""

import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from volfefe_ml import __version__

# Packages that compute, or that make what is computed with.
PACKAGES = ("numpy", "tokenizers", "onnxruntime", "openvino", "nncf", "ctranslate2", "torch", "transformers")
CPU = Path("/proc/cpuinfo")
GPUS = Path("/proc/driver/nvidia/gpus")


@cache
def machine() -> dict[str, Any]:
    """The processor with its instruction sets, the GPUs, and the packages of this environment."""
    processor = _fields(CPU)
    return {
        "cpu": processor.get("model name") or platform.processor() or platform.machine(),
        "flags": " ".join(sorted((processor.get("flags") or processor.get("Features") or "").split())),
        "gpus": sorted(_fields(file).get("Model", "?") for file in GPUS.glob("*/information")),
        "packages": {"volfefe_ml": __version__, **_versions()},
    }


def _fields(file: Path) -> dict[str, str]:
    """`name : value` lines up to the first blank one: of /proc/cpuinfo, the first processor."""
    try:
        lines = file.read_text().partition("\n\n")[0].splitlines()
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _versions() -> dict[str, str]:
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
