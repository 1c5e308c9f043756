import numpy as np
import pytest

from xpnet.data import Dataset


@pytest.fixture
def fruit():
    x = np.arange(6.0).reshape(3, 2)
    return Dataset(x, np.asarray([0, 1, 0]), ("apple", "pear"), ("size", "weight"), "fruit")


def test_take_picks_rows_in_the_order_given(fruit):
    taken = fruit.take([2, 0, 2])
    np.testing.assert_array_equal(taken.x, [[4, 5], [0, 1], [4, 5]])
    np.testing.assert_array_equal(taken.y, [0, 0, 0])
    assert taken[2:] == fruit[2:]


def test_take_copies(fruit):
    taken = fruit.take(np.arange(3))
    taken.x[:] = -1
    assert fruit.x.min() == 0


def test_take_keeps_a_table_without_targets(fruit):
    assert fruit._replace(y=None).take([0]).y is None


def test_take_accepts_no_rows(fruit):
    assert fruit.take([]).n == 0


def test_take_refuses_a_mask(fruit):
    with pytest.raises(TypeError, match="rows must be integers, got bool"):
        fruit.take(np.asarray([True, False, True]))


def test_take_refuses_a_matrix(fruit):
    with pytest.raises(ValueError, match=r"rows must have shape \(m,\), got \(1, 1\)"):
        fruit.take(np.asarray([[1]]))


def test_take_refuses_a_row_that_is_not_there(fruit):
    with pytest.raises(IndexError):
        fruit.take([3])


def test_relabel_counts_in_other_classes(fruit):
    relabeled = fruit.relabel(("quince", "pear", "apple"))
    np.testing.assert_array_equal(relabeled.y, [2, 1, 2])
    assert relabeled.classes == ("quince", "pear", "apple")
    np.testing.assert_array_equal(relabeled.relabel(fruit.classes).y, fruit.y)


def test_relabel_refuses_an_unknown_label(fruit):
    with pytest.raises(ValueError, match=r"got none for \['apple'\]"):
        fruit.relabel(("pear",))
    np.testing.assert_array_equal(fruit.take([1]).relabel(("pear",)).y, [0])


def test_relabel_refuses_a_regression(fruit):
    with pytest.raises(ValueError, match="must be called on a data set with classes"):
        fruit._replace(classes=None).relabel(("pear",))
