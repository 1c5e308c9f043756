"""What one column holds, and whether it looks like an id."""

import numpy as np
import pytest

from xpnet.data.columns.building import column_of
from xpnet.data.columns.spelling import Reading
from xpnet.data.profiling.column_profile import ColumnProfile, profile_column


def profile(values, **kinds):
    return profile_column(column_of("c", values, Reading(kinds=kinds)))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([4, 2, None, 9], {"kind": "number", "missing": 1, "low": 2, "high": 9}),
        ([0.5, 2.25], {"kind": "number", "low": 0.5, "high": 2.25}),
        ([1.5, float("inf")], {"kind": "number", "low": 1.5, "high": "inf"}),
        ([7, 7, 7], {"kind": "number", "low": 7, "high": 7, "constant": True}),
        ([True, False, None], {"kind": "boolean", "missing": 1, "low": False, "high": True}),
        (["b", "a", "b", None], {"kind": "category", "missing": 1, "categories": 2, "commonest": "b"}),
        (["b", "b"], {"kind": "category", "categories": 1, "commonest": "b", "constant": True}),
        ([None, None], {"kind": "number", "missing": 2, "left_out": "it holds nothing"}),
        (
            np.asarray(["2024-02-01", "NaT", "2023-01-01T12:30"], dtype="datetime64[m]"),
            {"kind": "date", "missing": 1, "low": "2023-01-01T12:30:00", "high": "2024-02-01"},
        ),
    ],
)
def test_a_column_is_told_by_its_kind(values, told):
    assert profile(values) == ColumnProfile("c", **told)


def test_a_profile_is_plain_json():
    told = profile(np.asarray([1.5, 2.5], dtype="float32")).to_json()
    assert {type(value) for value in told.values()} <= {str, int, float, bool, type(None)}
    assert (told["low"], told["inputs"]) == (1.5, None)


@pytest.mark.parametrize(
    "values",
    [
        list(range(30)),
        [str(i) for i in range(30)],
        np.arange(30.0)[::-1],
        [7 * 10**6 + 2 * i for i in range(29, 0, -1)] + [7 * 10**6 + 1],
        [None, *range(100, 130)],
    ],
)
def test_numbers_that_count_the_rows_are_left_out(values):
    assert profile(values).left_out == "it numbers the rows, as an id does"


def test_nearly_unique_text_is_left_out():
    assert profile([f"pet{i}" for i in range(30)]).left_out == "nearly unique text, 30 texts in 30 rows"
    assert profile([f"pet{i}" for i in range(30)] + ["cat"] * 15).left_out is not None


def test_tickets_are_left_out_and_dates_in_doubt_are_not():
    tickets = [f"A/5 {i}" if i % 3 else str(1000 * i) for i in range(1, 40)]
    assert profile(tickets).left_out == "nearly unique text, 39 texts in 39 rows"
    dates = [f"{1 + i % 9}/{1 + i % 8}/20{10 + i % 13}" for i in range(40)]
    assert profile(dates).left_out is None
    assert profile([f"{1 + i % 8},{100 + i}" for i in range(40)]).left_out is None


@pytest.mark.parametrize(
    "values",
    [
        ["cat", "dog"] * 20,
        [f"breed{i % 25}" for i in range(100)],
        [f"pet{i}" for i in range(10)],
        [i / 7 for i in range(40)],
        [i * i for i in range(40)],
        [str(i % 30) for i in range(40)],
        list(range(19)),
        [True, False] * 20,
        [2.0**60, *range(30)],
        [-(2**62), *range(30), 2**62],
    ],
)
def test_other_columns_are_trained_on(values):
    assert profile(values).left_out is None
