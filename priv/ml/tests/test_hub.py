"""Downloading: from a hub that this test runs, and from none."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests import tiny
from tests.conftest import hub_entries
from tests.support import onnx_entry, prepare

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FORBID_SOCKETS = """
import os, sys

def forbid(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind"):
        os._exit(99)

sys.addaudithook(forbid)
"""


@contextmanager
def hub(repository: str, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve a folder as a repository of the hub at COMMIT; its address and the files asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            path = self.path.partition("?")[0]
            if path.startswith(f"/api/models/{repository}/tree/"):
                entries = [{"path": file.name, "size": file.stat().st_size} for file in folder.iterdir()]
                return self.answer(
                    json.dumps([{"type": "file", "oid": "0", **entry} for entry in entries]).encode()
                )
            if path.startswith(f"/api/models/{repository}"):
                names = [{"rfilename": file.name} for file in folder.iterdir()]
                return self.answer(json.dumps({"id": repository, "sha": COMMIT, "siblings": names}).encode())
            file = folder / path.rpartition("/")[2]
            if path.startswith(f"/{repository}/resolve/{COMMIT}/") and file.is_file():
                asked.append(file.name)
                return self.answer(file.read_bytes())
            return self.send_error(404)

        def answer(self, body: bytes):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", f'"{sha256(body).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


def test_download_fetches_only_what_is_needed_and_reports_what_to_pin(tmp_path: Path):
    (finbert, *_) = hub_entries()
    tiny.make_finbert(tmp_path / "served")
    for other in ("tf_model.h5", "README.md", "flax_model.msgpack"):
        (tmp_path / "served" / other).write_text("not for us")
    cache = tmp_path / "cache"
    with hub("yiyanghkust/finbert-tone", tmp_path / "served") as (address, asked):
        status, (report,) = prepare(cache, finbert, flags=("--download",), variables={"HF_ENDPOINT": address})
    assert (status, report.get("status"), report.get("commit")) == (0, "built", COMMIT), report
    assert set(asked) == {"config.json", "vocab.txt", "pytorch_model.bin"}
    pinned = {**finbert, "revision": report["revision"], "commit": report["commit"]}
    for flags in (("--verify",), ("--download",)):
        assert prepare(cache, pinned, flags=flags)[1][0]["status"] == "cached"
    status, (report,) = prepare(cache, {**finbert, "commit": COMMIT[::-1]})
    assert (status, report["code"]) == (66, "weights_missing")


def test_a_hub_that_cannot_be_reached_is_no_hang(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    (finbert, *_) = hub_entries()
    status, (report,) = prepare(tmp_path, finbert, flags=("--download",), variables={"HF_ENDPOINT": address})
    assert (status, report["code"]) == (66, "weights_missing")
    assert report["remedy"].endswith("--download")
    assert not list((tmp_path / "hub").iterdir())


def test_nothing_but_download_opens_a_socket(tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(FORBID_SOCKETS)
    tiny.make_distilbert(tmp_path / "model")
    entry = onnx_entry("mine", f"folder:{tmp_path / 'model'}", tiny.DISTILBERT)
    status, reports = prepare(tmp_path, entry, *hub_entries(), python_path=(tmp_path,))
    assert [report.get("code") for report in reports] == [None] + ["weights_missing"] * 3
    assert status == 66
    assert prepare(tmp_path, hub_entries()[0], flags=("--download",), python_path=(tmp_path,))[0] == 99


def test_a_model_in_the_hub_clients_own_cache_is_found(tmp_path: Path):
    (finbert, *_) = hub_entries()
    theirs = tmp_path / "theirs" / "models--yiyanghkust--finbert-tone"
    tiny.make_finbert(theirs / "snapshots" / COMMIT)
    (theirs / "refs").mkdir()
    (theirs / "refs" / "main").write_text(COMMIT)
    for entry in (finbert, {**finbert, "commit": COMMIT}):
        variables = {"HF_HUB_CACHE": str(tmp_path / "theirs")}
        status, (report,) = prepare(tmp_path, entry, flags=("--verify",), variables=variables)
        assert status == 66
        assert report["remedy"] == "volfefe models prepare --model finbert", (
            "found, and only to be converted yet"
        )
