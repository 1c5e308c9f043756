"""Tables kept as they are written."""

import pytest

from xpnet.data import FormatError, read_cells, table_of


@pytest.fixture
def write(tmp_path):
    def written(text, name="t.csv"):
        (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return tmp_path / name

    return written


def test_read_cells_keeps_text_and_finds_classes(write):
    table = read_cells(write('\ufefflegs,color,kind\n4, black ,cat\n2,"green, blue",parrot\n'), "kind")
    assert table.x == table_of({"legs": [4, 2], "color": ["black", "green, blue"]})
    assert (table.classes, table.y.tolist(), table.features) == (("cat", "parrot"), [0, 1], ("legs", "color"))


def test_columns_of_one_spelling_are_told_in_a_line(write):
    table = read_cells(write("a;b;c;d\n1,5;yes;2,5;no\n2,5;no;1,5;yes\n"), None)
    assert table.remarks == (
        "columns 'a', 'c' are read with a decimal comma",
        "columns 'b', 'd' are read with no and yes for false and true",
    )


def test_read_cells_picks_and_orders_columns(write):
    path = write("a,b,c\n1,2,3\n")
    assert read_cells(path, None, columns=("c", "a")).x == table_of({"c": [3], "a": [1]})
    assert read_cells(path, None).y is None


def test_read_cells_reads_a_regression(write):
    table = read_cells(write("a,price\nx,1.5\ny,2.5\n"), "price")
    assert (table.classes, table.y.tolist()) == (None, [1.5, 2.5])


def test_missing_cells_are_refused_unless_allowed(write):
    path = write("a,b,kind\n1,red,x\n2,?,y\n")
    with pytest.raises(FormatError, match=r"t.csv: line 3, column 'b' must not be missing, got '\?': fill it in"):
        read_cells(path, "kind")
    assert read_cells(path, "kind", missing=True).x.column("b").missing.tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must begin with a line of column names"),
        ("a,kind\n", "must have a row below the header, got none"),
        ("a,kind\n1,x,3\n", "line 2 must have 2 cells as the header, got 3"),
        ("a,kind\n1,\n", "must hold a label, got an empty cell"),
        ("a,a,kind\n1,2,x\n", "column names must differ"),
        (b"a,kind\n\xff\xfe,x\n", "t.csv"),
    ],
)
def test_read_cells_refuses_what_is_no_table(write, text, message):
    with pytest.raises(FormatError, match=message):
        read_cells(write(text), "kind")


def test_a_target_that_is_not_there_is_named(write):
    with pytest.raises(FormatError, match="target must be one of a, kind, got 'kin': did you mean 'kind'"):
        read_cells(write("a,kind\n1,x\n"), "kin")


def test_parquet_is_read_like_text(tmp_path):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    path = tmp_path / "t.parquet"
    polars.DataFrame({"n": [1.5, None], "flag": [True, False], "kind": ["x", "y"]}).write_parquet(path)
    table = read_cells(path, "kind", missing=True)
    assert table.x == table_of({"n": [1.5, None], "flag": [True, False]})
    with pytest.raises(FormatError, match="row 1, column 'n' must not be missing"):
        read_cells(path, "kind")
    path.write_bytes(b"PAR1 nothing")
    with pytest.raises(FormatError, match="must be a whole Parquet file"):
        read_cells(path, "kind")


@pytest.mark.parametrize(("name", "kind"), [("t.parquet", "Parquet"), ("t.arrow", "Arrow IPC"), ("t.feather", "Arrow")])
def test_without_polars_a_message_says_what_to_install(tmp_path, monkeypatch, name, kind):
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    (tmp_path / name).write_bytes(b"PAR1")
    with pytest.raises(ImportError, match=rf"{kind}.* files need polars; pip install 'xpnet\[tables\]'"):
        read_cells(tmp_path / name, "kind")
