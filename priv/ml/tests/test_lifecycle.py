"""How a worker ends, and the command without a supervisor."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import DEADLINE_SECONDS, ML, VADER, Worker, environment, line, run, start_message

REGISTRY = """
models:
  - {id: vader, weight: 0.5}
  - {id: gone, engine: onnxruntime, source: folder:no, version: "1", labels: {a: positive}, profiles: [x]}
"""


def test_the_end_of_stdin_ends_the_worker_after_the_last_reply(tmp_path: Path):
    with Worker(tmp_path, VADER) as worker:
        worker.send({"type": "classify", "id": "last", "models": ["vader"], "texts": ["good"]})
        worker.send(b'{"type":"classify","id":"half a line')
        status, out = worker.finish()
        assert status == 0
        assert [json.loads(reply)["type"] for reply in out.splitlines()] == ["ready", "result"]


def test_a_worker_without_a_start_message_ends_quietly(tmp_path: Path):
    with Worker(tmp_path) as worker:
        assert worker.finish() == (0, b"")


def test_a_worker_whose_replies_nobody_reads_ends_without_a_traceback(tmp_path: Path):
    with Worker(tmp_path, VADER) as worker:
        worker.receive()
        assert worker.process.stdout and worker.process.stderr
        worker.process.stdout.close()
        worker.send({"type": "classify", "id": "1", "models": ["vader"], "texts": ["good"]})
        assert worker.process.wait(DEADLINE_SECONDS) == 0
        assert worker.process.stderr.read() == b""


def test_sigterm_ends_a_busy_worker_at_once(tmp_path: Path):
    busy = """
import os
from vaderSentiment import vaderSentiment

def forever(self, text):
    if "#spin" in text:
        os.write(2, b"spinning")
        while True:
            pass
    return {"compound": 0.0, "pos": 0.0, "neu": 1.0, "neg": 0.0}

vaderSentiment.SentimentIntensityAnalyzer.polarity_scores = forever
"""
    (tmp_path / "sitecustomize.py").write_text(busy)
    with Worker(tmp_path, VADER, python_path=(tmp_path,)) as worker:
        worker.receive()
        worker.send({"type": "classify", "id": "1", "models": ["vader"], "texts": ["#spin"]})
        assert worker.process.stderr
        assert worker.process.stderr.read(8) == b"spinning"
        worker.process.terminate()
        assert worker.process.wait(DEADLINE_SECONDS) == -signal.SIGTERM


def test_a_worker_dies_with_its_parent_even_if_its_stdin_stays_open(tmp_path: Path):
    ours, theirs = os.pipe()
    replies, reply_end = os.pipe()
    parent_code = (
        "import os, subprocess, sys\n"
        f"worker = [sys.executable, {str(ML / 'classify.py')!r}]\n"
        f"child = subprocess.Popen(worker, stdin={ours}, stdout={reply_end})\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", parent_code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(ours, reply_end),
        env=environment(tmp_path),
    )
    assert parent.stdout
    with (
        parent,
        os.fdopen(replies, "rb") as reply_stream,
        os.fdopen(theirs, "wb", buffering=0) as request_stream,
    ):
        worker = os.pidfd_open(int(parent.stdout.readline()))
        request_stream.write(line(start_message(tmp_path, VADER)))
        assert json.loads(reply_stream.readline())["type"] == "ready"
        parent.kill()
        gone, _, _ = select.select([worker], [], [], DEADLINE_SECONDS)
        assert gone
        os.close(worker)
    os.close(ours)
    os.close(reply_end)


@pytest.mark.parametrize("reaped", [True, False])
def test_a_worker_whose_supervisor_died_while_python_started_leaves(tmp_path: Path, reaped: bool):
    supervisor = subprocess.Popen([sys.executable, "-c", ""])
    if reaped:
        supervisor.wait(DEADLINE_SECONDS)
    else:
        os.waitid(os.P_PID, supervisor.pid, os.WEXITED | os.WNOWAIT)
    surroundings = environment(tmp_path) | {"VOLFEFE_SUPERVISOR_PID": str(supervisor.pid)}
    # Its stdin stays open and the start message is there: only the supervisor's end can make it leave.
    with subprocess.Popen(
        [sys.executable, ML / "classify.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=surroundings,
    ) as worker:
        assert worker.stdin and worker.stdout
        worker.stdin.write(line(start_message(tmp_path, VADER)))
        worker.stdin.flush()
        assert worker.stdout.read() == b""
        # A supervisor that starts on this machine at the same moment may be quicker, and end it as an orphan.
        assert worker.wait(DEADLINE_SECONDS) in (0, -signal.SIGKILL)
    supervisor.wait(DEADLINE_SECONDS)


def test_once_prints_the_result_map_of_all_of_stdin(tmp_path: Path):
    (tmp_path / "volfefe.yaml").write_text(REGISTRY)
    arguments = ["--once", "--config", f"{tmp_path}/volfefe.yaml", "--models", "vader"]
    done = run("classify.py", *arguments, stdin=b"Two\ngood lines\n", cache=tmp_path)
    result = json.loads(done.stdout)
    assert done.returncode == 0 and done.stderr == b""
    assert set(result) == {"models", "text_info", "timestamp"}
    assert result["text_info"]["lines"] == 2
    assert result["models"]["vader"]["meta"]["processing"]["first_call"] is True


def test_once_tells_usage_input_missing_models_and_settings_apart(tmp_path: Path):
    (tmp_path / "volfefe.yaml").write_text(REGISTRY)
    config = ["--once", "--config", f"{tmp_path}/volfefe.yaml"]
    cases = [
        (["--twice"], b"good", 64),
        ([*config, "--models", "vader"], b" \n", 65),
        ([*config, "--models", "vader"], b"\xff\xfe", 65),
        ([*config, "--profile", "x"], b"good", 66),
        ([*config, "--models", "vader,unknown"], b"good", 78),
        ([*config, "--profile", "nobody"], b"good", 78),
        (["--once", "--config", f"{tmp_path}/none.yaml"], b"good", 78),
    ]
    for arguments, text, status in cases:
        done = run("classify.py", *arguments, stdin=text, cache=tmp_path)
        assert (done.returncode, done.stdout) == (status, b""), arguments
        assert done.stderr and b"Traceback" not in done.stderr
