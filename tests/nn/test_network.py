"""What can be built, what cannot, and what it accepts."""

import dataclasses
import pickle

import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet.backend import BackendError, get, to_numpy
from xpnet.nn import Layer, Network, sigmoid
from xpnet.nn.costs import cross_entropy


def test_network_looks_up_its_names_and_defaults():
    network = Network([784, 30, 10])
    assert (network.sizes, network.output.name, network.cost.name) == ((784, 30, 10), "sigmoid", "cross_entropy")
    assert Network([2, 3], cost="log_likelihood").output.name == "softmax"
    assert Network([2, 3], cost="quadratic").output.name == "sigmoid"
    assert [f.name for f in Network([2, 3, 4, 5], hidden=["tanh", "relu"]).hidden] == ["tanh", "relu"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"sizes": [3]}, ValueError, "sizes must name two or more layers"),
        ({"sizes": [3, 0]}, ValueError, "of at least one neuron, got"),
        ({"sizes": [3, 2.5]}, TypeError, "sizes must be a sequence of integers"),
        ({"sizes": 3}, TypeError, "sizes must be a sequence of integers"),
        ({"hidden": "sigmod"}, ValueError, "hidden must be one of sigmoid, tanh, .* got 'sigmod'"),
        ({"hidden": ["tanh", "tanh"]}, ValueError, "hidden must name one activation or 1, one for each"),
        ({"hidden": "softmax"}, ValueError, "hidden must be elementwise, got 'softmax'"),
        ({"hidden": 3}, TypeError, "'int' object is not iterable|hidden must be"),
        ({"output": "softmax"}, ValueError, "output must be sigmoid for cost 'cross_entropy', got 'softmax'"),
        ({"output": "linear"}, ValueError, "output must be sigmoid for cost 'cross_entropy', got 'linear'"),
        ({"cost": "log_likelihood", "output": "sigmoid"}, ValueError, "output must be softmax for cost 'log_like"),
        ({"cost": "quadratic", "output": "softmax"}, ValueError, "output must be an elementwise, differentiable"),
        ({"cost": "quadratic", "output": "step"}, ValueError, "output must be an elementwise, differentiable"),
        ({"cost": "mse"}, ValueError, "cost must be one of quadratic, cross_entropy, log_likelihood, got 'mse'"),
        ({"cost": 1}, TypeError, "cost must be a name or an instance of Cost, got 1"),
        ({"dropout": 1.0}, ValueError, "dropout must be at least 0 and below 1, got 1.0"),
        ({"dropout": -0.1}, ValueError, "dropout must be at least 0 and below 1"),
        ({"dropout": [0.1, 0.1, 0.1]}, ValueError, "dropout must be one rate or 2, for the inputs"),
    ],
)
def test_network_refuses_what_makes_no_sense(arguments, error, message):
    with pytest.raises(error, match=message):
        Network(**{"sizes": [4, 3, 2], **arguments})


def test_network_is_a_value():
    network = Network([4, 3, 2], dropout=0.5)
    assert network == Network([4, 3, 2], dropout=(0.0, 0.5))
    assert hash(network) == hash(Network((4, 3, 2), dropout=0.5))
    assert pickle.loads(pickle.dumps(network)) == network
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.sizes = (1, 1)
    assert repr(network) == (
        "Network([4, 3, 2], hidden=('sigmoid',), output='sigmoid', cost='cross_entropy', dropout=(0.0, 0.5))"
    )


def test_network_takes_activations_and_costs_of_ones_own():
    cube = dataclasses.replace(sigmoid, name="cube", value=lambda z: z**3, derivative=lambda z, a: 3.0 * z**2)
    network = Network([2, 3, 1], hidden=cube, cost=dataclasses.replace(cross_entropy, name="mine"))
    parameters = network.initialize("numpy", seed=0)
    assert network.gradients(parameters, np.ones((1, 2)), np.ones((1, 1)))[0].w.shape == (3, 2)


# ---- predicting -------------------------------------------------------------------------------------------


def eye(backend, n):
    return (Layer(backend.asarray(np.eye(n)), backend.full((1, n))),)


def test_predict_gives_the_largest_output(backend):
    network, x = Network([3, 3]), backend.asarray([[1.0, 5.0, 2.0], [0.0, -1.0, -2.0]])
    assert to_numpy(network.predict(eye(backend, 3), x)).tolist() == [1, 0]
    assert_close(backend, network.feedforward(eye(backend, 3), x), to_numpy(sigmoid(x)))


def test_predict_of_one_output_is_zero_or_one(backend):
    x = backend.asarray([[1.0], [-1.0]])
    assert to_numpy(Network([1, 1]).predict(eye(backend, 1), x)).tolist() == [1, 0]


