"""Frames of pandas and polars by name, masked arrays refused, subclasses plain."""

import numpy as np
import pytest

from xpnet.data.tables.frames import as_plain, feature_names, take_features

COLUMNS = {"a": [1.0, 2.0], "b": [3.0, 4.0], "flag": [True, False], "kind": ["x", None]}


@pytest.fixture(params=["pandas.DataFrame", "polars.DataFrame", "pyarrow.table"])
def frame(request):
    """A function that makes a frame of the library of some columns."""
    library, kind = request.param.split(".")
    make = getattr(pytest.importorskip(library, reason=f"{library} is not installed"), kind)
    return lambda *names: make({name: COLUMNS[name] for name in names})


def test_columns_are_taken_by_name_whatever_their_order(frame):
    x = take_features("x", frame("kind", "b", "flag", "a"), ("a", "b"))
    assert (type(x), x.dtype, x.tolist()) == (np.ndarray, "float64", [[1, 3], [2, 4]])
    assert take_features("x", frame("flag", "a"), ("a", "flag")).tolist() == [[1, 1], [2, 0]]


def test_cells_stay_what_they_are(frame):
    x = take_features("x", frame("a", "kind"), ("kind", "a"))
    assert (x.dtype, x[0].tolist(), x[1, 1]) == (object, ["x", 1.0], 2.0)
    assert x[1, 0] is None or x[1, 0] != x[1, 0]


def test_missing_columns_are_named(frame):
    with pytest.raises(ValueError, match=r"validation: x must have the columns c, d, got a, b"):
        take_features("validation: x", frame("a", "b"), ("c", "a", "d"))


def test_without_names_a_frame_is_taken_by_position(frame):
    assert take_features("x", frame("b", "a"), None).tolist() == [[3, 1], [4, 2]]
    assert feature_names(frame("b", "a")) == ("b", "a")


def test_numbered_columns_are_no_names():
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    x = pandas.DataFrame([[1, 2], [3, 4]])
    assert feature_names(x) is None
    assert take_features("x", x, ("a", "b")).tolist() == [[1, 2], [3, 4]]


def test_a_name_that_comes_twice_is_refused():
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    x = pandas.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    with pytest.raises(ValueError, match="x must have each column once, got a more than once"):
        take_features("x", x, ("a", "b"))
    assert take_features("x", x, ("b",)).tolist() == [[2]]


def test_nullable_numbers_are_numbers():
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    x = pandas.DataFrame({"a": pandas.array([1, 2], dtype="Int64"), "b": pandas.Categorical(["u", "v"])})
    assert take_features("x", x, ("a",)).dtype.kind in "if"
    assert take_features("x", x, ("b", "a")).tolist() == [["u", 1], ["v", 2]]


@pytest.mark.parametrize("x", [[[1.0]], np.zeros((1, 1)), None, "text", (1, 2)])
def test_what_has_no_names_is_returned_as_it_is(x):
    assert feature_names(x) is None
    assert take_features("x", x, ("a", "b")) is x


def test_a_mapped_array_stays_mapped(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((2, 2)))
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert as_plain("x", x) is x


class Own(np.ndarray):
    """A subclass that counts differently."""

    def sum(self, *args, **kwargs):
        raise AssertionError


@pytest.mark.parametrize("kind", [np.matrix, np.recarray, Own])
def test_other_subclasses_become_plain(kind):
    x = np.ones((2, 2)).view(kind)
    plain = as_plain("x", x)
    assert type(plain) is np.ndarray
    assert np.shares_memory(plain, x)


@pytest.mark.parametrize("mask", [True, [[True, False]], [[False, True]]])
def test_masked_entries_are_refused_by_name(mask):
    x = np.ma.array([[1.0, 2.0]], mask=mask)
    for given in (x, [x[0]]):
        with pytest.raises(ValueError, match=f"weights must not have masked entries, got {x.mask.sum()}"):
            as_plain("weights", given)
    plain = as_plain("x", np.ma.array([[1.0, 2.0]], mask=False))
    assert (type(plain), plain.tolist()) == (np.ndarray, [[1.0, 2.0]])
