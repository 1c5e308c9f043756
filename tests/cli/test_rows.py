"""Errors about a row name the row as the readers of files do: from 0, or a line from 1."""

import numpy as np
import pytest

from xpnet.cli.rows import check_rows
from xpnet.data import Dataset, FormatError, Scaling

X = np.asarray([[1.0, 2.0], [3.0, np.inf]])


@pytest.mark.parametrize(("name", "place"), [("t.npy", "row 1"), ("t.csv", "line 3")])
def test_a_wrong_row_has_the_place_that_the_readers_name(tmp_path, name, place):
    path = tmp_path / name
    path.write_text("a,b\n1,2\n3,inf\n")  # only the place is read from it
    with pytest.raises(FormatError, match=rf"{name}: x must be finite and fit float32, got inf in {place}, column 1"):
        check_rows({"path": str(path)}, Scaling.divide_by(1.0), Dataset(X, None), "float32")
