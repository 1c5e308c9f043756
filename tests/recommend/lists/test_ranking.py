"""The best of many scores: beside a full sort, with ties, hidden items and any numbers of both."""

import numpy as np
import pytest
from tools import assert_at_home

from xpnet.backend import to_numpy
from xpnet.recommend.lists import groups
from xpnet.recommend.lists.groups import in_groups, items_in_groups
from xpnet.recommend.lists.ranking import best, ranked


@pytest.mark.parametrize(("m", "n"), [(1, 1), (5, 5), (40, 3), (64, 2), (700, 10), (3001, 7), (20000, 2)])
def test_the_best_are_those_of_a_full_stable_sort(backend, rng, m, n):
    whole = rng.integers(-3, 4, (4, m))  # ties everywhere
    whole[0] = 0
    whole[1] = np.arange(m) // 2
    scores = in_groups(backend.asarray(whole.astype("float64"), backend.dtype))
    places, found = best(scores, n)
    assert_at_home(backend, places, found)
    expected = np.argsort(-whole, axis=-1, kind="stable")[:, :n]
    np.testing.assert_array_equal(to_numpy(places), expected)
    np.testing.assert_array_equal(to_numpy(found), np.take_along_axis(whole, expected, axis=-1))


def test_groups_of_any_size_find_the_same(rng, monkeypatch):
    scores = rng.integers(0, 50, (6, 997)).astype("float32")
    expected = np.argsort(-scores, axis=-1, kind="stable")
    for group in (2, 3, 8, 31):
        monkeypatch.setattr(groups, "GROUP", group)
        monkeypatch.setattr("xpnet.recommend.lists.ranking.GROUP", group)
        for n in (1, 2, 5, 40, 997):
            np.testing.assert_array_equal(best(in_groups(scores), n)[0], expected[:, :n])


def test_hidden_items_come_last_and_have_no_number(backend):
    users = backend.asarray(np.asarray([[1.0, 1.0], [-1.0, 1.0], [1.0, 1.0]]))
    factors = backend.asarray(np.asarray([[2.0], [5.0], [2.0], [-7.0]]))
    items = items_in_groups(factors, backend.asarray(np.zeros(4)))
    hidden = np.zeros((3, *items.shape[1:]), dtype=bool)
    hidden[:, :4, 0] = [[False, True, False, False], [False, False, False, True], [True] * 4]
    numbers, scores = ranked(users, items, 3, backend.asarray(hidden))
    assert to_numpy(numbers).tolist() == [[0, 2, 3], [0, 2, 1], [-1, -1, -1]]
    assert to_numpy(scores)[:2].tolist() == [[2.0, 2.0, -7.0], [-2.0, -2.0, -5.0]]


def test_items_below_minus_anything_are_listed_before_what_fills_the_last_group(backend):
    """Biases and factors far below 0 are still items; a filling is none."""
    items = items_in_groups(backend.asarray(np.full((33, 1), -1e30)), backend.asarray(np.full(33, -1e30)))
    numbers, _ = ranked(backend.asarray(np.ones((1, 2))), items, 33)
    assert to_numpy(numbers).tolist() == [list(range(33))]
