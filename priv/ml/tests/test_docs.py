"""The worker that docs/protocol.md shows must be one."""

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.support import REPOSITORY, VADER, Worker, line, start_message


def shape(value: Any) -> Any:
    """The keys of an object, all the way down."""
    return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else None


def test_the_worker_in_the_protocol_document_answers_as_ours_does(tmp_path: Path):
    text = (REPOSITORY / "docs" / "protocol.md").read_text()
    _, _, section = text.partition("## Writing another worker")
    code = dedent("\n".join(row for row in section.splitlines() if row.startswith("    ") or not row))
    request = {"type": "classify", "id": "r1", "models": ["vader"], "texts": ["a text"]}
    conversation = line(start_message(tmp_path, VADER)) + line(request)
    shown = subprocess.run([sys.executable, "-c", code], input=conversation, capture_output=True, check=True)
    ready, result = map(json.loads, shown.stdout.splitlines())
    with Worker(tmp_path, VADER) as worker:
        for mine, theirs in (
            (worker.receive(), ready),
            (worker.classify("a text", models=["vader"])[0], result["items"][0]),
        ):
            mine.get("environment", {}).pop("packages", None)
            theirs.get("environment", {}).pop("packages", None)
            assert shape(mine) == shape(theirs)
            for one, other in zip(mine.get("models", []), theirs.get("models", []), strict=True):
                assert one.keys() == other.keys() if isinstance(one, dict) else one == other
