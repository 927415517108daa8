"""The worker: a start message, then ready, then one reply per request until the end of the stream."""

import os
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from volfefe_ml import protocol
from volfefe_ml.environment import die_with_parent, environment
from volfefe_ml.errors import StartError, about, where
from volfefe_ml.start import Start, parse_start
from volfefe_ml.streams import Streams, write_all
from volfefe_ml.text_info import readable, text_info
from volfefe_ml.threads import limit_threads

if TYPE_CHECKING:  # numpy and the engines are imported only when a start message asks for them
    from volfefe_ml.registry import Models


def serve(streams: Streams) -> int:
    """Serve until EOF; returns the exit status (0, or that of the fatal message)."""
    die_with_parent(streams.parent)
    requests = protocol.lines(streams.requests)
    try:
        first = next(requests, b"")
        if first == b"":
            return 0
        models = _start(streams, first)
        for line in requests:
            write_all(streams.replies, _reply(line, models))
    except StartError as error:
        protocol.send(streams.replies, {"type": "fatal", **error.to_wire()})
        return error.exit
    except BrokenPipeError:  # nobody reads the replies any more
        return 0
    return 0


def _start(streams: Streams, line: bytes | None) -> "Models":
    started = time.perf_counter()
    start = parse_start(line)
    try:
        models, missing = _load(start)
    except Exception as error:
        raise about(None, error) from error
    ready = {
        "type": "ready",
        "protocol": protocol.VERSION,
        "pid": os.getpid(),
        "threads": start.threads,
        "environment": environment(),
        "load_ms": round((time.perf_counter() - started) * 1000, 1),
        "models": [model.describe() for model in models.values()],
    }
    if start.degraded:
        ready["missing"] = [error.to_wire() for error in missing]
    protocol.send(streams.replies, ready)
    return models


def _load(start: Start) -> tuple["Models", list[StartError]]:
    limit_threads(start.threads)
    from volfefe_ml.registry import load_available, load_models

    if start.degraded:
        return load_available(start.entries, start.cache, start.threads)
    return load_models(start.entries, start.cache, start.threads), []


def _reply(line: bytes | None, models: "Models") -> bytes:
    """The line that answers a request, whatever the request is."""
    request_id = None
    try:
        request = protocol.decode(line)
        given = request.get("id")
        request_id = given if isinstance(given, str) else None
        return _answer(request, models)
    except Exception as error:
        message = str(error) if isinstance(error, protocol.BadRequest) else where(error)
        reply = {"type": "error", "id": request_id, "code": "bad_request", "message": message}
        return protocol.encode(reply)


def _answer(request: protocol.Message, models: "Models") -> bytes:
    started = time.perf_counter()
    if request.get("type") != "classify" or not isinstance(request.get("id"), str):
        raise protocol.BadRequest("a request needs `type` classify and a string `id`")
    chosen, texts = request.get("models"), request.get("texts")
    if not isinstance(texts, list):
        raise protocol.BadRequest("`texts` must be a list")
    if not isinstance(chosen, list) or not chosen:
        raise protocol.BadRequest("`models` must be a list of at least one model id")
    if any(not isinstance(name, str) or name not in models for name in chosen):
        raise protocol.BadRequest(f"`models` names a model that is not loaded (loaded: {', '.join(models)})")
    items = classify(texts, {name: models[name] for name in chosen})
    reply = {"type": "result", "id": request["id"], "latency_ms": 0.0, "items": items}
    reply["latency_ms"] = round((time.perf_counter() - started) * 1000, 3)
    data = protocol.encode(reply)
    if len(data) <= protocol.LINE_CAP:
        return data
    too_long = _error(
        "model_error", f"the reply would be longer than {protocol.LINE_CAP} bytes: send fewer texts"
    )
    data = protocol.encode(
        {**reply, "items": [{**item, "models": dict.fromkeys(chosen, too_long)} for item in items]}
    )
    if len(data) > protocol.LINE_CAP:
        raise protocol.BadRequest("too many texts for one reply")
    return data


def classify(texts: Iterable[Any], models: "Models") -> list[dict[str, Any]]:
    """Every model's verdict on every text, in order; what cannot be read is an error of its item only."""
    cleaned = [readable(text) for text in texts]
    items: list[dict[str, Any]] = [{"text_info": text_info(text or ""), "models": {}} for text in cleaned]
    usable = [text for text in cleaned if text and not text.isspace()]
    for name, model in models.items():
        verdicts = iter(model.classify(usable) if usable else ())
        for item, text in zip(items, cleaned, strict=True):
            if text is None:
                item["models"][name] = _error("bad_text", "not a string")
            elif not text or text.isspace():
                item["models"][name] = _error("bad_text", "the text is empty")
            else:
                item["models"][name] = next(verdicts)
    return items


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
