"""What volfefe is compared with: the cold way, a warm pipeline, a plain loop."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engines import hub_models
from engines.measured import Failed, Outcome, Watch, finished
from engines.runs import ROOT

sys.path.insert(0, str(ROOT / "priv/ml"))
from volfefe_ml.config import SHIPPED, configured_models

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "RAYON")} | {
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
}


@dataclass(frozen=True)
class ColdWay:
    """A process per text, `processes` at a time: its start is part of what it costs."""

    models: Mapping[str, Path]
    # Texts that are judged in a round, since each takes seconds.
    count: int
    processes: int = 2
    label: str = "cold: a process per text"

    def prepare(self) -> None:
        """Nothing to do."""

    def round(self, texts: Sequence[str]) -> Outcome:
        """Judge the first texts."""
        chosen = texts[: self.count]
        begun = time.perf_counter()
        with ThreadPoolExecutor(self.processes) as threads:
            cpu = sum(threads.map(self._judge, chosen))
        return Outcome(len(chosen), time.perf_counter() - begun, cpu)

    def _judge(self, text: str) -> float:
        begun = time.perf_counter()
        script = Path(__file__).parent / "cold.py"
        command = [sys.executable, str(script), *map(str, self.models.values())]
        process = subprocess.Popen(
            command,
            env=os.environ | ONE_THREAD,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(text.encode())
        process.stdin.close()
        _, cpu, talk = finished(process, begun)
        if process.returncode != 0:
            raise Failed(talk.strip().splitlines()[-1] if talk.strip() else "it said nothing")
        return cpu


@dataclass(frozen=True)
class ReferenceWay:
    """Processes of priv/ml/reference.py, each with its share of the texts; their start is apart."""

    label: str
    way: str
    entries: Sequence[Mapping[str, Any]]
    cache: Path
    batch: int = 1
    processes: int = 2

    def prepare(self) -> None:
        """Nothing to do: what it runs is made when it starts."""

    def round(self, texts: Sequence[str]) -> Outcome:
        """Judge all texts, the first half in one process and the second in another."""
        size = -(-len(texts) // self.processes)
        shares = [texts[begin : begin + size] for begin in range(0, len(texts), size)]
        begun = time.perf_counter()
        running = [Reference(self) for _ in shares]
        try:
            for reference in running:
                reference.ready()
            start_wall = time.perf_counter() - begun
            for reference, share in zip(running, shares, strict=True):
                reference.send({"texts": list(share)})
            replies = [reference.receive() for reference in running]
        finally:
            cpu = sum(reference.end() for reference in running)
        worked = sum(reply["cpu_s"] for reply in replies)
        return Outcome(
            texts=len(texts),
            wall_s=max(reply["wall_s"] for reply in replies),
            cpu_s=worked,
            start_wall_s=start_wall,
            start_cpu_s=cpu - worked,
            rss=sum(reference.memory()[0] for reference in running) / len(running),
            pss=sum(reference.memory()[1] for reference in running) / len(running),
            scores={
                model: [scores for reply in replies for scores in reply["scores"][model]]
                for model in replies[0]["scores"]
            },
        )


class Reference:
    """One process of reference.py and both ends of its conversation."""

    def __init__(self, way: ReferenceWay) -> None:
        command = [sys.executable, ROOT / "priv/ml/reference.py", "--way", way.way, "--batch", str(way.batch)]
        # A shell between, so that the process that is looked at is a child of what is watched.
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", '"$@"; exit $?', "sh", *map(str, command), "--scores"],
            env=os.environ | ONE_THREAD,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._watch = Watch(self._process.pid)
        self.send(
            {
                "type": "start",
                "protocol": 1,
                "threads": 1,
                "cache_dir": str(way.cache),
                "models": list(way.entries),
            }
        )

    def ready(self) -> None:
        """Wait until its models are loaded; raises Failed."""
        message = self.receive()
        if message["type"] != "ready":
            raise Failed(message["message"])

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Read one line; raises Failed at the end."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Failed("reference.py ended without an answer")
        message: dict[str, Any] = json.loads(line)
        return message

    def end(self) -> float:
        """Close its input and wait: the CPU seconds of its whole life."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime

    def memory(self) -> tuple[float, float]:
        """The most resident and proportional bytes that were seen."""
        return self._watch.rss, self._watch.pss


def random_entries(models: Mapping[str, Path]) -> list[dict[str, Any]]:
    """Entries of the random models, as the supervisor sends them."""
    return [
        {
            "id": name,
            "engine": "onnxruntime",
            "source": f"folder:{folder}",
            "version": "random",
            "labels": {label: hub_models.SENTIMENTS[label] for label in hub_models.LABELS[name]},
            "max_tokens": 512,
        }
        for name, folder in models.items()
    ]


def shipped_entries() -> list[dict[str, Any]]:
    """The default profile."""
    return [
        {key: value for key, value in asdict(entry).items() if value is not None}
        for entry in configured_models([SHIPPED], "default", None)
    ]
