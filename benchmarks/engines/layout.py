"""What one engine gains by a second worker, and what is not inference: supervisor, pipe, JSON and commit."""

import argparse
import statistics
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engines import hub_models
from engines.__main__ import common, cpu_name, say
from engines.measured import Outcome
from engines.runs import ROOT, VolfefeWay, program_of, temporary_folder
from engines.table import Spread
from engines.texts import Supply

ECHO = ROOT / "benchmarks/pool/echo_worker.py"


def main() -> int:
    """Rounds of one worker, two workers, and two workers that answer at once."""
    options = arguments()
    with temporary_folder() as name:
        program = program_of(options, Path(name))
        supply = Supply(program.texts_of(options.texts))
        models = hub_models.make(options.cache / "models") if options.set == "hub" else None
        two = VolfefeWay(program, options.engine, options.precision, models)
        ways = {
            "one worker": replace(two, workers=1),
            "two workers": two,
            "nothing computed": replace(two, settings={"worker": str(ECHO)}),
        }
        two.prepare()
        rounds: dict[str, list[Outcome]] = {label: [] for label in ways}
        for number in range(options.rounds):
            texts = supply.take(options.count)
            for label, way in ways.items():
                rounds[label].append(way.round(texts))
                say(f"round {number + 1}/{options.rounds}  {label}: {rounds[label][-1].rate:.1f} texts/s")
    show(options, rounds)
    return 0


def show(options: argparse.Namespace, rounds: dict[str, list[Outcome]]) -> None:
    """Print what the rounds say."""
    one, two, echo = rounds["one worker"], rounds["two workers"], rounds["nothing computed"]
    gained = [b.rate / a.rate for a, b in zip(one, two, strict=True)]
    own = [outcome.supervisor_cpu_s or 0.0 for outcome in two]
    # The time of all cores that the work took, in which the supervisor's is.
    share = [cpu / (outcome.wall_s * 2) * 100 for cpu, outcome in zip(own, two, strict=True)]
    plumbing = [b.cpu_s / a.cpu_s * 100 for a, b in zip(two, echo, strict=True)]
    print(f"{cpu_name()}; {options.engine} {options.precision}, {options.set} set", end="; ")
    print(f"{options.rounds} rounds of {options.count} texts; median (least–most)")
    line("one worker, texts/s", [outcome.rate for outcome in one], 2)
    line("two workers, texts/s", [outcome.rate for outcome in two], 2)
    line("the second worker's factor", gained, 2)
    line("supervisor's CPU, % of the time of both cores", share, 2)
    line("nothing computed: CPU ms per text, all processes", [outcome.cpu_ms for outcome in echo], 2)
    line("that, % of the CPU time with the engine", plumbing, 2)
    print(f"{'memory of a worker, MB resident':50} {statistics.median(o.rss or 0 for o in two) / 1e6:.0f}")


def line(label: str, values: Sequence[float], digits: int) -> None:
    """One line of the table."""
    print(f"{label:50} {Spread.of(values).text(digits)}")


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="scripts/bench layout", description=__doc__)
    common(parser)
    parser.add_argument("--engine", default="onnxruntime")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--set", choices=("hub", "shipped"), default="shipped", help="which models")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
