"""The dialect of a text table, and its lines."""

import pytest

from xpnet.data import FormatError
from xpnet.data.tables.delimited.contents import read_utf8
from xpnet.data.tables.delimited.dialect import find_delimiter, records


@pytest.mark.parametrize(
    ("name", "header", "delimiter"),
    [
        ("t.csv", "a,b", ","),
        ("t.csv", "a;b;c", ";"),
        ("t.csv", 'a;"b, c, d"', ";"),
        ("t.csv", "a\tb\tc", "\t"),
        ("t.csv", "alone", ","),
        ("t.csv", '"a\n(mm)";b', ";"),
        ("t.csv", '"a\r\n(1,2)";b;c', ";"),
        ("t.csv", "a\u2028, x;b;c", ";"),
        ("t.csv", "a\x0b;b\x85", ";"),
        ("t.csv", '"a;b;c', ","),
        ("t.csv", "\n\na;b", ";"),
        ("t.csv", "", ","),
        ("t.TSV", "a,b,c", "\t"),
    ],
)
def test_find_delimiter_looks_at_the_name_and_the_header(name, header, delimiter):
    assert find_delimiter(name, (header + "\n1,2;3,4;5\n").encode()) == delimiter


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_records_numbers_lines_and_skips_blank_ones(end):
    assert list(records("t", f"a,b{end}{end}1,2".encode(), ",")) == [(1, ["a", "b"]), (3, ["1", "2"])]


@pytest.mark.parametrize("text", ['a\n"1', 'a\n"1"2'])
def test_records_refuses_broken_quotes(text):
    with pytest.raises(FormatError, match="t: line 2 must be well-formed CSV"):
        list(records("t", text.encode(), ","))


def test_read_utf8_names_the_line_that_is_not_utf8(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("größe\n1\nü".encode() + "\nü\n".encode("latin-1"))
    with pytest.raises(FormatError, match=r"t\.csv: line 4 must be text in UTF-8, got the byte 0xfc: save it as UTF-8"):
        read_utf8(path)


def test_read_utf8_drops_the_byte_order_mark(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("größe", encoding="utf-8-sig")
    assert read_utf8(path) == "größe".encode()
