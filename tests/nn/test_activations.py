"""Activation functions and their derivatives."""

import copy
import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nn_tables import ELEMENTWISE
from tools import TOLERANCES, assert_close, slope

from xpnet.backend import get, to_numpy
from xpnet.nn import ACTIVATIONS, Activation, elu, gelu, leaky_relu, linear, relu, sigmoid, softmax, step, tanh

Z = [-1.0, 0.0, 2.0]
BY_HAND = {  # value and derivative at Z
    "sigmoid": ([0.2689414213699951, 0.5, 0.8807970779778823], [0.19661193324148185, 0.25, 0.10499358540350652]),
    "tanh": ([-0.7615941559557649, 0.0, 0.9640275800758169], [0.41997434161402614, 1.0, 0.07065082485316443]),
    "relu": ([0.0, 0.0, 2.0], [0.0, 0.0, 1.0]),
    "leaky_relu": ([-0.01, 0.0, 2.0], [0.01, 0.01, 1.0]),
    "linear": (Z, [1.0, 1.0, 1.0]),
    "step": ([0.0, 0.0, 1.0], [0.0, 0.0, 0.0]),
    "elu": ([-0.6321205588285577, 0.0, 2.0], [0.36787944117144233, 1.0, 1.0]),
    "gelu": ([-0.15865525393145707, 0.0, 1.9544997361036416], [-0.0833154705876863, 0.5, 1.0852318010781969]),
    "exponential": ([0.36787944117144233, 1.0, 7.38905609893065], [0.36787944117144233, 1.0, 7.38905609893065]),
}


@pytest.mark.parametrize("f", ELEMENTWISE, ids=lambda f: f.name)
def test_activation_has_the_values_worked_by_hand(backend, f):
    z = backend.asarray(Z)
    value, derivative = BY_HAND[f.name]
    assert_close(backend, f(z), value)
    assert_close(backend, f.derivative(z, f(z)), derivative)


@pytest.mark.parametrize("f", ACTIVATIONS.values(), ids=lambda f: f.name)
def test_activation_is_finite_at_a_thousand(backend, f):
    z = backend.asarray([[-1000.0, 0.0, min(1000.0, f.overflows_above)]])
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
    assert_close(backend, elu(z), [[-1.0, 1000.0]])
    assert_close(backend, gelu(z), [[0.0, 1000.0]])


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


@pytest.mark.parametrize("f", [f for f in ELEMENTWISE if f.differentiable], ids=lambda f: f.name)
@given(z=st.floats(-30.0, 30.0).filter(lambda z: abs(z) > 1e-3))
def test_derivative_agrees_with_central_differences(f, z):
    z = get("numpy", dtype="float64").asarray([z])
    derivative = f.derivative(z, f(z))[0]
    assert abs(derivative - slope(lambda z: f(z)[0], z, np.ones(1))) < 1e-8 * max(1.0, abs(derivative))


@given(z=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9))
def test_softmax_rows_sum_to_one_and_ignore_a_shift(z):
    z = np.asarray([z])
    a = softmax(z)
    assert abs(a.sum() - 1.0) < 1e-12
    np.testing.assert_allclose(softmax(z + 8.0), a, atol=1e-8)


# ---- others' ----------------------------------------------------------------------------------------------


GELU = {  # z Phi(z), computed in 50 digits
    -37.5: -1.7270073785932332e-306,
    -30.25: -7.891136864367313e-200,
    -20.3125: -1.0125607877021502e-90,
    -15.1875: -3.2496058623277276e-51,
    -9.5: -9.969789321594476e-21,
    -7.375: -6.060223798093448e-13,
    -5.0625: -1.0474162280521018e-06,
    -3.125: -0.00277820405971385,
    -1.5: -0.1002108019032871,
    -0.4375: -0.14475754476788466,
    -0.0009765625: -0.00048790078905392527,
    0.125: 0.06871727810376412,
    1.0625: 0.9094953473104058,
    3.5: 3.4991857982233756,
    8.25: 8.25,
}


def test_gelu_is_exact_to_a_few_units_in_the_last_place(backend):
    z, expected = np.asarray(list(GELU)), np.asarray(list(GELU.values()))
    normal = np.abs(expected) > (1e-36 if backend.dtype_name == "float32" else 0.0)  # below, digits are lost
    found = to_numpy(gelu(backend.asarray(z)))[normal]
    # 5.1 units was the largest error at 7,000 places between -38 and 1000
    np.testing.assert_allclose(found, expected[normal], rtol=6.0 * float(backend.xp.finfo(backend.dtype).eps))


def test_gelu_has_no_gap(float64):
    z = np.linspace(-37.0, 10.0, 2001)
    expected = [0.5 * each * math.erfc(-each / math.sqrt(2.0)) for each in z]
    # Python's erfc at a rounded -z / sqrt(2) is itself off by up to z^2 units in the last place
    np.testing.assert_allclose(to_numpy(gelu(float64.asarray(z))), expected, rtol=3e-13)


