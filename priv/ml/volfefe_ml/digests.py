"""SHA-256 of files, remembered where they have not changed: weights are gigabytes, starts are many."""

import hashlib
import json
import os
import tempfile
import time
from pathlib import Path

# Smaller files are hashed in less time than they are looked up.
SMALL = 1 << 20
# A file that changed so shortly before may change again without its times telling.
SETTLED_NS = 2_000_000_000


def sha256_of(*files: Path) -> str:
    """Hex SHA-256 over the bytes of files, one after the other."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def digest_of(*files: Path, memory: Path | None) -> str:
    """The same, but from the folder `memory` where the files are those that were hashed before.

    They are taken for the same when path, device, inode, size, and the times of change of their content and
    of their inode are: a file that is written to, or replaced, differs in these; a disk that turns bits by
    itself is found by `volfefe models verify`, which has no memory. OSError of the files is passed on.
    """
    seen = [_identity(file) for file in files]
    if memory is None or sum(size for *_, size, _, _ in seen) < SMALL:
        return sha256_of(*files)
    note = memory / hashlib.sha256("\0".join(path for path, *_ in seen).encode()).hexdigest()[:32]
    try:
        kept = json.loads(note.read_bytes())
        if [tuple(each) for each in kept["files"]] == seen:
            return str(kept["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    begun = time.time_ns()
    digest = sha256_of(*files)
    is_settled = all(begun - changed > SETTLED_NS for *_, changed in seen)
    if is_settled and seen == [_identity(file) for file in files]:
        _keep(note, json.dumps({"files": seen, "sha256": digest}))
    return digest


def _identity(file: Path) -> tuple[str, int, int, int, int, int]:
    facts = file.stat()
    return (
        str(file.absolute()),
        facts.st_dev,
        facts.st_ino,
        facts.st_size,
        facts.st_mtime_ns,
        facts.st_ctime_ns,
    )


def _keep(note: Path, content: str) -> None:
    """Write a note in one step; a cache that cannot be written to costs time, nothing else."""
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=note.parent, prefix=".note-")
        with os.fdopen(handle, "w") as stream:
            stream.write(content)
        os.replace(draft, note)  # noqa: PTH105 - a draft is a name, not a path
    except OSError:
        return
