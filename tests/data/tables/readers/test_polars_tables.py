"""Tables that polars reads, as numbers and as cells."""

from datetime import date

import pytest

from xpnet.data import FormatError, map_parquet, read_cells, read_table, table_of

polars = pytest.importorskip("polars", reason="polars is not installed")


@pytest.fixture
def write(tmp_path):
    def written(**columns):
        polars.DataFrame(columns).write_parquet(tmp_path / "t.parquet")
        return tmp_path / "t.parquet"

    return written


def test_numbers_and_booleans_become_float64_in_the_order_wanted(write):
    path = write(a=[1, 2], flag=[True, False], kind=["x", "y"])
    data = read_table(path, "kind", columns=("flag", "a"))
    assert (data.x.dtype, data.x.tolist()) == ("float64", [[1, 1], [0, 2]])
    assert (data.classes, data.y.tolist(), data.features) == (("x", "y"), [0, 1], ("flag", "a"))
    assert read_table(path, None, columns=("a",)).y is None


@pytest.mark.parametrize(
    ("labels", "classes"),
    [([2, 1], (1, 2)), ([True, False], (0, 1)), (["b", "a"], ("a", "b")), ([2.0, 1.0], (1, 2)), ([0.5, 1.5], None)],
)
def test_labels_are_those_of_the_same_table_as_text(write, labels, classes):
    path = write(a=[1, 2], y=labels)
    for read in (read_table, read_cells):
        assert read(path, "y").classes == classes


def test_single_precision_is_written_with_its_own_digits(write):
    path = write(a=polars.Series([0.1, 1e20], dtype=polars.Float32), kind=["x", "y"])
    assert read_cells(path, "kind").x.column("a").values.tolist() == [0.1, 1e20]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": ["x"]}, "row 0, column 'a' must be a finite number, got 'x': fill it in"),
        ({"a": [date(2020, 1, 1)]}, "column 'a' must hold numbers, got dates: leave it out"),
        ({"a": [None, 1.0], "y": ["p", "q"]}, "row 0, column 'a' must be a finite number, got ''"),
        ({"a": [0.5], "y": polars.Series([], dtype=polars.String)}, None),
        ({"a": [1.0, 2.0], "y": ["p", None]}, "row 1, column 'y' must hold a label"),
    ],
)
def test_what_is_no_number_is_named(write, columns, message):
    if message is None:
        path, message = (
            write(a=polars.Series([], dtype=polars.Float64), y=columns["y"]),
            "must have a row below the header, got none",
        )
    else:
        path = write(**{"y": ["p"], **columns})
    with pytest.raises(FormatError, match=message):
        read_table(path, "y")


@pytest.mark.parametrize("read", [read_table, read_cells])
def test_a_file_that_claims_too_many_cells_is_refused(tmp_path, read):
    frame = polars.select(polars.zeros(5_000_000, dtype=polars.Int8).alias("a"))
    frame.write_parquet(tmp_path / "t.parquet")
    with pytest.raises(FormatError, match=r"t\.parquet: must not claim to hold 5,000,000 cells in a file of"):
        read(tmp_path / "t.parquet", None)


def test_excel_is_read_like_text(tmp_path):
    pytest.importorskip("fastexcel", reason="fastexcel is not installed")
    book = pytest.importorskip("openpyxl", reason="openpyxl is not installed").Workbook()
    for row in (
        (None, "n", "flag", "when", "color", "kind"),
        (0, 1.5, True, date(2024, 1, 31), "red", "x"),
        (1, None, False, date(2024, 2, 1), None, "y"),
    ):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    data = read_cells(tmp_path / "t.xlsx", "kind", missing=True)
    expected = {"n": [1.5, None], "flag": [True, False], "when": ["2024-01-31", "2024-02-01"], "color": ["red", None]}
    assert data.x == table_of(expected)
    assert (data.classes, len(data.remarks)) == (("x", "y"), 1)
    (tmp_path / "t.xlsx").write_bytes(b"PK nothing")
    with pytest.raises(FormatError, match=r"t\.xlsx: must be a whole Excel file, got"):
        read_cells(tmp_path / "t.xlsx", "kind")


def test_types_of_polars_become_kinds(write):
    columns = {
        "decimal": polars.Series(["1.25", None]).cast(polars.Decimal(10, 2)),
        "small": polars.Series([1, None], dtype=polars.UInt8),
        "huge": polars.Series([2**63, 1], dtype=polars.UInt64),
        "enum": polars.Series(["a", None], dtype=polars.Enum(["b", "a"])),
        "zone": polars.Series([0, None]).cast(polars.Datetime("ns", "Europe/Berlin")),
        "empty": polars.Series([None, None], dtype=polars.Null),
        "list": polars.Series([[1, 2], None]),
        "time": polars.Series([None, 0]).cast(polars.Time),
    }
    found = read_cells(write(**columns), None, missing=True).x.columns
    assert [column.kind for column in found] == [
        "number", "number", "number", "category", "date", "number", "category", "category"
    ]  # fmt: skip
    assert [column.values[0] for column in found[:3]] == [1.25, 1, 2.0**63]
    assert [column.missing.tolist() for column in found[3:5]] == [[False, True]] * 2
    assert (str(found[4].values[0]), found[5].missing.all()) == ("1970-01-01T00:00:00.000000", True)


def test_a_panic_is_a_format_error(write, monkeypatch):
    def panic(self, *args, **kwargs):
        raise polars.exceptions.PanicException("called `unwrap()`\n  on a `None` value")

    path = write(a=[1.0], y=["p"])
    monkeypatch.setattr(polars.LazyFrame, "collect", panic)
    for read, target in ((read_table, "y"), (read_cells, "y"), (map_parquet, None)):
        with pytest.raises(
            FormatError, match=r"t\.parquet: .* Parquet file, got called `unwrap\(\)` on a `None` value"
        ):
            read(path, target, columns=("a",))


def test_json_that_is_nested_deeply_is_refused_before_polars_looks_for_its_type(tmp_path):
    path = tmp_path / "t.jsonl"
    deep = "[" * 100 + "]" * 100
    path.write_text('{"a": 1, "y": 0}\n{"a": ' + deep + ', "y": 1}\n')
    with pytest.raises(FormatError, match=r"t\.jsonl: line 2 must be an object of cells, got 64 and more inside it"):
        read_cells(path, "y")
    path.write_text('{"a": "' + "[" * 100 + '", "y": 0}\n{"a": "\\"' + "{" * 100 + '", "y": 1}\n')
    assert read_cells(path, "y").n == 2
