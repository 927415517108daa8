"""A worker that answers at once: what is left of a request's time is the supervisor, the pipe and JSON.

The answer's cells are made once, so that only their copying is in the measured time. A text `hang:PATH` makes
the first worker that sees it write its pid to PATH and stop; whoever is given it next answers it.
"""

import json
import os
import signal
import sys


def cell(model: dict[str, object]) -> dict[str, object]:
    """A prediction as long as a real one."""
    scores = {"positive": 0.7, "neutral": 0.2, "negative": 0.1}
    return {
        "sentiment": "positive",
        "confidence": 0.7,
        "model_version": model["version"],
        "meta": {
            "raw_scores": scores,
            "raw_model_output": [{"label": name, "score": score} for name, score in scores.items()],
            "processing": {
                "latency_ms": 0.1,
                "batch_size": 1,
                "tokens": 20,
                "truncated": False,
                "first_call": False,
            },
            "quality": {"score_margin": 0.5, "entropy": 0.5, "flags": []},
        },
    }


def hang_once(path: str) -> None:
    """Stops for good when nobody has stopped at this path before."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        return
    os.write(descriptor, b"%d\n" % os.getpid())
    signal.pause()


def main() -> None:
    """Protocol 1 without any model."""
    start = json.loads(sys.stdin.buffer.readline())
    loaded = [
        {
            "id": model["id"],
            "version": model["version"],
            "engine": "none",
            "engine_version": "0",
            "precision": "fp32",
            "device": "cpu",
            "revision": "sha256:" + "0" * 64,
            "labels": model["labels"],
            "has_neutral": True,
            "max_tokens": None,
            "load_ms": 0.0,
            "first_call_ms": 0.0,
            "second_call_ms": 0.0,
        }
        for model in start["models"]
    ]
    environment = {"python": "3", "platform": "none", "volfefe_ml": "0", "packages": {}}
    ready = {"type": "ready", "protocol": 1, "pid": os.getpid(), "threads": 1, "load_ms": 0.0}
    print(json.dumps({**ready, "environment": environment, "models": loaded}), flush=True)
    item = json.dumps({"models": {model["id"]: cell(model) for model in start["models"]}, "text_info": None})
    for line in sys.stdin.buffer:
        request = json.loads(line)
        for text in request["texts"]:
            if text.startswith("hang:"):
                hang_once(text[5:])
        items = ",".join([item] * len(request["texts"]))
        sys.stdout.write('{"type":"result","id":"%s","items":[%s]}\n' % (request["id"], items))  # noqa: UP031
        sys.stdout.flush()


main()
