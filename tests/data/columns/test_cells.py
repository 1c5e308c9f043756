import math

import pytest

from xpnet.data.columns.numbers import to_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("-7.0", -7), ("1e3", 1000), (".5", 0.5), (" 2 ", 2), ("9007199254740993", 9007199254740993)],
)
def test_to_number_reads_numbers(text, number):
    assert to_number(text) == number
    assert type(to_number(text)) is type(number)


@pytest.mark.parametrize("text", ["", "a", "1_000", "1,5", "0x10", "1 2", "nan"])
def test_to_number_is_none_for_text(text):
    assert to_number(text) is None


def test_to_number_reads_numbers_that_are_not_finite():
    assert to_number("-inf") == -math.inf
    assert to_number("1" * 5000) == math.inf