@pytest.mark.parametrize("f", [elu, gelu], ids=lambda f: f.name)
def test_small_inputs_keep_their_digits(backend, f):
    z = np.asarray([-1e-30, -1e-12, 1e-12, 1e-30])
    first = {"elu": np.where(z < 0.0, z + 0.5 * z * z, z), "gelu": z * (0.5 + 0.3989422804014327 * z)}
    found = to_numpy(f(backend.asarray(z)))
    np.testing.assert_allclose(found, first[f.name], rtol=10 * TOLERANCES["rounding"][backend.dtype_name])


# ---- kinds, not names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", ACTIVATIONS.values(), ids=lambda f: f.name)
def test_activation_is_a_value(f):
    for again in (copy.copy(f), copy.deepcopy(f), pickle.loads(pickle.dumps(f))):
        assert again == f
        assert hash(again) == hash(f)
        assert again.is_like(f)


def test_what_an_activation_is_does_not_depend_on_its_name():
    own = dataclasses.replace(sigmoid, name="own")
    assert own.is_like(sigmoid)
    assert not dataclasses.replace(linear, name="sigmoid").is_like(sigmoid)
    declared = Activation("logistic", lambda z: 1.0 / (1.0 + np.exp(-z)), lambda z, a: a * (1.0 - a), link="logit")
    assert declared.is_like(sigmoid)
    assert not dataclasses.replace(declared, link=None).is_like(sigmoid)


@pytest.mark.parametrize("z", [[20.0, 30.0, 25.0], [-40.0, -30.0, -35.0], [-900.0, -700.0, -800.0], [-1.0, 1e4, 300.0]])
@pytest.mark.parametrize("f", [f for f in ACTIVATIONS.values() if f.threshold is not None], ids=lambda f: f.name)
def test_the_class_is_that_of_the_largest_weighted_input(backend, f, z):
    z = backend.asarray([z, z[::-1], [0.0, 0.0, -1.0]])
    assert to_numpy(f.decide(z)).tolist() == [1, 1, 0]  # where z itself ties, the first


def test_a_single_output_and_several_labels_are_told_by_the_threshold(backend):
    z = backend.asarray([[1e-30], [0.0], [-1e-30]])
    assert to_numpy(sigmoid.decide(z)).tolist() == [1, 0, 0]
    assert to_numpy(sigmoid.decide(z, several=True)).tolist() == [[1], [0], [0]]
    late = dataclasses.replace(sigmoid, threshold=0.5)
    z = backend.asarray([[0.4, 0.6], [0.6, 0.7]])
    assert to_numpy(late.decide(z, several=True)).tolist() == [[0, 1], [1, 1]]
    assert to_numpy(late.decide(z[:, :1])).tolist() == [0, 1]


def test_values_are_decided_as_they_are(backend):
    z = backend.asarray([[1.0], [-2.0]])
    assert_close(backend, relu.decide(z), [1.0, 0.0])
    assert_close(backend, relu.decide(backend.asarray([[1.0, -2.0]])), [[1.0, 0.0]])
    with pytest.raises(ValueError, match="output must stand for classes to have probabilities, got 'relu'"):
        relu.probabilities(z)


OWN = Activation("own", sigmoid.value, sigmoid.derivative, threshold=0.0)  # without a logarithm


@pytest.mark.parametrize("f", [sigmoid, softmax, OWN], ids=lambda f: f.name)
def test_probabilities_of_classes_sum_to_one(backend, f):
    z = np.asarray([[1.0, -1.0, 0.5], [-2000.0, -1000.0, -1010.0], [-30.0, -29.0, -31.0], [50.0, -50.0, -60.0]])
    p = f.probabilities(backend.asarray(z))
    assert_close(backend, backend.xp.sum(p, axis=-1), np.ones(4))
    assert to_numpy(p).argmax(axis=1).tolist() == z.argmax(axis=1).tolist()
    a = 1.0 / (1.0 + np.exp(-z[:1])) if f.elementwise else np.exp(z[:1])
    assert_close(backend, p[:1, :], a / a.sum())


def test_probabilities_of_sigmoids_far_below_zero_are_those_of_their_tails(backend):
    z = np.asarray([[-900.0, -899.0], [-30.0, -29.0]])
    p = sigmoid.probabilities(backend.asarray(z))
    assert_close(backend, p, [[0.2689414213699951, 0.7310585786300049]] * 2, "product")  # z itself is rounded


def test_probabilities_of_several_labels_and_of_one_output_are_their_own(backend):
    z = backend.asarray([[0.0, 2.0]])
    assert_close(backend, sigmoid.probabilities(z, several=True), [[0.5, 0.8807970779778823]])
    assert_close(backend, sigmoid.probabilities(z[:, 1:]), [[0.1192029220221177, 0.8807970779778823]])
