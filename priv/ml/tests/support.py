"""Real worker processes and registry entries for the tests."""

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

ML = Path(__file__).parents[1]
REPOSITORY = ML.parents[1]
REGISTRY = REPOSITORY / "volfefe.yaml"
DEADLINE_SECONDS = 60.0

VADER: dict[str, Any] = {
    "id": "vader",
    "engine": "lexicon",
    "source": "package:vaderSentiment",
    "version": "3.3.2",
    "labels": [
        {"name": "pos", "sentiment": "positive"},
        {"name": "neu", "sentiment": "neutral"},
        {"name": "neg", "sentiment": "negative"},
    ],
    "max_tokens": 1024,
}


def onnx_entry(model: str, source: str, labels: dict[str, str], **more: Any) -> dict[str, Any]:
    """A registry entry as the supervisor sends it."""
    pairs = [{"name": name, "sentiment": sentiment} for name, sentiment in labels.items()]
    return {"id": model, "engine": "onnxruntime", "source": source, "version": "1", "labels": pairs, **more}


def start_message(cache: Path, *entries: dict[str, Any], threads: int = 1) -> dict[str, Any]:
    """The first line of a conversation."""
    return {
        "type": "start",
        "protocol": 1,
        "threads": threads,
        "cache_dir": str(cache),
        "models": list(entries),
    }


def environment(cache: Path, *python_path: Path) -> dict[str, str]:
    """The surroundings of a child: no user's caches, and nothing of the outside but the path."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(cache),
        "XDG_CACHE_HOME": str(cache),
        "PYTHONPATH": os.pathsep.join(map(str, python_path)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run(
    script: str,
    *arguments: str,
    stdin: bytes,
    cache: Path,
    ml: Path = ML,
    python_path: tuple[Path, ...] = (),
    variables: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run one of the entry points to its end."""
    return subprocess.run(
        [sys.executable, str(ml / script), *arguments],
        input=stdin,
        capture_output=True,
        env=environment(cache, *python_path) | (variables or {}),
        timeout=DEADLINE_SECONDS,
        check=False,
    )


def prepare(
    cache: Path, *entries: dict[str, Any], flags: tuple[str, ...] = (), **more: Any
) -> tuple[int, list[dict[str, Any]]]:
    """Run prepare.py; its exit status and what it reported."""
    done = run("prepare.py", *flags, stdin=line(start_message(cache, *entries)), cache=cache, **more)
    return done.returncode, [json.loads(report) for report in done.stdout.splitlines()]


def line(message: dict[str, Any]) -> bytes:
    """One message as bytes."""
    return json.dumps(message).encode("ascii") + b"\n"


class Worker:
    """A classify.py process (or another script's) and both ends of its conversation."""

    def __init__(
        self,
        cache: Path,
        *entries: dict[str, Any],
        ml: Path = ML,
        python_path: tuple[Path, ...] = (),
        script: str = "classify.py",
    ):
        self.process = subprocess.Popen(
            [sys.executable, str(ml / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=environment(cache, *python_path),
        )
        self._buffer = b""
        if entries:
            self.send(start_message(cache, *entries))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def send(self, message: dict[str, Any] | bytes) -> None:
        """Write one line."""
        assert self.process.stdin is not None
        data = memoryview(message if isinstance(message, bytes) else line(message))
        while data:
            data = data[self.process.stdin.write(data) :]

    def receive(self) -> dict[str, Any]:
        """Wait for the next line; every byte of stdout must belong to a message."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + DEADLINE_SECONDS
        while b"\n" not in self._buffer:
            readable, _, _ = select.select([self.process.stdout], [], [], deadline - time.monotonic())
            chunk = self.process.stdout.read(1 << 16) if readable else b""
            if not chunk:
                raise AssertionError(f"no reply: {self.stderr()}")
            self._buffer += chunk
        message, _, self._buffer = self._buffer.partition(b"\n")
        assert message.isascii()
        decoded: dict[str, Any] = json.loads(message)
        return decoded

    def classify(self, *texts: Any, models: list[str], request: str = "r1") -> list[dict[str, Any]]:
        """One request; its items."""
        self.send({"type": "classify", "id": request, "models": models, "texts": list(texts)})
        reply = self.receive()
        assert (reply["type"], reply["id"]) == ("result", request), reply
        assert len(reply["items"]) == len(texts)
        items: list[dict[str, Any]] = reply["items"]
        return items

    def cpu_seconds(self) -> float:
        """What the worker has used so far, which a busy machine does not change."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stderr(self) -> str:
        """Kill the worker, and what it said on stderr."""
        self.process.kill()
        return self.process.communicate()[1].decode()

    def finish(self) -> tuple[int, bytes]:
        """Close its stdin; its exit status and whatever is left on stdout."""
        out, _ = self.process.communicate(timeout=DEADLINE_SECONDS)
        return self.process.returncode, self._buffer + out
