"""Text tables in every spelling are the plain table, on both readers."""

import bz2
import gzip
import io
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xpnet.data import FormatError, Reading, load_ratings, read_cells, read_table, table_of
from xpnet.data.tables.delimited import polars_reader, standard_library
from xpnet.data.tables.delimited.reading import open_text

PLAIN = """n,price,share,flag,when,color,kind
1,1234.5,0.125,true,2024-01-31,red,a
-20,0.25,0.07,false,2023-12-01,NA,b
,99,1,true,2024-02-29,"blue, light",a
"""
SPELLED = {
    "semicolons and decimal commas": """n;price;share;flag;when;color;kind
1;1.234,5;12,5 %;Yes;31.1.2024;red;a
-20;0,25;7 %;no;1.12.2023;?;b
;99,0;100 %;YES;29.2.2024;"blue, light";a
""",
    "tabs, currencies and thousands": """n\tprice\tshare\tflag\twhen\tcolor\tkind
1\t$1,234.50\t12.5%\tT\t1/31/2024\tred\ta
-20\t$0.25\t7.0%\tf\t12/1/2023\tnull\tb
NaN\t$99.00\t100%\tt\t2/29/2024\tblue, light\ta
""",
    "blanks, blank lines and quotes": """ n , price,share,flag ,when,color,kind

1, 1234.5 ,0.125,TRUE,2024/01/31, red ,a
"-20",0.25,0.07,False,"2023/12/1","NA","b"

"",99.0,1.0,true,2024/2/29,"blue, light",a
""",
    "minus signs and other marks": """n,price,share,flag,when,color,kind
1.0,1'234.5,125‰,on,31-Jan-2024,red,a
\u221220,0.25,70‰,off,1-Dec-2023,None,b
null,99,1000‰,On,29-Feb-2024,"blue, light",a
""",
}


def plain():
    return table_of(
        {
            "n": [1, -20, None],
            "price": [1234.5, 0.25, 99],
            "share": [0.125, 0.07, 1],
            "flag": [True, False, True],
            "when": np.asarray(["2024-01-31", "2023-12-01", "2024-02-29"], dtype="datetime64[D]"),
            "color": ["red", None, "blue, light"],
        }
    )


