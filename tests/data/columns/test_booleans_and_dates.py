"""Booleans and dates in every usual spelling."""

import numpy as np
import pytest

from xpnet.data import Reading, column_of
from xpnet.data.columns.spelling import Spelling


@pytest.mark.parametrize(
    ("no", "yes"),
    [("no", "yes"), ("No", "YES"), ("false", "TRUE"), ("f", "T"), ("n", "y"), ("off", "On"), ("nein", "ja"),
     ("否", "是"), ("0", "true")],
)  # fmt: skip
def test_booleans_are_read_in_every_spelling(no, yes):
    column = column_of("c", [yes, no, "", yes.upper()])
    assert (column.kind, column.values.tolist()) == ("boolean", [True, False, False, True])
    assert column.missing.tolist() == [False, False, True, False]
    assert column == column_of("c", [True, False, None, True])


@pytest.mark.parametrize(
    "cells", [["F", "M"], ["F", "F"], ["yes"], ["yes", "no", "maybe"], ["y", "true"], ["off", "t"]]
)
def test_other_words_are_categories(cells):
    assert column_of("c", cells).kind == "category"


def test_words_that_are_known_may_stand_alone():
    known = Reading(spellings={"c": Spelling(words=("no", "yes"))})
    assert column_of("c", ["yes", "yes"], known).values.tolist() == [True, True]


@pytest.mark.parametrize(
    ("cells", "dates"),
    [
        (["2024-01-31", "2023-12-01"], ["2024-01-31", "2023-12-01"]),
        (["2024/1/31", "2024/12/1"], ["2024-01-31", "2024-12-01"]),
        (["2024-01-31T10:30:15.25Z"], ["2024-01-31T10:30:15.25"]),
        (["2024-01-31 10:30", "2024-02-01"], ["2024-01-31T10:30", "2024-02-01"]),
        (["2024-01-31 10:30:00+02:00", "2024-01-31 00:30:00-0530"], ["2024-01-31T08:30", "2024-01-31T06:00"]),
        (["31.1.2024", "2.2.2024"], ["2024-01-31", "2024-02-02"]),
        (["1.2.2024"], ["2024-02-01"]),  # points mean the day first
        (["31/1/24", "1/2/70"], ["2024-01-31", "1970-02-01"]),
        (["1/31/2024 1:05 PM", "2/1/2024 12:00 AM"], ["2024-01-31T13:05", "2024-02-01"]),
        (["31-Jan-2024", "1-February-2024"], ["2024-01-31", "2024-02-01"]),
        (["Jan 31, 2024", "may 1, 2024"], ["2024-01-31", "2024-05-01"]),
        (["2024-01-31", "31.1.2024", "Jan 31, 2024"], ["2024-01-31"] * 3),
        (["2024-01-31T00:00:00.123456789"], ["2024-01-31T00:00:00.123456"]),
    ],
)
def test_dates_are_read_in_the_usual_orders(cells, dates):
    column = column_of("c", [*cells, "NA"])
    assert column.kind == "date"
    np.testing.assert_array_equal(column.values, np.asarray([*dates, "NaT"], dtype="datetime64[us]"))


@pytest.mark.parametrize(
    ("reading", "date"),
    [
        (Reading(dates="dmy"), "2024-02-01"),
        (Reading(dates="mdy"), "2024-01-02"),
        (Reading(spellings={"c": Spelling(order="mdy")}), "2024-01-02"),
    ],
)
def test_what_is_known_decides_the_order(reading, date):
    assert column_of("c", ["1/2/2024"], reading).values.tolist() == column_of("c", [date]).values.tolist()


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            ["1/2/2024", "3/4/2024"],
            "must hold dates in an order that can be told, got '1/2/2024': name the order of dates",
        ),
        (["31/1/2024", "1/31/2024"], "must hold dates in one order, got '31/1/2024' among others: repair it, or call"),
    ],
)
def test_an_order_that_cannot_be_told_is_doubtful(cells, words):
    column = column_of("c", cells)
    assert (column.kind, column.doubt.row) == ("category", 0)
    assert column.doubt.words.startswith(words)


@pytest.mark.parametrize(
    "text", ["2024-02-30", "2024-13-01", "0.0.2024", "2024-01/31", "12:30", "1/2/345", "2024-01-31 25:00", "1.25", "x"]
)
def test_other_text_is_no_date(text):
    assert column_of("c", [text, text]).kind in ("category", "number")
