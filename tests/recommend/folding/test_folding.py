"""A newcomer folded in gets what training would have given: for every model, for users and for items."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xpnet.backend import get, to_numpy
from xpnet.recommend import ALS, BiasModel, ImplicitALS, MatrixFactorization, Ratings, SoftImpute
from xpnet.recommend.algorithms.als import Factors
from xpnet.recommend.algorithms.biased_factors import BiasedFactors, penalize
from xpnet.recommend.factorization import FactorModel
from xpnet.recommend.folding.newcomer import ridge, shortest

HOST = get("numpy", dtype="float64")
SURE = BiasModel(sweeps=300)
CONVERGED = {
    "biases": SURE,
    "undamped biases": BiasModel(damping=(0.0, 0.0), sweeps=300),
    "als": ALS(k=3, lam=1.0, iterations=1000, tol=-1.0, biases=SURE),
    "counted als": ALS(k=3, lam=0.2, counted=True, iterations=1000, tol=-1.0, biases=SURE),
    "soft impute": SoftImpute(k=6, lam=3.0, steps=2000, tol=1e-14, biases=SURE),
    "soft impute, debiased": SoftImpute(k=6, lam=3.0, steps=2000, tol=1e-14, debias=True, biases=SURE),
    "implicit als": ImplicitALS(k=3, lam=1.0, alpha=2.0, iterations=1000, tol=-1.0),
}


def made_up(seed=0, n_users=14, n_items=10):
    rng = np.random.default_rng(seed)
    size = 3 + rng.standard_normal((n_users, 2)) @ rng.standard_normal((2, n_items))
    users, items = np.nonzero(rng.random(size.shape) < 0.6)
    return Ratings.numbered(users, items, np.clip(np.round(size[users, items]), 1, 5), n_users, n_items)


def folded(found, number, side):
    """Return the bias and the factors of a user (side 0) or an item (1) folded in with its own ratings."""
    ratings = found.ratings
    own = (ratings.users, ratings.items)[side] == number
    if side == 0:
        guest = found.fold_in(ratings.item_ids[ratings.items[own]], ratings.values[own])
        return to_numpy(guest.bias), to_numpy(guest.p)
    item = found.fold_in_item(ratings.user_ids[ratings.users[own]], ratings.values[own])
    return to_numpy(item.bias), to_numpy(item.q)


@cache
def converged(name):
    return CONVERGED[name].fit(made_up(), HOST)


@pytest.mark.parametrize("name", CONVERGED)
def test_a_newcomer_gets_the_trained_row(name):
    found = converged(name)
    for side, biases, factors in ((0, found.biases.user, found.factors.p), (1, found.biases.item, found.factors.q)):
        for number in (0, 5):
            bias, row = folded(found, number, side)
            assert bias == pytest.approx(biases[number], abs=1e-7)
            np.testing.assert_allclose(row, factors[number], atol=1e-6)


@pytest.mark.parametrize("model", [BiasModel(), ALS(k=3, lam=1.0), ALS(k=3), ALS(k=3, counted=True), ImplicitALS(k=3)])
def test_a_user_folded_in_gets_the_trained_row_before_convergence_too(model):
    found = replace(model, **({"iterations": 2} if hasattr(model, "k") else {})).fit(made_up(), HOST)
    for number in range(5):
        bias, row = folded(found, number, 0)
        assert bias == pytest.approx(found.biases.user[number], abs=1e-12)
        np.testing.assert_allclose(row, found.factors.p[number], atol=1e-9)


@pytest.mark.parametrize("name", CONVERGED)
def test_every_library_folds_in_alike(backend, name):
    found = converged(name)
    arrays = ((backend.asarray(x) for x in part) for part in (found.biases, found.factors))
    biases, factors = (type(part)(*x) for part, x in zip((found.biases, found.factors), arrays, strict=True))
    there = replace(found, biases=biases, factors=factors)
    for side in (0, 1):
        for ours, theirs in zip(folded(there, 3, side), folded(found, 3, side), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-3 if backend.dtype_name == "float32" else 1e-9)


FACTORIZATIONS = {
    "frobenius": {"l2": 0.5},
    "no penalty": {"l2": 0.0},
    "l21": {"penalty": "l21", "l1": 2.0, "l2": 0.1},
    "max norm": {"penalty": "max_norm", "max_norm": 0.6},
    "both": {"l2": 0.5, "max_norm": 0.6},
}


@pytest.mark.parametrize("options", FACTORIZATIONS.values(), ids=FACTORIZATIONS.keys())
@pytest.mark.parametrize("side", [0, 1])
def test_a_factorizations_newcomer_is_where_its_gradient_vanishes(options, side):
    """The gradient that training follows: with a limit on norms, it may point straight outwards at the limit."""
    ratings, number = made_up(), 4
    found = MatrixFactorization(k=2, epochs=20, eta=0.05, **options).fit(ratings, HOST)
    bias, row = folded(found, number, side)
    w = BiasedFactors(*(np.array(x) for x in (*found.factors, found.biases.user, found.biases.item)))
    w[side][number], w[2 + side][number] = row, bias
    model = FactorModel(ratings.n_users, ratings.n_items, 2, float(found.biases.mean))
    x, y = np.stack([ratings.users, ratings.items], axis=-1), ratings.values[:, None]
    gradients, _ = model.backward(w, x, y)
    assert gradients[2 + side][number] == pytest.approx(0.0, abs=1e-12)
    pulls = np.asarray(found.folding.pulls)
    slope = gradients[side][number] * ratings.n + pulls * row
    limit = options.get("max_norm", np.inf)
    assert np.linalg.norm(row) <= limit * (1 + 1e-12)
    if np.linalg.norm(row) < 0.999 * limit:
        np.testing.assert_allclose(slope, 0.0, atol=1e-9)
    else:
        np.testing.assert_allclose(slope, -np.linalg.norm(slope) / limit * row, atol=1e-9)
    zero = BiasedFactors(*map(np.zeros_like, w))
    if "l1" in options:  # the pulls are those of training, at the norms that the fit ended with
        fitted = BiasedFactors(*found.factors, found.biases.user, found.biases.item)
        trained = penalize(zero, fitted, 1.0, options["l1"], options["l2"])
        np.testing.assert_allclose(trained.p, pulls * fitted.p)


def test_a_trained_factorization_folds_in_its_own_users():
    ratings = made_up()
    model = MatrixFactorization(k=2, l2=2.0, epochs=1500, eta=0.02, batch_size=ratings.n)
    found = model.fit(ratings, HOST)
    for side, biases, factors in ((0, found.biases.user, found.factors.p), (1, found.biases.item, found.factors.q)):
        bias, row = folded(found, 5, side)
        assert bias == pytest.approx(biases[5], abs=1e-3)
        np.testing.assert_allclose(row, factors[5], atol=1e-3)


def test_a_newcomer_of_implicit_feedback_solves_the_papers_equation():
    ratings = made_up()
    found = ImplicitALS(k=3, lam=0.1, alpha=5.0).fit(ratings, HOST)
    q, items, values = found.factors.q, [1, 4, 7], np.asarray([2.0, 0.0, 1.0])
    c, t = np.ones(10), np.zeros(10)
    c[items], t[items] = 1.0 + 5.0 * values, values > 0.0
    expected = np.linalg.solve(q.T @ (c[:, None] * q) + 0.1 * np.eye(3), q.T @ (c * t))
    guest = found.fold_in(items, values)
    np.testing.assert_allclose(guest.p, expected, rtol=1e-9)
    assert float(guest.bias) == 0.0
    assert guest.items == (1, 7)
    assert float(np.abs(found.fold_in([1, 2], [0.0, 0.0]).p).max()) == 0.0
    with pytest.raises(ValueError, match="values must be at least 0 for implicit feedback, got -2"):
        found.fold_in([1, 2], [1.0, -2.0])


def test_feedback_of_value_0_is_no_feedback():
    some = Ratings.numbered([0, 0, 1, 2, 2], [0, 1, 2, 3, 0], [1.0, 2.0, 1.0, 3.0, 1.0], 3, 5)
    users, items = np.divmod(np.arange(15), 5)
    values = np.zeros(15)
    values[some.users * 5 + some.items] = some.values
    every = Ratings.numbered(users, items, values, 3, 5)
    one, other = (ImplicitALS(k=2).fit(ratings, HOST) for ratings in (some, every))
    np.testing.assert_allclose(one.factors.p, other.factors.p, atol=1e-12)
    assert one.recommend(0, 5).ids.tolist() == other.recommend(0, 5).ids.tolist()
    with pytest.raises(ValueError, match="values must hold one above 0"):
        ImplicitALS().fit(Ratings.numbered([0, 1], [0, 1], [0.0, 0.0], 2, 2))


# ---- the small problem --------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 6), st.floats(0.05, 3.0))
def test_no_nearby_p_within_the_limit_is_better(seed, m, k, limit):
    rng = np.random.default_rng(seed)
    f, y = rng.standard_normal((m, k)), rng.standard_normal(m)
    p = shortest(f.T @ f, f.T @ y[:, None], limit)
    assert np.linalg.norm(p) <= limit * (1 + 1e-12)
    for _ in range(20):
        other = p + 1e-3 * rng.standard_normal(k)
        other = other * min(1.0, limit / np.linalg.norm(other))
        assert np.sum((y - f @ p) ** 2) <= np.sum((y - f @ other) ** 2) + 1e-12


@pytest.mark.parametrize("m", [1, 2, 5])
def test_without_a_penalty_the_shortest_solution_is_taken(backend, m, rng):
    f, y = rng.standard_normal((m, 3)), rng.standard_normal(m)
    found = to_numpy(ridge(backend.asarray(f), backend.asarray(y), 0.0))
    np.testing.assert_allclose(found, np.linalg.pinv(f) @ y, atol=1e-3 if backend.dtype_name == "float32" else 1e-9)


def test_factors_of_nobody_are_zero(backend):
    nobody = Factors(backend.full((2, 3)), backend.full((2, 3)))
    assert to_numpy(ridge(nobody.p, backend.full((2,), 1.0), 0.0)).tolist() == [0.0, 0.0, 0.0]
