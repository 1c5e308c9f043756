"""Lists of many users at a time: those of one user after the other, in blocks of any size, on every library."""

import numpy as np
import pytest

from xpnet.backend import get, to_numpy
from xpnet.recommend import ALS, Ratings, Recommender
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.problems import Factors
from xpnet.recommend.folding.biased import BiasFolding
from xpnet.recommend.lists import making


def whole(home, n_users=30, n_items=900, zero=False):
    """Return a recommender whose scores are whole numbers, with many ties: every library computes them exactly."""
    rng = np.random.default_rng(3)
    users, items = np.nonzero(rng.random((n_users, n_items)) < 0.2)
    keep = users != 4  # has rated nothing
    users, items = np.append(users[keep], [5] * n_items), np.append(items[keep], np.arange(n_items))  # 5 has rated all
    _, first = np.unique(users * n_items + items, return_index=True)
    ratings = Ratings.numbered(users[first], items[first], np.ones(first.size), n_users, n_items)
    p, q, user, item = (rng.integers(-2, 3, shape) for shape in ((n_users, 3), (n_items, 3), n_users, n_items))
    parts = [home.asarray((0 if zero else 1) * x.astype("float64"), home.dtype) for x in (p, q, user, item)]
    biases = Biases(home.full((), 3.0), parts[2], parts[3])
    return Recommender(ratings, biases, Factors(parts[0], parts[1]), BiasFolding((5.0, 5.0)), bounded=False)


def expected(found, number, n, seen=False):
    """Return the list of one user, by a full sort."""
    p, q, user, item = (to_numpy(x).astype("int64") for x in (*found.factors, *found.biases[1:]))
    scores = 3 + item + (user[number] + q @ p[number] if number >= 0 else 0)
    order = np.argsort(-scores, kind="stable")
    rated = found.ratings.items[found.ratings.users == number]
    order = order if seen else order[~np.isin(order, rated)]
    return order[:n].tolist(), scores[order[:n]].tolist()


def test_lists_are_those_of_a_full_sort_on_every_library(backend):
    found = whole(backend)
    asked = [7, 4, 5, 99, 0, 29]
    for seen in (False, True):
        lists = found.recommend(asked, 10, seen=seen)
        for user, one in zip(asked, lists, strict=True):
            number = user if user < 30 else -1
            assert (one.ids.tolist(), one.scores.tolist()) == expected(found, number, 10, seen)
    assert len(lists) == 6


def test_factors_that_are_all_zero_list_items_by_number(backend):
    found = whole(backend, zero=True)
    assert found.recommend([4, 99], 4)[0].ids.tolist() == [0, 1, 2, 3]
    assert found.top_numbers([4, -1], 4).tolist() == [[0, 1, 2, 3]] * 2


@pytest.mark.parametrize("scores", [1, 900, 2500, 10**9])
@pytest.mark.parametrize("threads", [1, 3])
def test_blocks_of_any_size_in_any_number_of_threads_give_the_same(monkeypatch, scores, threads):
    found = whole(get("numpy"))
    users = found.ratings.user_ids
    apart = [found.recommend(user, 8) for user in users]
    monkeypatch.setattr(making, "SCORES", scores)
    monkeypatch.setattr(making, "workers_of", lambda home: threads)
    for one, other in zip(found.recommend(users, 8), apart, strict=True):
        assert one.ids.tolist() == other.ids.tolist()
        np.testing.assert_array_equal(one.scores, other.scores)


def test_a_user_who_has_rated_everything_has_an_empty_list():
    found = whole(get("numpy"))
    assert found.recommend(5).ids.tolist() == []
    lists = found.recommend([5, 4], 2)
    assert [one.ids.size for one in lists] == [0, 2]
    assert found.top_numbers([5], 3).tolist() == [[-1, -1, -1]]
    assert lists.columns()["user"].tolist() == [4, 4]


