"""The engines against each other, against the cold way and a warm pipeline; see benchmarks/README.md."""

import argparse
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from engines import hub_models, table
from engines.baselines import ColdWay, ReferenceWay, random_entries, shipped_entries
from engines.measured import Failed, Outcome
from engines.runs import ROOT, Program, VolfefeWay, program_of, temporary_folder
from engines.texts import Supply
from engines.tokens import counter

NEEDED = ("torch", "transformers", "onnx", "onnxruntime", "tokenizers", "yaml")
ENGINES = (
    ("onnxruntime", "fp32"),
    ("openvino", "fp32"),
    ("openvino", "bf16"),
    ("openvino", "int8"),
    ("ctranslate2", "fp32"),
    ("ctranslate2", "int8"),
)
# Only models with a folder of the Hugging Face kind.
TORCH = (("transformers", "bf16"),)


class Way(Protocol):
    """A way to judge texts."""

    @property
    def label(self) -> str:
        """Its name in the table."""

    def prepare(self) -> None:
        """What is done once, not timed; raises Failed."""

    def round(self, texts: Sequence[str]) -> Outcome:
        """Judge texts that it has not seen; raises Failed."""


def main() -> int:
    """Parse arguments, measure, print; 0 or 69 where packages are missing."""
    options = arguments()
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        say(
            f"{sys.executable} lacks {', '.join(missing)}: pip install -r requirements-dev.txt, "
            "or PYTHON=/path/to/python scripts/bench engines"
        )
        return 69
    with temporary_folder() as name:
        program = program_of(options, Path(name))
        texts = program.texts_of(options.texts)
        peaks = program.peaks()
        head = f"{cpu_name()}, {os.cpu_count()} cores; {len(texts)} texts in {options.texts.name}; "
        print(head + f"{options.rounds} rounds of {options.count} texts, {options.cold} of them the cold way")
        print(
            "peak of one core, Gop/s: "
            + ", ".join(f"{p['precision']} {p['unit']} {p['gops']:.0f}" for p in peaks)
        )
        sets = {"hub": hub_set, "shipped": shipped_set}
        report: dict[str, Any] = {"peaks": peaks, "sets": {}}
        for chosen in sets if options.set == "all" else (options.set,):
            measured = sets[chosen](options, program, peaks, Supply(texts))
            report["sets"][chosen] = {
                label: [
                    {key: value for key, value in asdict(outcome).items() if key != "scores"}
                    for outcome in rounds
                ]
                for label, rounds in measured.items()
            }
        if options.json:
            options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


def hub_set(options: argparse.Namespace, program: Program, peaks: Sequence[Any], supply: Supply) -> Any:
    """The three architectures of the hub set with random weights."""
    say("making the models (once) …")
    models = hub_models.make(options.cache / "models")
    entries = random_entries(models)
    pipeline = ReferenceWay("pipeline, one at a time", "pipeline", entries, program.cache)
    cold = ColdWay(models, options.cold)
    ways: list[Way] = [pipeline, cold]
    ways.append(ReferenceWay("pipeline, batch 8 unsorted", "pipeline", entries, program.cache, batch=8))
    ways += [VolfefeWay(program, engine, precision, models) for engine, precision in (*ENGINES, *TORCH)]
    measured = rounds_of(chosen(ways, options, keep=pipeline), options, supply)
    count = counter()

    def operations(texts: Sequence[str]) -> float:
        return sum(
            hub_models.operations(folder, min(count(t), 512)) for t in texts for folder in models.values()
        )

    show(
        "Three BERT-size models, random weights",
        measured,
        supply,
        peaks,
        pipeline.label,
        cold.label,
        operations,
    )
    return measured["outcomes"]


def shipped_set(options: argparse.Namespace, program: Program, peaks: Sequence[Any], supply: Supply) -> Any:
    """The models that come with volfefe."""
    loop = ReferenceWay("plain loop, one process", "loop", shipped_entries(), program.cache, processes=1)
    ways: list[Way] = [loop]
    ways += [VolfefeWay(program, engine, precision, None) for engine, precision in ENGINES]
    measured = rounds_of(chosen(ways, options, keep=loop), options, supply)
    count = counter()

    def operations(texts: Sequence[str]) -> float:
        return sum(3 * tokens * (24.0 * 6 * 384**2 + 4.0 * 6 * 384 * tokens) for tokens in map(count, texts))

    show("The shipped set, four models", measured, supply, peaks, loop.label, None, operations)
    return measured["outcomes"]


