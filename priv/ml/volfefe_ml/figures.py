"""What was measured of an engine with a precision."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from volfefe_ml.candidates import Candidate
from volfefe_ml.fidelity import Fidelity

MEASURED = tuple(field.name for field in fields(Fidelity))


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of a candidate. `ms_per_text`: on one thread, the median of three rounds.

    `times_reference`: its speed as a multiple of the reference's, the median of the rounds' ratios.
    On a CPU its time counts, elsewhere the wall's. Of a candidate that failed, nothing counts but `failure`.
    """

    candidate: Candidate
    version: str | None = None
    device: str | None = None
    bytes: int | None = None
    load_ms: float | None = None
    ms_per_text: float | None = None
    times_reference: float | None = None
    fidelity: Fidelity | None = None
    failure: str | None = None

    def to_wire(self) -> dict[str, Any]:
        """Flat, as files and lines have it; absent figures are null."""
        wire = asdict(self) | asdict(self.candidate)
        del wire["candidate"]
        fidelity = wire.pop("fidelity") or dict.fromkeys(MEASURED)
        return wire | {name: fidelity[name] for name in MEASURED} | {"failure": self.failure}


def from_wire(wire: Mapping[str, Any]) -> Figures:
    """What `to_wire` made; raises KeyError or TypeError for anything else."""
    given = {field.name: wire[field.name] for field in fields(Figures) if field.name in wire}
    measured = {name: wire[name] for name in MEASURED}
    given["fidelity"] = None if measured["texts"] is None else Fidelity(**measured)
    return Figures(Candidate(wire["engine"], wire["precision"]), **given)