@pytest.fixture
def write(tmp_path):
    def written(text, name="t.csv", encoding="utf-8"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return tmp_path / name

    return written


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("text", [PLAIN, *SPELLED.values()], ids=["plain", *SPELLED])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_spelling_gives_the_columns_of_the_plain_table(write, text, end):
    data = read_cells(write(text.replace("\n", end)), "kind", missing=True)
    assert data.x == plain()
    assert (data.y.tolist(), data.classes) == ([0, 1, 0], ("a", "b"))


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32", "latin-1", "cp1252"])
def test_every_encoding_gives_the_same_table(write, encoding):
    text, name = "größe,kind\n1,ä\n2,ö\n", None if encoding.startswith("utf") else encoding
    path = write(text, encoding=encoding) if encoding != "utf-16-be" else write("\ufeff" + text, encoding=encoding)
    data = read_cells(path, "kind", reading=Reading(encoding=name))
    assert (data.features, data.classes) == (("größe",), ("ä", "ö"))


def zipped(raw):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.csv", raw)
    return held.getvalue()


def zstd(raw):
    return pytest.importorskip("zstandard", reason="zstandard is not installed").compress(raw)


PACKED = {"t.csv.gz": gzip.compress, "t.csv.zip": zipped, "t.zip": zipped, "t.csv.zst": zstd}


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("name", PACKED)
def test_packed_files_are_unpacked(write, name):
    path = write(PACKED[name](PLAIN.encode()), name)
    data = read_cells(path, "kind", missing=True)
    assert (data.x, data.name) == (plain(), "t")
    with pytest.raises(FormatError, match=rf"{name}: line 3, column 'color' must not be missing, got 'NA'"):
        read_cells(path, "kind", columns=("flag", "color"))


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("damage", [lambda raw: raw[: len(raw) // 2], lambda raw: b"no archive at all"])
def test_damaged_archives_are_told(write, name, damage):
    path = write(damage(PACKED[name](PLAIN.encode() * 50)), name)
    with pytest.raises(FormatError, match=rf"{name}: must be a whole (gzip|zip|zstd) file, got"):
        read_cells(path, "kind")


def test_an_archive_that_claims_too_much_is_not_unpacked(write, monkeypatch):
    monkeypatch.setattr("xpnet.data.tables.delimited.contents.ALWAYS_INFLATED", 2**20)
    monkeypatch.setattr("xpnet.data.files.ALWAYS_INFLATED", 2**20)
    for name, pack in PACKED.items():
        with pytest.raises(FormatError, match="must not claim to hold"):
            read_cells(write(pack(b"a,b\n" + b"1,2\n" * 2**20), name), None)


def test_an_archive_of_two_files_is_told(write):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.csv", PLAIN)
        archive.writestr("b.csv", PLAIN)
    with pytest.raises(FormatError, match=r"t\.zip: must hold one file, got 2: unpack it"):
        read_cells(write(held.getvalue(), "t.zip"), "kind")
    with pytest.raises(FormatError, match=r"t\.csv\.bz2: the name must end in \.csv"):
        read_cells(write(bz2.compress(b"a"), "t.csv.bz2"), "kind")


@pytest.mark.usefixtures("reader")
def test_standard_input_is_a_table(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PLAIN.encode())))
    data = read_cells("-", "kind", missing=True)
    assert data.x == plain()
    assert data.x.place(1) == "line 3"


@pytest.mark.usefixtures("reader")
def test_markers_of_ones_own_are_gaps_in_every_kind(write):
    path = write("a,b,c,kind\n1,x,-999,p\n-,-,5,q\n2,none of it,7,-\n")
    reading = Reading(missing=("-", "-999", "none of it"))
    data = read_cells(path, "kind", missing=True, reading=reading, drop_missing_target=True)
    assert data.x.columns[0] == table_of({"a": [1, None]}).column("a")
    assert [column.missing.tolist() for column in data.x.columns] == [[False, True], [False, True], [True, False]]
    assert data.remarks == ("1 of 3 rows have no 'kind': they are left out",)
    assert [data.x.place(row) for row in range(2)] == ["line 2", "line 3"]
    with pytest.raises(FormatError, match="line 4, column 'kind' must hold a label, got '-', which means missing"):
        read_cells(path, "kind", missing=True, reading=reading)


@pytest.mark.usefixtures("reader")
def test_rows_without_a_target_are_dropped_with_their_places(write):
    data = read_cells(write("a,y\n1,p\n2,\n3,q\n,p\n"), "y", missing=True, drop_missing_target=True)
    assert (data.x.columns[0].missing.tolist(), data.y.tolist()) == ([False, False, True], [0, 1, 0])
    with pytest.raises(FormatError, match="line 5, column 'a' must not be missing"):
        read_cells(write("a,y\n1,p\n2,\n3,q\n,p\n"), "y", drop_missing_target=True)
    with pytest.raises(FormatError, match="column 'y' must hold a label, got none in 2 rows"):
        read_cells(write("a,y\n1,\n2,NA\n"), "y", drop_missing_target=True)


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("name", ["", "Unnamed: 0"])
def test_row_numbers_without_a_name_are_left_out(write, name):
    data = read_cells(write(f"{name},a,kind\n5,1,x\n2,3,y\n"), "kind")
    assert (data.features, data.remarks) == (
        ("a",),
        ("the first column has no name and numbers the rows, as pandas does: it is left out",),
    )
    for cells in ("5,1,x\n5,3,y\n", "b,1,x\nc,3,y\n", ",1,x\n2,3,y\n"):
        if name:
            assert read_cells(write(f"{name},a,kind\n{cells}"), "kind", missing=True).features == (name, "a")
        else:
            with pytest.raises(FormatError, match="every column must have a name, got none for column 1"):
                read_cells(write(f",a,kind\n{cells}"), "kind", missing=True)


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n1,2,3\n", "line 3 must have 2 cells as the header, got 3"),
        ("a,b\n1,2\n1\n", "line 3 must have 2 cells as the header, got 1"),
        ('a,b\n1,"x"y\n', "line 2 must be well-formed CSV"),
        ('a,b\n1,"x\n', "line 2 must be well-formed CSV"),
        (b"a,b\n1,\xff\n", "line 2 must be text in UTF-8, got the byte 0xff: save it as UTF-8, or name its encoding"),
        ("a,b\n1,2\n".encode("utf-16-le"), "line 1 must be text, got a null character: name its encoding"),
        ("a,b\n1,x\0y\n".encode("utf-16"), "line 2 must be text, got a null character: name its encoding"),
        ("a,b\n", "must have a row below the header, got none"),
        ("a,b\n1,\n", "line 2, column 'b' must not be missing, got ''"),
    ],
)
def test_errors_name_the_line(write, text, message):
    with pytest.raises(FormatError) as caught:
        read_cells(write(text), None)
    assert f"t.csv: {message}" in str(caught.value)


