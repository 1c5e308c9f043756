"""PyTorch's own gradients go through the forward pass and the costs, and are those of backpropagation."""

import numpy as np
import pytest
from nn_tables import ELEMENTWISE, PAIRS

from xpnet.backend import get, to_numpy
from xpnet.nn import COSTS, Layer, Network, forward
from xpnet.trees import leaves, map_arrays

torch = pytest.importorskip("torch")
HOME = get("torch", dtype="float64")
HIDDEN = [f for f in ELEMENTWISE if f.differentiable]


def asking(x):
    return HOME.asarray(x).clone().requires_grad_()


@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_gradients_of_torch_are_those_of_backpropagation(rng, cost, output):
    network = Network([4, 5, 3], hidden="tanh", cost=cost, output=output)
    parameters = map_arrays(asking, network.initialize(HOME, seed=1))
    x, y = asking(rng.standard_normal((6, 4))), HOME.asarray(np.eye(3)[rng.integers(0, 3, 6)])
    trace = forward(parameters, x, network.activations)
    value = torch.mean(COSTS[cost].value(trace.zs[-1], trace.activations[-1], y))
    assert torch.equal(network.cost_value(parameters, x, y), value)
    found = torch.autograd.grad(value, [*leaves(parameters), x])
    expected = network.gradients(map_arrays(lambda w: w.detach(), parameters), x.detach(), y)
    for g, e in zip(found, leaves(expected), strict=False):
        np.testing.assert_allclose(to_numpy(g), to_numpy(e), atol=1e-12)
    assert found[-1].shape == x.shape


@pytest.mark.parametrize("f", HIDDEN, ids=lambda f: f.name)
def test_derivatives_of_torch_are_those_of_the_activations(rng, f):
    z = asking(rng.standard_normal((5, 4)) * 3.0)
    (found,) = torch.autograd.grad(torch.sum(f(z)), [z])
    np.testing.assert_allclose(to_numpy(found), to_numpy(f.derivative(z, f(z))), atol=1e-12)


def test_the_outputs_of_a_network_keep_their_graph():
    network = Network([3, 2])
    (layer,) = network.initialize(HOME, seed=0)
    parameters, x = (Layer(asking(layer.w), layer.b),), HOME.asarray(np.ones((4, 3)))
    for made in (network.feedforward(parameters, x), network.predict_proba(parameters, x)):
        assert made.requires_grad
