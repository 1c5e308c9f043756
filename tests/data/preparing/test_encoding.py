"""Encodings: numbers standardized, categories one-hot, gaps filled or refused."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.data import Encoding, FormatError, Reading, read_cells, table_of

CELLS = np.asarray(
    [["4", "black", "1.5"], ["2", "green", "2.5"], ["", "black", "3.5"], ["6", "NA", "100"]], dtype=object
)
NAMES = ("legs", "color", "weight")


def test_numbers_are_standardized_and_categories_get_a_column_each():
    encoding = Encoding.fit(CELLS[:2], NAMES)
    assert encoding.names == ("legs", "color=black", "color=green", "weight")
    np.testing.assert_allclose(encoding.apply(CELLS[:2]), [[1, 1, 0, -1], [-1, 0, 1, 1]])


@pytest.mark.parametrize(("impute", "legs"), [("mean", 0.0), ("median", 0.0)])
def test_gaps_are_filled_with_the_middle_and_the_commonest(impute, legs):
    encoding = Encoding.fit(CELLS, NAMES, impute=impute)
    encoded = encoding.apply(CELLS, dtype="float64")
    assert encoded[2, 0] == pytest.approx(legs)
    assert encoded[3, 1:3].tolist() == [1.0, 0.0]


def test_the_median_is_not_moved_by_one_large_cell():
    x = np.asarray([["1"], ["2"], ["3"], ["1000"], [""]], dtype=object)
    (column,) = Encoding.fit(x, ("a",), impute="median").columns
    assert column.fill == 2.5


def test_a_category_never_seen_is_all_zeros():
    encoding = Encoding.fit(CELLS[:2], NAMES)
    row = np.asarray([["4", "purple", "1.5"]], dtype=object)
    assert encoding.apply(row)[0, 1:3].tolist() == [0.0, 0.0]


def test_codes_can_be_called_categorical():
    x = np.asarray([["8001"], ["3012"], ["8001"]], dtype=object)
    assert Encoding.fit(x, ("zip",), categorical=("zip",)).names == ("zip=3012", "zip=8001")


def test_numbers_may_come_as_numbers():
    x = np.asarray([[1.0, "a"], [3, "b"]], dtype=object)
    np.testing.assert_array_equal(Encoding.fit(x, ("n", "c")).apply(x), [[-1, 1, 0], [1, 0, 1]])


def test_a_constant_column_becomes_zero():
    x = np.asarray([["7"], ["7"]], dtype=object)
    assert Encoding.fit(x, ("a",)).apply(x).tolist() == [[0.0], [0.0]]


def test_an_encoding_survives_json_to_the_last_bit():
    encoding = Encoding.fit(CELLS, NAMES, impute="median")
    assert Encoding.from_json(json.loads(json.dumps(encoding.to_json()))) == encoding


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30).filter(lambda v: max(v) - min(v) > 1e-3))
def test_fitted_numbers_have_mean_zero_and_deviation_one(values):
    x = np.asarray([[repr(v)] for v in values], dtype=object)
    encoded = Encoding.fit(x, ("a",)).apply(x, dtype="float64")
    assert abs(encoded.mean()) < 1e-6
    assert encoded.std() == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize(
    ("cells", "arguments", "error", "message"),
    [
        ([["1"], ["two"]], {}, FormatError, "column 'a' must hold numbers or text, got 'two' among numbers"),
        ([[""], ["NA"]], {"impute": "mean"}, FormatError, "column 'a' must hold something in the training part"),
        ([["inf"], ["1"]], {}, FormatError, "column 'a' must hold finite numbers"),
        ([["1e308"], ["-1e308"]], {}, FormatError, "column 'a' must hold numbers whose squares can be summed"),
        ([[f"id{i}"] for i in range(1001)], {}, FormatError, "must have at most 1000 categories, got 1001: leave it"),
        ([["1"]], {"impute": "zero"}, ValueError, "impute must be one of mean, median, indicator, got 'zero'"),
        ([["1"]], {"categorical": ("b",)}, ValueError, "categorical must name columns of the table, got 'b'"),
    ],
)
def test_fit_refuses_what_makes_no_sense(cells, arguments, error, message):
    with pytest.raises(error, match=message):
        Encoding.fit(np.asarray(cells, dtype=object), ("a",), **arguments)


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        (["", "black", "1"], FormatError, "row 0, column 'legs' must not be missing, got a gap"),
        (["4", "?", "1"], FormatError, "row 0, column 'color' must not be missing, got a gap"),
        (["four", "black", "1"], FormatError, "row 0, column 'legs' must be a finite number, got 'four'"),
        (["4", "black"], ValueError, r"x must have shape \(m, 3\), got \(1, 2\)"),
    ],
)
def test_apply_refuses_cells_it_cannot_read(row, error, message):
    with pytest.raises(error, match=message):
        Encoding.fit(CELLS[:2], NAMES).apply(np.asarray([row], dtype=object))


@pytest.mark.parametrize("value", [None, {}, {"columns": [{"name": "a"}]}, {"columns": 3}])
def test_from_json_refuses_what_to_json_did_not_write(value):
    with pytest.raises(FormatError, match="encoding must be what to_json returned"):
        Encoding.from_json(value)


SPELLINGS = [["10", 10, 10.0, "10.0"], ["20", np.int8(20), np.float32(20), "2e1"], ["1", True, "true", 1.0]]


@pytest.mark.parametrize("fitted", range(4))
@pytest.mark.parametrize("applied", range(4))
def test_a_category_is_the_same_in_every_spelling(fitted, applied):
    x = np.asarray(SPELLINGS, dtype=object)
    encoding = Encoding.fit(x[:, fitted : fitted + 1], ("zip",), categorical=("zip",))
    assert encoding.names == ("zip=1", "zip=10", "zip=20")
    assert encoding.apply(x[:, applied : applied + 1]).tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "float32", "float64"])
def test_categories_may_come_in_any_number_type(dtype):
    x = np.asarray([[1], [2], [3]], dtype=dtype)
    assert Encoding.fit(x, ("a",), categorical=("a",)).apply(x.astype("int32")).tolist() == np.eye(3).tolist()


@pytest.mark.parametrize("cells", [["True", "FALSE"], [True, False], [np.True_, np.False_], ["1", "0"], [1, 0.0]])
def test_booleans_are_numbers_in_every_spelling(cells):
    encoding = Encoding.fit(np.asarray([[True], [False]]), ("flag",))
    x = np.asarray([[cell] for cell in cells], dtype=object)
    assert Encoding.fit(x, ("flag",)) == encoding
    assert encoding.apply(x).tolist() == [[1.0], [-1.0]]


def test_booleans_among_text_are_categories():
    x = np.asarray([["true"], ["false"], ["unknown"]], dtype=object)
    assert Encoding.fit(x, ("flag",)).names == ("flag=0", "flag=1", "flag=unknown")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["1.5", "2,5"], "row 1, column 'a' must write its numbers in one way, got '2,5' among others: .* categorical"),
        (
            ["1,234", "999"],
            "row 0, column 'a' must hold numbers that can be read in one way, got '1,234': name",
        ),
        (["1/2/2024", "3/4/2024"], "row 0, column 'a' must hold dates in an order that can be told"),
        (
            ["$1", "free"],
            "row 1, column 'a' must hold numbers or text, got 'free' among numbers: .*call the column categorical",
        ),
    ],
)
def test_columns_that_can_be_read_in_two_ways_are_refused(cells, message):
    x = np.asarray([[cell] for cell in cells], dtype=object)
    with pytest.raises(FormatError, match=message):
        Encoding.fit(x, ("a",))
    assert Encoding.fit(x, ("a",), categorical=("a",)).apply(x).sum() == 2


def test_new_text_is_read_as_that_of_the_training_rows():
    x = np.asarray([["1,5", "no", "31/1/2024", "-"], ["2,5", "yes", "1/1/2024", "7"]], dtype=object)
    encoding = Encoding.fit(x, ("a", "b", "c", "d"), impute="mean", missing=("-",))
    encoding = Encoding.from_json(json.loads(json.dumps(encoding.to_json())))
    plain = [["1.234", "true", "2024-02-01", ""]]
    new = [["1,234", "yes", "1/2/2024", "-"]]
    assert encoding.apply(np.asarray(new, dtype=object)).tolist() == encoding.apply(plain).tolist()
    known = encoding.reading.spellings
    assert (known["a"].decimal, known["b"].words, known["c"].order) == (",", ("no", "yes"), "dmy")


def test_dates_become_parts():
    x = np.asarray([["2024-01-31 12:00"], ["2023-01-30"], [""]], dtype=object)
    encoding = Encoding.fit(x, ("when",), impute="median")
    assert encoding.names == ("when.year", "when.month", "when.weekday", "when.hour", "when.days")
    (column,) = encoding.columns
    raw = encoding.apply(x, dtype="float64") * column.scale + column.mean
    np.testing.assert_allclose(raw[:2], [[2024, 1, 2, 12, 366.5], [2023, 1, 0, 0, 0]])
    assert raw[2, 4] == 366.5 / 2
    assert encoding.apply([["31.1.2024 12:00"]]).tolist() == encoding.apply(x[:1]).tolist()
    with pytest.raises(FormatError, match="row 0, column 'when' must be a date, got 'soon'"):
        encoding.apply([["soon"]])
    with pytest.raises(FormatError, match="row 0, column 'when' must not be missing, got a gap"):
        Encoding.fit(x[:2], ("when",)).apply(x[2:])


def test_encodings_of_older_files_are_read():
    old = {
        "kind": "encoding",
        "columns": [
            {"name": "a", "mean": 1.0, "scale": 2.0, "fill": None},
            {"name": "b", "categories": ["no", "yes"], "fill": None},
        ],
    }
    encoding = Encoding.from_json(old)
    assert encoding.apply([["3", "yes"]]).tolist() == [[1, 0, 1]]
    assert encoding.to_json() == old


def test_a_table_is_encoded_by_name_and_errors_name_its_places():
    encoding = Encoding.fit(CELLS[:2], NAMES)
    table = table_of(CELLS, NAMES)
    assert encoding.apply(table.select(NAMES[::-1])[:2]).tolist() == encoding.apply(CELLS[:2]).tolist()
    placed = replace(table, place=lambda row: f"line {row + 2}")
    with pytest.raises(FormatError, match="line 4, column 'legs' must not be missing, got a gap"):
        encoding.apply(placed[1:])
    with pytest.raises(ValueError, match="x must have the columns color, weight, got legs"):
        encoding.apply(table.select(("legs",)))


@pytest.mark.parametrize("cells", [[0.3, 0.1 + 0.2], [1e9, np.nextafter(1e9, 2e9)], ["0.3", "0.30000000000000004"]])
def test_a_column_constant_but_for_rounding_is_not_blown_up(cells):
    x = np.asarray([[cell] for cell in cells], dtype=object)
    assert Encoding.fit(x, ("a",)).columns[0].scale == 1.0


@pytest.mark.parametrize("cells", [[1e308, 1e308, 1e308], [10**400, 1], ["1" * 400, "2"]])
def test_numbers_too_large_to_sum_are_refused(cells):
    x = np.asarray([[cell] for cell in cells], dtype=object)
    with pytest.raises(FormatError, match=r"column 'a' must hold (numbers whose|finite numbers)"):
        Encoding.fit(x, ("a",))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_are_encoded_by_name(library):
    frame = pytest.importorskip(library, reason=f"{library} is not installed").DataFrame
    x = frame({"n": [1.0, 3.0], "flag": [True, False], "color": ["red", None]})
    encoding = Encoding.fit(x, ("n", "flag", "color"), impute="mean")
    assert encoding.features == ("n", "flag", "color")
    new = frame({"more": [0], "color": ["red"], "flag": [True], "n": [1]})
    assert encoding.apply(new).tolist() == encoding.apply([["1", "true", "red"]]).tolist()
    with pytest.raises(ValueError, match="x must have the columns n, got flag, color"):
        encoding.apply(frame({"flag": [True], "color": ["red"]}))


def test_masked_cells_are_refused_by_name():
    x = np.ma.array([[1.0], [2.0]], mask=[[0], [1]])
    with pytest.raises(ValueError, match="x must not have masked entries, got 1"):
        Encoding.fit(x, ("a",))
    with pytest.raises(ValueError, match="x must not have masked entries, got 1"):
        Encoding.fit(x.data, ("a",)).apply(x)


COLUMNS = {
    "zip": ["007", "12", "7", "12"],
    "size": [1.5, None, 2.0, 4.25],
    "count": [3, 1, 2, 2],
    "sold": [True, False, True, None],
    "when": ["2024-01-31", "2023-05-01", None, "2024-02-29"],
    "color": ["red", None, "blue", "red"],
}


def written(tmp_path, kind):
    """Return COLUMNS in this form, in another order and with a column more."""
    data = {"more": [0, 1, 2, 3], **{name: COLUMNS[name] for name in reversed(COLUMNS)}}
    typed = {**data, "when": [None if day is None else date.fromisoformat(day) for day in data["when"]]}
    if kind == "table":
        return table_of(typed, reading=Reading(kinds={"zip": "category"}))
    if kind == "pandas":
        frame = pytest.importorskip("pandas", reason="pandas is not installed").DataFrame(data)
        return frame.astype({"sold": "boolean", "when": "datetime64[ns]", "color": "category"})
    if kind == "pyarrow":
        return pytest.importorskip("pyarrow", reason="pyarrow is not installed").table(typed)
    frame = pytest.importorskip("polars", reason="polars is not installed").DataFrame(typed)
    if kind == "polars":
        return frame
    path = tmp_path / f"t.{kind}"
    writers = {"csv": frame.write_csv, "parquet": frame.write_parquet, "arrow": frame.write_ipc}
    writers.get(kind, frame.write_ndjson)(path)
    return path


FORMS = ("table", "pandas", "pyarrow", "polars", "csv", "parquet", "arrow", "jsonl")


@pytest.mark.parametrize("form", FORMS)
def test_a_table_is_the_same_in_every_form_whatever_the_order_of_its_columns(tmp_path, form):
    expected = Encoding.fit(table_of(COLUMNS, reading=Reading(kinds={"zip": "category"})), COLUMNS, impute="mean",
                            categorical=("zip",))  # fmt: skip
    rows = expected.apply(table_of(COLUMNS, reading=expected.reading))
    x = written(tmp_path, form)
    fitted = x if form in FORMS[:4] else read_cells(x, None, missing=True, reading=Reading(kinds={"zip": "category"})).x
    encoding = Encoding.fit(fitted, COLUMNS, impute="mean", categorical=("zip",))
    assert encoding.names == expected.names
    np.testing.assert_array_equal(encoding.apply(fitted), rows)
    new = x if form in FORMS[:4] else read_cells(x, None, missing=True, reading=expected.reading).x
    np.testing.assert_array_equal(expected.apply(new), rows)


NUMBER = {"name": "a", "mean": 0.0, "scale": 1.0, "fill": None}
CATEGORY = {"name": "a", "categories": ["x"], "fill": None}
DATE = {"name": "a", "first": "2024-01-01", "mean": [0.0] * 5, "scale": [1.0] * 5, "fill": None}


@pytest.mark.parametrize(
    ("column", "change"),
    [
        *((column, {"name": 3}) for column in (NUMBER, CATEGORY, DATE)),
        *((column, {"missing": 1}) for column in (NUMBER, CATEGORY, DATE)),
        *((column, {"fill": []}) for column in (NUMBER, CATEGORY, DATE)),
        *((NUMBER, {"mean": value}) for value in (None, "0", {}, True, float("nan"), 10**400)),
        *((NUMBER, {"scale": value}) for value in (0.0, -1.0, [1.0])),
        *((NUMBER, {"range": value}) for value in ([0.0], [0.0, None], 3)),
        *((NUMBER, {"edges": value}) for value in ([0, 1, 10**400], [0.0, 1.0, float("inf")])),
        *((NUMBER, {"spelling": value}) for value in ({"decimal": 3}, {"order": "ydm"}, {"words": ["a"]}, [])),
        *((CATEGORY, {"categories": value}) for value in ([1], ["x", "x"], "x", {"x": 1}, [["x"]])),
        *((CATEGORY, {"rare": value}) for value in ([None], "y")),
        *((DATE, {"first": value}) for value in ("", "NaT", "yesterday", 3)),
        *((DATE, {"mean": value}) for value in ([0.0] * 4, 0.0, [None] * 5)),
        *((DATE, {"last": value}) for value in ("x", 3)),
    ],
)
def test_a_column_without_sense_is_refused_when_it_is_read(column, change):
    Encoding.from_json({"kind": "encoding", "columns": [column]})
    with pytest.raises(FormatError):
        Encoding.from_json({"kind": "encoding", "columns": [column | change]})


def test_two_columns_of_one_name_are_refused_when_they_are_read():
    with pytest.raises(FormatError, match="encoding must have columns of different names, got a, a"):
        Encoding.from_json({"kind": "encoding", "columns": [NUMBER, CATEGORY]})
