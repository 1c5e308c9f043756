"""Whatever a file holds, its reader answers with a table or with a `FormatError` that names the file."""

import io
import re
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xpnet.data import FormatError, load_ratings, read_cells, read_idx, read_table

CELL = st.sampled_from(["", "1", "2.5", "1,5", '"', "a b", "nan", "-inf", "1e999", "2024-02-30", "é", "\x00", "9" * 40])
LINES = st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=6)


def answers(read, path, raw):
    path.write_bytes(raw)
    try:
        read(path)
    except FormatError as error:
        assert re.match(r"[^\n]*any\.", str(error))  # noqa: PT017


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("any")


@pytest.mark.filterwarnings("error")
@settings(max_examples=60, deadline=None)
@given(kind=st.integers(0, 255), sizes=st.lists(st.integers(0, 2**32 - 1), max_size=5), rest=st.binary(max_size=40))
def test_idx(folder, kind, sizes, rest):
    head = bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes)
    answers(read_idx, folder / "any.idx", head + rest)


@pytest.mark.filterwarnings("error")
@settings(max_examples=60, deadline=None)
@given(
    dtype=st.sampled_from(["<f8", ">f4", "|O", "<U9", "|S0", "|V8", "<M8[s]", "<c16", "<f2", "|b1", "x"]),
    shape=st.lists(st.integers(-2, 2**64), max_size=3).map(tuple) | st.sampled_from([(2, 2), (4,), "6", None]),
    fortran=st.sampled_from([True, False, 1]),
    rest=st.binary(max_size=40),
)
def test_npy_and_npz(folder, dtype, shape, fortran, rest):
    head = repr({"descr": dtype, "fortran_order": fortran, "shape": shape}).encode()
    raw = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + rest
    answers(lambda path: read_table(path, "-1"), folder / "any.npy", raw)
    packed = io.BytesIO()
    np.savez(packed, y=[0, 1])
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("x.npy", raw)
    answers(lambda path: read_table(path, "y"), folder / "any.npz", packed.getvalue())


@pytest.mark.filterwarnings("error")
@settings(max_examples=60, deadline=None)
@given(lines=LINES, separator=st.sampled_from([",", ";", "\t"]), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_csv_and_ratings(folder, lines, separator, end):
    text = end.join(separator.join(line) for line in [["user", "item", "rating"], *lines])
    answers(lambda path: read_cells(path, "rating", missing=True), folder / "any.csv", text.encode())
    answers(load_ratings, folder / "any.csv", text.encode())


@pytest.mark.filterwarnings("error")
@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=100))
@pytest.mark.parametrize("ending", ["csv", "csv.gz", "npz", "npy"])
def test_any_bytes(folder, ending, raw):
    answers(lambda path: read_table(path, "0"), folder / f"any.{ending}", raw)
