"""Costs, their values from z, and the errors that they send back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_close, slope

from xpnet.backend import to_numpy
from xpnet.nn import ACTIVATIONS, COSTS, cross_entropy, linear, log_likelihood, quadratic, sigmoid, softmax

PAIRS = [(cost, f) for cost in COSTS.values() for f in ACTIVATIONS.values() if cost.accepts(f)]


def test_quadratic_is_half_the_squared_distance(backend):
    z = y = backend.asarray([[3.0, 4.0]])
    assert_close(backend, quadratic.value(z, z, 0.0 * y), [12.5])
    assert_close(backend, quadratic.delta(z, z, 0.0 * y, linear), [[3.0, 4.0]])


def test_quadratic_delta_has_the_slope_of_the_output(backend):
    z, y = backend.asarray([[0.0, 2.0]]), backend.asarray([[1.0, 0.0]])
    assert_close(backend, quadratic.delta(z, sigmoid(z), y, sigmoid), [[-0.125, 0.0924780432298297]])


def test_cross_entropy_sums_over_the_outputs(backend):
    z, y = backend.asarray([[0.0, 0.0], [-2.0, 3.0]]), backend.asarray([[1.0, 0.0], [0.0, 1.0]])
    assert_close(backend, cross_entropy.value(z, sigmoid(z), y), [2 * np.log(2.0), 0.17551536261671752])


def test_cross_entropy_of_logits_agrees_with_pytorchs_numbers(backend):
    z = backend.asarray([[-1000.0], [-2.0], [0.0], [3.0], [1000.0]])
    y = backend.asarray([[1.0], [0.0], [1.0], [1.0], [0.0]])
    expected = np.asarray([1000.0, 0.1269280110429727, 0.6931471805599453, 0.04858735157374206, 1000.0])
    assert_close(backend, cross_entropy.value(z, sigmoid(z), y), expected)
    small = cross_entropy.value(z, sigmoid(z), y)[1:4]  # the large ones must not hide the small
    assert_close(backend, small, expected[1:4])


def test_log_likelihood_agrees_with_pytorchs_numbers(backend):
    z = backend.asarray([[1.0, 2.0, 3.0], [1.0, 0.0, -1.0]])
    y = backend.asarray([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    assert_close(backend, log_likelihood.value(z, softmax(z), y), [0.4076059644443804] * 2)
    expected = [
        [0.09003057317038046, 0.24472847105479764, -0.3347590442251782],
        [-0.3347590442251782, 0.24472847, 0.0900],
    ]
    assert_close(backend, log_likelihood.delta(z, softmax(z), y, softmax)[:1, :], expected[:1])


def test_log_likelihood_of_a_sure_mistake_is_exact(backend):
    z, y = backend.asarray([[1000.0, -1000.0]]), backend.asarray([[0.0, 1.0]])
    assert_close(backend, log_likelihood.value(z, softmax(z), y), [2000.0])


def test_quadratic_is_kerass_mean_squared_error_times_half_the_outputs(backend):
    y, p = backend.asarray([[1.0, 9.0, 2.0], [-5.0, -2.0, 6.0]]), backend.asarray([[4.0, 8.0, 12.0], [8.0, 1.0, 3.0]])
    assert float(to_numpy(quadratic.value(p, p, y)).mean()) == pytest.approx(49.5 * 3 / 2)
    a, one = backend.asarray([[0.0, 1.5, -3.0]]), backend.full((1, 3), 1.0)
    assert float(to_numpy(quadratic.value(a, a, one)).mean()) == pytest.approx(5.75 * 3 / 2)  # PyTorch's MSE


def test_cross_entropy_is_kerass_binary_one_times_the_outputs(backend):
    p = np.asarray([[0.9, 0.1, 0.2], [0.3, 0.8, 0.1], [0.1, 0.2, 0.7]])
    z, y = backend.asarray(np.log(p / (1 - p))), backend.asarray(np.eye(3))
    assert float(to_numpy(cross_entropy.value(z, sigmoid(z), y)).mean()) == pytest.approx(3 * 0.20046918, abs=2e-7)
    z, y = backend.asarray([[10.0, -10.0, 10.0], [10.0, 10.0, -10.0]]), backend.asarray([[1.0, 0, 1], [0, 1, 1]])
    assert float(to_numpy(cross_entropy.value(z, sigmoid(z), y)).mean()) == pytest.approx(3 * 3.3333, abs=5e-4)


def test_log_likelihood_is_kerass_categorical_cross_entropy(backend):
    z, y = backend.asarray([[8.0, 1.0, 1.0], [0.0, 9.0, 1.0], [2.0, 3.0, 5.0]]), backend.asarray(np.eye(3))
    assert float(to_numpy(log_likelihood.value(z, softmax(z), y)).mean()) == pytest.approx(0.0573756, abs=2e-7)
    z = backend.asarray(np.log([[0.9, 0.05, 0.05], [0.5, 0.89, 0.6], [0.05, 0.01, 0.94]]))  # rows renormalized
    assert float(to_numpy(log_likelihood.value(z, softmax(z), y)).mean()) == pytest.approx(0.323968, abs=2e-6)


@pytest.mark.parametrize(("cost", "f"), PAIRS, ids=lambda value: value.name)
def test_cost_is_finite_at_a_thousand(backend, cost, f):
    z, y = backend.asarray([[-1000.0, 1000.0]]), backend.asarray([[1.0, 0.0]])
    assert np.isfinite(to_numpy(cost.value(z, f(z), y))).all()
    assert np.isfinite(to_numpy(cost.delta(z, f(z), y, f))).all()


@pytest.mark.parametrize(("cost", "f"), PAIRS, ids=lambda value: value.name)
def test_delta_is_the_derivative_of_the_value(float64, cost, f):
    rng = np.random.default_rng(2)
    z, y = rng.standard_normal((4, 3)) + 0.01, to_numpy(softmax(rng.standard_normal((4, 3))))
    here = float64.asarray(z)
    delta = to_numpy(cost.delta(here, f(here), float64.asarray(y), f))
    u = rng.standard_normal((4, 3))
    moved = slope(lambda z: cost.value(z, f(z), y).sum(), z, u)
    assert abs((delta * u).sum() - moved) < 1e-8


@pytest.mark.parametrize(("cost", "f"), PAIRS, ids=lambda value: value.name)
@given(z=st.floats(-50, 50), y=st.sampled_from([0.0, 1.0]))
def test_cost_is_never_negative(cost, f, z, y):
    z, y = np.asarray([[z, 0.0]]), np.asarray([[y, 1.0 - y]])
    assert cost.value(z, f(z), y)[0] >= 0.0


def test_costs_accept_only_the_outputs_that_they_are_made_for():
    accepted = {cost.name: {f.name for f in ACTIVATIONS.values() if cost.accepts(f)} for cost in COSTS.values()}
    assert accepted == {
        "quadratic": {"sigmoid", "tanh", "relu", "leaky_relu", "linear"},
        "cross_entropy": {"sigmoid"},
        "log_likelihood": {"softmax"},
    }
