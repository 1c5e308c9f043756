"""Columns have one kind each; a table is sliced, selected and digested by column."""

from datetime import date

import numpy as np
import pytest

from xpnet.data.columns.building import column_of, table_of
from xpnet.data.columns.column import Column
from xpnet.data.columns.spelling import Reading, Spelling
from xpnet.data.columns.table import Table


@pytest.mark.parametrize(
    ("values", "kind", "dtype", "gaps"),
    [
        ([4, 2, None], "number", "int64", [0, 0, 1]),
        ([4, 2.5, None], "number", "float64", [0, 0, 1]),
        ([2**53 + 1, -3], "number", "int64", [0, 0]),
        ([2**64, 1], "number", "float64", [0, 0]),
        (np.asarray([1, 2**63], dtype="uint64"), "number", "float64", [0, 0]),
        (np.asarray([1.5, np.nan], dtype="float32"), "number", "float64", [0, 1]),
        ([True, None, False], "boolean", "bool", [0, 1, 0]),
        (["true", "", "FALSE"], "boolean", "bool", [0, 1, 0]),
        (["1", "NA", "3"], "number", "int64", [0, 1, 0]),
        (["1", "nan", "3e2"], "number", "int64", [0, 1, 0]),
        (["red", None, "blue"], "category", "int32", [0, 1, 0]),
        ([f"pet{i}" for i in range(30)], "text", "int32", [0] * 30),
        (np.asarray(["2024-01-31", "NaT"], dtype="datetime64[D]"), "date", "datetime64[us]", [0, 1]),
        (["", None], "number", "float64", [1, 1]),
        (np.ma.array([1, 2], mask=[0, 1]), "number", "int64", [0, 1]),
        (np.asarray([1.5, 2.5], dtype=">f4"), "number", "float64", [0, 0]),
        (np.asarray([1, 2], dtype=">i8"), "number", "int64", [0, 0]),
        (np.asarray(["1", "x"], dtype="S1"), "category", "int32", [0, 0]),
        ([], "number", "float64", []),
    ],
)
def test_the_kind_of_a_column_is_found(values, kind, dtype, gaps):
    column = column_of("c", values)
    assert (column.kind, column.values.dtype, column.missing.tolist()) == (kind, dtype, list(map(bool, gaps)))


def test_whole_numbers_are_kept_exactly():
    assert column_of("c", [str(2**53 + 1), "-7"]).values.tolist() == [2**53 + 1, -7]


def test_categories_are_codes_in_the_order_of_their_first_rows():
    column = column_of("c", ["b", "a", "", "b"])
    assert (column.distinct, column.values.tolist()) == (("b", "a"), [0, 1, -1, 0])


def test_a_known_kind_keeps_the_text_of_codes():
    column = column_of("zip", ["007", "7.0", "7"], Reading(kinds={"zip": "category"}))
    assert (column.distinct, column.values.tolist()) == (("007", "7"), [0, 1, 1])


def test_a_table_is_sliced_like_a_matrix():
    table = table_of({"a": [1, 2, 3], "b": ["x", None, "x"]})
    assert table[1:, ...] == table[[1, 2]] == table_of({"a": [2, 3], "b": np.asarray([None, "x"], dtype=object)})
    assert (table[:0].shape, len(table), table.ndim) == ((0, 2), 3, 2)
    with pytest.raises(TypeError, match="rows must be a slice, row numbers or a mask, got 1"):
        table[1]


def test_columns_are_selected_by_name():
    assert table_of({"a": [1], "b": [2]}).select(("b", "a")) == table_of([[2, 1]], ("b", "a"))


def test_a_digest_tells_tables_apart():
    tables = [
        {"a": [1]},
        {"b": [1]},
        {"a": [2]},
        {"a": [None]},
        {"a": ["x"]},
        {"a": ["y"]},
        {"a": [1.5]},
        {"a": [True]},
    ]
    assert len({table_of(each).digest() for each in tables}) == len(tables)
    assert table_of({"a": [1], "b": ["x"]}).digest() == table_of([[1, "x"]], ("a", "b")).digest()


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(ValueError, match=r"columns must be at least one and of one length, got the lengths \[1, 2\]"):
        table_of({"a": [1], "b": [1, 2]})
    with pytest.raises(ValueError, match="columns must have distinct names"):
        Table((column_of("a", [1]),) * 2)
    with pytest.raises(ValueError, match="values must be an array"):
        Column("a", "boolean", np.zeros(2), np.zeros(2, dtype=bool))
    with pytest.raises(TypeError, match="column 'c' must hold numbers or booleans, got the kind category"):
        column_of("c", ["red"]).numbers()


def test_dates_may_be_python_objects():
    assert column_of("c", [date(2024, 1, 31), None]).missing.tolist() == [False, True]


@pytest.mark.parametrize("spelling", [Spelling(), Spelling(",", ".", "€"), Spelling(order="dmy", words=("no", "yes"))])
def test_a_spelling_survives_json(spelling):
    assert Spelling.from_json(spelling.to_json()) == spelling
