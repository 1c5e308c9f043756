"""Parquet files that are copied to mapped files: the same numbers, whole or not at all, in bounded memory."""

import gc
import re
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from xpnet.data import FormatError
from xpnet.data.tables import mapped_parquet as module
from xpnet.data.tables.mapped_parquet import map_parquet
from xpnet.nn import Network
from xpnet.training import train
from xpnet.trees import leaves

polars = pytest.importorskip("polars", reason="polars is not installed")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Let a slice hold seven rows of three columns."""
    monkeypatch.setattr(module, "SLICE", 7 * 8 * 3)


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a table in row groups of five."""

    def save(**columns):
        polars.DataFrame(columns).write_parquet(tmp_path / "t.parquet", row_group_size=5)
        return tmp_path / "t.parquet"

    return save


def table(rng, n=53):
    return {"a": rng.standard_normal(n), "b": rng.integers(-9, 9, n), "kind": rng.integers(0, 3, n)}


def test_the_numbers_are_those_of_the_file(write, rng, tmp_path):
    columns = table(rng)
    x, y = map_parquet(write(**columns), "kind", folder=tmp_path / "new" / "folder")
    assert (type(x), x.dtype, x.flags.writeable) == (np.memmap, "float32", False)
    np.testing.assert_array_equal(x, np.stack([columns["a"], columns["b"]], axis=1).astype("float32"))
    np.testing.assert_array_equal(y, columns["kind"])
    assert (type(y), y.dtype) == (np.ndarray, "int64")
    again = np.load(tmp_path / "new" / "folder" / "x.npy", mmap_mode="r")
    np.testing.assert_array_equal(again, x)
    np.testing.assert_array_equal(np.load(tmp_path / "new" / "folder" / "y.npy"), y)
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == ["x.npy", "y.npy"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_columns_are_taken_in_the_order_wanted_and_a_target_may_be_a_number(write, rng, dtype):
    columns = table(rng)
    x, y = map_parquet(write(**columns), "a", columns=("kind", "b"), dtype=dtype)
    np.testing.assert_array_equal(x, np.stack([columns["kind"], columns["b"]], axis=1))
    assert x.dtype == dtype
    np.testing.assert_array_equal(y, columns["a"])
    assert y.dtype == "float64"
    assert map_parquet(write(**columns), None)[1] is None


def test_bytes_and_truth_stay_bytes(write):
    x, y = map_parquet(write(a=[0, 255], b=[True, False], kind=[False, True]), "kind", dtype="uint8")
    assert (x.dtype, y.dtype) == ("uint8", "int64")
    assert (x.tolist(), y.tolist()) == ([[0, 1], [255, 0]], [0, 1])


def test_a_network_trains_on_the_files_as_on_the_table(write, rng):
    columns = table(rng)
    pair = map_parquet(write(**columns), "kind")
    x = np.stack([columns["a"], columns["b"]], axis=1).astype("float32")
    here, there = (train(Network([2, 3]), each, epochs=2) for each in ((x, columns["kind"]), pair))
    for a, b in zip(leaves(here.parameters), leaves(there.parameters), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_temporary_folder_lasts_as_long_as_a_view_of_it(write, rng):
    x, _ = map_parquet(write(**table(rng)), "kind")
    folder, view = Path(x.filename).parent, np.asarray(x)[:, 1:]
    del x
    gc.collect()
    assert folder.exists()
    assert np.isfinite(view).all()
    del view
    gc.collect()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "row", "cell", "message"),
    [
        ("a", 17, None, "row 17, column 'a' must hold a finite number that fits float32, got nothing"),
        ("a", 52, float("nan"), "row 52, column 'a' must hold a finite number that fits float32, got nan"),
        ("a", 7, float("-inf"), "row 7, column 'a' must hold a finite number that fits float32, got -inf"),
        ("a", 6, 1e300, "row 6, column 'a' must hold a finite number that fits float32, got 1e+300"),
        ("b", 0, None, "row 0, column 'b' must hold a finite number that fits float32, got nothing"),
        ("kind", 30, None, "row 30, column 'kind' must hold a finite number that fits int64, got nothing"),
    ],
)
def test_a_missing_number_is_named_and_nothing_is_left(write, rng, tmp_path, name, row, cell, message):
    columns = {key: values.tolist() for key, values in table(rng).items()}
    columns[name][row] = cell
    (tmp_path / "folder").mkdir()
    with pytest.raises(FormatError, match=re.escape(message)):
        map_parquet(write(**columns), "kind", folder=tmp_path / "folder")
    assert not list((tmp_path / "folder").iterdir())


