"""Where training starts."""

import numpy as np
import pytest
from tools import assert_at_home

from xpnet.backend import get, to_numpy
from xpnet.nn import SCHEMES, Layer, initialize
from xpnet.nn.parameters import check_parameters


def test_initialize_is_at_home_and_has_the_shapes_of_the_book(backend):
    parameters = initialize((4, 3, 2), backend, seed=0)
    assert_at_home(backend, parameters)
    assert [tuple(x.shape) for layer in parameters for x in layer] == [(3, 4), (1, 3), (2, 3), (1, 2)]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_initialize_is_bit_for_bit_the_same_on_every_backend(backend, scheme):
    reference = initialize((7, 5, 3), get("numpy", dtype=backend.dtype_name), seed=11, scheme=scheme)
    for layer, expected in zip(initialize((7, 5, 3), backend, seed=11, scheme=scheme), reference, strict=True):
        assert to_numpy(layer.w).tobytes() == expected.w.tobytes()
        assert to_numpy(layer.b).tobytes() == expected.b.tobytes()


@pytest.mark.parametrize(
    ("scheme", "w", "b"), [("scaled", 1 / 20, 1.0), ("large", 1.0, 1.0), ("he", np.sqrt(2) / 20, 0.0)]
)
def test_initialize_spreads_weights_and_biases_as_the_scheme_says(scheme, w, b):
    layer = initialize((400, 1000), get("numpy"), seed=0, scheme=scheme)[0]
    assert layer.w.std() == pytest.approx(w, rel=0.01)
    assert layer.w.mean() == pytest.approx(0.0, abs=0.01 * w)
    assert layer.b.std() == pytest.approx(b, rel=0.1)


def test_glorot_fills_its_interval_evenly():
    layer = initialize((400, 200), get("numpy"), seed=0, scheme="glorot")[0]
    assert np.abs(layer.w).max() == pytest.approx(0.1, rel=1e-3)
    assert layer.w.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.01)
    assert not layer.b.any()


def test_initialize_without_a_seed_differs_each_time():
    first, second = (initialize((4, 3), get("numpy"), seed=None)[0].w for _ in range(2))
    assert (first != second).any()


def test_initialize_refuses_an_unknown_scheme():
    with pytest.raises(ValueError, match="scheme must be one of scaled, large, glorot, he, got 'xavier'"):
        initialize((4, 3), get("numpy"), seed=0, scheme="xavier")


def test_check_parameters_names_the_layer_that_does_not_fit(backend):
    parameters = initialize((4, 3, 2), backend, seed=0)
    check_parameters(parameters, (4, 3, 2))
    with pytest.raises(ValueError, match="parameters must hold 3 layers, got 2"):
        check_parameters(parameters, (4, 3, 2, 2))
    with pytest.raises(ValueError, match=r"parameters\[0\].w must have shape \(3, 5\), got \(3, 4\)"):
        check_parameters(parameters, (5, 3, 2))
    with pytest.raises(ValueError, match=r"parameters\[1\].b must have shape \(1, 2\), got \(1, 3\)"):
        check_parameters((parameters[0], Layer(parameters[1].w, parameters[0].b)), (4, 3, 2))
