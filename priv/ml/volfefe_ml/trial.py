"""One candidate, tried in a process of its own: what crashes there crashes nothing else."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from threading import Event, Timer
from typing import Any

from volfefe_ml import engines
from volfefe_ml.candidates import Candidate
from volfefe_ml.entry import ModelEntry
from volfefe_ml.fidelity import Raw
from volfefe_ml.offers import child_environment, how_it_ended

THREADS = 1  # as a worker has where there are as many as cores
# The first load may quantise a model.
LOAD_SECONDS = 1800.0
ROUND_SECONDS = 600.0


class Trial:
    """A candidate's process; the first thing that goes wrong becomes its `failure`, and ends it."""

    def __init__(self, candidate: Candidate, entry: ModelEntry, cache: Path) -> None:
        self.candidate = candidate
        self.failure = candidate.failure
        self.loaded: dict[str, Any] = {}
        self.raw: list[Raw | None] = []
        self.seconds: list[float] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._talk = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        if self.failure is None:
            self._load(entry, cache)

    def judge(self, texts: Sequence[str]) -> None:
        """Have it judge texts; what it says and the time it takes are appended."""
        answer = self._exchange({"texts": list(texts)}, ROUND_SECONDS) if self._process else None
        if answer is not None:
            self.raw += answer["raw"]
            self.seconds.append(answer["seconds"])

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.communicate()
        self._process = None
        self._talk.close()

    def _load(self, entry: ModelEntry, cache: Path) -> None:
        mine = self.candidate.entry(entry)
        order = {
            "module": engines.MODULES[self.candidate.engine],
            "entry": {field.name: getattr(mine, field.name) for field in fields(mine)},
            "cache": str(cache),
            "threads": THREADS,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "volfefe_ml.trial_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._talk,
            env=child_environment(),
        )
        answer = self._exchange(order, LOAD_SECONDS) or {}
        if "failed" in answer:
            self._fail(answer["failed"])
        self.loaded = answer

    def _exchange(self, message: dict[str, Any], limit: float) -> dict[str, Any] | None:
        process = self._process
        assert process and process.stdin and process.stdout
        is_late = Event()

        def stop() -> None:
            is_late.set()
            process.kill()

        late = Timer(limit, stop)
        late.start()
        try:
            process.stdin.write(json.dumps(message).encode("ascii") + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        finally:
            late.cancel()
        if line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        self._fail(f"no answer within {limit:.0f} s" if is_late.is_set() else self._ending())
        return None

    def _ending(self) -> str:
        """How the process ended, with its last words where it had read no text yet."""
        assert self._process
        status = self._process.wait()
        self._talk.seek(0)
        words = [] if self.loaded else self._talk.read().decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(words) if line.strip()), "")
        return f"its process {how_it_ended(status)}" + (f": {last[:200]}" if last else "")

    def _fail(self, failure: str) -> None:
        self.failure = failure
        self.close()
