"""The four equations of backpropagation and the exercises around them: Nielsen, chapters 2 and 3.

Everything here is about one small network, in float64, against central differences or another way of writing it.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_close

from xpnet.backend import get, namespace, to_numpy
from xpnet.nn import (
    COSTS,
    Activation,
    Layer,
    Network,
    backprop,
    cross_entropy,
    forward,
    gradient_check,
    linear,
    log_likelihood,
    quadratic,
    sigmoid,
    softmax,
)
from xpnet.nn.backprop import errors, gradients
from xpnet.trees import leaves, map_arrays

PAIRS = [("cross_entropy", "sigmoid"), ("log_likelihood", "softmax"), ("quadratic", "sigmoid"), ("quadratic", "tanh")]
pairs = pytest.mark.parametrize(("cost", "output"), PAIRS)
M = 5


@pytest.fixture
def made(float64, rng):
    """Return a function that makes a network, its parameters and a mini-batch of targets."""

    def make(cost="cross_entropy", output=None, sizes=(3, 4, 3, 2), hidden="sigmoid"):
        network = Network(sizes, hidden=hidden, cost=cost, output=output)
        y = rng.random((M, sizes[-1]))
        y = y / y.sum(axis=1, keepdims=True)
        x = rng.standard_normal((M, sizes[0]))
        return network, network.initialize(float64, seed=1), float64.asarray(x), float64.asarray(y)

    return make


def host_cost(network, z, y):
    """Return the mean cost of output weighted inputs z, a Python number."""
    return float(to_numpy(network.cost.value(z, network.output(z), y)).mean())


def differences(backend, f, x, h=1e-4):
    """Return df/dx, entry by entry, with an error of about h^4."""
    x = to_numpy(x)
    slopes = np.zeros(x.size)
    for i in range(x.size):
        u = np.eye(x.size)[i].reshape(x.shape)
        one, two = (f(backend.asarray(x + s * u)) - f(backend.asarray(x - s * u)) for s in (h, 2.0 * h))
        slopes[i] = (8.0 * one - two) / (12.0 * h)
    return slopes.reshape(x.shape)


def assert_agree(analytic, numeric):
    np.testing.assert_allclose(to_numpy(analytic), numeric, rtol=0, atol=1e-7 * np.abs(numeric).max())


# ---- the four equations -------------------------------------------------------------------------------------


@pairs
def test_bp1_the_error_of_the_output_layer(float64, made, cost, output):
    network, parameters, x, y = made(cost, output)
    trace = forward(parameters, x, network.activations)
    delta = errors(parameters, trace, y, network.activations, network.cost)[-1]
    # only z of the output moves: nothing else is in the equation
    assert_agree(delta, differences(float64, lambda z: host_cost(network, z, y), trace.zs[-1]))


@pairs
def test_bp2_the_error_of_a_hidden_layer(float64, made, cost, output):
    network, parameters, x, y = made(cost, output)
    fs = network.activations
    trace = forward(parameters, x, fs)
    deltas = errors(parameters, trace, y, fs, network.cost)
    for l in (0, 1):

        def cost_of(z, l=l):
            # z of layer l is put in place of what its weights would give
            return host_cost(network, forward(parameters[l + 1 :], fs[l](z), fs[l + 1 :]).zs[-1], y)

        assert_agree(deltas[l], differences(float64, cost_of, trace.zs[l]))
        # and from the error of the layer above alone
        above = to_numpy(deltas[l + 1]) @ to_numpy(parameters[l + 1].w)
        a = to_numpy(trace.activations[l + 1])
        np.testing.assert_allclose(to_numpy(deltas[l]), above * a * (1.0 - a), rtol=1e-12)


def replaced(parameters, l, **arrays):
    return (*parameters[:l], parameters[l]._replace(**arrays), *parameters[l + 1 :])


@pairs
def test_bp3_the_gradient_of_a_bias(float64, made, cost, output):
    network, parameters, x, y = made(cost, output)
    found = network.gradients(parameters, x, y)
    for l in range(3):
        numeric = differences(
            float64,
            lambda b, l=l: host_cost(network, network.outputs(replaced(parameters, l, b=b), x), y),
            parameters[l].b,
        )
        assert_agree(found[l].b, numeric)


@pairs
def test_bp4_the_gradient_of_a_weight(float64, made, cost, output):
    network, parameters, x, y = made(cost, output)
    found = network.gradients(parameters, x, y)
    for l in range(3):
        numeric = differences(
            float64,
            lambda w, l=l: host_cost(network, network.outputs(replaced(parameters, l, w=w), x), y),
            parameters[l].w,
        )
        assert_agree(found[l].w, numeric)


@pytest.mark.parametrize("cost", ["quadratic", "cross_entropy"])
def test_a_mini_batch_is_the_mean_of_single_examples_in_columns(float64, made, cost):
    # one example after the other, as column vectors, neuron by neuron: the sums of the book and no matrix
    network, parameters, x, y = made(cost)
    weights, biases = [to_numpy(w) for w, _ in parameters], [to_numpy(b)[0] for _, b in parameters]
    total = [(np.zeros_like(w), np.zeros_like(b)) for w, b in zip(weights, biases, strict=True)]
    for example, target in zip(to_numpy(x), to_numpy(y), strict=True):
        activations = [example]
        for w, b in zip(weights, biases, strict=True):
            z = [sum(w[j, k] * activations[-1][k] for k in range(w.shape[1])) + b[j] for j in range(w.shape[0])]
            activations.append(1.0 / (1.0 + np.exp(-np.asarray(z))))
        a = activations[-1]
        delta = a - target if cost == "cross_entropy" else (a - target) * a * (1.0 - a)
        for l in (2, 1, 0):
            dw, db = total[l]
            for j in range(dw.shape[0]):
                db[j] += delta[j]
                for k in range(dw.shape[1]):
                    dw[j, k] += activations[l][k] * delta[j]
            a = activations[l]
            delta = np.asarray([sum(weights[l][j, k] * delta[j] for j in range(len(delta))) for k in range(len(a))]) * (
                a * (1.0 - a)
            )
    for (dw, db), layer in zip(total, network.gradients(parameters, x, y), strict=True):
        assert_close(float64, layer.w, dw / M, "product")
        assert_close(float64, layer.b, [db / M], "product")


# ---- other neurons ------------------------------------------------------------------------------------------


def modified(f, g, unit):
    """Return the activation of a layer of f neurons of which one, number `unit`, is a g neuron."""

    def mixed(z, of_f, of_g):
        xp = namespace(z)
        here = xp.arange(z.shape[-1], device=z.device) == unit
        return xp.where(here, of_g, of_f)

    return Activation(
        "modified",
        value=lambda z: mixed(z, f(z), g(z)),
        derivative=lambda z, a: mixed(z, f.derivative(z, f(z)), g.derivative(z, g(z))),
    )


def sine(backend):
    return Activation("sine", value=backend.xp.sin, derivative=lambda z, a: backend.xp.cos(z))


@pytest.mark.parametrize("unit", [0, 3])
def test_backpropagation_with_a_single_modified_neuron(float64, made, unit):
    mixed = modified(sigmoid, sine(float64), unit)
    network, parameters, x, y = made(hidden=[mixed, "sigmoid"])
    trace = forward(parameters, x, network.activations)
    z, a = to_numpy(trace.zs[0]), to_numpy(trace.activations[1])
    np.testing.assert_allclose(a[:, unit], np.sin(z[:, unit]), rtol=1e-12)
    deltas = errors(parameters, trace, y, network.activations, network.cost)
    # BP2 changes for this neuron and for no other: f'(z_j) in place of sigmoid'(z_j)
    slopes = 1.0 / (1.0 + np.exp(-z)) / (1.0 + np.exp(z))
    slopes[:, unit] = np.cos(z[:, unit])
    expected = to_numpy(deltas[1]) @ to_numpy(parameters[1].w) * slopes
    np.testing.assert_allclose(to_numpy(deltas[0]), expected, rtol=1e-10)
    assert gradient_check(network, parameters, x, y).error < 1e-6


def test_a_modified_neuron_with_the_old_derivative_is_noticed(made, float64):
    wrong = modified(sigmoid, Activation("wrong", sine(float64).value, sigmoid.derivative), 1)
    network, parameters, x, y = made(hidden=[wrong, "sigmoid"])
    assert gradient_check(network, parameters, x, y).first_failure[:2] == ("BP2", 0)


def test_backpropagation_with_linear_neurons(float64, made):
    # f(z) = z: every derivative is 1, errors are products of weights, and all layers together are one
    network, parameters, x, y = made("quadratic", "linear", hidden="linear")
    trace = forward(parameters, x, network.activations)
    deltas = [to_numpy(delta) for delta in errors(parameters, trace, y, network.activations, network.cost)]
    (w0, _), (w1, _), (w2, _) = map_arrays(to_numpy, parameters)
    output = (to_numpy(trace.activations[-1]) - to_numpy(y)) / M
    np.testing.assert_allclose(deltas[2], output, rtol=1e-12)
    np.testing.assert_allclose(deltas[1], output @ w2, rtol=1e-12)
    np.testing.assert_allclose(deltas[0], output @ w2 @ w1, rtol=1e-12)
    one = Layer(float64.asarray(w2 @ w1 @ w0), float64.asarray(to_numpy(network.feedforward(parameters, 0.0 * x))[:1]))
    collapsed = Network([3, 2], output="linear", cost="quadratic")
    assert_close(float64, collapsed.feedforward((one,), x), to_numpy(trace.activations[-1]), "product")
    # d/dW of the one layer gives d/dw of the first by the chain rule
    whole = to_numpy(collapsed.gradients((one,), x, y)[0].w)
    assert_close(float64, network.gradients(parameters, x, y)[0].w, (w2 @ w1).T @ whole, "product")


# ---- what backpropagation asks of a cost --------------------------------------------------------------------

OF_ACTIVATIONS = {  # as the book writes them, in terms of a and y alone
    "quadratic": lambda a, y: 0.5 * ((a - y) ** 2).sum(axis=-1),
    "cross_entropy": lambda a, y: -(y * np.log(a) + (1.0 - y) * np.log(1.0 - a)).sum(axis=-1),
    "log_likelihood": lambda a, y: -(y * np.log(a)).sum(axis=-1),
}
costs = pytest.mark.parametrize("name", OF_ACTIVATIONS)  # the costs of the book


@costs
def test_first_assumption_a_cost_is_the_mean_over_examples(float64, made, name):
    network, parameters, x, y = made(name)
    each = [to_numpy(network.cost_value(parameters, x[i : i + 1, ...], y[i : i + 1, ...])) for i in range(M)]
    assert_close(float64, network.cost_value(parameters, x, y), np.mean(each))


@costs
def test_second_assumption_a_cost_is_a_function_of_the_output_activations(backend, rng, name):
    z = rng.standard_normal((M, 3))
    y = rng.random((M, 3))
    y = y / y.sum(axis=1, keepdims=True)
    a = to_numpy(COSTS[name].output(z))
    value = COSTS[name].value(backend.asarray(z), COSTS[name].output(backend.asarray(z)), backend.asarray(y))
    assert_close(backend, value, OF_ACTIVATIONS[name](a, y))


@costs
def test_networks_with_the_same_outputs_have_the_same_cost(float64, made, name):
    # another order of the hidden neurons: other weights, the same activations
    network, parameters, x, y = made(name, sizes=(3, 4, 2))
    (w0, b0), (w1, b1) = map_arrays(to_numpy, parameters)
    order = [2, 0, 3, 1]
    other = tuple(Layer(*map(float64.asarray, layer)) for layer in ((w0[order], b0[:, order]), (w1[:, order], b1)))
    assert_close(float64, network.feedforward(other, x), to_numpy(network.feedforward(parameters, x)))
    assert_close(float64, network.cost_value(other, x, y), to_numpy(network.cost_value(parameters, x, y)))


# ---- where the derivative cancels ---------------------------------------------------------------------------


def test_one_neuron_with_cross_entropy_has_the_simple_gradient(float64, made):
    network, parameters, x, y = made(sizes=(3, 1))
    a = to_numpy(network.feedforward(parameters, x))
    found = network.gradients(parameters, x, y)[0]
    expected = [np.mean([(a[i, 0] - to_numpy(y)[i, 0]) * to_numpy(x)[i, j] for i in range(M)]) for j in range(3)]
    assert_close(float64, found.w, [expected])
    assert_close(float64, found.b, [[np.mean(a - to_numpy(y))]])
    # the long way: dC/da from the book's cost, times sigmoid'(z)
    y = to_numpy(y)
    long = (a - y) / (a * (1.0 - a)) * (a * (1.0 - a))
    np.testing.assert_allclose(long.T @ to_numpy(x) / M, to_numpy(found.w), rtol=1e-12)


@pytest.mark.parametrize(("cost", "f"), [(cross_entropy, sigmoid), (log_likelihood, softmax)], ids=lambda v: v.name)
def test_the_output_layer_has_the_same_gradient_in_many_layers_and_outputs(float64, made, cost, f):
    network, parameters, x, y = made(cost.name, sizes=(3, 5, 4, 3))
    assert network.output == f
    trace = forward(parameters, x, network.activations)
    difference = to_numpy(trace.activations[-1]) - to_numpy(y)
    found = network.gradients(parameters, x, y)[-1]
    assert_close(float64, found.w, difference.T @ to_numpy(trace.activations[-2]) / M, "product")
    assert_close(float64, found.b, difference.mean(axis=0, keepdims=True), "product")


def test_quadratic_with_linear_outputs_does_not_slow_down_either(float64, made):
    network, parameters, x, y = made("quadratic", "linear")
    trace = forward(parameters, x, network.activations)
    difference = to_numpy(trace.activations[-1]) - to_numpy(y)
    assert_close(float64, network.gradients(parameters, x, y)[-1].b, difference.mean(axis=0, keepdims=True), "product")


def test_softmax_with_log_likelihood_has_the_error_a_minus_y(float64, rng):
    z = float64.asarray(rng.standard_normal((M, 4)))
    y = float64.asarray(np.eye(4)[[0, 3, 1, 1, 2]])
    delta = log_likelihood.delta(z, softmax(z), y, softmax)
    assert_close(float64, delta, to_numpy(softmax(z)) - to_numpy(y))
    numeric = differences(float64, lambda z: float(to_numpy(log_likelihood.value(z, softmax(z), y)).sum()), z)
    assert_agree(delta, numeric)
    # the long way, through the Jacobian of softmax: nothing cancels until the end
    slope = -to_numpy(y) / to_numpy(softmax(z))
    jacobian = to_numpy(softmax.derivative(z, softmax(z)))
    np.testing.assert_allclose(np.einsum("mi,mij->mj", slope, jacobian), to_numpy(delta), atol=1e-14)


# ---- softmax ------------------------------------------------------------------------------------------------


@given(z=st.lists(st.floats(-20.0, 20.0), min_size=2, max_size=8), j=st.integers(0, 7))
def test_softmax_is_monotonic(z, j):
    # a larger z_j makes a_j larger and every other a_k smaller
    z, j = np.asarray([z]), j % len(z)
    a = softmax(z)
    jacobian = softmax.derivative(z, a)[0, j]
    assert jacobian[j] >= 0.0
    assert (np.delete(jacobian, j) <= 0.0).all()


@given(z=st.lists(st.floats(-20.0, 20.0), min_size=2, max_size=8))
def test_softmax_is_inverted_by_the_logarithm_up_to_a_constant(z):
    z = np.asarray([z])
    constant = z - np.log(softmax(z))
    np.testing.assert_allclose(constant, constant.mean(), atol=1e-9)


def test_softmax_becomes_the_largest(backend):
    z, largest = backend.asarray([[0.3, 0.1, -2.0], [-1.0, 0.0, 0.5]]), [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    gaps = [np.abs(to_numpy(softmax(c * z)) - largest).max() for c in (1.0, 10.0, 100.0)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-8
    assert_close(backend, softmax(1000.0 * z), largest)
    assert_close(backend, softmax(0.0 * z), [[1 / 3] * 3] * 2)


# ---- identities of chapters 2 and 3 -------------------------------------------------------------------------


@given(z=st.floats(-30.0, 30.0))
def test_tanh_is_a_sigmoid_rescaled(z):
    z = np.asarray([z])
    np.testing.assert_allclose(sigmoid(z), (1.0 + np.tanh(z / 2.0)) / 2.0, rtol=1e-15, atol=1e-16)
    np.testing.assert_allclose(sigmoid.derivative(z, sigmoid(z)), sigmoid(z) * sigmoid(-z), atol=1e-15)


@given(y=st.floats(0.0, 1.0), a=st.floats(0.01, 0.99))
def test_cross_entropy_is_least_where_output_and_target_agree(y, a):
    def cost(a):
        z = np.asarray([[np.log(a) - np.log1p(-a)]])
        return cross_entropy.value(z, sigmoid(z), np.asarray([[y]]))[0]

    at_target = OF_ACTIVATIONS["cross_entropy"](np.asarray([min(max(y, 1e-12), 1 - 1e-12)]), np.asarray([y]))
    assert cost(a) >= at_target - 1e-10


def test_backprop_is_errors_and_then_gradients(float64, made):
    network, parameters, x, y = made()
    trace = forward(parameters, x, network.activations)
    two = gradients(trace, errors(parameters, trace, y, network.activations, network.cost))
    one = backprop(parameters, trace, y, network.activations, network.cost)
    for a, b in zip(leaves(one), leaves(two), strict=True):
        np.testing.assert_array_equal(to_numpy(a), to_numpy(b))


def test_a_saturated_output_learns_slowly_by_the_quadratic_cost_only():
    z, y, home = np.asarray([[10.0]]), np.asarray([[0.0]]), get("numpy", dtype="float64")
    a = sigmoid(home.asarray(z))
    assert abs(quadratic.delta(z, a, y, sigmoid)[0, 0]) < 1e-4
    assert cross_entropy.delta(z, a, y, sigmoid)[0, 0] > 0.9999
    assert quadratic.delta(z, z, y, linear)[0, 0] == 10.0
