"""A fake classify.py that obeys directives in the texts themselves, so that a fault follows its text wherever it is retried.

It speaks protocol 1 with nothing but the standard library. Launch flags misbehave at boot, `#directives` while serving.
"""

import json
import os
import signal
import subprocess
import sys
import time


def write(line: str) -> None:
    data = line.encode("ascii")
    step = 1 if "--write-1-byte" in sys.argv else len(data)
    for start in range(0, len(data), step):
        os.write(1, data[start : start + step])


def send(message: dict) -> None:
    write(json.dumps(message) + "\n")


def prediction(text: str, version: str) -> dict:
    positive = (len(text) % 90 + 5) / 100
    scores = {"positive": positive, "neutral": 0.0, "negative": 1 - positive}
    best = max(scores, key=scores.get)
    return {
        "sentiment": best,
        "confidence": scores[best],
        "model_version": version,
        "meta": {
            "raw_scores": scores,
            "raw_model_output": [{"label": name, "score": score} for name, score in scores.items()],
            "processing": {"latency_ms": 0.1, "batch_size": 1, "tokens": len(text.split()), "truncated": False,
                           "first_call": False},
            "quality": {"score_margin": abs(2 * positive - 1), "entropy": 0.5, "flags": []},
        },
    }


def obey(text: str, request: dict) -> None:
    """Carries out the directives that act before the answer."""
    if "#crash" in text:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "#exit0" in text:
        os._exit(0)
    if "#ignoreterm" in text:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "#fork" in text:
        subprocess.Popen(["sleep", "300"])
    if "#hang" in text or "#fork" in text or "#ignoreterm" in text:
        signal.pause()
    if "#spin" in text:
        while True:
            pass
    if "#stderr" in text:
        for number in range(2000):
            os.write(2, b"complaint %d %s\n" % (number, b"x" * 500))
    if "#noise" in text:
        write("progress: 50%|#####     |\r\nnot json {\n{\"type\":\"unknown\"}\n")
    if "#flood" in text:
        while True:
            os.write(1, b"y\n" * 4096)
    if "#half" in text:
        write('{"type":"result","id":"' + request["id"])
        os._exit(3)
    if "#huge" in text:
        for _ in range(40):
            os.write(1, b"z" * 65536)
        write("\n")
    if "#wrongid" in text:
        send({"type": "result", "id": "g0-0", "items": []})


def item(text: str, request: dict) -> dict:
    models = {model: prediction(text, "1.0") for model in request["models"]}
    first = request["models"][0]
    if "#badcell" in text:
        models[first]["meta"]["raw_scores"]["positive"] = 7
    if "#badlabel" in text:
        models[first]["sentiment"] = "bullish"
    if "#lacks" in text:
        del models[first]
    if "#raises" in text:
        models[first] = {"error": {"code": "model_error", "message": "ValueError in scripted_worker.py:1"}}
    return {"models": models, "text_info": None}


def main() -> None:
    if "--boot-crash" in sys.argv:
        print("boom: cannot boot", file=sys.stderr)
        sys.exit(1)
    if "--boot-sleep" in sys.argv:
        time.sleep(300)
    if "--boot-noise" in sys.argv:
        write("Loading weights...\n")
    start = json.loads(sys.stdin.buffer.readline())
    if "--fatal" in sys.argv:
        send({"type": "fatal", "code": "weights_missing", "model": "a", "path": "/nowhere/a", "message": "the weights of a are missing",
              "remedy": "volfefe models prepare --model a", "exit": 66})
        sys.exit(66)
    revision = "sha256:" + ("%064x" % os.getpid() if "--own-revision" in sys.argv else "0" * 64)
    send({
        "type": "ready", "protocol": 99 if "--protocol-99" in sys.argv else 1, "pid": os.getpid(), "threads": start["threads"],
        "environment": {"python": "3", "platform": "test", "volfefe_ml": "0", "packages": {}},
        "load_ms": 1.0,
        "models": [{"id": model["id"], "version": model["version"], "engine": model["engine"], "engine_version": "0",
                    "precision": "fp32", "device": "cpu", "revision": revision, "labels": model["labels"],
                    "has_neutral": model["has_neutral"], "max_tokens": None, "load_ms": 1.0, "first_call_ms": 1.0,
                    "second_call_ms": 1.0} for model in start["models"]],
    })
    if "--deaf" in sys.argv:
        signal.pause()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        for text in request["texts"]:
            obey(text, request)
        reply = {"type": "result", "id": request["id"], "items": [item(text, request) for text in request["texts"]]}
        if any("#nan" in text for text in request["texts"]):
            write('{"type":"result","id":"' + request["id"] + '","items":[NaN]}\n')
        send(reply)
        if any("#dup" in text for text in request["texts"]):
            send(reply)


main()
