import re

import numpy as np
import pytest

from xpnet.backend.mapped import is_mapped
from xpnet.data import FormatError, read_table
from xpnet.data.tables.readers import npy_tables as module
from xpnet.data.tables.readers.npy_tables import read_npy

TABLE = np.asarray([[1.0, 2.0, 0.0], [3.0, 4.0, 1.0], [5.0, 6.0, 0.0]])


def save(tmp_path, table=TABLE):
    np.save(tmp_path / "table.npy", table)
    return tmp_path / "table.npy"


@pytest.mark.parametrize("target", ["-1", "2"])
def test_read_npy_calls_columns_by_their_numbers(tmp_path, target):
    data = read_npy(save(tmp_path), target)
    np.testing.assert_array_equal(data.x, TABLE[:, :2])
    np.testing.assert_array_equal(data.y, [0, 1, 0])
    assert (data.classes, data.features, data.name) == ((0, 1), ("0", "1"), "table")
    assert read_table(save(tmp_path), target).features == ("0", "1")


def test_read_npy_counts_targets_from_the_end_and_takes_columns_in_any_order(tmp_path):
    data = read_npy(save(tmp_path), "-2", columns=("2", "0"), task="regression")
    np.testing.assert_array_equal(data.x, TABLE[:, [2, 0]])
    np.testing.assert_array_equal(data.y, [2.0, 4.0, 6.0])
    assert data.classes is None


@pytest.mark.parametrize(("target", "mapped"), [("-1", True), ("0", True), (None, True), ("1", False)])
def test_read_npy_maps_columns_that_lie_side_by_side(tmp_path, target, mapped):
    data = read_npy(save(tmp_path), target)
    assert is_mapped(data.x) is mapped
    assert type(data.x) is np.ndarray
    assert not is_mapped(data.take([1, 0]).x)


@pytest.mark.parametrize(("dtype", "read"), [("uint8", "uint8"), ("bool", "uint8"), ("float16", "float16")])
def test_read_npy_keeps_the_number_type(tmp_path, dtype, read):
    data = read_npy(save(tmp_path, TABLE.astype(dtype)), None)
    assert data.x.dtype == read
    np.testing.assert_array_equal(data.x, TABLE.astype(dtype))


def test_read_npy_names_a_number_that_is_not_finite_wherever_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PIECE", 6)
    table = TABLE.copy()
    table[2, 1] = np.inf
    with pytest.raises(FormatError, match="must hold finite numbers, got inf in row 2, column 1"):
        read_npy(save(tmp_path, table), "-1")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (TABLE[0], "must hold a matrix with rows and columns, got shape (3,)"),
        (TABLE[:0], "must hold a matrix with rows and columns, got shape (0, 3)"),
        (TABLE.astype(complex), "must hold real numbers, got complex128"),
        (TABLE.astype(str), "must hold real numbers, got <U32"),
    ],
)
def test_read_npy_refuses_what_is_no_table(tmp_path, table, message):
    with pytest.raises(FormatError, match=re.escape(message)):
        read_npy(save(tmp_path, table), None)


@pytest.mark.parametrize("target", ["3", "-4", "kind"])
def test_read_npy_refuses_a_column_that_is_not_there(tmp_path, target):
    with pytest.raises(FormatError, match=f"target must be one of 0, 1, 2, got '{target}'"):
        read_npy(save(tmp_path), target)


def test_read_npy_refuses_a_missing_damaged_or_foreign_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="path must be an existing file, got"):
        read_npy(tmp_path / "none.npy", None)
    path = save(tmp_path)
    for content in (path.read_bytes()[:-8], path.read_bytes()[:40], b"1,2\n", b""):
        path.write_bytes(content)
        with pytest.raises(FormatError, match="must be a whole npy file"):
            read_npy(path, None)
    np.save(path, np.asarray([[{}]], dtype=object))
    with pytest.raises(FormatError, match="must hold real numbers, got object"):
        read_npy(path, None)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((10**30,), "does not fit into"),
        ((2**62, 4), "does not fit into"),
        ((2**40, 2**40), "does not fit into"),
        ((-2, 3), "does not fit into"),
        ((0, 2**62), "must hold a matrix with rows and columns"),
        ((2**62, 0), "must hold a matrix with rows and columns"),
        ((9,), "must hold a matrix with rows and columns"),
    ],
)
def test_a_shape_that_is_no_matrix_of_the_files_size_is_refused_before_it_is_mapped(tmp_path, shape, told):
    head = repr({"descr": "<f8", "fortran_order": False, "shape": shape}).encode()
    path = tmp_path / "table.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + TABLE.tobytes())
    with pytest.raises(FormatError, match=rf"table\.npy: .*{told}"):
        read_npy(path, "-1")


