import numpy as np
import pytest

from xpnet.data import FormatError, read_table


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


@pytest.mark.parametrize("name", ["t.parquet", "t"])
def test_read_table_lists_the_endings_that_it_reads(name):
    with pytest.raises(FormatError, match=rf"{name}: the name must end in \.csv, \.tsv, \.txt, \.npz, \.npy, got '"):
        read_table(name, "y")