def test_a_failure_leaves_the_files_that_were_there(write, rng, tmp_path):
    columns = table(rng)
    x, _ = map_parquet(write(**columns), "kind", folder=tmp_path / "folder")
    before = np.array(x)
    with pytest.raises(FormatError, match="got nan"):
        map_parquet(write(**columns | {"a": np.full(53, np.nan)}), "kind", folder=tmp_path / "folder")
    np.testing.assert_array_equal(np.load(tmp_path / "folder" / "x.npy"), before)
    map_parquet(write(**columns | {"a": np.zeros(53)}), "kind", folder=tmp_path / "folder")
    np.testing.assert_array_equal(x, before)  # still the old file
    assert not np.load(tmp_path / "folder" / "x.npy")[:, 0].any()


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"a": ["x", "y"]}, {}, "column 'a' must hold numbers, got String"),
        ({"a": [date(2020, 1, 1)] * 2}, {}, "column 'a' must hold numbers, got Date"),
        ({"kind": ["x", "y"]}, {}, "column 'kind' must hold numbers, got String"),
        ({"a": [0.5, 1.5]}, {"dtype": "uint8"}, "column 'a' must hold whole numbers for dtype uint8, got Float64"),
        ({"a": [0, 256]}, {"dtype": "uint8"}, "rows 0 to 1 must hold numbers that fit uint8, got: conversion from"),
        (
            {"a": [0, None]},
            {"dtype": "uint8"},
            "row 1, column 'a' must hold a finite number that fits uint8, got nothing",
        ),
        ({}, {"columns": ("c",)}, "must have the columns c, got b, kind"),
        ({}, {"target": "kin"}, "target must be one of b, kind, got 'kin': did you mean 'kind'?"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(write, columns, options, message):
    path = write(**{"b": [1, 2], "kind": [0, 1], **columns})
    with pytest.raises(FormatError, match=re.escape(message)):
        map_parquet(path, **{"target": "kind", **options})


def test_no_rows_no_file_no_parquet_and_no_such_dtype_are_refused(write, tmp_path):
    with pytest.raises(FormatError, match="must have a row, got none"):
        map_parquet(write(a=np.zeros(0), kind=np.zeros(0, dtype="int64")), "kind")
    with pytest.raises(FileNotFoundError, match="path must be an existing file, got"):
        map_parquet(tmp_path / "none.parquet", "kind")
    (tmp_path / "t.parquet").write_text("a,kind\n1,2\n")
    with pytest.raises(FormatError, match="must be a whole Parquet file, got"):
        map_parquet(tmp_path / "t.parquet", "kind")
    with pytest.raises(ValueError, match="dtype must be one of float32, float64, uint8, got 'int8'"):
        map_parquet(tmp_path / "t.parquet", "kind", dtype="int8")


def test_a_name_with_brackets_is_a_name(tmp_path):
    path = tmp_path / "t[1]*.parquet"
    polars.DataFrame({"a": [1.0], "kind": [0]}).write_parquet(path)
    assert map_parquet(path, "kind")[0].tolist() == [[1.0]]


def test_without_polars_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    (tmp_path / "t.parquet").touch()
    with pytest.raises(ImportError, match=r"Parquet files need polars; pip install 'xpnet\[tables\]'"):
        map_parquet(tmp_path / "t.parquet", "kind")


def test_rows_are_read_slice_by_slice(write, rng, monkeypatch):
    seen, numbers = [], module.frame_numbers
    monkeypatch.setattr(
        module, "frame_numbers", lambda path, frame, *rest: seen.append(len(frame)) or numbers(path, frame, *rest)
    )
    map_parquet(write(**table(rng)), "kind")
    assert max(seen) == 7
    assert sum(seen) == 2 * 53
