"""What `#name` or `#name20` in a text does to the worker that is given it."""

from __future__ import annotations

import os
import re
import signal
import time

from selftest.wire import name_of, once, send, value, write, write_bytes

TYPE_CHECKING = False  # as in typing, which would cost a third of the start
if TYPE_CHECKING:
    from collections.abc import Callable

    from selftest.wire import Json

DIRECTIVE = re.compile(r"#([a-z]+)(\d*)")
MB = 1 << 20


class Call:
    """One directive of one text: its number, its text, and the request's id."""

    def __init__(self, number: int | None, text: str, request: str) -> None:
        self.number = number
        self.text = text
        self.request = request

    def amount(self, default: int) -> int:
        """The number behind the directive, or `default`."""
        return default if self.number is None else self.number


def directives(text: str) -> list[tuple[str, int | None]]:
    """The directives of a text with their numbers."""
    return [(name, int(number) if number else None) for name, number in DIRECTIVE.findall(text)]


# Directives that act before the answer.


def crash(call: Call) -> None:
    """Die of a signal."""
    os.kill(os.getpid(), signal.SIGSEGV)


def crash_once(call: Call) -> None:
    """Die at the first sight of this text only."""
    if once(name_of(call.text)):
        crash(call)


def leave(call: Call) -> None:
    """Exit with a status, 0 by default."""
    os._exit(call.amount(0))


def hang(call: Call) -> None:
    """Never answer."""
    signal.pause()


def spin(call: Call) -> None:
    """Never answer, with the GIL held."""
    while True:
        pass


def ignore_term(call: Call) -> None:
    """Never answer, and stay when asked to leave."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()


def late(call: Call) -> None:
    """Answer long after the deadline, and stay when asked to leave."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(int(value("--late-ms", "800")) / 1000)


def slow(call: Call) -> None:
    """Take so many milliseconds more."""
    time.sleep(call.amount(300) / 1000)


def fork(call: Call) -> None:
    """Start a grandchild, then never answer."""
    fork_and_go_on(call)
    signal.pause()


def fork_and_go_on(call: Call) -> None:
    """Start a grandchild that holds this process's stdout."""
    os.posix_spawnp("sleep", ["sleep", "300"], os.environ)


def complain(call: Call) -> None:
    """Write so many MB to stderr."""
    line = b"complaint " + b"x" * 501 + b"\n"
    for _ in range(call.amount(1) * 64):
        os.write(2, line * 32)


def noise(call: Call) -> None:
    """Print three lines that are no messages."""
    write('progress: 50%|#####     |\r\nnot json {\n{"type":"unknown"}\n')


def flood(call: Call) -> None:
    """Print short lines without end."""
    while True:
        os.write(1, b"y\n" * 4096)


def half(call: Call) -> None:
    """Die in the middle of an answer."""
    write('{"type":"result","id":"' + call.request)
    os._exit(3)


def huge(call: Call) -> None:
    """Print one line of so many MB, 2.5 by default."""
    for _ in range(call.number * 16 if call.number else 40):
        os.write(1, b"z" * 65536)
    write("\n")


def endless(call: Call) -> None:
    """Print one line without end."""
    while True:
        os.write(1, b"z" * 65536)


def wrong_id(call: Call) -> None:
    """Answer a request of another process first."""
    send({"type": "result", "id": "g0-0", "items": []})


def nan(call: Call) -> None:
    """Answer with a number that JSON does not have."""
    write('{"type":"result","id":"' + call.request + '","items":[NaN]}\n')


def surrogate(call: Call) -> None:
    """Answer with half a character."""
    write('{"type":"result","id":"' + call.request + '","items":["\\ud800"]}\n')


def bad_utf8(call: Call) -> None:
    """Answer with bytes that are no UTF-8."""
    write_bytes(b'{"type":"result","id":"' + call.request.encode() + b'","items":["\xc3\x28"]}\n')


def deep(call: Call) -> None:
    """Answer with 3,000 levels of lists."""
    levels = call.amount(3000)
    write('{"type":"result","id":"' + call.request + '","items":' + "[" * levels + "]" * levels + "}\n")


KEPT: list[bytes] = []


def leak(call: Call) -> None:
    """Keep so many MB more, really touched."""
    KEPT.append(b"x" * (call.amount(10) * MB))


def grow(call: Call) -> None:
    """Keep so many MB more, 4 at a time and slowly."""
    for _ in range(call.amount(200) // 4):
        KEPT.append(b"x" * (4 * MB))
        time.sleep(0.02)


def oom(call: Call) -> None:
    """Take memory until somebody objects; 4 GB at most."""
    for _ in range(512):
        KEPT.append(b"x" * (8 * MB))
    os._exit(9)


BEFORE: dict[str, Callable[[Call], None]] = {
    "crash": crash,
    "crashonce": crash_once,
    "exit": leave,
    "hang": hang,
    "spin": spin,
    "ignoreterm": ignore_term,
    "late": late,
    "slow": slow,
    "fork": fork,
    "forkhold": fork_and_go_on,
    "stderr": complain,
    "noise": noise,
    "flood": flood,
    "half": half,
    "huge": huge,
    "endless": endless,
    "wrongid": wrong_id,
    "nan": nan,
    "surrogate": surrogate,
    "badutf": bad_utf8,
    "deep": deep,
    "leak": leak,
    "grow": grow,
    "oom": oom,
}


# Directives that act after the answer.


def read_no_more(call: Call) -> None:
    """Never read stdin again."""
    while True:
        signal.pause()


def kill_parent(call: Call) -> None:
    """Kill the supervisor between the answer and its commit, once."""
    if once("killparent"):
        os.kill(os.getppid(), signal.SIGKILL)


AFTER: dict[str, Callable[[Call], None]] = {"killparent": kill_parent, "noread": read_no_more}


# Directives that spoil the answer of the first model.


def bad_score(models: Json, first: str) -> None:
    """A score that is none."""
    models[first]["meta"]["raw_scores"]["positive"] = 7


def bad_sum(models: Json, first: str) -> None:
    """Scores that are no distribution."""
    models[first]["meta"]["raw_scores"]["neutral"] = 0.9


def bad_label(models: Json, first: str) -> None:
    """A sentiment that is none."""
    models[first]["sentiment"] = "bullish"


def lacks(models: Json, first: str) -> None:
    """No answer of one model."""
    del models[first]


def raises(models: Json, first: str) -> None:
    """A model that raised."""
    models[first] = {"error": {"code": "model_error", "message": "ValueError in scripted_worker.py:1"}}


def unknown_model(models: Json, first: str) -> None:
    """An answer of a model that nobody asked."""
    models["omega"] = models[first]


SPOIL: dict[str, Callable[[Json, str], None]] = {
    "badcell": bad_score,
    "badsum": bad_sum,
    "badlabel": bad_label,
    "lacks": lacks,
    "raises": raises,
    "unknownmodel": unknown_model,
}
