"""Margins and Novikoff's bound."""

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from xpnet.backend import get
from xpnet.nn.perceptrons.perceptron import Perceptron
from xpnet.nn.perceptrons.rule import perceptron_rule
from xpnet.nn.perceptrons.separation import margin, novikoff_bound

CORNERS, AND = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 0, 0, 1]


def test_margin_is_the_smallest_signed_distance(backend):
    # norm of (w, b) = (2, 1, 2) is 3; weighted inputs are 4, -1 and 2
    x = backend.asarray([[1.0, 0.0], [-1.0, -1.0], [0.0, 0.0]])
    found = Perceptron(backend.asarray([2.0, 1.0]), backend.asarray(2.0))
    assert margin(x, [1, 0, 1], found) == pytest.approx(1.0 / 3.0, rel=1e-6)
    assert margin(x, [1, 0, 0], found) == pytest.approx(-2.0 / 3.0, rel=1e-6)
    assert margin(x, backend.asarray(np.asarray([True, False, True])), found) == pytest.approx(1.0 / 3.0, rel=1e-6)


def test_margin_of_nothing_is_0(backend):
    assert margin(CORNERS, AND, Perceptron(backend.asarray([0.0, 0.0]), 0.0)) == 0.0


def test_novikoff_bound_of_and_by_hand(backend):
    # the farthest row is (1, 1, 1), the nearest is 1/2 away from w = (1, 1), b = -3/2, of norm sqrt(17)/2
    found = Perceptron(backend.asarray([1.0, 1.0]), -1.5)
    assert margin(CORNERS, AND, found) == pytest.approx(1.0 / sqrt(17.0), rel=1e-6)
    assert novikoff_bound(backend.asarray(CORNERS), AND, found) == pytest.approx(51.0, rel=1e-5)


def test_novikoff_bound_is_infinite_on_the_boundary(backend):
    either = Perceptron(backend.asarray([1.0, 1.0]), 0.0)
    assert novikoff_bound(CORNERS, [0, 1, 1, 1], either) == inf


def test_novikoff_bound_refuses_a_perceptron_that_is_wrong(backend):
    with pytest.raises(ValueError, match="perceptron must separate the classes, got a wrong output for row 1"):
        novikoff_bound(CORNERS, AND, Perceptron(backend.asarray([0.0, 1.0]), -0.5))
    with pytest.raises(ValueError, match=r"perceptron must be a single one, with w of shape \(n_in,\), got \(1, 2\)"):
        novikoff_bound(CORNERS, AND, Perceptron(backend.asarray([[1.0, 1.0]]), backend.asarray([-1.5])))


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 40), n_in=st.integers(1, 6), gap=st.floats(0.05, 1.0))
def test_the_rule_never_makes_more_mistakes_than_novikoff_allows(seed, n, n_in, gap):
    rng = np.random.default_rng(seed)
    planted = Perceptron(rng.standard_normal(n_in), rng.standard_normal() / 2.0)
    x = 3.0 * rng.standard_normal((n, n_in))
    z = x @ planted.w + planted.b
    x, y = x[abs(z) > gap], (z > 0.0)[abs(z) > gap]
    assume(0 < y.sum() < y.size)
    result = perceptron_rule(x, y, passes=10**6)
    assert result.separated
    assert result.margin >= 0.0
    assert (result.perceptron.predict(x) == y).all()
    assert result.margin == margin(x, y, result.perceptron)
    for separator in (planted, result.perceptron):
        assert sum(result.mistakes) <= novikoff_bound(x, y, separator) * (1.0 + 1e-12)


@given(shift=st.integers(-3, 3))
def test_margin_moves_with_the_bias(shift):
    w = get("numpy", dtype="float64").asarray([3.0])
    z = 3.0 * np.asarray([-4.0, 4.0]) + shift
    expected = min(-z[0], z[1]) / np.hypot(3.0, shift)
    assert margin([[-4.0], [4.0]], [0, 1], Perceptron(w, float(shift))) == pytest.approx(expected)
