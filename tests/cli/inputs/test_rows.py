"""Errors about a row name the row as the readers of files do: from 0, or a line from 1."""

import numpy as np
import pytest

from xpnet.cli.inputs.rows import check_rows
from xpnet.data import Dataset, Encoding, FormatError, Scaling, read_cells

X = np.asarray([[1.0, 2.0], [3.0, np.inf]])


def test_a_row_of_a_matrix_is_counted_from_0():
    with pytest.raises(FormatError, match=r"t\.npy: x must be finite and fit float32, got inf in row 1, column 1"):
        check_rows({"path": "t.npy"}, Scaling.divide_by(1.0), Dataset(X, None), "float32")


def test_a_row_of_text_is_a_line_also_in_a_part_of_the_table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n\n3,4\n5,inf\n")
    whole = read_cells(path, None)
    encoding = Encoding.fit(whole.x[:2], ("a", "b"))
    for rows in (slice(None), [2], [1, 2]):
        with pytest.raises(FormatError, match=r"t\.csv: line 5, column 'b' must be a finite number, got inf"):
            check_rows({"path": str(path)}, encoding, whole.take(np.arange(3)[rows]), "float32")
