"""One spelling for each category, and numbers that are told when they are not read."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data.columns.spellings import category, foreign_number, is_boolean, is_date, number_of

SAME = [
    (
        "10",
        [10, 10.0, "10", "10.0", " 10 ", "1e1", "1.0E+01", np.int8(10), np.uint64(10), np.float16(10), np.float32(10)],
    ),
    ("1", [True, "True", "true", "TRUE", 1, "1", "1.0", np.True_, b"1"]),
    ("0", [False, "False", 0, -0.0, "0.00", "-0"]),
    ("0.1", [0.1, "0.1", "0.10", np.float32(0.1), Decimal("0.10"), "1e-1"]),
    ("10000000000000000", [1e16, 10**16, "1e16", "1e+16", np.float32(1e16)]),
    ("-2.5", [-2.5, "-2.50", np.float16(-2.5)]),
    ("2024-01-31", [date(2024, 1, 31), "2024-01-31", np.datetime64("2024-01-31")]),
    (str(2**53 + 1), [2**53 + 1, str(2**53 + 1), np.int64(2**53 + 1)]),
]


@pytest.mark.parametrize(("spelling", "cells"), SAME)
def test_a_category_has_one_spelling(spelling, cells):
    assert {category(cell) for cell in cells} == {spelling}


def test_different_categories_stay_different():
    cells = ["007", "7", "07", "7a", "+7", "1.2.3", "1e", "true story", "yes", "Yes", "1,0", "1_0", str(2**53), "e5"]
    assert len({category(cell) for cell in cells}) == len(cells)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.text())
def test_a_spelling_is_its_own_spelling(cell):
    assert category(category(cell)) == category(cell)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_and_its_text_are_one_category(number):
    assert category(number) == category(repr(number))
    assert float(category(number)) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (np.True_, 1), ("FALSE", 0), (np.uint8(7), 7), (np.float16(0.5), 0.5), (" 1e3 ", 1000),
        (10**400, np.inf), (-(10**400), -np.inf), ("1_000", None), (None, None), (date(2024, 1, 1), None), (1j, None),
    ],
)  # fmt: skip
def test_number_of_reads_numbers_and_booleans(cell, number):
    assert number_of(cell) == number
    assert number is None or type(number_of(cell)) is float


FOREIGN = {
    "a decimal comma": ["1,25", "-0,5", ",5", "1,5e3", "1234,5", "0,125"],
    "a comma": ["20,345", "(1,234)"],
    "thousands separators": ["1,234,567", "1,234.5", "1.234,5", "1.234.567", "1 234,5", "1\u202f234\u00a0567", "1'000",
                             "1_000", "1 000"],
    "a percent sign": ["50%", "12.5 %", "12,5 %", "-3‰"],
    "a currency": ["$5", "€ 1.234,50", "5 €", "USD 5", "1,000.00 CHF", "-£3", "¥1000"],
    "a minus sign that is no hyphen": ["\u22125"],
}  # fmt: skip


@pytest.mark.parametrize(("spelling", "text"), [(key, text) for key, texts in FOREIGN.items() for text in texts])
def test_a_number_in_another_spelling_is_told(spelling, text):
    assert foreign_number(text) == spelling


@pytest.mark.parametrize(
    "text",
    ["", "1.25", "-1e5", "red", "a,b", "5 kg", "1,2,3", "1,23,456", "$", "%", ",", "12/5", "2024-01-31", "1.2.24",
     "10-20", "7+", "A1", "inf", "007"],
)  # fmt: skip
def test_other_text_is_no_number(text):
    assert foreign_number(text) is None


@given(st.text())
def test_any_text_may_be_asked(text):
    foreign_number(text), is_date(text), is_boolean(text), category(text), number_of(text)


@pytest.mark.parametrize("text", ["2024-01-31", "31.1.2024", "1/31/24", "2024-01-31T10:00:00Z", "2024/1/3 10:00"])
def test_dates_are_known(text):
    assert is_date(text)


@pytest.mark.parametrize("text", ["20240131", "1.25", "1-2", "2024-01/31", "12:30", "1/2/345"])
def test_other_text_is_no_date(text):
    assert not is_date(text)
