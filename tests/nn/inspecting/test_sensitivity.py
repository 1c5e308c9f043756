"""Small changes and sharp neurons: why sigmoid neurons, and what perceptrons have to do with them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nn_tables import ELEMENTWISE
from tools import assert_at_home, assert_close

from xpnet.backend import BackendError, get, to_numpy
from xpnet.nn import Layer, Network
from xpnet.nn.inspecting.sensitivity import sharpened, small_change
from xpnet.nn.perceptrons.perceptron import perceptron_network
from xpnet.trees import leaves, map_arrays, rebuild

HIDDEN = [f.name for f in ELEMENTWISE if f.differentiable]
PAIRS = [("cross_entropy", "sigmoid"), ("log_likelihood", "softmax"), ("quadratic", "linear"), ("quadratic", "tanh")]


def drawn(network, backend, rng, k=()):
    """Return random changes, shaped like the parameters."""
    return map_arrays(
        lambda w: backend.asarray(rng.standard_normal((*k, *w.shape))), network.initialize(backend, seed=0)
    )


def test_small_change_of_one_neuron_by_hand(backend):
    # z = 2 * 1 + 1 * 1 - 3 = 0, where the slope is 1/4: a change of z by 0.1 changes a by 0.025
    parameters = (Layer(backend.asarray([[2.0, 1.0]]), backend.asarray([[-3.0]])),)
    changes = (Layer(backend.asarray([[0.03, 0.04]]), backend.asarray([[0.03]])),)
    predicted, actual = small_change(Network([2, 1]), parameters, backend.asarray([[1.0, 1.0]]), changes)
    assert_close(backend, predicted, [[0.025]])
    assert_close(backend, actual, [[1.0 / (1.0 + np.exp(-0.1)) - 0.5]])


@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_predicted_is_the_sum_of_derivatives_times_changes(float64, rng, cost, output):
    # one weight or bias after the other, each derivative by central differences
    network = Network([3, 4, 2], cost=cost, output=output)
    parameters, changes = network.initialize(float64, seed=1), drawn(network, float64, rng)
    x, h, total = float64.asarray(rng.standard_normal((5, 3))), 1e-5, 0.0
    for i, dw in enumerate(map(to_numpy, leaves(changes))):
        for j, change in enumerate(dw.ravel()):
            unit = float64.asarray(h * np.eye(dw.size)[j].reshape(dw.shape))
            up, down = (to_numpy(network.feedforward(moved(parameters, i, d), x)) for d in (unit, -unit))
            total = total + (up - down) / (2.0 * h) * change
    predicted = small_change(network, parameters, x, changes).predicted
    np.testing.assert_allclose(to_numpy(predicted), total, rtol=0, atol=1e-8 * np.abs(total).max())


def moved(parameters, i, d):
    """Return the parameters with d added to leaf i."""
    return rebuild(parameters, iter([w + d if j == i else w for j, w in enumerate(leaves(parameters))]))


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_predicted_holds_to_first_order_for_every_activation(rng, hidden, cost, output):
    network, home = Network([3, 5, 4, 2], hidden=hidden, cost=cost, output=output), get("numpy", dtype="float64")
    parameters, x = network.initialize(home, seed=2), rng.standard_normal((6, 3))
    changes = map_arrays(lambda dw: 1e-6 * dw, drawn(network, home, rng))
    predicted, actual = small_change(network, parameters, x, changes)
    assert np.abs(actual - predicted).max() < 1e-4 * np.abs(predicted).max()


def test_what_is_left_shrinks_as_the_square_of_the_change(float64, rng):
    network = Network([3, 5, 4, 2])
    parameters, changes = network.initialize(float64, seed=3), drawn(network, float64, rng)
    x = float64.asarray(rng.standard_normal((6, 3)))
    left = []
    for size in (1e-2, 1e-3, 1e-4):
        small = map_arrays(lambda dw, size=size: size * dw, changes)
        predicted, actual = small_change(network, parameters, x, small)
        left.append(np.abs(to_numpy(actual) - to_numpy(predicted)).max())
    assert left[0] / left[1] == pytest.approx(100.0, rel=0.1)
    assert left[1] / left[2] == pytest.approx(100.0, rel=0.1)


def test_perceptrons_jump_or_do_nothing(backend, rng):
    network = perceptron_network([3, 6, 2])
    parameters, x = network.initialize(backend, seed=4), backend.asarray(rng.standard_normal((200, 3)))
    changes, seen = drawn(network, backend, rng), []
    for size in (1e-5, 0.3):
        small = map_arrays(lambda dw, size=size: size * dw, changes)
        predicted, actual = small_change(network, parameters, x, small)
        assert not to_numpy(predicted).any()
        seen.append({float(change) for change in to_numpy(actual).ravel()})
    assert seen == [{0.0}, {-1.0, 0.0, 1.0}]


def test_small_change_takes_a_stack(backend, rng):
    network, x = Network([3, 4, 2], cost="log_likelihood"), backend.asarray(rng.standard_normal((5, 3)))
    alone = [network.initialize(backend, seed=seed) for seed in range(3)]
    stack = map_arrays(lambda *ws: backend.xp.stack(ws), *alone)
    changes = drawn(network, backend, rng, (3,))
    predicted, actual = small_change(network, stack, x, changes)
    assert_at_home(backend, predicted, actual)
    for k, parameters in enumerate(alone):
        expected = small_change(network, parameters, x, map_arrays(lambda dw, k=k: dw[k, ...], changes))
        assert_close(backend, predicted[k, ...], to_numpy(expected.predicted), "product")
        assert_close(backend, actual[k, ...], to_numpy(expected.actual), "product")


def test_small_change_keeps_the_dtype_of_the_parameters():
    parameters = Network([3, 2]).initialize("numpy", seed=0)
    changes = map_arrays(lambda w: np.ones(w.shape), parameters)  # float64
    predicted, actual = small_change(Network([3, 2]), parameters, np.ones((1, 3)), changes)
    assert predicted.dtype == actual.dtype == np.float32


def test_small_change_refuses_what_does_not_fit(backend):
    network = Network([3, 2])
    parameters = network.initialize(backend, seed=0)
    x, other = backend.full((1, 3)), Network([3, 4]).initialize(backend, seed=0)
    with pytest.raises(ValueError, match=r"^changes: parameters\[0\].w must have shape \(2, 3\), got \(4, 3\)"):
        small_change(network, parameters, x, other)
    with pytest.raises(ValueError, match=r"^parameters\[0\].w must have shape \(2, 3\), got \(4, 3\)"):
        small_change(network, other, x, parameters)
    with pytest.raises(ValueError, match=r"x must have shape \(m, 3\), got \(1, 2\)"):
        small_change(network, parameters, backend.full((1, 2)), parameters)
    if backend.name != "numpy":
        with pytest.raises(BackendError, match="changes must be on the library and device of parameters"):
            small_change(network, parameters, x, map_arrays(to_numpy, parameters))


# ---- sharper and sharper ------------------------------------------------------------------------------------


def test_sharpened_multiplies_everything(backend):
    parameters = (Layer(backend.asarray([[2.0, -1.0]]), backend.asarray([[0.5]])),)
    sharp = sharpened(parameters, 10)
    assert_close(backend, sharp[0].w, [[20.0, -10.0]])
    assert_close(backend, sharp[0].b, [[5.0]])
    assert_close(backend, parameters[0].b, [[0.5]])


def test_sharpened_takes_a_stack(backend):
    stack = (Layer(backend.asarray([[[2.0, -1.0]]] * 2), backend.asarray([[[0.5]]] * 2)),)
    sharp = sharpened(stack, backend.asarray([1.0, 4.0]))
    assert_close(backend, sharp[0].w, [[[2.0, -1.0]], [[8.0, -4.0]]])
    assert_close(backend, sharp[0].b, [[[0.5]], [[2.0]]])


@pytest.mark.parametrize("c", [0, -1.0, float("inf"), float("nan")])
def test_sharpened_refuses_what_does_not_sharpen(backend, c):
    with pytest.raises(ValueError, match="c must be finite and above 0, got"):
        sharpened(Network([2, 1]).initialize(backend, seed=0), c)


def zs_of(network, parameters, x):
    """Return the weighted inputs of every layer of a network of perceptrons, on the host."""
    zs, a = [], to_numpy(x)
    for w, b in parameters:
        zs.append(a @ to_numpy(w).T + to_numpy(b))
        a = (zs[-1] > 0.0).astype(float)
    return zs


def test_sharp_sigmoid_neurons_become_perceptrons(backend, rng):
    sigmoids, perceptrons = Network([4, 6, 5, 3]), perceptron_network([4, 6, 5, 3])
    parameters, x = sigmoids.initialize(backend, seed=5), backend.asarray(rng.standard_normal((50, 4)))
    near = np.concatenate([np.abs(z).min(axis=1, keepdims=True) for z in zs_of(perceptrons, parameters, x)], axis=1)
    kept = np.flatnonzero(near.min(axis=1) > 0.05)
    assert kept.size > 20
    x = backend.asarray(to_numpy(x)[kept])
    expected = to_numpy(perceptrons.feedforward(parameters, x))
    gaps = [
        np.abs(to_numpy(sigmoids.feedforward(sharpened(parameters, c), x)) - expected).max()
        for c in (1.0, 10.0, 100.0, 1000.0)
    ]
    assert gaps[0] > 0.1
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[3] < 1e-6


@given(z=st.floats(-3.0, 3.0).filter(lambda z: abs(z) > 1e-3), c=st.floats(1.0, 100.0))
def test_one_sigmoid_neuron_is_exponentially_near_its_perceptron(z, c):
    neuron, x = (Layer(np.asarray([[1.0]]), np.asarray([[0.0]])),), np.asarray([[z]])
    soft = Network([1, 1]).feedforward(sharpened(neuron, c), x)
    hard = perceptron_network([1, 1]).feedforward(neuron, x)
    assert abs(soft - hard) <= np.exp(-c * abs(z)) + 1e-15


def test_at_zero_a_sigmoid_neuron_stays_at_one_half(backend):
    neuron = (Layer(backend.asarray([[2.0, -2.0]]), backend.asarray([[0.0]])),)
    for c in (1.0, 1e6):
        assert_close(backend, Network([2, 1]).feedforward(sharpened(neuron, c), backend.asarray([[3.0, 3.0]])), [[0.5]])


def test_multiplying_by_c_changes_no_perceptron(backend, rng):
    # the book's first exercise on this
    network, x = perceptron_network([4, 6, 3]), backend.asarray(rng.standard_normal((50, 4)))
    parameters = network.initialize(backend, seed=6)
    expected = to_numpy(network.feedforward(parameters, x))
    for c in (0.125, 8.0):
        assert_close(backend, network.feedforward(sharpened(parameters, c), x), expected)
