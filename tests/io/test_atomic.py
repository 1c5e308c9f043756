"""A file is written whole or not at all; links, pipes, devices and modes stay what they are."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from xpnet.io import write_atomically
from xpnet.io.atomic import TEMPORARY


def test_write_atomically_writes_and_replaces(tmp_path):
    path = tmp_path / "file"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_an_interrupted_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_pieces_are_written_as_they_are_made_and_all_or_none_of_them_stay(tmp_path):
    path = tmp_path / "file"
    write_atomically(path, (b"%d\n" % i for i in range(3)))
    assert path.read_bytes() == b"0\n1\n2\n"

    def broken():
        yield b"new\n"
        assert list(tmp_path.glob(".xpnet-*"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, broken())
    assert path.read_bytes() == b"0\n1\n2\n"
    assert not list(tmp_path.glob(".xpnet-*"))


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"folder .*nowhere does not exist"):
        write_atomically(tmp_path / "nowhere" / "file", b"")


def test_a_full_disk_is_told_with_the_name_of_the_file(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="file could not be written: No space left on device"):
        write_atomically(tmp_path / "file", b"new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_new_file_has_the_usual_mode(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "file", b"")
        Path(tmp_path / "plain").touch()
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o755])
def test_an_existing_file_keeps_its_mode(tmp_path, mode):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_atomically(path, b"new")
    assert (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) == (mode, b"new")


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("links", [1, 2])
def test_a_link_is_written_through(tmp_path, exists, links):
    (tmp_path / "folder").mkdir()
    real = tmp_path / "folder" / "real"
    if exists:
        real.write_bytes(b"old")
    (tmp_path / "link1").symlink_to("folder/real")
    (tmp_path / "link2").symlink_to("link1")
    write_atomically(tmp_path / f"link{links}", b"new")
    assert (tmp_path / f"link{links}").is_symlink()
    assert real.read_bytes() == b"new"
    assert [p.name for p in (tmp_path / "folder").iterdir()] == ["real"]


def test_a_named_pipe_is_written_into(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, b"row,prediction\n" * 9999)  # more than a pipe holds
    reader.join()
    assert read == [b"row,prediction\n" * 9999]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]


def test_a_device_is_written_into(tmp_path):
    (tmp_path / "null").symlink_to("/dev/null")
    write_atomically(tmp_path / "null", b"gone")
    assert stat.S_ISCHR((tmp_path / "null").stat().st_mode)
    assert [p.name for p in tmp_path.iterdir()] == ["null"]


def test_what_a_killed_process_left_is_removed_and_what_is_in_use_is_not(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    left, used, other = (tmp_path / name for name in (TEMPORARY.format("a"), TEMPORARY.format("b"), ".xpnet-notes"))
    for path in (left, used, other):
        path.write_bytes(b"half")
    with used.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_atomically(tmp_path / "file", b"new")
    assert {p.name for p in tmp_path.iterdir()} == {"file", used.name, other.name}


def test_a_file_that_is_being_written_is_not_removed_by_another_writer(tmp_path, monkeypatch):
    """Also if it is taken away between its making and its locking: then it is made again."""
    from xpnet.io import atomic

    made, lock = [], atomic._lock

    def slow(descriptor, *, wait):
        if wait and not made:
            made.extend(tmp_path.glob(TEMPORARY.format("*")))
            made[0].unlink()
        lock(descriptor, wait=wait)

    monkeypatch.setattr(atomic, "_lock", slow)
    write_atomically(tmp_path / "file", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert made