def chosen(ways: Sequence[Way], options: argparse.Namespace, keep: Way) -> list[Way]:
    """The ways whose label holds one of `--ways`; the reference always."""
    words = options.ways.split(",") if options.ways else [""]
    return [way for way in ways if way is keep or any(word in way.label for word in words)]


def rounds_of(ways: Sequence[Way], options: argparse.Namespace, supply: Supply) -> dict[str, Any]:
    """Every way in turn on the same texts, round after round; one that fails is left out, and says why."""
    failed: dict[str, str] = {}
    outcomes: dict[str, list[Outcome]] = {way.label: [] for way in ways}
    texts: list[list[str]] = []
    for way in ways:
        say(f"preparing {way.label} …")
        attempt(way, way.prepare, failed)
    for number in range(options.rounds):
        texts.append(supply.take(options.count))
        for way in ways:
            if way.label in failed:
                continue
            outcome = attempt(way, partial(way.round, texts[-1]), failed)
            if outcome:
                outcomes[way.label].append(outcome)
                say(f"round {number + 1}/{options.rounds}  {way.label}: {outcome.cpu_ms:.1f} CPU ms per text")
    return {"outcomes": outcomes, "failed": failed, "texts": texts, "ways": ways}


def attempt(way: Way, body: Callable[[], Outcome | None], failed: dict[str, str]) -> Outcome | None:
    """Run a step of a way; when it fails, the way is out."""
    try:
        return body()
    except Failed as error:
        failed[way.label] = str(error)
        say(f"{way.label}: {error}")
        return None


def show(
    title: str,
    measured: Mapping[str, Any],
    supply: Supply,
    peaks: Sequence[Mapping[str, Any]],
    base: str,
    cold: str | None,
    operations: Callable[[Sequence[str]], float],
) -> None:
    """Print the table of a set."""
    outcomes: Mapping[str, list[Outcome]] = measured["outcomes"]
    per_text = sum(map(operations, measured["texts"])) / max(sum(map(len, measured["texts"])), 1)
    rows = []
    for way in measured["ways"]:
        rounds = outcomes[way.label]
        if way.label in measured["failed"] or not rounds:
            rows.append([way.label, "cannot run here", *["–"] * 10])
            continue
        whole = all(
            outcome.texts == len(texts) for outcome, texts in zip(rounds, measured["texts"], strict=False)
        )
        rows.append(
            table.row(
                way.label,
                rounds,
                cold=outcomes.get(cold or "") or None,
                base=outcomes[base] or None,
                reference=outcomes[base] if way.label != base else None,
                gops=(lambda outcome: per_text * outcome.texts / outcome.cpu_s / 1e9) if whole else None,
                precision=getattr(way, "precision", "fp32"),
                peaks=peaks,
            )
        )
    name = "pipeline" if cold else "loop"
    print(f"\n## {title}: {per_text / 1e9:.1f} GFLOP per text\n\n{table.rendered(table.titles(name), rows)}")
    for label, reason in measured["failed"].items():
        print(f"{label}: {reason}")
    if supply.marked:
        print("There were not enough texts: those that came again had a mark behind them.")


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="scripts/bench engines", description=__doc__)
    common(parser)
    parser.add_argument("--cold", type=int, default=4, help="texts per round for the cold way")
    parser.add_argument("--set", choices=("hub", "shipped", "all"), default="all", help="which models")
    parser.add_argument("--ways", help="only those whose name holds one of these words, comma-separated")
    parser.add_argument("--json", type=Path, help="write every outcome there too")
    return parser.parse_args()


def common(parser: argparse.ArgumentParser) -> None:
    """Options that every measurement of engines has."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "volfefe-bench"
    parser.add_argument("--texts", type=Path, default=ROOT / "examples/posts.jsonl", help="file of contents")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=at_least_two_requests, default=256, help="texts per round")
    parser.add_argument("--cache", type=Path, default=cache, help="where models are made and prepared")
    parser.add_argument("--volfefe", type=Path, default=ROOT / ".build/release/volfefe", help="the program")


def at_least_two_requests(word: str) -> int:
    """A number of texts that keeps two workers busy."""
    count = int(word)
    if count < 64:
        raise argparse.ArgumentTypeError("must be at least 64, so that there is a request for every worker")
    return count


def cpu_name() -> str:
    """What the kernel calls the processor."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def say(line: str) -> None:
    """Talk goes to stderr."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
