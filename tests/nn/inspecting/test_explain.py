"""Backpropagation, shown."""

import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet.backend import BackendError, get, to_numpy
from xpnet.nn import Layer, Network, forward
from xpnet.nn.inspecting.explain import explain_backprop
from xpnet.nn.perceptrons.perceptron import perceptron_network
from xpnet.trees import leaves, map_arrays


def two_neurons(backend):
    """Return the network and numbers of the chain rule by hand: z = 3, 9, linear throughout."""
    network = Network([1, 1, 1], hidden="linear", output="linear", cost="quadratic")
    layers = tuple(Layer(backend.asarray([[w]]), backend.asarray([[b]])) for w, b in ((2.0, 1.0), (3.0, 0.0)))
    return network, layers, backend.asarray([[1.0]]), backend.asarray([[4.0]])


def test_explain_backprop_is_the_chain_rule_by_hand(backend):
    explained = explain_backprop(*two_neurons(backend))
    first, last = explained.layers
    expected = [(first, (3.0, 3.0, 15.0, 15.0, 15.0)), (last, (9.0, 9.0, 5.0, 15.0, 5.0))]
    for layer, values in expected:
        for quantity, value in zip(layer, values, strict=True):
            assert_close(backend, quantity.value, [[value]])
    assert_close(backend, explained.cost, 12.5)
    assert_close(backend, explained.x, [[1.0]])
    assert_close(backend, explained.y, [[4.0]])


def test_explain_backprop_names_the_equation_of_each():
    network = Network([3, 4, 2], hidden="tanh", cost="log_likelihood")
    explained = explain_backprop(network, network.initialize("numpy", seed=0), np.ones((5, 3)), np.ones(5, int))
    first, last = explained.layers
    assert [q.equation for q in first] == ["eq. 25", "eq. 25", "BP2", "BP4", "BP3"]
    assert [q.equation for q in last] == ["eq. 25", "eq. 25", "BP1", "BP4", "BP3"]
    assert [q.name for q in last] == ["z[1]", "a[1]", "delta[1]", "dw[1]", "db[1]"]
    assert [q.formula for q in first] == [
        "x w[0]^T + b[0]",
        "tanh(z[0])",
        "delta[1] w[1] * tanh'(z[0])",
        "delta[0]^T x",
        "sum of delta[0]",
    ]
    assert [q.formula for q in last] == [
        "a[0] w[1]^T + b[1]",
        "softmax(z[1])",
        "(a[1] - y) / m",
        "delta[1]^T a[0]",
        "sum of delta[1]",
    ]


@pytest.mark.parametrize(("cost", "output"), [("cross_entropy", None), ("log_likelihood", None), ("quadratic", "tanh")])
def test_explain_backprop_holds_the_numbers_of_training_bit_for_bit(backend, rng, cost, output):
    network = Network([3, 5, 4, 2], cost=cost, output=output)
    parameters = network.initialize(backend, seed=1)
    x, y = backend.asarray(rng.standard_normal((6, 3))), backend.asarray(rng.integers(0, 2, 6))
    explained = explain_backprop(network, parameters, x, y)
    assert_at_home(backend, *(q.value for layer in explained.layers for q in layer), explained.cost)
    trace = forward(parameters, x, network.activations)
    for l, layer in enumerate(explained.layers):
        gradient = network.gradients(parameters, x, y)[l]
        made = (trace.zs[l], trace.activations[l + 1], gradient.w, gradient.b)
        for quantity, value in zip((layer.z, layer.a, layer.dw, layer.db), made, strict=True):
            np.testing.assert_array_equal(to_numpy(quantity.value), to_numpy(value))
    assert_close(backend, explained.cost, to_numpy(network.cost_value(parameters, x, y)))


def test_each_formula_gives_its_number(float64, rng):
    # the printed formulae, evaluated as they read
    network = Network([3, 4, 2], hidden="tanh", cost="quadratic")
    parameters = network.initialize(float64, seed=2)
    x, y = float64.asarray(rng.standard_normal((5, 3))), float64.asarray(rng.random((5, 2)))
    explained = map_arrays(
        lambda q: to_numpy(q) if hasattr(q, "shape") else q, explain_backprop(network, parameters, x, y)
    )
    (w0, b0), (w1, b1) = map_arrays(to_numpy, parameters)
    first, last = explained.layers
    z0 = explained.x @ w0.T + b0
    a0 = np.tanh(z0)
    z1 = a0 @ w1.T + b1
    a1 = 1.0 / (1.0 + np.exp(-z1))
    delta1 = (a1 - explained.y) / 5 * a1 * (1.0 - a1)  # dC/da of the mean cost
    delta0 = delta1 @ w1 * (1.0 - a0**2)
    for quantity, value in [
        *zip(first, (z0, a0, delta0, delta0.T @ explained.x, delta0.sum(axis=0, keepdims=True)), strict=True),
        *zip(last, (z1, a1, delta1, delta1.T @ a0, delta1.sum(axis=0, keepdims=True)), strict=True),
    ]:
        np.testing.assert_allclose(quantity.value, value, rtol=1e-12, atol=1e-15)