def test_an_encoding_that_nobody_knows_is_told(write):
    with pytest.raises(ValueError, match="encoding must be one that Python knows, got 'klingon'"):
        read_cells(write("a\n1\n"), None, reading=Reading(encoding="klingon"))
    with pytest.raises(FormatError, match=r"must be text in utf-16, got: .*: name its encoding"):
        read_cells(write(b"a\n1"), None, reading=Reading(encoding="utf-16"))


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,y\n1,x\ntwo,y\n", "line 3, column 'a' must hold numbers or text, got 'two' among numbers"),
        ('a,y\n"1,234",x\n999,y\n', "line 2, column 'a' must hold numbers that can be read in one way, got '1,234'"),
        ("a,y\n1/2/2024,x\n", "line 2, column 'a' must hold dates in an order that can be told, got '1/2/2024'"),
    ],
)
def test_a_doubt_names_the_line(write, text, message):
    (column,) = read_cells(write(text), "y").x.columns
    assert message in column.doubt.told("a")


@pytest.mark.usefixtures("reader")
def test_a_table_of_numbers_is_a_matrix(write):
    data = read_table(write("a,b,y\n1,$2.50,x\n-3,$1.00,y\n"), "y")
    assert (data.x.tolist(), data.x.dtype) == ([[1, 2.5], [-3, 1]], "float64")


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("kind", ["category", "text"])
def test_a_column_of_codes_keeps_them_in_a_table_of_numbers(write, kind):
    path = write("user,item,rating\n10,7,5\n2,7.0,4\n")
    data = read_cells(path, "rating", reading=Reading(kinds={"item": kind}))
    assert data.x.column("item").distinct == (("7",) if kind == "category" else ("7", "7.0"))
    assert load_ratings(path).user_ids.tolist() == [2, 10]


CELLS = st.sampled_from(
    ["1", "2.5", "-3", "", "a", " 7 ", "NA", "nan", "inf", "1e5", "+4", "01", '"1,5"', "yes", "no", '"x"', '"q""r"',
     '"l\nm"', '"', "true", "False", "2024-01-31", "1_0", "é", "１", "1.", "0x1", "\x1c5", "5\x85", "9007199254740993",
     "1e999", "?", "iNf", "\u00a07", "12345678901234567890", "-0", '""', "1 2", "12 %"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=3), max_size=5), end=st.sampled_from(["\n", "\r\n"]))
def test_both_readers_give_the_same_columns_or_polars_doubts(rows, end):
    pytest.importorskip("polars", reason="polars is not installed")
    header = ["a", "b", "c"][: max(map(len, rows), default=1)]
    text = (end.join(",".join(row) for row in [header, *rows]) + end).encode()
    fast = polars_reader.read_columns(text, ",", header, Reading())
    if fast is None:
        return
    slow = standard_library.TextColumns("t.csv", text, ",", len(header))
    numbers = standard_library.read_columns("t.csv", text, ",", len(header), Reading())
    for place, name in enumerate(header):
        for kind in (None, "category", "text", "target"):
            reading = Reading(kinds={name: kind} if kind else {})
            columns = [each.column(place, name, reading) for each in (fast, slow, *(() if kind else (numbers,)))]
            assert all(column == columns[0] for column in columns)
            assert len({(column.spelling, column.doubt, column.remark) for column in columns}) == 1


@pytest.mark.parametrize("size", [1, 5, 17])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n\n\n\n\n\n"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_pieces_of_a_text_fit_together(monkeypatch, size, end, quote):
    monkeypatch.setattr(standard_library, "PIECE", size)
    monkeypatch.setattr(standard_library, "CELLS_AT_ONCE", size)
    rows = [f"{quote}x{i}{quote},{i * i}" for i in range(20)]
    columns = standard_library.TextColumns("t.csv", (end.join(["a,b", *rows]) + end).encode(), ",", 2)
    assert columns.n == 20
    assert (columns.cells(0), columns.cells(1)) == ([f"x{i}" for i in range(20)], [str(i * i) for i in range(20)])
    with pytest.raises(FormatError, match=r"line \d+ must have 2 cells as the header, got 1"):
        standard_library.TextColumns("t.csv", (end.join(["a,b", *rows, "7"]) + end).encode(), ",", 2)


def test_whole_numbers_beyond_float64_are_exact(write):
    path = write("a,y\n9007199254740993,x\n-9007199254740993,y\n")
    assert read_cells(path, "y").x.column("a").values.tolist() == [2**53 + 1, -(2**53) - 1]


def test_polars_is_asked_and_its_errors_are_not_the_end(write, monkeypatch):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    path = write(PLAIN)
    assert isinstance(polars_reader.read_columns(path.read_bytes(), ",", PLAIN[:37].split(","), Reading()), object)

    def broken(*_, **__):
        raise polars.exceptions.PanicException("no way")

    monkeypatch.setattr(polars, "read_csv", broken)
    assert open_text(path).column("n", Reading()) == plain().column("n")
