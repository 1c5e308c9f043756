"""Frames give the data sets that their files give, and train and predict the same."""

import numpy as np
import pytest

from xpnet import Network, load, save, train
from xpnet.data import Encoding, from_frame, read_cells
from xpnet.data.columns.spelling import Reading

N = 60
COLORS = ("black", "white", None)


@pytest.fixture
def values(rng):
    kind = [("cat", "dog")[i % 2] for i in range(N)]
    return {
        "legs": [None if i % 9 == 4 else 3 + i % 3 for i in range(N)],
        "weight": [round(4.0 + 9 * (i % 2) + rng.uniform(), 3) for i in range(N)],
        "color": [COLORS[i % 3] for i in range(N)],
        "wild": [i % 4 == 0 for i in range(N)],
        "born": [np.datetime64("2020-01-01") + 17 * i for i in range(N)],
        "kind": kind,
    }


@pytest.fixture(params=["pandas", "polars", "pyarrow"])
def frame(request, values):
    library = pytest.importorskip(request.param, reason=f"{request.param} is not installed")
    if request.param == "pandas":
        return library.DataFrame(values)
    values = values | {"born": [day.item() for day in values["born"]]}
    return library.table(values) if request.param == "pyarrow" else library.DataFrame(values)


@pytest.fixture
def file(values, tmp_path):
    rows = zip(*([("" if v is None else str(v)) for v in cells] for cells in values.values()), strict=True)
    (tmp_path / "t.csv").write_text("\n".join([",".join(values), *map(",".join, rows)]) + "\n")
    return tmp_path / "t.csv"


def test_a_frame_gives_what_its_file_gives(frame, file):
    mine, read = from_frame(frame, "kind"), read_cells(file, "kind", missing=True)
    assert (mine.features, mine.classes, mine.y.tolist()) == (read.features, read.classes, read.y.tolist())
    for column, other in zip(mine.x.columns, read.x.columns, strict=True):
        assert (column.kind, column.missing.tolist()) == (other.kind, other.missing.tolist())
    for x in (mine.x, frame):
        encoded = Encoding.fit(x, mine.features, impute="mean").apply(x)
        np.testing.assert_array_equal(encoded, Encoding.fit(read.x, impute="mean").apply(read.x))


def test_a_model_predicts_the_same_from_every_frame_and_file(frame, file, tmp_path):
    data = from_frame(frame, "kind")
    encoding = Encoding.fit(data.x, impute="median")
    result = train(Network([len(encoding.names), 4, 2]), (encoding.apply(data.x), data.y), epochs=3)
    save(tmp_path / "m", result, preprocessing=encoding, classes=data.classes)
    model = load(tmp_path / "m")
    expected = model.predict_proba(data.x)
    read = read_cells(file, None, missing=True)
    shuffled = list(reversed(read.features))
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    parquet = tmp_path / "t.parquet"
    polars.read_csv(file).select(shuffled).write_parquet(parquet)
    others = [read.x, read.x.select(shuffled), frame, pandas.read_csv(file)[shuffled], polars.read_csv(file)]
    others.append(read_cells(parquet, None, missing=True).x)
    for other in others:
        np.testing.assert_array_equal(model.predict_proba(other), expected)
    assert set(model.predict(frame).tolist()) <= {"cat", "dog"}


def test_booleans_are_classes_and_numbers_may_be(frame):
    data = from_frame(frame, "wild")
    assert (data.classes, data.y[:5].tolist()) == ((False, True), [1, 0, 0, 0, 1])
    assert from_frame(frame, "weight").classes is None
    assert from_frame(frame, "weight", columns=["color", "wild"]).features == ("color", "wild")
    assert from_frame(frame).y is None
    assert from_frame(frame, "wild", task="regression").classes is None


def test_rows_without_a_label_are_refused_or_left_out(frame):
    with pytest.raises(ValueError, match="row 2, column 'color' must hold a label, got an empty cell"):
        from_frame(frame, "color")
    data = from_frame(frame, "color", drop_missing_target=True)
    assert (data.n, len(data.y), data.classes) == (40, 40, ("black", "white"))


def test_numbers_written_as_text_are_numbers(frame):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    data = from_frame(polars.DataFrame({"price": ["1,25", "2,5", "12,0"], "y": ["a", "b", "a"]}), "y")
    assert data.x.column("price").values.tolist() == [1.25, 2.5, 12.0]
    codes = Reading(kinds={"price": "category"})
    assert from_frame(polars.DataFrame({"price": ["007", "7"]}), reading=codes).x.column("price").distinct == (
        "007",
        "7",
    )


@pytest.mark.parametrize(
    ("values", "target", "error", "message"),
    [
        ({"a": [1, 2]}, "b", ValueError, "frame: target must be one of a, got 'b'"),
        ({"a": [1, 2]}, "a", ValueError, "frame: must have a feature column besides the target"),
        ({"a": []}, None, ValueError, "frame must have a row, got none"),
        ({"a": [1, 2], "b": ["x", "2"]}, "b", ValueError, "row 0, column 'b' must hold a number, got 'x'"),
        ({"a": [1, 2], "b": [float("inf"), 2.5]}, "b", ValueError, "row 0, column 'b' must hold a finite number"),
        ({"a": [[1], [2]]}, None, TypeError, "column 'a' must hold numbers, booleans, dates or text, got List"),
    ],
)
def test_bad_frames_are_refused(values, target, error, message):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    pytest.importorskip("narwhals", reason="narwhals is not installed")
    with pytest.raises(error, match=message):
        from_frame(polars.DataFrame(values), target)


def test_only_frames_with_names_are_frames():
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    for wrong in (np.ones((2, 2)), [[1, 2]], pandas.DataFrame(np.ones((2, 2)))):
        with pytest.raises(TypeError, match="frame must have columns whose names are text, got "):
            from_frame(wrong)
    with pytest.raises(ValueError, match="column names must differ, got a more than once"):
        from_frame(pandas.DataFrame(np.ones((2, 2)), columns=["a", "a"]))


def test_an_encoding_needs_names():
    with pytest.raises(ValueError, match="features must name the columns of x, which has no names of its own"):
        Encoding.fit(np.ones((2, 2)))
