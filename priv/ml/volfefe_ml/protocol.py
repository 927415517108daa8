"""The wire: one ASCII JSON object per line, at most `LINE_CAP` bytes each way."""

import json
import os
from collections.abc import Iterator
from typing import Any

from volfefe_ml.streams import write_all

VERSION = 1
LINE_CAP = 8 * 1024 * 1024
CHUNK = 1 << 16

Message = dict[str, Any]


class BadRequest(ValueError):
    """A line that cannot be served; the message is ours and holds nothing of the line."""

    def __init__(self, message: str, request_id: str | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id


def lines(fd: int) -> Iterator[bytes | None]:
    """Yield each `\\n`-terminated line without its end; None for one over the cap, dropped in flat memory.

    Half a line before the end of the stream is dropped: its sender died while writing it.
    """
    buffer = bytearray()
    overlong = False
    while chunk := os.read(fd, CHUNK):
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            buffer += chunk[start:end]
            yield None if overlong or len(buffer) > LINE_CAP else bytes(buffer)
            buffer.clear()
            overlong = False
            start = end + 1
        buffer += chunk[start:]
        if len(buffer) > LINE_CAP:
            overlong = True
            buffer.clear()


def decode(line: bytes | None) -> Message:
    """Parse one line into an object; raises BadRequest: too long, not UTF-8, not JSON, nested too deeply."""
    if line is None:
        raise BadRequest(f"the line is longer than {LINE_CAP} bytes")
    try:
        message = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadRequest(f"byte {error.start} of the line is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadRequest(f"not JSON at character {error.pos}: {error.msg}") from None
    except (RecursionError, ValueError) as error:
        raise BadRequest(f"unusable JSON ({type(error).__name__})") from None
    if not isinstance(message, dict):
        raise BadRequest("the line is not a JSON object")
    return message


def encode(message: Message) -> bytes:
    """One line of ASCII JSON; NaN and Infinity raise ValueError, since no reader accepts them."""
    return json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"


def send(fd: int, message: Message) -> None:
    """Write one message at once."""
    write_all(fd, encode(message))
