import argparse

import numpy as np
import pytest

from xpnet.cli.parsing.parser import make_parser
from xpnet.data import FormatError, load_ratings, map_parquet, read_cells, read_table, table_of
from xpnet.data.tables.formats import FORMATS, WITH_CELLS, WITH_FRAMES, endings


@pytest.mark.parametrize(
    ("name", "mark"), [("t.csv", ","), ("t.CSV", ","), ("t.txt", ";"), ("t.tsv", "\t"), ("t.npz", None)]
)
def test_read_table_chooses_the_reader_by_the_ending(tmp_path, name, mark):
    path = tmp_path / name
    if mark:
        path.write_text(f"a{mark}b{mark}y\n1{mark}2{mark}5\n3{mark}4{mark}6\n")
    else:
        np.savez(path, a=[1, 3], b=[2, 4], y=[5, 6])
    data = read_table(path, "y", task="regression", columns=("b", "a"))
    np.testing.assert_array_equal(data.x, [[2, 1], [4, 3]])
    np.testing.assert_array_equal(data.y, [5.0, 6.0])
    assert (data.features, data.name) == (("b", "a"), "t")


TABLE = {"a": [1.5, 3.0], "b": [2, 4], "kind": ["x", "y"], "y": [5, 6]}


@pytest.fixture
def write(tmp_path):
    """Return a function that writes TABLE, or some of its columns, with an ending."""

    def written(ending, columns=tuple(TABLE)):
        path, table = tmp_path / f"t{ending}", {name: TABLE[name] for name in columns}
        if ending == ".npz":
            np.savez(path, **table)
        elif ending == ".npy":
            np.save(path, np.stack([*table.values()], axis=1))
        elif ending in endings(WITH_FRAMES):
            frame = pytest.importorskip("polars", reason="polars is not installed").DataFrame(table)
            frame.write_parquet(path) if ending == ".parquet" else frame.write_ipc(path)
        elif ending in (".jsonl", ".ndjson"):
            pytest.importorskip("polars", reason="polars is not installed").DataFrame(table).write_ndjson(path)
        elif ending == ".xlsx":
            pytest.importorskip("polars", reason="polars is not installed")
            pytest.importorskip("fastexcel", reason="fastexcel is not installed")
            sheet = pytest.importorskip("openpyxl", reason="openpyxl is not installed").Workbook()
            for line in [list(table), *zip(*table.values(), strict=True)]:
                sheet.active.append(line)
            sheet.save(path)
        else:
            mark = "\t" if ending == ".tsv" else ","
            lines = [table, *zip(*table.values(), strict=True)]
            path.write_text("".join(mark.join(map(str, line)) + "\n" for line in lines))
        return path

    return written


@pytest.mark.parametrize("ending", endings())
def test_every_ending_gives_the_same_numbers(write, ending):
    data = read_table(write(ending, ("a", "b", "y")), "2" if ending == ".npy" else "y", task="regression")
    assert (data.x.tolist(), data.y.tolist(), data.name) == ([[1.5, 2], [3, 4]], [5.0, 6.0], "t")


@pytest.mark.parametrize("ending", endings(WITH_CELLS))
def test_every_ending_with_cells_gives_the_same_cells(write, ending):
    data = read_cells(write(ending), "kind", columns=("b", "a"))
    assert data.x == table_of({"b": [2, 4], "a": [1.5, 3]})
    assert (data.classes, data.y.tolist()) == (("x", "y"), [0, 1])


@pytest.mark.parametrize("ending", endings(WITH_CELLS))
def test_every_ending_with_cells_holds_ratings(write, ending):
    assert load_ratings(write(ending), user="a", item="kind", rating="y").n == 2


@pytest.mark.parametrize("ending", endings(WITH_FRAMES))
def test_every_ending_of_polars_is_mapped(write, ending, tmp_path):
    x, y = map_parquet(write(ending, ("a", "b", "y")), "y", folder=tmp_path)
    assert (x.tolist(), y.tolist()) == ([[1.5, 2], [3, 4]], [5, 6])


@pytest.mark.parametrize(
    ("read", "formats"), [(read_table, FORMATS), (read_cells, WITH_CELLS), (map_parquet, WITH_FRAMES)]
)
def test_a_reader_lists_the_endings_that_it_reads(read, formats):
    with pytest.raises(FormatError, match=f"t.xyz: the name must end in {', '.join(endings(formats))}, got '.xyz'"):
        read("t.xyz", "y")


def test_help_lists_the_endings():
    commands = next(a for a in make_parser()._actions if isinstance(a, argparse._SubParsersAction)).choices
    told = " ".join(commands["train"].format_help().split())
    assert ", ".join(endings()) in told


def test_an_ending_belongs_to_one_format():
    assert len(set(endings())) == len(endings())


@pytest.mark.parametrize("name", ["t.csv", "t.npz", "t.npy"])
def test_a_target_that_is_no_text_is_refused(tmp_path, name):
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text("a,y\n1,2\n", encoding="utf-8")
    elif name.endswith("npz"):
        np.savez(path, a=[1, 3], y=[5, 6])
    else:
        np.save(path, np.zeros((3, 2)))
    with pytest.raises(TypeError, match="target must be the name of a column, as text, got 1"):
        read_table(path, 1)
    if name.endswith("csv"):
        with pytest.raises(TypeError, match="target must be the name of a column, as text, got 1"):
            read_cells(path, 1)
