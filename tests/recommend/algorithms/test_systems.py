"""The least-squares systems of all rows, exact and by conjugate gradients, beside dense solutions of each row."""

import numpy as np
import pytest
from tools import assert_close

from xpnet.backend import get
from xpnet.recommend.algorithms.plan import at, make_plan, padded
from xpnet.recommend.algorithms.systems import Systems, approach, solve


@pytest.fixture
def solving(backend):
    if not hasattr(backend.xp, "linalg"):
        pytest.skip("needs the linear algebra extension")
    return backend


def made_up(rng, backend, k, weighed, n_rows=9, n_columns=6):
    """Return the systems of rows with 0 to 12 ratings, in any order, and the solution of each row."""
    mask = rng.random((n_rows, n_columns)) < np.linspace(0, 1, n_rows)[:, None]
    rows, columns = np.nonzero(mask)
    order = rng.permutation(rows.size)
    rows, columns = rows[order], columns[order]
    x, c = rng.standard_normal((n_columns, k)), rng.standard_normal(rows.size)
    w = rng.uniform(0.1, 3.0, rows.size) if weighed else np.ones(rows.size)
    half = rng.standard_normal((k, k))
    base = half @ half.T + 0.5 * np.eye(k)
    expected = np.zeros((n_rows, k))
    for row in np.flatnonzero(mask.any(axis=1)):
        own = rows == row
        f = x[columns[own]]
        expected[row] = np.linalg.solve(f.T @ (w[own][:, None] * f) + base, f.T @ c[own])
    plan = make_plan(rows, columns, c, n_rows, n_columns, backend)
    weights = padded(backend.asarray(w))

    def opinions(block):
        return block.values, at(weights, block.entries) if weighed else None

    return Systems(plan, backend.asarray(x), backend.asarray(base), opinions), expected


@pytest.mark.parametrize("weighed", [False, True])
def test_every_row_is_solved_over_its_own_ratings(solving, rng, weighed):
    systems, expected = made_up(rng, solving, 3, weighed)  # rows with fewer ratings than factors, and with more
    assert_close(solving, solve(systems), expected, "product")


def test_conjugate_gradients_come_to_the_same(solving, rng):
    systems, expected = made_up(rng, solving, 3, True)
    start = solving.asarray(rng.standard_normal(expected.shape))
    assert_close(solving, approach(systems, start, 6), expected, "product")


def test_each_step_of_conjugate_gradients_comes_nearer(rng):
    home = get("numpy", dtype="float64")
    systems, expected = made_up(rng, home, 8, True)
    gaps = [np.abs(approach(systems, np.zeros_like(expected), steps) - expected).max() for steps in range(1, 9)]
    assert gaps[0] > 0.01
    assert gaps[3] < 0.2 * gaps[0]
    assert gaps[-1] < 1e-8


def test_a_row_with_one_rating_takes_one_step(rng):
    """Its system is the identity and a matrix of rank one: two different eigenvalues, and the start knows one."""
    home = get("numpy", dtype="float64")
    plan = make_plan(np.asarray([0, 1]), np.asarray([2, 0]), np.asarray([3.0, -1.0]), 2, 3, home)
    x, base = rng.standard_normal((3, 5)), 2.0 * np.eye(5)
    systems = Systems(plan, x, base, lambda block: (block.values, np.abs(block.values)))
    np.testing.assert_allclose(approach(systems, np.zeros((2, 5)), 1), solve(systems), atol=1e-13)


def test_solutions_stay_where_they_are(rng):
    home = get("numpy", dtype="float64")
    systems, expected = made_up(rng, home, 3, True)
    np.testing.assert_allclose(approach(systems, expected, 3), expected, atol=1e-12)
    zeros = systems._replace(x=0.0 * systems.x, plan=systems.plan.with_values(np.zeros(100)))
    for found in (solve(zeros), approach(zeros, 0.0 * expected, 3)):
        assert (found == 0.0).all()


def test_several_workers_find_the_same_to_the_bit(rng):
    home = get("numpy")
    systems, _ = made_up(rng, home, 3, True)
    several = systems._replace(plan=systems.plan._replace(workers=3))
    assert len(systems.plan.blocks) > 1
    np.testing.assert_array_equal(solve(several), solve(systems))
