import numpy as np
import pytest

from xpnet.data import FormatError, read_npz, stratified_split

X = np.asarray([[1.0, 2.0], [3.0, 4.0]])


def save(tmp_path, **arrays):
    np.savez(tmp_path / "table.npz", **arrays)
    return tmp_path / "table.npz"


@pytest.mark.parametrize("name", ["x", "X", "pixels"])
def test_read_npz_finds_the_matrix(tmp_path, name):
    data = read_npz(save(tmp_path, label=[7, 5], note=[1, 2, 3], **{name: X}), "label")
    np.testing.assert_array_equal(data.x, X)
    np.testing.assert_array_equal(data.y, [1, 0])
    assert (data.classes, data.features, data.name) == ((5, 7), None, "table")


def test_read_npz_prefers_x_to_another_matrix(tmp_path):
    np.testing.assert_array_equal(read_npz(save(tmp_path, other=-X, x=X), None).x, X)


@pytest.mark.parametrize("dtype", ["uint8", "int16", ">i4", "float32", ">f8"])
def test_read_npz_keeps_the_number_type_in_native_order(tmp_path, dtype):
    data = read_npz(save(tmp_path, x=X.astype(dtype)), None)
    assert data.x.dtype == np.dtype(dtype).newbyteorder("=")
    assert data.x.dtype.isnative
    np.testing.assert_array_equal(data.x, X)


def test_read_npz_reads_truth_as_zero_and_one(tmp_path):
    data = read_npz(save(tmp_path, x=X > 2, y=[True, False]), "y")
    np.testing.assert_array_equal(data.x, [[0, 0], [1, 1]])
    assert (data.x.dtype, data.classes) == (np.uint8, (0, 1))


def test_read_npz_stacks_columns_in_file_order(tmp_path):
    data = read_npz(save(tmp_path, b=[1, 2], kind=["p", "q"], a=[0.5, 1.5]), "kind")
    np.testing.assert_array_equal(data.x, [[1, 0.5], [2, 1.5]])
    assert (data.features, data.classes) == (("b", "a"), ("p", "q"))


def test_read_npz_takes_columns_by_name(tmp_path):
    path = save(tmp_path, b=[1, 2], kind=["p", "q"], a=[0.5, 1.5])
    assert read_npz(path, None, columns=("a",)).features == ("a",)
    with pytest.raises(FormatError, match="must have the columns c, got b, kind, a"):
        read_npz(path, None, columns=("c",))


@pytest.mark.parametrize(
    ("y", "classes"), [([0.5, 1.5], None), ([1.0, 2.0], (1, 2)), (np.float32([0.5, 2]), None), (["u", "t"], ("t", "u"))]
)
def test_read_npz_follows_the_rule_for_labels(tmp_path, y, classes):
    data = read_npz(save(tmp_path, x=X, y=y), "y")
    assert data.classes == classes
    if classes is None:
        np.testing.assert_array_equal(data.y, y)


@pytest.mark.parametrize(
    ("arrays", "target", "message"),
    [
        ({"x": X, "y": [1]}, "y", r"array 'y' must have shape \(2,\) as the features, got \(1,\)"),
        ({"x": X, "y": [[1], [2]]}, "y", r"array 'y' must have shape \(2,\) as the features, got \(2, 1\)"),
        ({"x": X, "y": [1, np.nan]}, "y", "array 'y', row 1 must hold a label, got 'nan'"),
        ({"x": X, "y": [1j, 2]}, "y", "array 'y' must hold numbers or text, got complex128"),
        ({"x": X, "labels": [1, 2]}, "label", "target must be one of x, labels, got 'label': did you mean 'labels'"),
        ({"x": X, "y": np.asarray([1, None])}, "y", "array 'y' must hold numbers or text, got Python objects"),
        ({"x": [[1, np.inf], [np.nan, 2]]}, None, "array 'x' must be finite, got inf in row 0"),
        ({"x": [["a", "b"]]}, None, "array 'x' must hold real numbers, got <U1"),
        ({"x": np.ones((0, 2))}, None, "must have a row, got none"),
        ({"x": np.ones((2, 0))}, None, "array 'x' must have a column"),
        ({"p": X, "q": X, "y": [1, 2]}, "y", r"must hold one matrix of features, best named x, got p \(2, 2\), q"),
        ({"x": np.ones((2, 3, 3))}, None, r"must hold one matrix of features, .* got x \(2, 3, 3\)"),
        ({"y": [1, 2]}, "y", "must hold one matrix of features"),
        ({"a": [1, 2], "b": [1]}, None, r"columns must have one length, got a \(2,\), b \(1,\)"),
        ({"a": [1, 2], "b": ["u", "v"]}, None, "array 'b' must hold real numbers, got <U1"),
        ({"a": [], "b": []}, None, "must have a row, got none"),
    ],
)
def test_read_npz_says_what_is_wrong(tmp_path, arrays, target, message):
    with pytest.raises(FormatError, match=message) as caught:
        read_npz(save(tmp_path, **arrays), target)
    assert str(caught.value).startswith(f"{tmp_path / 'table.npz'}: ")


def test_read_npz_refuses_columns_of_a_nameless_matrix(tmp_path):
    with pytest.raises(FormatError, match="must hold the columns a, got the matrix 'x' without names"):
        read_npz(save(tmp_path, x=X), None, columns=("a",))


def test_read_npz_refuses_a_regression_on_text(tmp_path):
    with pytest.raises(FormatError, match="array 'y', row 0 must hold a number, got 'u'"):
        read_npz(save(tmp_path, x=X, y=["u", "v"]), "y", task="regression")


INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i2", ">u4", ">i8"]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("k", [2, 100])
def test_labels_may_have_any_integer_type(tmp_path, dtype, k):
    y = (np.arange(2 * k) % k + 20).astype(dtype)
    np.savez(tmp_path / "t.npz", x=np.zeros((2 * k, 1)), y=y)
    data = read_npz(tmp_path / "t.npz", "y", task="classification")
    assert (data.y.dtype, data.y.tolist(), data.classes) == ("int64", [*range(k)] * 2, tuple(range(20, 20 + k)))
    assert all(type(label) is int for label in data.classes)
    assert stratified_split(y, 0.5).test.size == stratified_split(data.y, 0.5).test.size == k
    assert data.take(np.asarray([1, 0], dtype)).y.tolist() == [1, 0]


@pytest.mark.parametrize("dtype", ["u8", "i8"])
def test_labels_beyond_float64_stay_apart(tmp_path, dtype):
    y = np.asarray([2**53, 2**53 + 1, 2**63 - 1, 2**63 - 2], dtype)
    np.savez(tmp_path / "t.npz", x=np.zeros((4, 1)), y=y)
    assert read_npz(tmp_path / "t.npz", "y").classes == tuple(sorted(y.tolist()))


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(np.float64).max, reason="longdouble is float64 here")
def test_numbers_beyond_float64_are_refused(tmp_path):
    np.savez(tmp_path / "t.npz", x=np.asarray([[1], [np.longdouble("1e400")]]), y=[0, 1])
    with pytest.raises(FormatError, match="array 'x' must be finite, got inf in row 1"):
        read_npz(tmp_path / "t.npz", "y")
