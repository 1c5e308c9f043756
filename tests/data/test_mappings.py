"""Rows as mappings of Python: columns by name, one row, or a list of rows."""

from datetime import date

import numpy as np
import pytest

from xpnet.data import Encoding
from xpnet.data.tables.frames import take_features

COLUMNS = {
    "n": [1.0, 3.0, 2.0],
    "t": ["x", "y", "x"],
    "b": [True, False, True],
    "d": [date(2024, 1, 31), date(2024, 3, 2), date(2023, 1, 1)],
}
ENCODING = Encoding.fit(COLUMNS, impute="indicator", bins=2)
ROWS = [dict(zip(COLUMNS, cells, strict=True)) for cells in zip(*COLUMNS.values(), strict=True)]


def test_columns_rows_and_one_row_are_encoded_alike():
    expected = ENCODING.apply(COLUMNS)
    np.testing.assert_array_equal(ENCODING.apply(ROWS), expected)
    np.testing.assert_array_equal(ENCODING.apply(tuple(ROWS)), expected)
    for row, inputs in zip(ROWS, expected, strict=True):
        np.testing.assert_array_equal(ENCODING.apply({"more": [1, 2], **dict(reversed(row.items()))}), [inputs])


@pytest.mark.parametrize("number", [3, np.float32(3), np.asarray(3.0), "3", " 3.0 "])
def test_a_cell_may_be_any_scalar(number):
    np.testing.assert_array_equal(ENCODING.apply({**ROWS[1], "n": number}), ENCODING.apply(ROWS[1:2]))


@pytest.mark.parametrize("gap", [None, float("nan"), "", "NA", np.datetime64("NaT", "us")])
@pytest.mark.parametrize("name", ["n", "t", "d"])
def test_a_cell_may_be_a_gap(name, gap):
    assert np.isfinite(ENCODING.apply({**ROWS[0], name: gap})).all()


@pytest.mark.parametrize(
    "x", [{"b": 2, "a": 1.0, "c": "no"}, {"a": [1.0], "b": np.asarray([2.0])}, [{"a": np.float32(1), "b": 2}]]
)
def test_models_of_numbers_take_mappings_too(x):
    np.testing.assert_array_equal(take_features("x", x, ("a", "b")), [[1.0, 2.0]])


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ({"a": 1.0}, ValueError, "x must have the columns b, got a"),
        ([{"a": 1, "b": 2}, {"b": 3}], ValueError, "x must have the columns a in row 1, got b"),
        ({"a": 1.0, "b": [2.0]}, ValueError, "one cell in every column of a row, got a list in 'b'"),
        ([{"a": 1, "b": np.ones(1)}], ValueError, "one cell in every column of a row, got a ndarray in 'b' of row 0"),
        ([{"a": 1, "b": 2}, [3, 4]], TypeError, "x must hold a mapping for each row, got list in row 1"),
        ({"a": [1.0, 2.0], "b": [1.0]}, ValueError, "one length"),
        ({"a": np.ma.array([1.0], mask=[1]), "b": [1.0]}, ValueError, "x must not have masked entries, got 1"),
    ],
)
def test_mappings_that_are_no_rows_are_refused(x, error, message):
    with pytest.raises(error, match=message):
        Encoding.fit([[1.0, 2.0], [2.0, 3.0]], ("a", "b")).apply(x)
    with pytest.raises(error, match=message):
        take_features("x", x, ("a", "b"))


def test_a_model_without_names_takes_no_mapping():
    with pytest.raises(TypeError, match="the model knows no names of columns, got a mapping"):
        take_features("x", {"a": 1.0}, None)
