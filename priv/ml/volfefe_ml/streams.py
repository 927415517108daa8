"""Private copies of stdin and stdout, so that no library's print can reach the protocol."""

import os
import sys
from typing import NamedTuple


class Streams(NamedTuple):
    """File descriptors that only the protocol knows, not inherited by children, and the parent's id."""

    requests: int
    replies: int
    parent: int


def claim() -> Streams:
    """Move fds 0 and 1 away, before any other import; then fd 0 is /dev/null and fd 1 is stderr."""
    streams = Streams(os.dup(0), os.dup(1), os.getppid())
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    sys.stdout = sys.stderr  # else what is printed would wait in a buffer, out of order
    return streams


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, unbuffered."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
