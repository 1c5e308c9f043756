"""Lists against held-out ratings, beside lists by popularity: worked by hand, and met by ids."""

import numpy as np
import pytest

from xpnet.backend import get
from xpnet.recommend import BiasModel, Ratings, evaluate_lists, evaluation
from xpnet.recommend.evaluation import popular


def test_popularity_lists_the_most_rated_of_the_unseen(backend):
    ratings = Ratings.numbered([0, 1, 2, 0, 1, 2], [2, 2, 2, 1, 1, 0], [1.0] * 6, 3, 4)  # 2 is rated thrice, 1 twice
    found = popular(BiasModel().fit(ratings, backend))
    assert found.top_numbers([2, -1], 10).tolist() == [[1, 3] + [-1] * 8, [2, 1, 0, 3] + [-1] * 6]


def example():
    """Return a model that likes items by number, and held-out ratings of known and unknown users and items."""
    known = Ratings.of(["ann", "ann", "bob", "eve", "eve"], [3, 0, 1, 3, 2], [1.0, 9.0, 6.0, 1.0, 3.0])
    held = Ratings.of(["ann", "bob", "bob", "zoe", "eve"], [1, 3, 7, 0, 0], [5.0, 4.0, 5.0, 5.0, 0.0])
    return BiasModel(damping=(1e6, 0.0)).fit(known, get("numpy", dtype="float64")), held


def test_figures_are_those_worked_by_hand():
    found, held = example()  # lists of two: ann 1 2, bob 0 2, zoe 0 1; by popularity ann 1 2, bob 3 0, zoe 3 0
    told = evaluate_lists(found, held, n=2)
    hits = {"ann": 1, "bob": 0, "zoe": 1}
    assert told["model"]["hit rate"] == pytest.approx(sum(hits.values()) / 3)
    assert told["model"]["precision"] == pytest.approx((1 / 2 + 0 + 1 / 2) / 3)
    assert told["model"]["recall"] == pytest.approx((1 + 0 + 1) / 3)
    assert told["model"]["mrr"] == pytest.approx((1 + 0 + 1) / 3)
    assert told["model"]["coverage"] == 3 / 4
    assert told["popularity"]["recall"] == pytest.approx((1 + 1 / 2 + 1) / 3)  # item 7 is known to nobody
    assert told["popularity"]["mrr"] == pytest.approx((1 + 1 + 1 / 2) / 3)


def test_blocks_of_users_give_the_same(monkeypatch):
    found, held = example()
    together = evaluate_lists(found, held, n=3)
    monkeypatch.setattr(evaluation, "USERS", 1)
    for name, row in evaluate_lists(found, held, n=3).items():
        assert row == pytest.approx(together[name])


def test_only_ratings_of_at_least_the_least_are_relevant():
    found, held = example()
    assert evaluate_lists(found, held, 2, least=6.0) == {}
    assert evaluate_lists(found, held, 2, least=5.0)["model"]["recall"] == pytest.approx((1 + 0 + 1) / 3)
    assert evaluate_lists(found, held, 2, least=0.0)["model"]["recall"] == pytest.approx((1 + 0 + 1 + 1) / 4)
    assert evaluate_lists(found, held, 10**9)["model"]["coverage"] == 1.0
    with pytest.raises(ValueError, match="n must be at least 1"):
        evaluate_lists(found, held, 0)


def test_every_user_has_the_same_weight(rng):
    users, items = np.nonzero(rng.random((30, 20)) < 0.5)
    train, test = Ratings.of(users, items, rng.integers(1, 6, users.size)).split(0.3)
    found = BiasModel().fit(train)
    expected = []
    for number in np.unique(test.users):
        own = set(test.items[test.users == number].tolist())
        listed = found.top_numbers([number], 4)[0].tolist()
        expected.append(len(own & set(listed)) / 4)
    assert evaluate_lists(found, test, 4)["model"]["precision"] == pytest.approx(np.mean(expected), rel=1e-6)
