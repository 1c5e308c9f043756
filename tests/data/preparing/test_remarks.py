"""Doubtful columns are told in one line each, sound ones are not."""

import numpy as np
import pytest

from xpnet.data import Encoding
from xpnet.data.preparing.remarks import training_remarks, unseen_remarks


def remarks(cells, **how):
    x = np.asarray([[cell] for cell in cells], dtype=object)
    return training_remarks(Encoding.fit(x, ("c",), **how), x)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([f"pet{i}" for i in range(30)], "column 'c' has 30 categories in 30 rows, as an id has: .* with --ignore c"),
        ([f"pet{i}" for i in range(25)] + ["cat"] * 15, "column 'c' has 26 categories in 40 rows"),
        ([str(i) for i in range(30)], "column 'c' numbers the rows, as an id does: leave it out with --ignore c"),
        ([7 * 10**6 + 2 * i for i in range(29, 0, -1)] + [7 * 10**6 + 1], "column 'c' numbers the rows"),
        (
            ["01234", "20095", "4021"],
            "column 'c' is taken as numbers, but '01234' looks like a code",
        ),
    ],
)
def test_doubtful_columns_are_told(cells, said):
    (remark,) = remarks(cells)
    assert np.all([part in remark for part in said.split(" .* ")])


@pytest.mark.parametrize(
    "cells",
    [
        ["cat", "dog"] * 20,
        [f"breed{i % 25}" for i in range(100)],
        [f"breed{i % 25 if i < 92 else i}" for i in range(100)],
        [f"pet{i}" for i in range(10)],
        [i / 7 for i in range(40)],
        [i * i for i in range(40)],
        [str(i % 30) for i in range(40)],
        [True, False] * 20,
        ["0", "0.5", "00.5", "10"],
        [f"2024-01-{i % 9 + 1:02}" for i in range(30)],
    ],
)
def test_sound_columns_are_not(cells):
    assert remarks(cells) == []


def test_missing_cells_are_not_counted():
    assert remarks([f"pet{i}" for i in range(30)] + [None, ""] * 30, impute="mean") != []


def test_categories_never_seen_are_told_with_their_number():
    x = np.asarray([["red", 1, "a"], ["blue", 2, "b"]], dtype=object)
    encoding = Encoding.fit(x, ("color", "n", "zip"), impute="mean")
    new = np.asarray([["pink", 1, "a"], ["red", 5, "b"], ["gray", 2, None]], dtype=object)
    (said,) = unseen_remarks(encoding, new)
    assert said == (
        "column 'color' holds a category that training did not see in 2 of 3 rows, such as 'pink': all zeros there"
    )
    assert unseen_remarks(encoding, x) == []
