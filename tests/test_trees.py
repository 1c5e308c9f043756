"""Trees of arrays."""

from typing import NamedTuple

import pytest
from tools import assert_close

from xpnet.trees import expand, leaves, map_arrays, rebuild


class Pair(NamedTuple):
    first: object
    second: object


TREE = (Pair(1, None), (2, (3,)), ())


def test_leaves_are_read_from_left_to_right_without_none():
    assert leaves(TREE) == [1, 2, 3]
    assert leaves(None) == []


def test_rebuild_keeps_the_shape_and_the_kinds():
    built = rebuild(TREE, iter("abc"))
    assert built == (Pair("a", None), ("b", ("c",)), ())
    assert isinstance(built[0], Pair)


def test_map_arrays_walks_trees_together():
    assert map_arrays(lambda a, b: a + b, TREE, TREE) == (Pair(2, None), (4, (6,)), ())


def test_map_arrays_refuses_trees_of_different_shape():
    with pytest.raises(ValueError, match="zip"):
        map_arrays(lambda a, b: a, (1, 2), (1,))


def test_expand_puts_one_value_before_each_network(backend):
    eta, w = backend.asarray([1.0, 10.0]), backend.full((2, 2, 3), 1.0)
    assert_close(backend, expand(eta, w) * w, [[[1.0] * 3] * 2, [[10.0] * 3] * 2])
    assert expand(0.5, w) == 0.5
