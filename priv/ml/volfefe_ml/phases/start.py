"""The start message of a phase worker: which phases, with which settings, on how many threads."""

from dataclasses import dataclass
from typing import Any

from volfefe_ml import protocol
from volfefe_ml.errors import StartError
from volfefe_ml.phases import MODULES


@dataclass(frozen=True)
class Start:
    """A checked start message; `settings` by phase, not yet checked themselves."""

    phases: tuple[str, ...]
    threads: int
    settings: dict[str, dict[str, Any]]


def parse_start(line: bytes | None) -> Start:
    """Check a start message; raises StartError(bad_configuration)."""
    try:
        message = protocol.decode(line)
    except protocol.BadRequest as error:
        raise _bad(f"The start message is unusable: {error}.") from None
    if message.get("type") != "start" or message.get("protocol") != protocol.VERSION:
        raise _bad(f"The first line must be a `start` message of protocol {protocol.VERSION}.")
    phases = message.get("phases")
    if not isinstance(phases, list) or not phases or len(set(map(str, phases))) < len(phases):
        raise _bad("`phases` must be a list of at least one phase, none twice.")
    if unknown := [name for name in phases if not isinstance(name, str) or name not in MODULES]:
        raise _bad(f"There is no phase {str(unknown[0])[:40]!r} (there are {', '.join(MODULES)}).")
    threads = message.get("threads", 1)
    if type(threads) is not int or not 1 <= threads <= 1024:
        raise _bad("`threads` must be a whole number from 1 to 1024.")
    settings = message.get("settings") or {}
    if not isinstance(settings, dict) or not all(isinstance(of, dict) for of in settings.values()):
        raise _bad("`settings` must be an object of objects, by phase.")
    if strange := set(settings) - set(phases):
        raise _bad(f"`settings` has {min(strange)[:40]!r}, which is not among `phases`.")
    return Start(tuple(phases), threads, settings)


def _bad(message: str) -> StartError:
    return StartError("bad_configuration", message, remedy="See docs/phases.md.")
