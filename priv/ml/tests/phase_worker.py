"""A phase.py process for the tests."""

from pathlib import Path
from typing import Any

from tests.support import Worker


def start_line(*phases: str, **settings: dict[str, Any]) -> dict[str, Any]:
    """The first line of a conversation; settings by phase."""
    return {"type": "start", "protocol": 1, "phases": list(phases), "settings": settings}


class PhaseWorker(Worker):
    """A phase.py process and both ends of its conversation, started and ready."""

    def __init__(self, cache: Path, *phases: str, **settings: dict[str, Any]):
        super().__init__(cache, script="phase.py")
        if phases:
            self.send(start_line(*phases, **settings))
            self.ready = self.receive()
            assert self.ready["type"] == "ready", self.ready

    def ask(self, kind: str, **fields: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """One request; its last reply and the parts before it."""
        self.send({"type": kind, "id": "r1", **fields})
        parts = []
        while (reply := self.receive())["type"] == "part":
            assert reply["id"] == "r1"
            parts.append(reply)
        return reply, parts

    def annotate(self, *texts: Any, phase: str) -> list[dict[str, Any]]:
        """What one phase finds in texts."""
        reply, _ = self.ask("annotate", texts=list(texts), phases=[phase])
        assert reply["type"] == "result", reply
        return [item[phase] for item in reply["items"]]
