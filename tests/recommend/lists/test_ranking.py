"""The best of many scores: beside a full sort, with ties, hidden items and any numbers of both."""

import numpy as np
import pytest
from tools import assert_at_home

from xpnet.backend import to_numpy
from xpnet.recommend.lists import ranking
from xpnet.recommend.lists.ranking import best, ranked


@pytest.mark.parametrize(("m", "n"), [(1, 1), (5, 9), (40, 3), (700, 10), (3001, 7), (20000, 2)])
def test_the_best_are_those_of_a_full_stable_sort(backend, rng, m, n):
    whole = rng.integers(-3, 4, (4, m))  # ties everywhere
    whole[0] = 0
    whole[1] = np.arange(m) // 2
    found = best(backend.asarray(whole.astype("float64"), backend.dtype), n)
    assert_at_home(backend, found)
    np.testing.assert_array_equal(to_numpy(found), np.argsort(-whole, axis=-1, kind="stable")[:, :n])


def test_groups_of_any_size_find_the_same(rng, monkeypatch):
    scores = rng.integers(0, 50, (6, 997)).astype("float32")
    expected = np.argsort(-scores, axis=-1, kind="stable")
    monkeypatch.setattr(ranking, "SORTED", 1)
    for group in (2, 3, 8, 31):
        monkeypatch.setattr(ranking, "GROUP", group)
        for n in (1, 2, 5, 40):
            np.testing.assert_array_equal(best(scores, n), expected[:, :n])


def test_hidden_items_come_last_and_have_no_number(backend):
    users = backend.asarray(np.asarray([[1.0], [-1.0], [1.0]]))
    items = backend.asarray(np.asarray([[2.0], [5.0], [2.0], [-7.0]]))
    hidden = np.asarray([[False, True, False, False], [False, False, False, True], [True] * 4])
    numbers, scores = ranked(users, items, 3, backend.asarray(hidden))
    assert to_numpy(numbers).tolist() == [[0, 2, 3], [0, 2, 1], [-1, -1, -1]]
    assert to_numpy(scores)[:2].tolist() == [[2.0, 2.0, -7.0], [-2.0, -2.0, -5.0]]
