"""What one round of one way took, and how processes are watched while they run."""

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# Model → for each text the scores of its sentiments.
Scores = Mapping[str, Sequence[Mapping[str, float]]]
TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A way that cannot be run here; its words say why."""


@dataclass(frozen=True)
class Outcome:
    """One round: seconds of wall and of CPU for `texts` texts, of all processes, without their start.

    `start_wall_s` and `start_cpu_s`: loading and warming, all processes. `rss`, `pss`: bytes of one worker,
    the greatest mean that was seen. `supervisor_cpu_s`: of volfefe's own process.
    """

    texts: int
    wall_s: float
    cpu_s: float
    start_wall_s: float = 0.0
    start_cpu_s: float = 0.0
    rss: float | None = None
    pss: float | None = None
    supervisor_cpu_s: float | None = None
    scores: Scores = field(default_factory=dict, repr=False)

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds per text."""
        return self.cpu_s / self.texts * 1000

    @property
    def rate(self) -> float:
        """Texts per second."""
        return self.texts / self.wall_s


def finished(process: subprocess.Popen[bytes], begun: float) -> tuple[float, float, str]:
    """Wait for a process: wall seconds since `begun`, CPU seconds with its children's, and its stderr."""
    assert process.stderr is not None
    talk = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, talk


@dataclass(frozen=True)
class Readiness:
    """When a worker was first seen ready: seconds since the start of all, CPU seconds that it had used."""

    wall_s: float
    cpu_s: float


class Watch:
    """Looks at a process and its children from now until they are gone, ten times a second.

    `socket`: where a supervisor answers, so that it is seen when its workers become ready.
    """

    def __init__(self, pid: int, socket: Path | None = None) -> None:
        self._pid = pid
        self._socket = socket
        self.rss = self.pss = 0.0
        # The last that was seen of the process's own CPU time, in seconds.
        self.own_cpu_s = 0.0
        # (seconds since the start, bytes of the process itself, bytes of its children)
        self.memory: list[tuple[float, int, int]] = []
        # By the worker's process id.
        self.ready: dict[int, Readiness] = {}
        self._begun = time.perf_counter()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until the process is gone."""
        self._thread.join()

    def _look(self) -> None:
        turn = 0
        while (stat := _stat(self._pid)) and stat[0] not in "ZX":
            self.own_cpu_s = _cpu_seconds(stat)
            launched = children(self._pid)
            if self._socket and not set(launched) <= self.ready.keys():
                self._ask(self._socket)
            if turn % 3 == 0:  # reading a big process's pages takes its time
                self._measure(launched)
            turn += 1
            time.sleep(0.1)

    def _measure(self, launched: list[int]) -> None:
        sizes = [size for size in map(_memory, launched) if size[0]]
        if sizes:
            self.rss = max(self.rss, sum(size[0] for size in sizes) / len(sizes))
            self.pss = max(self.pss, sum(size[1] for size in sizes) / len(sizes))
        own = _memory(self._pid)[0]
        self.memory.append((time.perf_counter() - self._begun, own, sum(size[0] for size in sizes)))

    def _ask(self, path: Path) -> None:
        """Book the workers that serve by now; a supervisor that does not listen yet is asked again."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(path))
                connection.sendall(b'{"command":"status"}\n')
                workers = json.loads(connection.makefile().readline())["pool"]["workers"]
        except (OSError, ValueError, KeyError):
            return
        for worker in workers:
            stat = _stat(worker.get("pid") or 0)
            if worker["state"] in ("idle", "busy") and worker["pid"] not in self.ready and stat:
                wall = time.perf_counter() - self._begun
                self.ready[worker["pid"]] = Readiness(wall, _cpu_seconds(stat))


def children(pid: int) -> list[int]:
    """Processes that a process has launched."""
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, file.read_text().split())
        except OSError:
            continue
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name; empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_seconds(stat: list[str]) -> float:
    return (int(stat[11]) + int(stat[12])) / TICKS


def _memory(pid: int) -> tuple[int, int]:
    """Resident and proportional bytes; zeros when the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0
    sizes = {line.split(":")[0]: line.split() for line in lines[1:]}
    return int(sizes["Rss"][1]) << 10, int(sizes["Pss"][1]) << 10
