"""Activation functions and their derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_close, slope

from xpnet.backend import get, to_numpy
from xpnet.nn import ACTIVATIONS, leaky_relu, linear, relu, sigmoid, softmax, step, tanh

Z = [-1.0, 0.0, 2.0]
BY_HAND = {  # value and derivative at Z
    "sigmoid": ([0.2689414213699951, 0.5, 0.8807970779778823], [0.19661193324148185, 0.25, 0.10499358540350652]),
    "tanh": ([-0.7615941559557649, 0.0, 0.9640275800758169], [0.41997434161402614, 1.0, 0.07065082485316443]),
    "relu": ([0.0, 0.0, 2.0], [0.0, 0.0, 1.0]),
    "leaky_relu": ([-0.01, 0.0, 2.0], [0.01, 0.01, 1.0]),
    "linear": (Z, [1.0, 1.0, 1.0]),
    "step": ([0.0, 0.0, 1.0], [0.0, 0.0, 0.0]),
}
ELEMENTWISE = [f for f in ACTIVATIONS.values() if f.elementwise]


@pytest.mark.parametrize("f", ELEMENTWISE, ids=lambda f: f.name)
def test_activation_has_the_values_worked_by_hand(backend, f):
    z = backend.asarray(Z)
    value, derivative = BY_HAND[f.name]
    assert_close(backend, f(z), value)
    assert_close(backend, f.derivative(z, f(z)), derivative)


@pytest.mark.parametrize("f", ACTIVATIONS.values(), ids=lambda f: f.name)
def test_activation_is_finite_at_a_thousand(backend, f):
    z = backend.asarray([[-1000.0, 0.0, 1000.0]])
    a = f(z)
    assert np.isfinite(to_numpy(a)).all()
    assert np.isfinite(to_numpy(f.derivative(z, a))).all()


def test_saturated_activations_reach_their_limits(backend):
    z = backend.asarray([[-1000.0, 1000.0]])
    assert_close(backend, sigmoid(z), [[0.0, 1.0]])
    assert_close(backend, tanh(z), [[-1.0, 1.0]])
    assert_close(backend, softmax(z), [[0.0, 1.0]])
    assert_close(backend, relu(z), [[0.0, 1000.0]])
    assert_close(backend, leaky_relu(z), [[-10.0, 1000.0]])
    assert_close(backend, linear(z), [[-1000.0, 1000.0]])
    assert_close(backend, step(z), [[0.0, 1.0]])


def test_softmax_is_that_of_the_book(backend):
    z = backend.asarray([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    expected = [[0.09003057317038046, 0.24472847105479764, 0.6652409557748218], [1 / 3, 1 / 3, 1 / 3]]
    assert_close(backend, softmax(z), expected)


def test_softmax_derivative_is_its_jacobian(float64):
    z = np.random.default_rng(1).standard_normal((4, 3))
    jacobian = to_numpy(softmax.derivative(float64.asarray(z), softmax(float64.asarray(z))))
    for j in range(3):
        moved = slope(lambda z: softmax(z), z, np.eye(3)[j])
        np.testing.assert_allclose(jacobian[..., j], moved, atol=1e-9)


@pytest.mark.parametrize("f", [f for f in ELEMENTWISE if f.name != "step"], ids=lambda f: f.name)
@given(z=st.floats(-30.0, 30.0).filter(lambda z: abs(z) > 1e-3))
def test_derivative_agrees_with_central_differences(f, z):
    z = get("numpy", dtype="float64").asarray([z])
    assert abs(f.derivative(z, f(z))[0] - slope(lambda z: f(z)[0], z, np.ones(1))) < 1e-8


@given(z=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9))
def test_softmax_rows_sum_to_one_and_ignore_a_shift(z):
    z = np.asarray([z])
    a = softmax(z)
    assert abs(a.sum() - 1.0) < 1e-12
    np.testing.assert_allclose(softmax(z + 8.0), a, atol=1e-8)
