"""Flags, events and the wire of the scripted worker."""

from __future__ import annotations

import json
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Json = dict[str, Any]

FLAGS = sys.argv[1:] + os.environ.get("SCRIPTED_WORKER_FLAGS", "").split()
STATE = os.environ.get("SCRIPTED_WORKER_STATE", "")


def flag(name: str) -> bool:
    """Whether a flag was given."""
    return name in FLAGS


def value(name: str, default: str) -> str:
    """What stands behind a flag."""
    following = FLAGS.index(name) + 1 if flag(name) else len(FLAGS)
    return FLAGS[following] if following < len(FLAGS) else default


def note(*words: object) -> None:
    """Write an event down, in one piece."""
    if STATE and not flag("--quiet"):
        line = " ".join(map(str, (time.monotonic_ns(), os.getpid(), *words))) + "\n"
        descriptor = os.open(f"{STATE}/events", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        os.write(descriptor, line.encode("utf-8", "replace"))
        os.close(descriptor)


def once(name: str) -> bool:
    """Whether nobody has asked for this name before, in any worker."""
    try:
        os.close(os.open(f"{STATE or '/tmp'}/once-{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def name_of(text: str) -> str:
    """The first word of a text, which names it in events."""
    return (text.split(None, 1) or ["-"])[0][:40]


def write_bytes(data: bytes) -> None:
    """Write every byte to stdout, perhaps one at a time."""
    view = memoryview(data)
    while view:
        view = view[os.write(1, view[:1] if flag("--write-1-byte") else view) :]


def write(line: str) -> None:
    """Write ASCII to stdout."""
    write_bytes(line.encode("ascii"))


def send(message: Json) -> None:
    """Send a message."""
    write(json.dumps(message) + "\n")
