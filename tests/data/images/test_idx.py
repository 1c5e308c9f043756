import gzip
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data import FormatError, files, read_idx

CODES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
LABELS = bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1])


def idx_bytes(array, code):
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, code, array.ndim]) + sizes + array.astype(CODES[code]).tobytes()


def test_read_idx_reads_bytes_written_by_hand(tmp_path):
    path = tmp_path / "images"
    path.write_bytes(bytes([0, 0, 0x0B, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0xFF, 0xFE]))
    array = read_idx(path)
    np.testing.assert_array_equal(array, [[256, -2]])
    assert array.dtype == np.int16
    assert array.dtype.isnative


@given(
    code=st.sampled_from(sorted(CODES)),
    shape=st.lists(st.integers(0, 4), min_size=1, max_size=4),
    packed=st.booleans(),
)
def test_read_idx_reads_back_every_type_and_shape(tmp_path_factory, code, shape, packed):
    values = np.random.default_rng(0).integers(-100, 100, shape).astype(CODES[code])
    raw = idx_bytes(values, code)
    path = tmp_path_factory.mktemp("idx") / "file"
    path.write_bytes(gzip.compress(raw, mtime=0) if packed else raw)
    array = read_idx(path)
    np.testing.assert_array_equal(array, values)
    assert array.shape == values.shape
    assert array.dtype == np.dtype(CODES[code]).newbyteorder("=")
    assert array.flags.writeable


def test_read_idx_goes_by_the_content_not_by_the_name(tmp_path):
    (tmp_path / "plain.gz").write_bytes(LABELS)
    (tmp_path / "packed").write_bytes(gzip.compress(LABELS, mtime=0))
    np.testing.assert_array_equal(read_idx(str(tmp_path / "plain.gz")), [7, 2, 1])
    np.testing.assert_array_equal(read_idx(tmp_path / "packed"), [7, 2, 1])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "magic of an IDX file, got nothing"),
        (b"PK\x03\x04" + LABELS, "magic of an IDX file, got 50 4b 03 04"),
        (bytes([0, 0, 7]) + LABELS[3:], "magic"),
        (bytes([0, 0, 8, 0]), "magic"),
        (LABELS[:6], "must state 1 sizes, got 6 bytes in all: it is truncated"),
        (LABELS[:-1], r"must hold 11 bytes for shape \(3,\), got 10: it is truncated"),
        (LABELS + b"\n", "got more: it is followed by something else"),
        (bytes([0, 0, 8, 70]) + bytes(4 * 70), "shape that an array can have"),
        (gzip.compress(LABELS, mtime=0)[:-5], "whole gzip stream"),
        (gzip.compress(LABELS, mtime=0)[:-5] + b"12345", "whole gzip stream"),
        (gzip.compress(LABELS, mtime=0) + b"more", "whole gzip stream"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03nonsense", "whole gzip stream"),
        (gzip.compress(LABELS[:-1], mtime=0), "truncated"),
    ],
)
def test_read_idx_refuses_a_damaged_file_by_name(tmp_path, raw, message):
    path = tmp_path / "labels.idx"
    path.write_bytes(raw)
    with pytest.raises(FormatError, match=message) as caught:
        read_idx(path)
    assert "labels.idx" in str(caught.value)


def test_read_idx_refuses_or_reads_right_whatever_byte_is_changed(tmp_path):
    packed, path = gzip.compress(LABELS, mtime=0), tmp_path / "labels.gz"
    outcomes = set()
    for place in range(len(packed)):
        changed = bytearray(packed)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        try:
            outcomes.add(tuple(read_idx(path).tolist()))
        except FormatError:
            outcomes.add("refused")
    assert outcomes == {(7, 2, 1), "refused"}


def test_read_idx_refuses_a_bomb_before_it_goes_off(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ALWAYS_INFLATED", 2**20)
    packer = zlib.compressobj(wbits=31)
    with (tmp_path / "bomb.gz").open("wb") as file:
        file.write(packer.compress(bytes([0, 0, 8, 1]) + (2**24).to_bytes(4, "big")))
        for _ in range(2**4):
            file.write(packer.compress(bytes(2**20)))
        file.write(packer.flush())
    tracemalloc.start()
    with pytest.raises(FormatError, match=r"bomb\.gz: must not claim to hold 16,777,224 bytes in a compressed file of"):
        read_idx(tmp_path / "bomb.gz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_read_idx_finds_a_byte_after_a_long_array(tmp_path, pack):
    raw = bytes([0, 0, 8, 1]) + (5000).to_bytes(4, "big") + bytes(5000)
    (tmp_path / "t").write_bytes(pack(raw))
    assert read_idx(tmp_path / "t").shape == (5000,)
    (tmp_path / "t").write_bytes(pack(raw + b"x"))
    with pytest.raises(FormatError, match="got more: it is followed by something else"):
        read_idx(tmp_path / "t")


def test_read_idx_does_not_inflate_what_follows_the_array(tmp_path):
    (tmp_path / "long.gz").write_bytes(gzip.compress(LABELS + bytes(2**24), 1, mtime=0))
    tracemalloc.start()
    with pytest.raises(FormatError, match=r"must hold 11 bytes .* got more: it is followed by something else"):
        read_idx(tmp_path / "long.gz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_read_idx_refuses_sizes_whose_product_is_no_memory(tmp_path):
    (tmp_path / "t.idx").write_bytes(bytes([0, 0, 14, 255]) + b"\xff" * 4 * 255)
    with pytest.raises(FormatError, match=r"t\.idx: must hold more than 1e\+30 bytes"):
        read_idx(tmp_path / "t.idx")


def test_read_idx_names_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"path must be an existing file, got '.*nowhere'"):
        read_idx(tmp_path / "nowhere")
