"""Columns that give the target away are found, others are not."""

import numpy as np
import pytest

from xpnet.data import Dataset
from xpnet.data.columns.building import column_of
from xpnet.data.profiling.leaks import gives_away

N = 60
Y = np.arange(N) % 3
CLASSES = ("a", "b", "c")
VALUES = np.sqrt(np.arange(N, dtype=float))


def told(values, *, y=Y, classes=CLASSES):
    return gives_away(column_of("c", values), Dataset(np.ones((len(y), 1)), y, classes))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([f"kind{i % 3}" for i in range(N)], "each of its 3 values comes with one class only"),
        ([f"kind{i % 6}" for i in range(N)], "each of its 6 values comes with one class only"),
        ([10 - 2 * (i % 3) for i in range(N)], "each of its 3 values comes with one class only"),
        ([i % 3 == 0 if i % 3 != 1 else None for i in range(N)], "each of its 2 values comes with one class only"),
    ],
)
def test_a_purity_of_one_is_told(values, said):
    assert told(values) == said


def test_gaps_may_tell_the_class():
    died = [None if i % 2 else 50 + i % 7 for i in range(N)]
    assert told(died, y=np.arange(N) % 2, classes=("dead", "alive")) == "whether its cell is missing tells the class"


@pytest.mark.parametrize(
    "values",
    [
        [f"kind{i % 4}" for i in range(N)],
        list(range(N)),  # an id is pure, and says nothing
        [f"pet{i}" for i in range(N)],
        VALUES,
        [None] * N,
        [5] * N,
        [f"kind{i % 3}" if i else "kind1" for i in range(N)],
    ],
)
def test_other_columns_of_a_classification_are_not(values):
    assert told(values) is None


@pytest.mark.parametrize(
    "values",
    [3 * VALUES, -VALUES, 1e200 * VALUES, 1e-200 * VALUES + 1e-190, np.round(100 * VALUES, 1), [None, *VALUES[1:]]],
)
def test_a_correlation_of_one_is_told(values):
    assert told(values, y=VALUES, classes=None).startswith("its correlation with the target is ")


def test_a_number_for_each_category_is_told():
    y = np.asarray([1.5, 2.5, 9.0])[Y]
    assert (
        told([f"kind{i % 3}" for i in range(N)], y=y, classes=None) == "each of its 3 values comes with one number only"
    )


@pytest.mark.parametrize("values", [VALUES**2, [1.0] * N, [f"kind{i % 3}" for i in range(N)], [None] * N, [True] * N])
def test_other_columns_of_a_regression_are_not(values):
    assert told(values, y=VALUES, classes=None) is None


def test_nothing_is_said_of_few_rows_or_no_target():
    assert told([1, 2, 3, 4], y=np.asarray([0, 1, 0, 1])) is None
    assert gives_away(column_of("c", [1, 2]), Dataset(np.ones((2, 1)), None)) is None


def test_a_large_table_is_looked_at_in_full():
    y = np.arange(50_000) % 2
    values = y.copy()
    assert told(values, y=y, classes=("n", "y")) is not None
    values[1] = 0  # not in the sample
    assert told(values, y=y, classes=("n", "y")) is None
