"""Numbers in another spelling are read, the whole column at once, or told when they cannot be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data import Reading, column_of
from xpnet.data.columns.spelling import Spelling
from xpnet.data.columns.texts import retyped


@pytest.mark.parametrize(
    ("cells", "numbers", "told"),
    [
        (["1,25", "-0,5", ",5"], [1.25, -0.5, 0.5], "a decimal comma"),
        (["1,5e3", "2,0"], [1500, 2], "a decimal comma"),
        (["1,234", "1234,5"], [1.234, 1234.5], "a decimal comma"),
        (["0,125", "1,234"], [0.125, 1.234], "a decimal comma"),
        (["-0,125", "12,234"], [-0.125, 12.234], "a decimal comma"),
        (["1,234,567", "999"], [1234567, 999], "thousands separated by ','"),
        (["1,234.5", "1,234"], [1234.5, 1234], "thousands separated by ','"),
        (["1.234,5", "1.234"], [1234.5, 1234], "a decimal comma, thousands separated by '.'"),
        (["1.234.567", "1.234"], [1234567, 1234], "thousands separated by '.'"),
        (["1 234,5", "7"], [1234.5, 7], "a decimal comma, thousands separated by ' '"),
        (["1\u202f234\u00a0567", "7"], [1234567, 7], "thousands separated by ' '"),
        (["1'000", "20"], [1000, 20], "thousands separated by '''"),
        (["1_000", "20"], [1000, 20], "thousands separated by '_'"),
        (["50%", "12.3 %"], [0.5, 0.123], "the unit %"),
        (["12,5 %", "7 %"], [0.125, 0.07], "a decimal comma, the unit %"),
        (["-3‰", "7‰"], [-0.003, 0.007], "the unit ‰"),
        (["$5", "-$3", "$-2.5", "7"], [5, -3, -2.5, 7], "the unit $"),
        (["€ 1.234,50", "5,00 €"], [1234.5, 5], "a decimal comma, thousands separated by '.', the unit €"),
        (["USD 5", "1,000.00 USD"], [5, 1000], "thousands separated by ',', the unit USD"),
        (["($1,234.50)", "$7"], [-1234.5, 7], "thousands separated by ',', the unit $"),
        (["12 kr", "1 200 kr"], [12, 1200], "thousands separated by ' ', the unit kr"),
        (["\u22125", "7"], [-5, 7], ""),
        (["\u20135.5", "7"], [-5.5, 7], ""),
    ],
)
def test_numbers_in_another_spelling_are_read_and_told(cells, numbers, told):
    column = column_of("c", [*cells, "", "NA"])
    assert (column.kind, column.doubt) == ("number", None)
    np.testing.assert_array_equal(column.numbers(), [*numbers, np.nan, np.nan])
    assert column.spelling.told == told
    assert column == column_of("c", [*map(repr, map(float, numbers)), "", "NA"])


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["1,234", "999"], "must hold numbers that can be read in one way, got '1,234': name the decimal character"),
        (["1.234 €", "5 €"], "must hold numbers that can be read in one way, got '1.234 €': name the decimal char"),
        (
            ["1.5", "2,5"],
            "must write its numbers in one way, got '2,5' among others: repair it, or call the column cat",
        ),
        (["1,234.5", "1.234,5"], "must write its numbers in one way"),
        (["$5", "€5"], "must hold numbers of one unit, got '$5' and '€5': repair it, or call the column categorical"),
        (["5", "5 %"], "must hold numbers of one unit, got '5' and '5 %'"),
        (["$1", "free"], "must hold numbers or text, got 'free' among numbers: call it missing, repair it, or call"),
        (["1,5", "n.b."], "must hold numbers or text, got 'n.b.' among numbers"),
        (["1", "2", "two"], "must hold numbers or text, got 'two' among numbers"),
        (["true", "0.5"], "must hold numbers or text, got 'true' among numbers"),
    ],
)
def test_a_column_that_is_neither_is_doubtful_with_its_row(cells, words):
    column = column_of("c", ["NA", *cells])
    assert column.kind == "category"
    assert column.doubt.words.startswith(words)
    assert ["NA", *cells][column.doubt.row] in column.doubt.words


@pytest.mark.parametrize(
    ("cells", "reading", "numbers"),
    [
        (["1,234", "999"], Reading(decimal=","), [1.234, 999]),
        (["1,234", "999"], Reading(decimal="."), [1234, 999]),
        (["1.234 €"], Reading(decimal=","), [1234]),
        (["1,234"], Reading(spellings={"c": Spelling(decimal=",")}), [1.234]),
        (["1,234"], Reading(spellings={"c": Spelling(thousands=",")}), [1234]),
        (["1,234"], Reading(decimal=".", spellings={"c": Spelling(decimal=",")}), [1234]),
        (["1,5"], Reading(decimal="."), [1.5]),  # it can be read in one way only
    ],
)
def test_what_is_known_decides_where_both_ways_are_possible(cells, reading, numbers):
    assert column_of("c", cells, reading).numbers().tolist() == numbers


@pytest.mark.parametrize(
    "text",
    ["red", "a,b", "5 kg", "1,2,3", "1,23,456", "$", "%", ",", "12/5", "1.2.24", "10-20", "7+", "A1", "555 1234",
     "(-5)", "-(5)", "- -5", "1e5 %", "$5%", "1,", "5\n6"],
)  # fmt: skip
def test_other_text_is_no_number(text):
    column = column_of("c", [text, "x"])
    assert (column.kind, column.doubt) == ("category", None)


@given(st.lists(st.text(), min_size=1))
def test_any_text_may_be_asked(cells):
    column = column_of("c", cells)
    retyped(column, Reading())
    assert len(column) == len(cells)


@given(
    st.lists(st.decimals(-(10**9), 10**9, places=2, allow_nan=False), min_size=1),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'")]),
)
def test_a_column_in_any_convention_is_the_plain_one(numbers, convention):
    decimal, thousands = convention
    plain = [f"{number:.2f}" for number in numbers]
    cells = [f"{number:,.2f}".replace(",", "t").replace(".", decimal).replace("t", thousands) for number in numbers]
    assert column_of("c", cells) == column_of("c", plain)
