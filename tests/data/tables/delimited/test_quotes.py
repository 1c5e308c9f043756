"""Quotes are proper, or there is a doubt; delimiters are counted outside of them, whatever the pieces."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data.tables.delimited import quotes
from xpnet.data.tables.delimited.quotes import outside_quotes


@pytest.mark.parametrize("piece", [1, 2, 3, 100])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'"a,b",c\r\n"d ""e"", f"\n', 1),
        (b'"",""\n"""",""""""', 2),
        (b'"a\nb,",1', 1),
        (b'a"b,c', None),
        (b'a""b,c', None),
        (b' "a",b', None),
        (b'"a" ,b', None),
        (b'"a,b', None),
        (b'"', None),
        (b'""a",b', None),
    ],
)
def test_proper_quotes_are_told_from_others(monkeypatch, piece, text, found):
    monkeypatch.setattr(quotes, "PIECE", piece)
    assert outside_quotes(text, ",") == found


@given(st.lists(st.lists(st.text('a",\n '), min_size=2, max_size=4), min_size=1))
def test_what_the_csv_module_writes_is_proper(rows):
    held = io.StringIO()
    csv.writer(held, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    assert outside_quotes(held.getvalue().encode(), ",") == sum(len(row) - 1 for row in rows)
