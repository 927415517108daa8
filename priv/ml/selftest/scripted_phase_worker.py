"""A fake phase.py that obeys directives in the texts; it has the flags of scripted_worker.py.

`#lacks` and `#raises` spoil the answer of a text, `#refuse` makes it refuse the request. `find` finds one
part for each held content; a directive in a held text is obeyed before its part.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time

sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from selftest.directives import BEFORE, Call, directives  # noqa: E402
from selftest.wire import flag, name_of, note, send, value, write  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from selftest.wire import Json

PR_SET_PDEATHSIG = 1
HELD: dict[int | str, str] = {}
KNOWN: dict[int | str, str] = {}


def obey(text: str, request: str) -> None:
    """Do what a text says before it is answered."""
    for name, number in directives(text):
        if name in BEFORE:
            note("obey", name)
            BEFORE[name](Call(number, text, request))


def item(text: str, phases: list[str]) -> Json:
    """Findings that depend on the text, so that another text's answer would show."""
    spoilt = {name for name, _ in directives(text)}
    word = name_of(text)
    mention = {
        "start": 0,
        "end": len(word),
        "text": word,
        "name": word,
        "type": "company",
        "ticker": None,
        "method": "scripted",
        "rule": "plain",
        "confidence": 0.9,
    }
    error = {"error": {"code": "phase_error", "message": "ValueError in scripted_phase_worker.py:1"}}
    found: Json = {"language": {"language": "en", "score": (len(text) % 90 + 5) / 100}}
    found |= {name: {"mentions": [mention]} for name in ("entities", "ner")}
    answer = {phase: error if "raises" in spoilt else found[phase] for phase in phases}
    if "lacks" in spoilt:
        del answer[phases[0]]
    return answer


def answer(request: Json) -> Json:
    """The result of a request, without type and id."""
    kind, name = request["type"], request["id"]
    if kind == "annotate":
        note("asked", *map(name_of, request["texts"]))
        for text in request["texts"]:
            time.sleep(int(value("--delay-ms", "0")) / 1000)
            obey(text, name)
        items = [item(text, request["phases"]) for text in request["texts"]]
        return {"items": [each for each in items if each]}
    if kind == "hold":
        HELD.update((each["key"], each["text"]) for each in request["items"])
        return {"held": len(HELD)}
    if kind == "find":
        for key, text in HELD.items():
            obey(text, name)
            assigned = [{"key": key, "topic": 0, "likeness": 0.5}]
            send({"type": "part", "id": name, "assigned": assigned})
        return {"contents": len(HELD), "reason": None, "coherence": 0.5, "outliers": 0, "topics": []}
    if kind == "know":
        KNOWN.update((each["name"], each["key"]) for each in request["entities"])
        return {"known": len(KNOWN)}
    if kind == "resolve":
        return {"items": [decision(each, name) for each in request["found"]]}
    HELD.clear()
    KNOWN.clear()
    return {"held": 0}


def decision(found: Json, request: str) -> Json:
    """Merge what is known by name, everything else is new."""
    obey(found["name"], request)
    into = KNOWN.get(found["name"])
    verdict = "new" if into is None else "merge"
    return {"key": found["key"], "verdict": verdict, "why": "", "into": into, "score": None, "candidates": []}


def ready(start: Json) -> Json:
    """The ready message, or a fatal one."""
    if flag("--fatal"):
        message = "The Python package spacy is not installed."
        remedy = "pip install -r requirements-phases.txt"
        return {
            "type": "fatal",
            "code": "missing_package",
            "model": None,
            "path": None,
            "message": message,
            "remedy": remedy,
            "exit": 66,
        }
    digits = f"{os.getpid():064x}" if flag("--own-revision") else "0" * 64
    return {
        "type": "ready",
        "protocol": 99 if flag("--protocol-99") else 1,
        "pid": os.getpid(),
        "threads": start["threads"],
        "load_ms": 1.0,
        "environment": {"python": "3", "platform": "test", "volfefe_ml": "0", "packages": {}},
        "phases": [
            {"name": name, "method": "scripted", "revision": f"sha256:{digits}", "load_ms": 1.0}
            for name in start["phases"]
        ],
    }


def main() -> None:
    """Tie this process to its parent, misbehave as the flags say, then serve until stdin ends."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
    note("boot")
    if flag("--boot-crash"):
        print("boom: cannot boot", file=sys.stderr)
        sys.exit(1)
    if flag("--boot-sleep"):
        time.sleep(300)
    if flag("--boot-noise"):
        write("Loading dictionaries...\n")
    line = sys.stdin.buffer.readline()
    if not line:
        return
    message = ready(json.loads(line))
    send(message)
    if message["type"] == "fatal":
        sys.exit(message["exit"])
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if any(name == "refuse" for each in request.get("texts", ()) for name, _ in directives(each)):
            send({"type": "error", "id": request["id"], "code": "bad_request", "message": "no"})
            continue
        send({"type": "result", "id": request["id"], **answer(request)})


main()
