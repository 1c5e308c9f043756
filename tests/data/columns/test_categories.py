"""One spelling for each category, whatever the file or the array that it comes from."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data.columns.cells import category

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