def test_explanation_prints_small_networks_whole(backend):
    network, layers, x, y = two_neurons(backend)
    x, y = backend.asarray([[1.0], [0.0]]), backend.asarray([[4.0], [3.0]])
    expected = [
        "forward",
        ("  x", "1"),
        ("", "0"),
        ("  z[0]      eq. 25  x w[0]^T + b[0]", "3"),
        ("", "1"),
        ("  a[0]      eq. 25  linear(z[0])", "3"),
        ("", "1"),
        ("  z[1]      eq. 25  a[0] w[1]^T + b[1]", "9"),
        ("", "3"),
        ("  a[1]      eq. 25  linear(z[1])", "9"),
        ("", "3"),
        ("  y", "4"),
        ("", "3"),
        ("  C                 mean cost", "6.25"),
        "backward",
        ("  delta[1]  BP1     dC/da[1] * linear'(z[1])", "2.5"),
        ("", "0"),
        ("  dw[1]     BP4     delta[1]^T a[0]", "7.5"),
        ("  db[1]     BP3     sum of delta[1]", "2.5"),
        ("  delta[0]  BP2     delta[1] w[1] * linear'(z[0])", "7.5"),
        ("", "0"),
        ("  dw[0]     BP4     delta[0]^T x", "7.5"),
        ("  db[0]     BP3     sum of delta[0]", "7.5"),
    ]
    lines = [line if isinstance(line, str) else f"{line[0]:49}{line[1]:>11}" for line in expected]
    assert str(explain_backprop(network, layers, x, y)).splitlines() == lines


def test_explanation_prints_large_arrays_as_shape_and_norm():
    network = Network([784, 30, 10])
    x = np.full((10, 784), 2.0)
    text = str(explain_backprop(network, network.initialize("numpy", seed=0), x, np.arange(10)))
    assert "x                                                 shape (10, 784), norm 177.1\n" in text
    assert "dw[0]     BP4     delta[0]^T x                    shape (30, 784), norm " in text
    assert max(map(len, text.splitlines())) <= 120


def test_explanation_never_prints_minus_zero():
    network, layers, x, _ = two_neurons(get("numpy"))
    text = str(explain_backprop(network, layers, -0.0 * x, np.asarray([[3.0]])))
    assert " -0" not in text


def test_explain_backprop_takes_a_stack(backend, rng):
    network = Network([3, 2])
    alone = [network.initialize(backend, seed=seed) for seed in range(3)]
    stack = map_arrays(lambda *ws: backend.xp.stack(ws), *alone)
    x, y = backend.asarray(rng.standard_normal((2, 3))), backend.asarray(rng.integers(0, 2, 2))
    explained = explain_backprop(network, stack, x, y)
    assert explained.cost.shape == (3,)
    for k, parameters in enumerate(alone):
        expected = explain_backprop(network, parameters, x, y)
        assert_close(
            backend, explained.layers[0].delta.value[k, ...], to_numpy(expected.layers[0].delta.value), "product"
        )
    assert "shape (3, 2, 2), norm" in str(explained)


def test_explain_backprop_shows_why_perceptrons_do_not_learn(backend, rng):
    network = perceptron_network([3, 4, 2])
    x, y = backend.asarray(rng.standard_normal((5, 3))), backend.asarray(rng.integers(0, 2, 5))
    explained = explain_backprop(network, network.initialize(backend, seed=0), x, y)
    assert float(to_numpy(explained.cost)) > 0.0
    for layer in explained.layers:
        assert not to_numpy(layer.delta.value).any()


def test_explain_backprop_leaves_dropout_out():
    x, y = np.ones((1, 3)), np.asarray([1])
    plain, masked = Network([3, 4, 2]), Network([3, 4, 2], dropout=0.5)
    parameters = plain.initialize("numpy", seed=0)
    first, second = (explain_backprop(network, parameters, x, y) for network in (plain, masked))
    for a, b in zip(leaves(first), leaves(second), strict=True):
        np.testing.assert_array_equal(a, b)


def test_explain_backprop_refuses_what_does_not_fit(backend):
    network = Network([3, 2])
    parameters, x, y = network.initialize(backend, seed=0), backend.full((1, 3)), backend.asarray(np.asarray([1]))
    with pytest.raises(ValueError, match=r"x must have shape \(m, 3\), got \(1, 2\)"):
        explain_backprop(network, parameters, backend.full((1, 2)), y)
    with pytest.raises(ValueError, match="y must hold labels between 0 and 1, got 2 in row 0"):
        explain_backprop(network, parameters, x, backend.asarray(np.asarray([2])))
    with pytest.raises(ValueError, match="parameters must hold 1 layers, got 2"):
        explain_backprop(network, parameters * 2, x, y)
    if backend.name != "numpy":
        with pytest.raises(BackendError, match="x must be on the library and device of parameters"):
            explain_backprop(network, parameters, to_numpy(x), y)


@pytest.mark.parametrize(("n_in", "hidden"), [(6, False), (7, True)])
def test_six_columns_are_printed_and_seven_are_not(n_in, hidden):
    network = Network([n_in, 1])
    told = str(explain_backprop(network, network.initialize("numpy", seed=0), np.ones((8, n_in)), np.ones((8, 1))))
    assert (f"shape (8, {n_in})" in told) == hidden
