"""The gradient with respect to the inputs: against central differences, for a stack, before and after the output."""

import numpy as np
import pytest
from tools import assert_close

from xpnet.backend import to_numpy
from xpnet.nn import Network
from xpnet.nn.inspecting.input_gradient import input_gradient
from xpnet.trees import stacked


@pytest.mark.parametrize("activated", [False, True])
def test_it_is_the_slope_along_each_input(backend, rng, activated):
    network = Network([3, 5, 2], hidden="tanh", output="sigmoid")
    parameters = network.initialize(backend, 0)
    x, v = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    found = input_gradient(network, parameters, backend.asarray(x), backend.asarray(v), activated=activated)
    h = 1e-2 if backend.dtype_name == "float32" else 1e-5

    def value(rows):
        z = network.outputs(parameters, backend.asarray(rows))
        return (v * to_numpy(network.output(z) if activated else z)).sum(axis=1)

    expected = np.stack([(value(x + h * d) - value(x - h * d)) / (2.0 * h) for d in np.eye(3)], axis=1)
    assert_close(backend, found, expected, "gradient")


def test_each_network_of_a_stack_has_its_own(backend, rng):
    network = Network([3, 5, 2], hidden="relu", output="linear", cost="quadratic")
    pair = [network.initialize(backend, seed) for seed in (0, 1)]
    x, v = (backend.asarray(rng.standard_normal(shape)) for shape in ((4, 3), (4, 2)))
    together = input_gradient(network, stacked(pair), x, v)
    for i, parameters in enumerate(pair):
        assert_close(backend, together[i, ...], to_numpy(input_gradient(network, parameters, x, v)), "product")
