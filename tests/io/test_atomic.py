"""A file is written whole or not at all; links, pipes, devices and modes stay what they are."""

import errno
import os
import stat
import subprocess
import sys
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


WRITER = """
import resource, signal, sys
from xpnet.io import write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(sys.argv[1], {data})
except OSError as error:
    print(error)
"""


@pytest.mark.parametrize("data", ["bytes(5000)", "(bytes(500) for _ in range(10))"])
def test_a_disk_that_is_full_in_the_middle_leaves_the_old_file_whole(tmp_path, data):
    """A limit on the size of files stops the write where a full disk would."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", WRITER.format(data=data), str(path)], capture_output=True, text=True, check=True
    )
    assert "file could not be written: File too large" in done.stdout
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_device_that_is_full_is_told_by_name():
    with pytest.raises(OSError, match="/dev/full could not be written: No space left on device"):
        write_atomically("/dev/full", bytes(100_000))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser writes into every folder")
def test_a_folder_that_is_read_only_is_told_and_the_old_file_stays(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError, match="file could not be written: Permission denied"):
            write_atomically(path, b"new")
        assert path.read_bytes() == b"old"
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_folder_where_no_file_can_be_made_is_told(tmp_path, monkeypatch, number):
    """The same for a superuser, whom no mode stops, and for a file system that is read only."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    opened = os.open

    def refuse(path, flags, *args, **how):
        if flags & os.O_CREAT:
            raise OSError(number, os.strerror(number))
        return opened(path, flags, *args, **how)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OSError, match=f"file could not be written: {os.strerror(number)}"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_of_two_writers_at_once_one_is_last_and_each_file_is_whole(tmp_path):
    path, wrong, stop = tmp_path / "file", [], threading.Event()
    path.write_bytes(b"0" * 100_000)

    def write(letter):
        for _ in range(20):
            write_atomically(path, letter * 100_000)

    def read():
        while not stop.is_set():
            content = path.read_bytes()
            if len(content) != 100_000 or len(set(content)) != 1:
                wrong.append(content[:10])

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(letter,)) for letter in (b"a", b"b", b"c")]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    reader.join()
    assert not wrong
    assert path.read_bytes()[:1] in (b"a", b"b", b"c")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_two_processes_that_write_at_once_leave_one_whole_file(tmp_path):
    path = tmp_path / "file"
    code = (
        "import sys; from xpnet.io import write_atomically\n"
        "for _ in range(20): write_atomically(sys.argv[1], sys.argv[2].encode() * 100_000)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), letter]) for letter in "ab"]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert path.read_bytes() in (b"a" * 100_000, b"b" * 100_000)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
