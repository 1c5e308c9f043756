"""Tables that polars reads, as numbers and as cells."""

from datetime import date

import pytest

from xpnet.data import FormatError, map_parquet, read_cells, read_table

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
