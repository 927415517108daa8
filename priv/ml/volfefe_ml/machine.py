"""What decides how fast an engine is here: the processor, and the versions that are installed."""

import platform
from functools import cache
from pathlib import Path
from typing import Any

from volfefe_ml import __version__
from volfefe_ml.environment import versions

CPU = Path("/proc/cpuinfo")
GPUS = Path("/proc/driver/nvidia/gpus")


@cache
def machine() -> dict[str, Any]:
    """The processor with its instruction sets, the GPUs, and the packages of this environment."""
    processor = _fields(CPU)
    return {
        "cpu": processor.get("model name") or platform.processor() or platform.machine(),
        "flags": " ".join(processor_flags()),
        "gpus": sorted(_fields(file).get("Model", "?") for file in GPUS.glob("*/information")),
        "packages": {"volfefe_ml": __version__, **versions()},
    }


@cache
def processor_flags() -> tuple[str, ...]:
    """The instruction sets that the processor has, by the kernel's names, sorted."""
    processor = _fields(CPU)
    return tuple(sorted((processor.get("flags") or processor.get("Features") or "").split()))


def _fields(file: Path) -> dict[str, str]:
    """`name : value` lines up to the first blank one: of /proc/cpuinfo, the first processor."""
    try:
        lines = file.read_text().partition("\n\n")[0].splitlines()
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
