"""SoftImpute and alternating least squares find one minimum, and it is the minimum."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from tools import assert_near

from xpnet.backend import to_numpy
from xpnet.recommend.algorithms import als, soft_impute
from xpnet.recommend.algorithms.observed import observe
from xpnet.recommend.algorithms.problems import Explicit

LAM, MINIMUM = 3.0, 422.7143474941945


def example():
    """Return the 60 x 40 matrix of rank 3 with noise, and which half of its entries are known."""
    rng = np.random.default_rng(0)
    y = rng.standard_normal((60, 3)) @ rng.standard_normal((3, 40)) + 0.1 * rng.standard_normal((60, 40))
    return y, rng.random((60, 40)) < 0.5


def known(y, mask):
    """Return the known entries of a matrix as bare ratings."""
    users, items = np.nonzero(mask)
    n_users, n_items = y.shape
    return SimpleNamespace(users=users, items=items, values=y[mask], n_users=n_users, n_items=n_items)


def dense(z):
    u, d, v = (np.asarray(to_numpy(x)) for x in z)
    return (u * d) @ v.T


@pytest.fixture
def solving(float64):
    if not hasattr(float64.xp, "linalg"):
        pytest.skip("needs the linear algebra extension")
    return float64


def converged(backend, lam=LAM, k=8):
    observed = observe(known(*example()), backend)
    ((point, z),) = soft_impute.path(observed, [lam], k, backend, steps=400, tol=1e-12)
    return observed, point, z


@pytest.mark.parametrize("steps", [None, 3], ids=["exact", "conjugate gradients"])
def test_both_reach_the_same_minimum(solving, steps):
    observed, point, z = converged(solving)
    assert abs(point.objective - MINIMUM) < 1e-10
    assert point.rank == 3
    factors = als.random_factors(observed, 4, solving)
    before = np.inf
    for _ in range(60):
        factors = als.improved(Explicit(observed, LAM), factors, steps)
        now = Explicit(observed, LAM).value(factors)
        assert now <= before * (1 + 1e-12)
        before = now
    assert abs(before - MINIMUM) < 1e-10
    p, q = (np.asarray(to_numpy(x)) for x in factors)
    np.testing.assert_allclose(p @ q.T, dense(z), atol=1e-8)
    assert 0.5 * ((p**2).sum() + (q**2).sum()) == pytest.approx(float(to_numpy(z.d).sum()), rel=1e-10)


def test_optimality_conditions_hold(solving):
    """The gradient has spectral norm lambda, and meets Z at lambda |Z|_*."""
    y, mask = example()
    _, _, z = converged(solving)
    estimate = dense(z)
    gradient = np.where(mask, y - estimate, 0.0)
    assert abs(np.linalg.norm(gradient, 2) / LAM - 1) < 1e-9
    nuclear = float(to_numpy(z.d).sum())
    assert abs((gradient * estimate).sum() / (LAM * nuclear) - 1) < 1e-9


def test_fewer_factors_than_the_rank_cannot_reach_it(solving):
    observed = observe(known(*example()), solving)
    factors = als.random_factors(observed, 2, solving)
    for _ in range(100):
        factors = als.improved(Explicit(observed, LAM), factors)
    assert Explicit(observed, LAM).value(factors) == pytest.approx(733.26, abs=0.01)


def test_the_largest_lambda_makes_everything_zero_and_less_does_not(solving):
    y, mask = example()
    observed = observe(known(y, mask), solving)
    largest = soft_impute.largest_lambda(observed, solving)
    assert largest == pytest.approx(np.linalg.norm(np.where(mask, y, 0.0), 2), rel=1e-10)
    lambdas = [largest * (1 + 1e-9), 0.99 * largest, 0.5 * largest, 0.1 * largest]
    ranks = [point.rank for point, _ in soft_impute.path(observed, lambdas, 10, solving)]
    assert ranks[0] == 0
    assert ranks[1] == 1
    assert ranks == sorted(ranks)


def test_the_objective_never_rises_along_steps(solving):
    observed = observe(known(*example()), solving)
    z, before = soft_impute.start(observed, 6, solving), np.inf
    for _ in range(30):
        z = soft_impute.improved(observed, z, LAM)
        now = soft_impute.objective(observed, z, LAM)
        assert now <= before * (1 + 1e-12)
        before = now


def test_change_is_the_distance_even_where_it_is_tiny(solving):
    observed = observe(known(*example()), solving)
    z = soft_impute.start(observed, 6, solving)
    for step in range(40):
        before, z = z, soft_impute.improved(observed, z, LAM)
        if step:
            exact = np.linalg.norm(dense(z) - dense(before)) / np.linalg.norm(dense(before))
            assert soft_impute.change(before, z) == pytest.approx(exact, rel=1e-5, abs=1e-14)


def test_exact_data_of_low_rank_are_recovered(solving, rng):
    y = rng.standard_normal((200, 3)) @ rng.standard_normal((3, 150))
    mask = rng.random(y.shape) < 0.4
    observed = observe(known(y, mask), solving)
    largest = soft_impute.largest_lambda(observed, solving)
    lambdas = soft_impute.geometric(0.5 * largest, 1e-3 * largest, 6)
    *_, (_, z) = soft_impute.path(observed, lambdas, 10, solving, steps=60, tol=1e-5)
    assert np.linalg.norm(dense(z) - y) < 0.01 * np.linalg.norm(y)


def test_debiasing_undoes_the_shrinking(solving):
    y, mask = example()
    observed, _, z = converged(solving)
    refitted = soft_impute.debiased(observed, z)
    assert_near(solving, refitted.u, z.u, 0.0)
    left = np.where(mask, y - dense(refitted), 0.0)
    assert np.linalg.norm(left) < np.linalg.norm((y - dense(z))[mask])
    u, v = (np.asarray(to_numpy(x))[:, :3] for x in (z.u, z.v))
    np.testing.assert_allclose((u * (left @ v)).sum(axis=0), 0.0, atol=1e-9)  # least squares: nothing left along them
    assert (to_numpy(refitted.d)[3:] == 0).all()


def test_counted_lambda_weighs_rows_by_their_ratings(solving):
    observed = observe(known(*example()), solving)
    factors = als.random_factors(observed, 4, solving)
    problem, values = Explicit(observed, 0.1, counted=True), []
    for _ in range(20):
        factors = als.improved(problem, factors)
        values.append(problem.value(factors))
    assert all(b <= a * (1 + 1e-12) for a, b in pairwise(values))
