"""Bytes of files and pipes, and what is refused before it is read."""

import os
import threading

import pytest

from xpnet.data import FormatError, files, map_parquet, read_cells, read_csv, read_idx, read_npy, read_npz, read_table
from xpnet.data.files import check_regular, read_bytes

READERS = {
    "t.csv": lambda path: read_csv(path, "y"),
    "t.npz": lambda path: read_npz(path, "y"),
    "t.npy": lambda path: read_npy(path, "-1"),
    "t.parquet": lambda path: map_parquet(path, "y"),
    "t.txt": lambda path: read_cells(path, "y"),
    "t.idx": read_idx,
}


@pytest.fixture
def pipe(tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    return tmp_path / "t.csv"


@pytest.mark.parametrize("content", [b"a,y\n1,2\n3,4\n", b"", b"a" * 200_000])
def test_a_pipe_is_read_through(pipe, content):
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    assert read_bytes(pipe) == content
    writer.join()


def test_a_pipe_is_a_table(pipe):
    writer = threading.Thread(target=pipe.write_bytes, args=(b"a,y\n1,2\n3,4\n",))
    writer.start()
    assert read_table(pipe, "y").y.tolist() == [0, 1]
    writer.join()


def test_a_pipe_without_a_writer_is_refused(pipe, monkeypatch):
    monkeypatch.setattr(files, "WAIT", 0.01)
    with pytest.raises(FormatError, match=r"t.csv: must have a writer, got a pipe that nobody writes to"):
        read_bytes(pipe)


def test_a_pipe_that_does_not_end_is_refused(pipe, monkeypatch):
    monkeypatch.setattr(files, "MOST_FROM_A_PIPE", 1000)

    def write():
        with pytest.raises(BrokenPipeError):
            pipe.write_bytes(b"1" * 500_000)

    writer = threading.Thread(target=write)
    writer.start()
    with pytest.raises(FormatError, match="must end after 1,000 bytes at most, got a pipe that goes on"):
        read_bytes(pipe)
    writer.join()


@pytest.mark.parametrize("name", READERS)
def test_every_reader_refuses_a_device_and_a_folder(tmp_path, name):
    (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(FormatError, match=f"{name}: must be a regular file, got a device"):
        READERS[name](tmp_path / name)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    with pytest.raises(FormatError, match=f"{name}: must be a regular file, got a folder"):
        READERS[name](tmp_path / name)


@pytest.mark.parametrize("name", READERS)
def test_every_reader_names_a_file_that_is_not_there(tmp_path, name):
    with pytest.raises(FileNotFoundError, match=f"path must be an existing file, got '.*{name}'"):
        READERS[name](tmp_path / name)


def test_a_file_that_claims_more_than_memory_is_refused(tmp_path):
    with (tmp_path / "t.csv").open("wb") as file:
        file.truncate(2**43)  # a hole: no byte of it is on the disk
    with pytest.raises(FormatError, match=r"t.csv: must fit into memory, got 8,796,093,022,208 bytes"):
        read_bytes(tmp_path / "t.csv")


def test_check_regular_takes_a_file_and_refuses_a_pipe(tmp_path, pipe):
    (tmp_path / "t.txt").write_text("")
    check_regular(tmp_path / "t.txt")
    with pytest.raises(FormatError, match="must be a regular file, got a pipe"):
        check_regular(pipe)
