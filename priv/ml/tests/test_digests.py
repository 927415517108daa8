"""Hashes of large files: remembered as long as the files are the same, and not a moment longer."""

import os
from pathlib import Path

import pytest

from volfefe_ml import digests
from volfefe_ml.digests import SMALL, digest_of, sha256_of

OLD = 1_700_000_000_000_000_000


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that counts as settled at once."""
    monkeypatch.setattr(digests, "SETTLED_NS", -(10**18))
    file = tmp_path / "weights.bin"
    file.write_bytes(b"\1" * SMALL)
    return file


def forbid_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Path) -> str:
        raise AssertionError("the file was read again")

    monkeypatch.setattr(digests, "sha256_of", refuse)


def test_an_unchanged_file_is_not_read_again(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    memory = tmp_path / "digests"
    expected = sha256_of(weights)
    assert digest_of(weights, memory=memory) == expected
    forbid_reading(monkeypatch)
    assert digest_of(weights, memory=memory) == expected
    with pytest.raises(AssertionError):
        digest_of(weights, memory=None)


def test_a_changed_byte_is_seen_even_with_the_old_times_of_the_file(weights: Path, tmp_path: Path):
    memory = tmp_path / "digests"
    os.utime(weights, ns=(OLD, OLD))
    first = digest_of(weights, memory=memory)
    with weights.open("r+b") as file:
        file.seek(1000)
        file.write(b"\2")
    os.utime(weights, ns=(OLD, OLD))
    assert digest_of(weights, memory=memory) == sha256_of(weights) != first


def test_a_replaced_file_is_seen(weights: Path, tmp_path: Path):
    memory = tmp_path / "digests"
    first = digest_of(weights, memory=memory)
    other = tmp_path / "other"
    other.write_bytes(b"\3" * SMALL)
    other.replace(weights)
    assert digest_of(weights, memory=memory) == sha256_of(weights) != first


def test_a_file_that_has_just_been_written_is_not_remembered(tmp_path: Path):
    file = tmp_path / "weights.bin"
    file.write_bytes(b"\1" * SMALL)
    memory = tmp_path / "digests"
    assert digest_of(file, memory=memory) == sha256_of(file)
    assert not memory.exists()


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"files": 1, "sha256": "0"}'])
def test_a_damaged_note_costs_time_and_nothing_else(weights: Path, tmp_path: Path, note: bytes):
    memory = tmp_path / "digests"
    digest_of(weights, memory=memory)
    (kept,) = memory.iterdir()
    kept.write_bytes(note)
    assert digest_of(weights, memory=memory) == sha256_of(weights)
    assert kept.read_bytes() != note


def test_a_memory_that_cannot_be_written_is_done_without(weights: Path, tmp_path: Path):
    (tmp_path / "digests").write_text("a file in the way")
    assert digest_of(weights, memory=tmp_path / "digests") == sha256_of(weights)
