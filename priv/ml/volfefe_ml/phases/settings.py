"""Settings of a phase: a dataclass with its defaults, changed by what the start message says."""

from dataclasses import dataclass, fields
from typing import Any, TypeVar

from volfefe_ml.errors import StartError

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class NoSettings:
    """Of a phase that has none."""


def read(kind: type[Settings], phase: str, given: dict[str, Any]) -> Settings:
    """A checked `kind`; raises StartError naming the setting: unknown, of another type, refused by `kind`.

    A whole number is also a decimal one; true and false are no numbers.
    """
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise bad(phase, f"has no setting `{name}` (it has {', '.join(known) or 'none'})")
        wanted = type(known[name].default)
        if wanted is float and type(value) is int:
            value = float(value)
        if type(value) is not wanted:
            raise bad(phase, f"needs `{name}` to be of the kind of {known[name].default!r}")
        values[name] = value
    try:
        return kind(**values)
    except ValueError as error:
        raise bad(phase, str(error)) from None


def bad(phase: str, what: str) -> StartError:
    """A StartError about the settings of a phase."""
    return StartError(
        "bad_configuration", f"Phase {phase} {what}.", remedy=f"See `{phase}` in docs/phases.md."
    )
