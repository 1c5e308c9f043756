"""Forward pass and backpropagation: worked by hand, against others' numbers, in batches and in stacks."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nn_tables import NETWORKS, PAIRS
from tools import assert_at_home, assert_close

from xpnet.backend import get, to_numpy
from xpnet.nn import Layer, Network, backprop, forward, linear, quadratic, tanh
from xpnet.nn.activations import sigmoid
from xpnet.trees import leaves, map_arrays


def test_forward_keeps_every_z_and_a(backend):
    double = Layer(backend.asarray([[2.0]]), backend.asarray([[1.0]]))
    trace = forward((double, double), backend.asarray([[5.0], [0.0]]), (linear, tanh))
    assert_close(backend, trace.zs[0], [[11.0], [1.0]])
    assert_close(backend, trace.zs[1], [[23.0], [3.0]])
    assert_close(backend, trace.activations[0], [[5.0], [0.0]])
    assert_close(backend, trace.activations[2], np.tanh([[23.0], [3.0]]))


def test_forward_masks_what_enters_a_layer_and_keeps_what_left_the_last(backend):
    one = Layer(backend.asarray([[1.0]]), backend.asarray([[0.0]]))
    trace = forward((one, one), backend.asarray([[3.0]]), (linear, linear), (None, backend.asarray([[2.0]])))
    assert_close(backend, trace.activations[1], [[3.0]])
    assert_close(backend, trace.entering(1), [[6.0]])
    assert_close(backend, trace.activations[2], [[6.0]])


def test_backprop_is_the_chain_rule_by_hand(backend):
    # C = (w2 (w1 x + b1) + b2 - y)^2 / 2 with w1 = 2, b1 = 1, w2 = 3, b2 = 0, x = 1, y = 4: the error is 5
    layers = tuple(Layer(backend.asarray([[w]]), backend.asarray([[b]])) for w, b in ((2.0, 1.0), (3.0, 0.0)))
    trace = forward(layers, backend.asarray([[1.0]]), (linear, linear))
    (dw1, db1), (dw2, db2) = backprop(layers, trace, backend.asarray([[4.0]]), (linear, linear), quadratic)
    for gradient, expected in ((dw2, 15.0), (db2, 5.0), (dw1, 15.0), (db1, 15.0)):
        assert_close(backend, gradient, [[expected]])


def test_gradients_are_those_of_scikit_learns_worked_example(backend):
    # its test_mlp.test_fit: one example, logistic units, L2 of 0.1, one step of 0.1
    w1 = np.asarray([[0.1, 0.2], [0.3, 0.1], [0.5, 0.0]]).T
    layers = (
        Layer(backend.asarray(w1), backend.asarray([[0.1, 0.1]])),
        Layer(backend.asarray([[0.1, 0.2]]), backend.asarray([[1.0]])),
    )
    network = Network([3, 2, 1])
    x, y = backend.asarray([[0.6, 0.8, 0.7]]), backend.asarray(np.asarray([0]))
    gradients = network.penalize(network.gradients(layers, x, y), layers, n=1, l1=0.0, l2=0.1)
    moved = map_arrays(lambda w, g: w - 0.1 * g, layers, gradients)
    expected = [[0.097999271019, 0.195754546692], [0.295665694692, 0.096006062257], [0.493832482855, -0.002619695525]]
    kind = "rounding" if backend.dtype_name == "float32" else "training"  # twelve digits are given
    assert_close(backend, moved[0].w, np.asarray(expected).T, kind)
    assert_close(backend, moved[0].b, [[0.098332118365, 0.096257577821]], kind)
    assert_close(backend, moved[1].w, [[0.047012129148, 0.154029181404]], kind)
    assert_close(backend, moved[1].b, [[0.923454797809]], kind)
    assert_close(backend, network.feedforward(moved, x), [[0.739491918049]], kind)


def test_gradients_are_those_of_pytorchs_tiny_network(backend):
    layers = (
        Layer(backend.asarray([[0.1, 0.3, 0.5], [0.2, 0.1, 0.0]]), backend.asarray([[0.1, 0.1]])),
        Layer(backend.asarray([[0.1, 0.2], [-0.3, 0.4]]), backend.asarray([[0.0, 0.1]])),
    )
    network = Network([3, 2, 2], hidden="tanh", cost="log_likelihood")
    x, y = backend.asarray([[0.6, 0.8, 0.7], [-1.0, 0.5, 2.0]]), backend.asarray(np.asarray([0, 1]))
    assert_close(backend, network.cost_value(layers, x, y), 0.7325497195472223)
    dw = [[-0.07111864946, -0.02692420174, 0.03431120774], [0.08190030708, 0.00697336709, -0.08102362399]]
    gradients = network.gradients(layers, x, y)
    assert_close(backend, gradients[0].w, dw, "training")
    assert_close(backend, gradients[1].b, [[0.04146409123895, -0.04146409123895]], "training")


@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_a_mini_batch_has_the_mean_gradient_of_its_examples(backend, rng, cost, output):
    network = Network([4, 5, 3], cost=cost, output=output)
    parameters = network.initialize(backend, seed=1)
    x, y = backend.asarray(rng.standard_normal((6, 4))), backend.asarray(rng.integers(0, 3, 6))
    whole = network.gradients(parameters, x, y)
    single = [network.gradients(parameters, x[i : i + 1, ...], y[i : i + 1]) for i in range(6)]
    for i, gradient in enumerate(leaves(whole)):
        mean = np.mean([to_numpy(leaves(g)[i]) for g in single], axis=0)
        assert_close(backend, gradient, mean, "training")


@pytest.mark.parametrize(("hidden", "cost", "output"), NETWORKS)
def test_a_stack_gives_each_network_the_gradients_it_has_alone(backend, rng, hidden, cost, output):
    network = Network([4, 5, 3], hidden=hidden, cost=cost, output=output)
    alone = [network.initialize(backend, seed=seed) for seed in range(3)]
    stack = map_arrays(lambda *ws: backend.xp.stack(ws), *alone)
    x, y = backend.asarray(rng.standard_normal((3, 6, 4))), backend.asarray(rng.integers(0, 3, (3, 6)))
    gradients, costs = network.gradients(stack, x, y), network.cost_value(stack, x, y)
    shared = network.gradients(stack, x[0, ...], y[0, ...])
    assert_at_home(backend, gradients, costs)
    for k, parameters in enumerate(alone):
        expected = network.gradients(parameters, x[k, ...], y[k, ...])
        for g, e in zip(leaves(gradients), leaves(expected), strict=True):
            assert_close(backend, g[k, ...], to_numpy(e), "product")
        for g, e in zip(leaves(shared), leaves(network.gradients(parameters, x[0, ...], y[0, ...])), strict=True):
            assert_close(backend, g[k, ...], to_numpy(e), "product")
        assert_close(backend, costs[k], to_numpy(network.cost_value(parameters, x[k, ...], y[k, ...])))


def test_a_silenced_neuron_has_no_gradient(backend, rng):
    network = Network([4, 3, 2])
    parameters = network.initialize(backend, seed=0)
    mask = backend.asarray([[0.0, 2.0, 2.0]] * 5)
    x, y = backend.asarray(rng.standard_normal((5, 4))), backend.asarray(rng.random((5, 2)))
    gradients, _ = network.backward(parameters, x, y, (None, mask))
    assert not to_numpy(gradients[0].w)[0].any()
    assert not to_numpy(gradients[1].w)[:, 0].any()
    assert to_numpy(gradients[0].w)[1].any()


def test_dropout_masks_have_the_gradient_of_the_masked_network(float64, rng):
    network = Network([4, 3, 2], hidden="tanh", cost="quadratic", output="linear")
    parameters = network.initialize(float64, seed=0)
    masks = (float64.asarray(rng.random((5, 4))), float64.asarray(rng.random((5, 3))))
    x, y = float64.asarray(rng.standard_normal((5, 4))), float64.asarray(rng.random((5, 2)))

    def cost(w):
        moved = (Layer(w, parameters[0].b), parameters[1])
        trace = forward(moved, x, network.activations, masks)
        return float(to_numpy(network.cost.value(trace.zs[-1], trace.activations[-1], y)).mean())

    gradients, _ = network.backward(parameters, x, y, masks)
    u = float64.asarray(rng.standard_normal((3, 4)))
    moved = (cost(parameters[0].w + 1e-5 * u) - cost(parameters[0].w - 1e-5 * u)) / 2e-5
    assert float(to_numpy(float64.xp.sum(gradients[0].w * u))) == pytest.approx(moved, rel=1e-7)


@settings(max_examples=30, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=5), m=st.integers(1, 5), k=st.sampled_from([(), (1,), (3,)])
)
def test_gradients_have_the_shapes_of_the_parameters(sizes, m, k):
    home = get("numpy", dtype="float64")
    network = Network(sizes)
    parameters = map_arrays(lambda w: home.full((*k, *w.shape), 0.1), network.initialize(home, seed=0))
    x, y = home.full((*k, m, sizes[0]), 0.5), home.full((*k, m, sizes[-1]), 0.5)
    gradients = network.gradients(parameters, x, y)
    assert [g.shape for g in leaves(gradients)] == [w.shape for w in leaves(parameters)]
    assert network.cost_value(parameters, x, y).shape == k


def test_permuting_the_batch_changes_nothing(backend, rng):
    network = Network([4, 5, 3])
    parameters = network.initialize(backend, seed=1)
    x, y = rng.standard_normal((6, 4)), rng.integers(0, 3, 6)
    order = rng.permutation(6)
    first = network.gradients(parameters, backend.asarray(x), backend.asarray(y))
    second = network.gradients(parameters, backend.asarray(x[order]), backend.asarray(y[order]))
    for g, e in zip(leaves(first), leaves(second), strict=True):
        assert_close(backend, g, to_numpy(e), "training")


def test_the_gradient_vanishes_at_the_minimum(backend):
    network = Network([2, 1], output="linear", cost="quadratic")
    exact = (Layer(backend.asarray([[2.0, -1.0]]), backend.asarray([[0.5]])),)
    x = backend.asarray([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    y = network.feedforward(exact, x)
    for g in leaves(network.gradients(exact, x, y)):
        assert not to_numpy(g).any()


def test_hidden_layers_may_differ(backend):
    for hidden in itertools.permutations([sigmoid, tanh, "relu"]):
        network = Network([4, 3, 3, 3, 2], hidden=hidden)
        x = backend.full((2, 4), 0.3)
        assert_at_home(backend, network.gradients(network.initialize(backend, seed=0), x, backend.full((2, 2), 0.5)))