def test_more_places_than_items_list_every_item():
    found = whole(get("numpy"), n_items=40)
    assert found.recommend([4], 10**9)[0].ids.size == 40
    assert found.recommend(4, 10**9, seen=True).ids.size == 40
    assert found.top_numbers([4, 5], 50).shape == (2, 50)
    assert found.similar_items(3, 10**9).ids.size == 40


def test_lists_are_columns_of_one_table():
    found = whole(get("numpy"))
    table = found.recommend([2, 3], 3).columns()
    assert [*table] == ["user", "item", "rank", "score"]
    assert table["user"].tolist() == [2, 2, 2, 3, 3, 3]
    assert table["rank"].tolist() == [1, 2, 3] * 2
    assert table["item"][:3].tolist() == found.recommend(2, 3).ids.tolist()


def test_blocks_of_users_are_yielded_and_nobody_is_a_table_without_rows(monkeypatch):
    from xpnet.recommend import recommender

    found = whole(get("numpy"))
    monkeypatch.setattr(recommender, "USERS", 7)
    parts = list(found.recommend_blocks(found.ratings.user_ids, 4))
    assert [len(part) for part in parts] == [7, 7, 7, 7, 2]
    together = found.recommend(found.ratings.user_ids, 4)
    np.testing.assert_array_equal(np.concatenate([part.numbers for part in parts]), together.numbers)
    assert len(found.recommend([], 4)) == 0
    assert found.recommend([], 4).columns()["user"].size == 0


def test_ids_of_every_kind_of_sequence_are_users():
    ratings = Ratings.of(["ann", "ann", "bob", "eve"], ["tea", "rum", "tea", "gin"], [5.0, 1.0, 4.0, 2.0])
    found = ALS(k=1, lam=1.0).fit(ratings)
    for asked in (
        ["ann", "bob"],
        ("ann", "bob"),
        np.asarray(["ann", "bob"]),
        np.asarray(["ann", "bob"], dtype=object),
        dict.fromkeys(["ann", "bob"]),
    ):
        assert [one.ids.tolist() for one in found.recommend(asked, 2)] == [
            found.recommend(one, 2).ids.tolist() for one in ("ann", "bob")
        ]
    assert found.recommend(np.str_("ann")).ids.tolist() == found.recommend("ann").ids.tolist()
    numbers = ALS(k=1, lam=1.0).fit(Ratings.of([1, 1, 2], [7, 8, 7], [5.0, 3.0, 4.0]))
    assert len(numbers.recommend(range(1, 4), 2)) == 3
    with pytest.raises(ValueError, match=r"users must have shape \(n,\), got \(1, 2\)"):
        numbers.recommend(np.asarray([[1, 2]]))


def test_a_guest_is_listed_like_a_user():
    found = whole(get("numpy"))
    guest = found.fold_in([0, 1], [1.0, 1.0])
    listed = guest.recommend(5)
    assert not {0, 1} & set(listed.ids.tolist())
    assert {0, 1} & set(guest.recommend(900, seen=True).ids.tolist())
    np.testing.assert_allclose(listed.scores, guest.predict(listed.ids), rtol=1e-6)


def test_ids_of_another_kind_than_those_known_are_refused():
    text, whole = (ALS(k=1, lam=1.0).fit(Ratings.of(ids, ids, [1.0, 5.0, 3.0])) for ids in (["7", "8", "9"], [7, 8, 9]))
    held = Ratings.of([7], [7], [1.0])
    for call in (
        lambda: text.recommend(7),
        lambda: text.recommend([7, 8]),
        lambda: text.predict(["7"], [7]),
        lambda: text.rmse(held),
        lambda: whole.recommend(["7"]),
        lambda: whole.predict(["7"], [7]),
    ):
        with pytest.raises(TypeError, match=r"(users|items) must be ids like those known, such as '?7'?, got '?7'?"):
            call()
    assert len(whole.recommend([7.0, 10.0])) == 2
