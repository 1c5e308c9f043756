"""Columns of frames are typed alike, whatever library they come from, with narwhals and without."""

import datetime as dt
import sys
from decimal import Decimal

import numpy as np
import pytest

from xpnet.data.columns.building import column_of
from xpnet.data.frame_columns import frame_columns

VALUES = {
    "whole": [4, None, 2],
    "real": [0.5, None, 2.0],
    "flag": [True, None, False],
    "text": ["b", None, "a"],
    "day": [dt.date(2024, 1, 31), None, dt.date(2024, 2, 1)],
    "instant": [dt.datetime(2024, 1, 31, 5, 30), None, dt.datetime(2024, 2, 1)],
}


def pandas_frame(values):
    return pytest.importorskip("pandas", reason="pandas is not installed").DataFrame(values)


def pandas_nullable(values):
    return pandas_frame(values).convert_dtypes()


def polars_frame(values):
    return pytest.importorskip("polars", reason="polars is not installed").DataFrame(values)


def arrow_table(values):
    return pytest.importorskip("pyarrow", reason="pyarrow is not installed").table(values)


FRAMES = [pandas_frame, pandas_nullable, polars_frame, arrow_table]


@pytest.fixture(params=[True, False], ids=["narwhals", "without"])
def narwhals(request, monkeypatch):
    if request.param:
        pytest.importorskip("narwhals", reason="narwhals is not installed")
    else:
        monkeypatch.setitem(sys.modules, "narwhals.stable.v2", None)
    return request.param


@pytest.mark.parametrize("frame", FRAMES)
def test_every_library_gives_the_same_columns(frame, narwhals):
    dates = {name: np.asarray(VALUES[name], dtype="datetime64[us]") for name in ("day", "instant")}
    expected = {name: column_of(name, dates.get(name, values)) for name, values in VALUES.items()}
    found = frame_columns(frame(VALUES), list(VALUES))
    for column in found:
        wanted = expected[column.name]
        assert (column.kind, column.missing.tolist()) == (wanted.kind, [False, True, False])
        present = ~column.missing
        np.testing.assert_array_equal(column.values[present], wanted.values[present])
        assert column.distinct == wanted.distinct
    assert [column.name for column in frame_columns(frame(VALUES), ["text", "whole"])] == ["text", "whole"]


def test_decimals_are_numbers():
    values = {"price": [Decimal("1.50"), None]}
    for frame in (polars_frame, arrow_table, pandas_frame):
        (column,) = frame_columns(frame(values), ["price"])
        assert (column.kind, column.values[0], column.missing.tolist()) == ("number", 1.5, [False, True])


@pytest.mark.parametrize("values", [["b", None, "a"], ["3", None, "1"]])
def test_categories_stay_categories(values):
    pytest.importorskip("narwhals", reason="narwhals is not installed")
    polars, arrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    frames = [
        pandas_frame({"c": values}).astype("category"),
        pandas_frame({"c": [v and int(v, 36) for v in values]}).astype("category"),
        polars.DataFrame({"c": values}, schema={"c": polars.Categorical}),
        polars.DataFrame({"c": values}, schema={"c": polars.Enum(sorted(v for v in values if v))}),
        arrow.table({"c": arrow.array(values).dictionary_encode()}),
    ]
    for frame in frames:
        (column,) = frame_columns(frame, ["c"])
        assert (column.kind, column.missing.tolist(), len(column.distinct)) == ("category", [False, True, False], 2)


def test_what_is_no_number_no_date_and_no_text_is_refused():
    pytest.importorskip("narwhals", reason="narwhals is not installed")
    for values in ([[1], [2]], [dt.timedelta(1), None], [{"a": 1}, {"a": 2}], [b"a", b"b"]):
        for frame in (polars_frame, arrow_table):
            with pytest.raises(TypeError, match=r"column 'c' must hold numbers, booleans, .*, got .*"):
                frame_columns(frame({"c": values}), ["c"])
