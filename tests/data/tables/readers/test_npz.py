import io
import tracemalloc
import zipfile

import numpy as np
import pytest

from xpnet.data import FormatError, files, read_npy
from xpnet.data.tables.readers.npz import read_arrays


def npy_bytes(array):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array)
    return stream.getvalue()


def write_zip(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_read_arrays_returns_what_numpy_saved(tmp_path, save):
    saved = {
        "z": np.arange(6.0).reshape(2, 3).T,
        "a": np.asarray(["x", "yy"]),
        "n": np.asarray(3),
        "e": np.ones((0, 2)),
    }
    save(tmp_path / "a.npz", **saved)
    arrays = read_arrays(tmp_path / "a.npz")
    assert list(arrays) == list(saved)
    for name, array in saved.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype


def test_read_arrays_refuses_python_objects(tmp_path):
    np.savez(tmp_path / "a.npz", names=np.asarray(["a", None], dtype=object))
    with pytest.raises(FormatError, match=r"a\.npz: array 'names' must hold numbers or text, got Python objects"):
        read_arrays(tmp_path / "a.npz")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x04N.", b"\x93NUMPY\x09\x00" + bytes(90)])
def test_read_arrays_refuses_a_member_that_is_no_array(tmp_path, content):
    write_zip(tmp_path / "a.npz", x=content)
    with pytest.raises(FormatError, match=r"member 'x' must be a NumPy array"):
        read_arrays(tmp_path / "a.npz")


def test_read_arrays_refuses_a_header_that_claims_too_much(tmp_path):
    claim = npy_bytes(np.zeros(3)).replace(b"(3,), }" + 12 * b" ", b"(3000000000000,), }")
    assert b"(3000000000000,)" in claim
    write_zip(tmp_path / "a.npz", x=claim)
    with pytest.raises(FormatError, match=r"must hold 24000000000000 bytes .* got 24"):
        read_arrays(tmp_path / "a.npz")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_read_arrays_refuses_a_truncated_file(tmp_path, save):
    path = tmp_path / "a.npz"
    save(path, x=np.arange(4))
    raw = path.read_bytes()
    for size in range(len(raw)):
        path.write_bytes(raw[:size])
        with pytest.raises(FormatError, match=r"a\.npz: must be a whole npz file"):
            read_arrays(path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_read_arrays_refuses_or_reads_right_whatever_byte_is_changed(tmp_path, save):
    path = tmp_path / "a.npz"
    save(path, x=np.arange(4))
    raw = path.read_bytes()
    for place in range(len(raw)):
        for mask in (1, 2, 6, 12, 14, 128, 255):
            changed = bytearray(raw)
            changed[place] ^= mask
            path.write_bytes(changed)
            try:
                arrays = read_arrays(path)
            except FormatError:
                continue
            for array in arrays.values():  # a name may be changed, numbers may not
                np.testing.assert_array_equal(array, np.arange(4))


def test_read_arrays_refuses_a_foreign_compression(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.npy", npy_bytes(np.zeros(3)))
    with pytest.raises(FormatError, match="NumPy does not write"):
        read_arrays(tmp_path / "a.npz")


def test_read_arrays_names_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="path must be an existing file"):
        read_arrays(tmp_path / "a.npz")


def zeros_zip(path, claims):
    """Write an archive whose members hold zeros, so that each takes a thousandth of what it claims."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for i, size in enumerate(claims):
            header = npy_bytes(np.zeros(0, np.uint8)).replace(b"(0,), }" + 12 * b" ", b"(%d,), }" % size + 12 * b" ")
            with archive.open(f"x{i}.npy", "w") as member:
                member.write(header)
                for _ in range(size // 2**20):
                    member.write(bytes(2**20))


@pytest.mark.parametrize("claims", [[2**24], [2**22] * 4])
def test_read_arrays_refuses_a_bomb_before_it_goes_off(tmp_path, monkeypatch, claims):
    monkeypatch.setattr(files, "ALWAYS_INFLATED", 2**20)
    zeros_zip(tmp_path / "a.npz", claims)
    tracemalloc.start()
    with pytest.raises(FormatError, match=r"a\.npz: must not claim to hold 16,7\d+,\d+ bytes in a compressed file of"):
        read_arrays(tmp_path / "a.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_read_arrays_takes_zeros_that_pack_well(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((1000, 1000)))
    assert (tmp_path / "a.npz").stat().st_size < 8e6 / 500
    assert read_arrays(tmp_path / "a.npz")["x"].shape == (1000, 1000)


def test_read_arrays_holds_an_array_once(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(2**20))
    tracemalloc.start()
    read_arrays(tmp_path / "a.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.3 * 2**23  # the file and the array


def test_read_arrays_refuses_two_arrays_of_one_name(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", npy_bytes(np.zeros(3)))
        archive.writestr("x", npy_bytes(np.ones(3)))
    with pytest.raises(FormatError, match=r"a\.npz: must not hold two arrays of one name, got x"):
        read_arrays(tmp_path / "a.npz")


HEADERS = [
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (" + b"9" * 40 + b",)}",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (0, " + b"9" * 40 + b")}",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -3)}",
    b"{'descr': '<U0', 'fortran_order': False, 'shape': (" + b"9" * 15 + b",)}",
    b"{'descr': '|V0', 'fortran_order': False, 'shape': (3,)}",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': " + b"(" * 3000 + b")" * 3000 + b"}",
    b"{'descr': '<f8', 'fortran_order': False, 'shape': " + b"-" * 9000 + b"1}",
    b"{'descr': '<U999999999', 'fortran_order': False, 'shape': (9,)}",
    b"[" * 9000,
]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("ending", ["npz", "npy"])
def test_a_header_that_lies_is_refused_by_name(tmp_path, header, ending):
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(24)
    path = tmp_path / f"a.{ending}"
    write_zip(path, x=content) if ending == "npz" else path.write_bytes(content)
    with pytest.raises(FormatError, match=rf"a\.{ending}: "):
        read_arrays(path) if ending == "npz" else read_npy(path, None)