def test_predict_of_a_regression_is_its_value(backend):
    one, two = (Network([n, n], output="linear", cost="quadratic") for n in (1, 2))
    assert_close(backend, one.predict(eye(backend, 1), backend.asarray([[1.5], [2.5]])), [1.5, 2.5])
    assert_close(backend, two.predict(eye(backend, 2), backend.asarray([[1.5, 2.5]])), [[1.5, 2.5]])


def test_integer_inputs_are_computed_with_as_floats(backend):
    x = backend.asarray(np.asarray([[1, 2, 3]], dtype="uint8"))
    outputs = Network([3, 3]).feedforward(eye(backend, 3), x)
    assert_at_home(backend, outputs)


# ---- targets ----------------------------------------------------------------------------------------------


def test_labels_are_targets_with_a_one(backend, rng):
    network = Network([4, 3])
    parameters, x = network.initialize(backend, seed=0), backend.asarray(rng.standard_normal((2, 4)))
    by_label = network.cost_value(parameters, x, backend.asarray(np.asarray([2, 0])))
    by_target = network.cost_value(parameters, x, backend.asarray([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]))
    assert_close(backend, by_label, to_numpy(by_target))


@pytest.mark.parametrize("y", [[0, 1], [0.0, 1.0], [[0], [1]], [False, True]])
def test_one_output_takes_a_vector_of_zeros_and_ones(backend, y):
    network = Network([1, 1])
    x = backend.asarray([[0.0], [0.0]])
    assert_close(backend, network.cost_value(eye(backend, 1), x, backend.asarray(y)), np.log(2.0))


def test_one_linear_output_takes_whole_numbers_as_values(backend):
    network = Network([1, 1], output="linear", cost="quadratic")
    y = backend.asarray(np.asarray([7, -3]))
    assert_close(backend, network.cost_value(eye(backend, 1), backend.asarray([[7.0], [1.0]]), y), 4.0)


X = [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([0.0, 1.0], [0], r"x must have shape \(m, 2\), got \(2,\)"),
        ([[0.0, 1.0, 2.0]], [0], r"x must have shape \(m, 2\), got \(1, 3\)"),
        (np.zeros((0, 2)), np.zeros(0, dtype=int), "x must hold at least one example"),
        ([[0.0, 1.0], [np.nan, 0.0]], [0, 1], "x must be finite, got nan in row 1, column 0"),
        ([[0.0, -np.inf], [0.0, 0.0]], [0, 1], "x must be finite, got -inf in row 0, column 1"),
        (X, [0, 3], "y must hold labels between 0 and 2, got 3 in row 1"),
        (X, [-1, 0], "y must hold labels between 0 and 2, got -1 in row 0"),
        (X, [0, 1, 2], r"y must have shape \(2,\) \(labels\) or \(2, 3\), got \(3,\)"),
        (X, [[0.0, 1.0]] * 2, r"y must have shape \(2,\) \(labels\) or \(2, 3\), got \(2, 2\)"),
        (X, [0.0, 1.0], "y must be integer labels or targets .* can be cast to integers"),
        (X, [[0.0, 1.0, np.nan]] * 2, "y must be finite, got nan in row 0, column 2"),
        (X, [[0.0, 1.0, 1.5]] * 2, "y must lie between 0 and 1 for cost 'cross_entropy', got 1.5 in row 0"),
    ],
)
def test_examples_refuses_bad_input_and_says_where(backend, x, y, message):
    network = Network([2, 3])
    parameters = network.initialize(backend, seed=0)
    with pytest.raises(ValueError, match=message):
        network.gradients(parameters, backend.asarray(x), backend.asarray(y))


def test_log_likelihood_wants_rows_that_sum_to_one(backend):
    network = Network([2, 3], cost="log_likelihood")
    parameters = network.initialize(backend, seed=0)
    with pytest.raises(ValueError, match=r"y must have rows that sum to 1 .* got 0.5 in row 1"):
        network.cost_value(parameters, backend.asarray(X), backend.asarray([[1.0, 0.0, 0.0], [0.5, 0.0, 0.0]]))


def test_one_output_refuses_other_labels_than_zero_and_one(backend):
    network = Network([2, 1])
    parameters = network.initialize(backend, seed=0)
    with pytest.raises(ValueError, match="y must hold labels between 0 and 1, got 2 in row 1"):
        network.cost_value(parameters, backend.asarray(X), backend.asarray([1, 2]))


def test_libraries_are_not_mixed():
    network = Network([2, 3])
    parameters = network.initialize("numpy", seed=0)
    with pytest.raises(BackendError, match="x must be on the library and device of parameters"):
        network.feedforward(parameters, get("array_api_strict").asarray(X))
    with pytest.raises(TypeError, match="x must be an array, got list"):
        network.feedforward(parameters, X)


def test_parameters_of_another_network_are_refused():
    parameters = Network([2, 4]).initialize("numpy", seed=0)
    with pytest.raises(ValueError, match=r"parameters\[0\].w must have shape \(3, 2\), got \(4, 2\)"):
        Network([2, 3]).feedforward(parameters, np.asarray(X))
