"""Safetensors files: what a header claims is checked before anything is made of it."""

import contextlib
import json
import os
import struct

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data import FormatError
from xpnet.io.tensors import LONGEST_HEADER, read_tensors


def write(path, header, body=b"", length=None):
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw) if length is None else length) + raw + body)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.safetensors"


def test_what_the_library_writes_is_read(path):
    arrays = {"w": np.arange(6.0).reshape(2, 3), "b": np.float32([[1.0]]), "none": np.zeros((0, 3), "float32")}
    safetensors.numpy.save_file(arrays, path, {"by": "hand"})
    found, metadata = read_tensors(path)
    assert metadata == {"by": "hand"}
    for name, x in arrays.items():
        assert found[name].dtype == x.dtype
        assert found[name].flags.writeable
        np.testing.assert_array_equal(found[name], x)


@pytest.mark.parametrize("length", [2**63, 2**64 - 1, 1000, 3])
def test_a_header_of_another_length_is_refused_before_it_is_read(path, length):
    write(path, {}, length=length)
    with pytest.raises(FormatError, match=r"m\.safetensors is not a model file, or is truncated: "):
        read_tensors(path)


def test_a_very_long_header_is_refused_before_it_is_read(path):
    write(path, {}, length=2**30)
    os.truncate(path, 2**31)  # most of it is a hole
    with pytest.raises(FormatError, match=f"must have a header of at most {LONGEST_HEADER:,} bytes, got 1,073,741,824"):
        read_tensors(path)


W = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    "header",
    [
        *([], 3, None, "w", b"{", b"", b"[" * 100_000, b'{"w": ' + b"9" * 5000 + b"}", {"w": None}, {"w": {}}),
        {"w": W, "__metadata__": {"a": 1}},
        {"w": W, "__metadata__": []},
        {"w": W | {"dtype": "I64"}},
        {"w": W | {"dtype": []}},
        {"w": W | {"shape": [2**62, 2**62]}},
        {"w": W | {"shape": [-2]}},
        {"w": W | {"shape": [True, 2]}},
        {"w": W | {"shape": [2.0]}},
        {"w": W | {"shape": 2}},
        {"w": W | {"shape": [1] * 99 + [2]}},
        {"w": W | {"shape": []}},
        {"w": W | {"data_offsets": [0, 4]}},
        {"w": W | {"data_offsets": [4, 12]}},
        {"w": W | {"data_offsets": [8, 0]}},
        {"w": W | {"data_offsets": [0]}},
        {"w": W | {"data_offsets": [0, 2**70]}},
        {"w": W, "v": W},
        {"w": W, "v": W | {"data_offsets": [8, 16]}},
        {},
    ],
)
def test_a_header_without_sense_is_refused(path, header):
    write(path, header, b"\0" * 8)
    with pytest.raises(FormatError, match=r"^\S*m.safetensors is not a model file, or is truncated: [^\n]{1,300}$"):
        read_tensors(path)


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_the_reader_answers(tmp_path_factory, raw):
    path = tmp_path_factory.getbasetemp() / "m.safetensors"
    path.write_bytes(raw)
    with contextlib.suppress(FormatError):
        read_tensors(path)


def test_a_folder_and_a_pipe_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, told in (("", "a folder"), ("pipe", "a pipe")):
        with pytest.raises(FormatError, match=f"must be a regular file, got {told}"):
            read_tensors(tmp_path / name)
