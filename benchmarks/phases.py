"""Texts per CPU second of the phases that look at single texts, through the pipe: `phases.py [FILE.jsonl]`.

Every way has a process of its own and they take turns; CPU time of the process counts, as other work on the
machine hardly changes it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "priv/ml/models/fidelity/texts.jsonl"
WAYS = (("ner",), ("language",), ("entities",), ("language", "entities"))
ROUNDS, PART = 5, 100


class Worker:
    """A phase worker that counts its CPU time."""

    def __init__(self, phases: tuple[str, ...]) -> None:
        command = [sys.executable, str(ROOT / "priv/ml/phase.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._ask({"type": "start", "protocol": 1, "phases": list(phases)}, "ready")

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.communicate()

    def _ask(self, message: dict[str, Any], kind: str) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        if reply["type"] != kind:
            sys.exit(f"{reply.get('message')} {reply.get('remedy', '')}")

    def _cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rate(self, texts: list[str]) -> float:
        """Texts per CPU second; the clock has steps of 10 ms, so texts are sent for a hundred of them."""
        done, started = 0, self._cpu_seconds()
        while (used := self._cpu_seconds() - started) < 1:
            for start in range(0, len(texts), PART):
                self._ask({"type": "annotate", "id": "b", "texts": texts[start : start + PART]}, "result")
            done += len(texts)
        return done / used


def main() -> int:
    """Measure and print the table; returns 0."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else TEXTS
    texts = [json.loads(line)["text"] for line in file.read_text().splitlines() if line.strip()]
    workers = {phases: Worker(phases) for phases in WAYS}
    rates: dict[tuple[str, ...], list[float]] = {phases: [] for phases in WAYS}
    for worker in workers.values():
        worker.rate(texts[:PART])  # the first calls are slow
    for _ in range(ROUNDS):
        for phases, worker in workers.items():
            rates[phases].append(worker.rate(texts))
    for worker in workers.values():
        with worker:
            pass
    mean = sum(map(len, texts)) / len(texts)
    print(f"{len(texts)} texts of {mean:.0f} characters on average, {ROUNDS} rounds\n")
    print("| phases | texts per CPU second: median | min | max | times ner |\n|---|---|---|---|---|")
    for phases, seen in rates.items():
        ratio = statistics.median(mine / ner for mine, ner in zip(seen, rates[("ner",)], strict=True))
        figures = f"{statistics.median(seen):,.0f} | {min(seen):,.0f} | {max(seen):,.0f}"
        print(f"| {' + '.join(phases)} | {figures} | {ratio:.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
