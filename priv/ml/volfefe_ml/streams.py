"""Private copies of stdin and stdout, so that no library's print can reach the protocol."""

import os
from typing import NamedTuple


class Streams(NamedTuple):
    """File descriptors that only the protocol knows; children do not inherit them."""

    requests: int
    replies: int


def claim() -> Streams:
    """Move fds 0 and 1 away; from now on fd 0 is /dev/null and fd 1 is stderr. Call before any other import."""
    streams = Streams(os.dup(0), os.dup(1))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return streams


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, unbuffered."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
