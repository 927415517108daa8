"""The start message: what to load, where the cache is, how many threads there are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from volfefe_ml import protocol
from volfefe_ml.entry import ModelEntry, parse_entry
from volfefe_ml.errors import StartError
from volfefe_ml.prepared import default_cache


@dataclass(frozen=True)
class Start:
    """A checked start message. `degraded`: models that cannot be loaded are left out, not fatal."""

    threads: int
    cache: Path
    entries: tuple[ModelEntry, ...]
    degraded: bool = False


def parse_start(line: bytes | None) -> Start:
    """Check a start message; raises StartError(bad_configuration)."""
    try:
        message = protocol.decode(line)
    except protocol.BadRequest as error:
        raise _bad(f"The start message is unusable: {error}.") from None
    if message.get("type") != "start" or message.get("protocol") != protocol.VERSION:
        raise _bad(f"The first line must be a `start` message of protocol {protocol.VERSION}.")
    threads = message.get("threads", 1)
    if type(threads) is not int or not 1 <= threads <= 1024:
        raise _bad("`threads` must be a whole number from 1 to 1024.")
    cache = message.get("cache_dir")
    if cache is not None and not (isinstance(cache, str) and Path(cache).is_absolute()):
        raise _bad("`cache_dir` must be an absolute path.")
    degraded = message.get("degraded")
    if degraded is not None and not isinstance(degraded, bool):
        raise _bad("`degraded` must be true or false.")
    entries = parse_entries(message.get("models"))
    return Start(threads, Path(cache) if cache else default_cache(), entries, bool(degraded))


def parse_entries(raw: Any) -> tuple[ModelEntry, ...]:
    """Check a list of registry entries: at least one, no id twice."""
    if not isinstance(raw, list) or not raw:
        raise _bad("`models` must be a list with at least one enabled model.")
    entries = tuple(map(parse_entry, raw))
    ids = [entry.id for entry in entries]
    if twice := [id_ for id_ in ids if ids.count(id_) > 1]:
        raise _bad(f"Model id {twice[0]} stands twice in `models`.")
    return entries


def _bad(message: str) -> StartError:
    return StartError(
        "bad_configuration", message, remedy="See docs/protocol.md and the `models:` list in volfefe.yaml."
    )
