"""Lists of pairs of columns, and their order."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpnet.backend import get
from xpnet.book.examples import Examples, shuffled

COLUMN, UNIT = np.ones((3, 1)), np.eye(2)[:, :1]


def examples(*pairs, name="training_data"):
    return Examples.of(name, list(pairs))


@given(n=st.integers(1, 50), epochs=st.integers(0, 3), seed=st.integers(0, 99))
def test_shuffled_draws_and_leaves_what_random_shuffle_does(n, epochs, seed):
    random.seed(seed)
    expected = list(zip(range(n), range(n), strict=True))
    orders = []
    for _ in range(epochs):
        random.shuffle(expected)
        orders.append([x for x, _ in expected])
    after = random.random()
    random.seed(seed)
    data = list(zip(range(n), range(n), strict=True))
    found = list(shuffled(data, Examples.of("data", data), epochs))
    assert found == [(j, orders[-1]) for j in range(epochs)]  # one list, shuffled again and again
    assert data == expected
    assert random.random() == after


def test_shuffled_leaves_iterators_and_tuples_alone():
    pairs = ((COLUMN, UNIT), (COLUMN, UNIT))
    assert [j for j, _ in shuffled(pairs, Examples.of("data", pairs), 2)] == [0, 1]


def test_inputs_are_rows_and_are_stacked_once():
    home, pairs = get("numpy", dtype="float64"), examples((COLUMN, UNIT), (2 * COLUMN, UNIT))
    rows = pairs.inputs(3, home)
    assert rows.tolist() == [[1.0] * 3, [2.0] * 3]
    assert pairs.inputs(3, home) is rows
    assert Examples.of("again", pairs) is pairs


@pytest.mark.parametrize(
    ("given", "kept"), [("float64", "float64"), ("float32", "float32"), ("uint8", "uint8"), ("float16", "float64")]
)
def test_inputs_keep_small_dtypes(given, kept):
    assert examples((COLUMN.astype(given), UNIT)).inputs(3, get("numpy", dtype="float64")).dtype == kept


def test_targets_are_rows_of_columns_or_unit_vectors_of_labels():
    assert examples((COLUMN, UNIT), (COLUMN, 1 - UNIT)).targets(2).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert examples((COLUMN, 1), (COLUMN, np.uint8(0))).targets(2, labels=True).tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_labels_may_be_any_whole_numbers():
    labels = examples((0, 1), (0, np.int64(0)), (0, np.asarray([1])), (0, 1.0), (0, np.asarray(0))).labels(2)
    assert (labels.tolist(), labels.dtype) == ([1, 0, 1, 1, 0], np.int64)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (None, TypeError, r"training_data must be a list of pairs \(x, y\), got NoneType"),
        (7, TypeError, "got int"),
        ([], ValueError, "training_data must hold at least one example, got none$"),
        (iter(()), ValueError, "got none; an iterator such as zip can be used once"),
        ([(COLUMN, UNIT), COLUMN], TypeError, r"training_data\[1\] must be a pair .*, got ndarray of shape \(3, 1\)"),
        (
            (np.ones((5, 3)), np.ones(5)),
            TypeError,
            r"training_data\[0\] must be a pair .*, got ndarray of shape \(5, 3\)",
        ),
        ([(COLUMN,)], TypeError, r"training_data\[0\] must be a pair .*, got tuple"),
    ],
)
def test_of_refuses_what_is_no_list_of_pairs(data, error, message):
    with pytest.raises(error, match=message):
        Examples.of("training_data", data)


@pytest.mark.parametrize(
    ("pair", "error", "message"),
    [
        ((COLUMN[:, 0], UNIT), ValueError, r"\[1\]\[0\] must be a column of shape \(3, 1\), got shape \(3,\); reshape"),
        ((COLUMN.T, UNIT), ValueError, r"\[1\]\[0\] must be a column of shape \(3, 1\), got shape \(1, 3\)$"),
        ((np.ones((4, 1)), UNIT), ValueError, r"\[1\]\[0\] must be .* got shape \(4, 1\)"),
        ((COLUMN, UNIT[:, 0]), ValueError, r"\[1\]\[1\] must be a column of shape \(2, 1\), got shape \(2,\); reshape"),
        ((COLUMN, 1), ValueError, r"\[1\]\[1\] must be .*, got shape \(\); vectorized_result makes a column"),
        ((COLUMN * np.nan, UNIT), ValueError, r"training_data\[1\]\[0\] must be finite, got nan"),
        ((COLUMN, UNIT - np.inf), ValueError, r"training_data\[1\]\[1\] must be finite, got -inf"),
        ((np.full((3, 1), "a"), UNIT), TypeError, "must hold real numbers, got dtype"),
        ((COLUMN * 1j, UNIT), TypeError, "must hold real numbers, got dtype complex128"),
    ],
)
def test_columns_of_a_wrong_shape_are_named(pair, error, message):
    wrong = examples((COLUMN, UNIT), pair)
    with pytest.raises(error, match=message):
        (wrong.inputs(3, get("numpy")), wrong.targets(2))


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (2, ValueError, r"test_data\[1\]\[1\] must be a label from 0 to 1, got 2"),
        (-1, ValueError, "got -1"),
        (0.5, ValueError, "got 0.5"),
        (float("nan"), ValueError, "got nan"),
        (
            UNIT,
            TypeError,
            r"test_data\[1\]\[1\] must be a label, .*shape \(2, 1\); np.argmax makes a label of a column",
        ),
        ("1", TypeError, "must be a label"),
    ],
)
def test_labels_refuse_what_names_no_neuron(y, error, message):
    with pytest.raises(error, match=message):
        examples((COLUMN, 0), (COLUMN, y), name="test_data").labels(2)
