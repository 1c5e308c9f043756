"""New ratings of a fitted model: newcomers folded in, then a few iterations on all ratings."""

import numpy as np
import pytest

from xpnet.backend import get, to_numpy
from xpnet.recommend import ALS, BiasModel, ImplicitALS, MatrixFactorization, Ratings, SoftImpute

HOST = get("numpy", dtype="float64")
MODELS = [
    BiasModel(),
    ALS(k=3, lam=1.0, iterations=60),
    ALS(k=3, lam=0.1, counted=True, iterations=60),
    SoftImpute(k=5, lam=2.0, tol=1e-5),
    SoftImpute(k=5, lam=2.0, tol=1e-5, debias=True),
    ImplicitALS(k=3, lam=0.5, alpha=2.0),
    MatrixFactorization(k=3, l2=1.0, epochs=200, batch_size=64, eta=0.02),
    MatrixFactorization(k=3, penalty="max_norm", max_norm=1.5, epochs=200, batch_size=64, eta=0.02),
]
NAMES = ["bias", "als", "counted", "soft", "debiased", "implicit", "factorization", "max_norm"]


def made_up(n_users=50, n_items=30):
    """Return ratings from 1 to 5 of two hidden directions: those that are known first, and those that come later."""
    rng = np.random.default_rng(1)
    taste = rng.standard_normal((n_users, 2)) @ rng.standard_normal((2, n_items))
    size = np.clip(3 + 0.5 * rng.standard_normal((n_users, 1)) + 0.5 * rng.standard_normal(n_items) + taste, 1, 5)
    users, items = np.nonzero(rng.random(size.shape) < 0.6)
    names = np.asarray([f"item {i:02}" for i in range(n_items)])
    early = (users < 45) & (items < 27)
    early &= rng.random(users.size) < 0.9
    parts = [(users[part] + 100, names[items[part]], size[users[part], items[part]]) for part in (early, ~early)]
    return [Ratings.of(*part) for part in parts]


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_an_update_comes_near_a_fit_to_all_ratings(model):
    first, later = made_up()
    every = first.merged(later)
    before, again = model.fit(first, HOST), model.fit(every, HOST)
    found = before.update(later, iterations=10)
    assert (found.ratings.n, found.ratings.n_users, found.ratings.n_items) == (every.n, 50, 30)
    if isinstance(model, ImplicitALS):
        pairs = later.user_ids[later.users], later.item_ids[later.items]
        now, best = (to_numpy(one.predict(*pairs)).mean() for one in (found, again))
        assert now > 0.95 * best
    else:
        # singular values are stretched as before, and norms are limited after each solution, which is not the minimum
        rough = getattr(model, "debias", False) or getattr(model, "max_norm", None)
        assert found.rmse(every) < (1.25 if rough else 1.05) * again.rmse(every)
        assert found.rmse(later) < before.rmse(later)


@pytest.mark.parametrize("model", [MODELS[0], MODELS[1], MODELS[5]], ids=["bias", "als", "implicit"])
def test_without_iterations_a_new_user_is_folded_in(model):
    first, _ = made_up()
    own = Ratings.of([7, 7, 7], ["item 01", "item 04", "item 09"], [5.0, 1.0, 4.0])
    found, guest = model.fit(first, HOST), model.fit(first, HOST).fold_in(own.item_ids[own.items], own.values)
    after = found.update(own, iterations=0)
    # one user's ratings move the others' biases a little
    np.testing.assert_allclose(
        to_numpy(after.predict([7], first.item_ids)), to_numpy(guest.predict(first.item_ids)), atol=0.12
    )
    if isinstance(model, ImplicitALS):
        np.testing.assert_allclose(after.factors.p[0], guest.p, rtol=1e-9)


def test_a_new_rating_of_a_known_pair_is_the_one_that_counts(backend):
    if not hasattr(backend.xp, "linalg"):
        pytest.skip("needs the linear algebra extension")
    first = Ratings.of([1, 1, 2, 2], [7, 8, 7, 8], [5.0, 3.0, 4.0, 2.0])
    found = ALS(k=1, lam=1.0).fit(first, backend).update(Ratings.of([1], [7], [1.0]))
    assert found.ratings.values.tolist() == [3.0, 4.0, 2.0, 1.0]
    assert float(to_numpy(found.predict([1], [7]))[0]) < 3.0
    clicks = ImplicitALS(k=1).fit(first, backend).update(Ratings.of([1, 3], [7, 8], [0.0, 2.0]))
    assert clicks.ratings.n == 4  # the pair whose value is 0 now is none
    assert clicks.recommend(1, 5).ids.tolist() == [7]


def test_what_cannot_be_added_is_refused():
    first, later = made_up()
    found = ALS(k=2, lam=1.0).fit(first, HOST)
    for more, error, message in [
        (Ratings.of(["ann"], ["item 01"], [1.0]), TypeError, "users must be ids like those known, such as"),
        (Ratings.of([100], [1], [1.0]), TypeError, "items must be ids like those known, such as"),
        (Ratings.of([100], ["item 01"], [1e200]), ValueError, "values must be at most"),
    ]:
        with pytest.raises(error, match=message):
            found.update(more)
    with pytest.raises(ValueError, match="iterations must be at least 0"):
        found.update(later, iterations=-1)
    with pytest.raises(ValueError, match="values must be at least 0"):
        ImplicitALS(k=2).fit(first, HOST).update(Ratings.of([100], ["item 01"], [-1.0]))


def test_an_updated_recommender_is_saved_like_any_other(tmp_path):
    from xpnet.recommend import load, save

    first, later = made_up()
    found = ALS(k=2, lam=1.0).fit(first).update(later)
    save(tmp_path / "r.npz", found)
    assert load(tmp_path / "r.npz").recommend(149, 3).ids.tolist() == found.recommend(149, 3).ids.tolist()


def test_new_users_of_new_items_alone_get_factors(rng):
    first, _ = made_up()
    signs = np.where(rng.random(12) < 0.5, 1.0, -1.0)[:, None] * np.where(rng.random(8) < 0.5, 1.0, -1.0)
    users, items = np.nonzero(np.ones(signs.shape))
    names = np.asarray([f"new {item}" for item in range(8)])
    apart = Ratings.of(users + 500, names[items], (3.0 + 2.0 * signs)[users, items])  # two camps that no bias explains
    found = ALS(k=3, lam=1.0).fit(first, HOST).update(apart, iterations=10)
    assert found.rmse(apart) < 0.5
    assert BiasModel().fit(apart, HOST).rmse(apart) > 1.0
