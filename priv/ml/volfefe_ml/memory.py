"""What loading leaves behind in memory, given back to the system."""

import ctypes
from contextlib import suppress


def trim() -> None:
    """Have the C library return the memory that is free in its heap; nothing where it has no way to.

    It keeps what libraries free while they load weights: a quarter of a worker in ctranslate2.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
