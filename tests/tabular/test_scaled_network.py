"""Learned input scales: gradients against differences, folding, stacks, penalties, and what they are for."""

import numpy as np
import pytest
from tools import assert_close

import xpnet
from xpnet.backend import to_numpy
from xpnet.tabular.scaled_network import RATE, ScaledNetwork, ScaledParameters
from xpnet.trees import leaves, map_arrays, stacked

SCALED = ScaledNetwork(xpnet.Network([3, 4, 2], hidden="tanh", output="softmax", cost="log_likelihood"))


def batch(backend, seed=0):
    rng = np.random.default_rng(seed)
    y = np.eye(2)[np.asarray([0, 1, 1, 0, 1])]
    return backend.asarray(rng.standard_normal((5, 3))), backend.asarray(y)


def moved(backend, seed=0):
    start = SCALED.initialize(backend, seed)
    return start._replace(u=backend.asarray(0.1 * np.asarray([[1.0, -2.0, 3.0]])))


def test_a_scale_is_a_factor_on_the_inputs(backend):
    parameters = moved(backend)
    x, _ = batch(backend)
    factors = backend.asarray(1.0 + RATE * 0.1 * np.asarray([[1.0, -2.0, 3.0]]))
    expected = SCALED.network.outputs(parameters.layers, x * factors)
    assert_close(backend, SCALED.outputs(parameters, x), to_numpy(expected), "product")
    assert_close(backend, SCALED.network.outputs(SCALED.fold(parameters), x), to_numpy(expected), "product")


def test_at_the_start_the_scales_are_one_and_the_layers_are_the_networks(backend):
    start = SCALED.initialize(backend, 3)
    assert_close(backend, start.u, np.zeros((1, 3)))
    for mine, theirs in zip(
        leaves(SCALED.fold(start)), leaves(SCALED.network.initialize(backend, 3, "he")), strict=True
    ):
        assert_close(backend, mine, to_numpy(theirs))


def test_the_gradient_is_the_slope_of_the_cost(backend):
    parameters, (x, y) = moved(backend), batch(backend)
    gradients, z = SCALED.backward(parameters, x, y)
    assert_close(backend, z, to_numpy(SCALED.outputs(parameters, x)))
    rng = np.random.default_rng(1)
    direction = map_arrays(lambda w: backend.asarray(rng.standard_normal(tuple(w.shape))), parameters)
    h = 1e-2 if backend.dtype_name == "float32" else 1e-5

    def cost(step):
        there = map_arrays(lambda w, d: w + step * d, parameters, direction)
        return float(to_numpy(SCALED.measure(SCALED.outputs(there, x), y)[0]).mean())

    slope = sum(
        float((to_numpy(g) * to_numpy(d)).sum()) for g, d in zip(leaves(gradients), leaves(direction), strict=True)
    )
    assert slope == pytest.approx((cost(h) - cost(-h)) / (2.0 * h), rel=1e-2 if h == 1e-2 else 1e-7)


def test_each_network_of_a_stack_has_its_own_scales(backend):
    pair, (x, y) = [moved(backend), SCALED.initialize(backend, 1)], batch(backend)
    together, z = SCALED.backward(stacked(pair), x, y)
    for i, alone in enumerate(pair):
        gradients, own = SCALED.backward(alone, x, y)
        assert_close(backend, z[i, ...], to_numpy(own), "product")
        for mine, theirs in zip(leaves(together), leaves(gradients), strict=True):
            assert_close(backend, mine[i, ...], to_numpy(theirs), "product")


def test_penalties_and_limits_are_for_weights_only(backend):
    parameters = moved(backend)
    zeros = map_arrays(lambda w: 0.0 * w, parameters)
    penalized = SCALED.penalize(zeros, parameters, 10.0, 0.0, 2.0)
    assert_close(backend, penalized.u, np.zeros((1, 3)))
    assert_close(backend, penalized.layers[0].w, 0.2 * to_numpy(parameters.layers[0].w))
    limited = SCALED.constrain(parameters, 0.1)
    assert_close(backend, limited.u, to_numpy(parameters.u))
    assert np.linalg.norm(to_numpy(limited.layers[0].w), axis=-1).max() < 0.1001


def test_parameters_that_do_not_fit_are_refused(backend):
    start = SCALED.initialize(backend, 0)
    wide = ScaledParameters(backend.asarray(np.zeros((1, 4))), start.layers)
    with pytest.raises(ValueError, match=r"parameters must have scales of shape \(1, 3\), got \(1, 4\)"):
        SCALED.check(wide)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_executors_and_stacks_give_what_the_plain_loop_gives(dropout, monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((40, 6)).astype("float32"), np.arange(40) % 3
    how = {"epochs": 3, "batch_size": 8, "optimizer": "adam", "seed": 1, "l2": 0.1}
    network = ScaledNetwork(
        xpnet.Network([6, 5, 3], hidden="relu", output="softmax", cost="log_likelihood", dropout=dropout)
    )
    fast = xpnet.train(network, (x, y), **how)
    del how["seed"]
    second = xpnet.train_many(network, (x, y), seeds=[0, 1], **how)[1]
    monkeypatch.setenv("XPNET_GENERIC", "1")
    plain = xpnet.train(network, (x, y), seed=1, **how)
    assert "loop" in plain.execution != fast.execution
    for result in (fast, second):
        for mine, theirs in zip(leaves(result.parameters), leaves(plain.parameters), strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_a_column_of_noise_is_turned_down():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 4)).astype("float32")
    scaled = ScaledNetwork(xpnet.Network([4, 16, 1], hidden="relu", output="linear", cost="quadratic"))
    result = xpnet.train(scaled, (x, np.abs(x[:, :1])), epochs=40, batch_size=40, optimizer=xpnet.adam(0.01))
    factors = 1.0 + RATE * result.parameters.u[0]
    assert abs(factors[0]) > 100.0 * np.abs(factors[1:]).max()