@pytest.mark.filterwarnings("error")
def test_numbers_of_no_bytes_are_refused_before_they_are_mapped(tmp_path):
    head = repr({"descr": "|S0", "fortran_order": False, "shape": (2**62, 2**62)}).encode()
    (tmp_path / "table.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head)
    with pytest.raises(FormatError, match=r"table\.npy: must hold real numbers, got \|S0"):
        read_npy(tmp_path / "table.npy", "-1")


def test_a_header_that_claims_gigabytes_is_refused_before_they_are_reserved(tmp_path):
    path = tmp_path / "table.npy"
    path.write_bytes(b"\x93NUMPY\x02\x00" + b"\xff\xff\xff\xff" + b"{" * 100)
    with pytest.raises(FormatError, match=r"table\.npy: must be a whole npy file"):
        read_npy(path, "-1")


@pytest.mark.filterwarnings("error")
def test_a_header_that_python_2_wrote_is_read(tmp_path):
    head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (3L, 3L), }"
    path = tmp_path / "table.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + TABLE.tobytes())
    np.testing.assert_array_equal(read_npy(path, "-1").x, TABLE[:, :2])


@pytest.mark.parametrize(
    ("labels", "y", "classes"),
    [
        ([1, 0, 1], [1, 0, 1], (0, 1)),
        ([[3], [2], [3]], [1, 0, 1], (2, 3)),
        (["dog", "cat", "dog"], [1, 0, 1], ("cat", "dog")),
        ([True, False, True], [1, 0, 1], (0, 1)),
        ([0.5, 1.5, 2.5], [0.5, 1.5, 2.5], None),
    ],
)
def test_labels_may_stand_in_a_file_of_their_own(tmp_path, labels, y, classes):
    np.save(tmp_path / "labels.npy", labels)
    data = read_npy(save(tmp_path), str(tmp_path / "labels.npy"))
    np.testing.assert_array_equal(data.x, TABLE)
    assert is_mapped(data.x)
    np.testing.assert_array_equal(data.y, y)
    assert (data.classes, data.features) == (classes, ("0", "1", "2"))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros(2), "labels.npy: must hold a label for each of the 3 rows, shape (3,), got shape (2,)"),
        (np.zeros((3, 2)), "labels.npy: must hold a label for each of the 3 rows, shape (3,), got shape (3, 2)"),
        (np.asarray([0.5, np.nan, 1.0]), "labels.npy: row 1 must hold a label"),
        (np.asarray([0.5, np.inf, 1.0]), "labels.npy: row 1 must hold a finite number"),
        (np.asarray([1, "a", None], dtype=object), "labels.npy: must hold numbers or text, got object"),
        (np.zeros(3, dtype=complex), "labels.npy: must hold numbers or text, got complex128"),
    ],
)
def test_wrong_labels_in_a_file_are_refused(tmp_path, labels, message):
    np.save(tmp_path / "labels.npy", labels, allow_pickle=True)
    with pytest.raises(FormatError, match=re.escape(message)):
        read_npy(save(tmp_path), str(tmp_path / "labels.npy"))


def test_what_is_no_file_of_labels_is_refused(tmp_path):
    (tmp_path / "folder.npy").mkdir()
    (tmp_path / "text.npy").write_text("1\n0\n1\n")
    for name, message in [("folder", "must be a regular file, got a "), ("text", "must be a whole npy file")]:
        with pytest.raises(FormatError, match=rf"{name}\.npy: {message}"):
            read_npy(save(tmp_path), str(tmp_path / f"{name}.npy"))
    with pytest.raises(FileNotFoundError, match=r"absent\.npy"):
        read_npy(save(tmp_path), str(tmp_path / "absent.npy"))
