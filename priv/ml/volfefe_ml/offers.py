"""What an engine offers here, asked in a process of its own: `python -m volfefe_ml.offers MODULE`.

Importing a native library that does not fit the processor can end a process: not the one that asks.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
NOT_INSTALLED = 3
SECONDS = 120


class BrokenPackage(RuntimeError):
    """An engine whose package is installed and cannot be used; the message says how it ended."""


def child_environment() -> dict[str, str]:
    """The environment of a process that imports this package, from whatever folder it runs in."""
    path = os.pathsep.join(filter(None, (str(PACKAGE), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


@cache
def precisions(module: str) -> tuple[str, ...]:
    """The precisions of an engine's module, its default first; empty when a package is missing.

    Raises BrokenPackage.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "volfefe_ml.offers", module],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=child_environment(),
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BrokenPackage(f"its package said nothing for {SECONDS} s") from None
    if done.returncode == NOT_INSTALLED:
        return ()
    last = done.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2]
    if done.returncode != 0 or not last.startswith("["):
        words = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise BrokenPackage(
            f"its package is broken: {how_it_ended(done.returncode)}; {words[:200]}".rstrip("; ")
        )
    return tuple(json.loads(last))


def how_it_ended(status: int) -> str:
    """A return code in words: the signal, or the exit status."""
    from signal import Signals

    return f"ended by {Signals(-status).name}" if status < 0 else f"ended with status {status}"


def main() -> int:
    """Print the precisions of the module that is named."""
    import importlib

    try:
        module = importlib.import_module(sys.argv[1])
    except ModuleNotFoundError:
        return NOT_INSTALLED
    print(json.dumps(module.precisions()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
