"""A fake classify.py that obeys directives in the texts, so that a fault follows its text on every retry.

It speaks protocol 1 with nothing but the standard library, and starts quickly: it is launched thousands of
times. Flags misbehave at boot; they come from the command line and from SCRIPTED_WORKER_FLAGS. `#name` or
`#name20` in a text misbehaves while serving. With SCRIPTED_WORKER_STATE, a folder, it writes what it does
into `events` there, one line each: the clock in ns, its pid, a word, and more.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time

sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from selftest.directives import AFTER, BEFORE, SPOIL, Call, directives  # noqa: E402
from selftest.wire import flag, name_of, note, send, value, write  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from selftest.wire import Json

PR_SET_PDEATHSIG = 1


def prediction(text: str, version: str) -> Json:
    """Scores that depend on the text's length, so that another text's answer would show."""
    positive = (len(text) % 90 + 5) / 100
    scores = {"positive": positive, "neutral": 0.0, "negative": 1 - positive}
    best = max(scores, key=lambda label: scores[label])
    return {
        "sentiment": best,
        "confidence": scores[best],
        "model_version": version,
        "meta": {
            "raw_scores": scores,
            "raw_model_output": [{"label": name, "score": score} for name, score in scores.items()],
            "processing": {
                "latency_ms": 0.1,
                "batch_size": 1,
                "tokens": len(text.split()),
                "truncated": False,
                "first_call": False,
            },
            "quality": {"score_margin": abs(2 * positive - 1), "entropy": 0.5, "flags": []},
        },
    }


def text_info(text: str) -> Json | None:
    """The hash of the text as it arrived, with `--facts`; the counts are not looked at."""
    if not flag("--facts"):
        return None
    from hashlib import sha256

    counts = dict.fromkeys(
        ("words", "lines", "urls", "hashtags", "mentions", "upper_share", "exclamations", "questions"), 0
    )
    return {"chars": len(text), "url_only": False, "sha256": sha256(text.encode()).hexdigest(), **counts}


def item(text: str, models: list[str], versions: dict[str, str]) -> Json:
    """The answer for one text."""
    answers: Json = {model: prediction(text, versions[model]) for model in models}
    for name, _ in directives(text):
        if name in SPOIL:
            SPOIL[name](answers, models[0])
    return {"models": answers, "text_info": text_info(text)}


def serve(request: Json, versions: dict[str, str]) -> None:
    """Answer one request, or do what its texts say."""
    texts: list[str] = request["texts"]
    delay = int(value("--delay-ms", "0")) / 1000
    note("asked", *map(name_of, texts))
    for text in texts:
        time.sleep(delay)
        for name, number in directives(text):
            if name in BEFORE:
                note("obey", name)
                BEFORE[name](Call(number, text, request["id"]))
    reply = {
        "type": "result",
        "id": request["id"],
        "items": [item(text, request["models"], versions) for text in texts],
    }
    send(reply)
    if any(name == "dup" for text in texts for name, _ in directives(text)):
        send(reply)
    note("served", *map(name_of, texts))
    for text in texts:
        for name, number in directives(text):
            if name in AFTER:
                AFTER[name](Call(number, text, request["id"]))


def ready(start: Json) -> Json:
    """The ready message, or a fatal one."""
    broken = value("--broken-model", "")
    missing = {
        "code": "weights_missing",
        "model": broken or "a",
        "path": f"/nowhere/{broken or 'a'}",
        "message": f"the weights of {broken or 'a'} are missing",
        "remedy": f"volfefe models prepare --model {broken or 'a'}",
        "exit": 66,
    }
    absent = [missing for model in start["models"] if model["id"] == broken]
    if flag("--fatal") or (absent and not start.get("degraded")):
        return {"type": "fatal", **missing}
    digits = value("--revision", f"{os.getpid():064x}" if flag("--own-revision") else "0")
    message: Json = {
        "type": "ready",
        "protocol": 99 if flag("--protocol-99") else 1,
        "pid": os.getpid(),
        "threads": start["threads"],
        "load_ms": 1.0,
        "environment": {"python": "3", "platform": "test", "volfefe_ml": "0", "packages": {}},
        "models": [
            {
                "id": model["id"],
                "version": model["version"],
                "engine": model["engine"],
                "engine_version": "0",
                "precision": model.get("precision", "fp32"),
                "device": "cpu",
                "revision": "sha256:" + (digits * 64)[:64],
                "labels": model["labels"],
                "has_neutral": model["has_neutral"],
                "max_tokens": None,
                "load_ms": 1.0,
                "first_call_ms": 1.0,
                "second_call_ms": 1.0,
            }
            for model in start["models"]
            if model["id"] != broken
        ],
    }
    return message | ({"missing": absent} if absent else {})


def boot() -> None:
    """Tie this process to its parent, then misbehave as the flags say."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
    note("boot")
    if flag("--cgroup"):
        descriptor = os.open(value("--cgroup", "") + "/cgroup.procs", os.O_WRONLY)
        os.write(descriptor, b"0")
        os.close(descriptor)
    if flag("--boot-crash"):
        print("boom: cannot boot", file=sys.stderr)
        sys.exit(1)
    if flag("--boot-sleep"):
        time.sleep(300)
    if flag("--boot-noise"):
        write("Loading weights...\n")


def main() -> None:
    """Start, then serve until stdin ends."""
    boot()
    line = sys.stdin.buffer.readline()
    if not line:
        return
    start = json.loads(line)
    answer = ready(start)
    send(answer)
    if answer["type"] == "fatal":
        sys.exit(answer["exit"])
    note("ready")
    if flag("--deaf"):
        signal.pause()
    versions = {model["id"]: model["version"] for model in start["models"]}
    for line in sys.stdin.buffer:
        serve(json.loads(line), versions)


main()
