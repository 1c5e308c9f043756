"""What can be built, what cannot, and what it accepts."""

import dataclasses
import pickle

import numpy as np
import pytest
from nn_tables import PAIRS
from tools import assert_at_home, assert_close

from xpnet.backend import BackendError, get, to_numpy
from xpnet.nn import (
    Activation,
    Layer,
    Network,
    cross_entropy,
    explain_backprop,
    gradient_check,
    linear,
    sigmoid,
    small_change,
    softmax,
)
from xpnet.trees import map_arrays


def test_network_looks_up_its_names_and_defaults():
    network = Network([784, 30, 10])
    assert (network.sizes, network.output.name, network.cost.name) == ((784, 30, 10), "sigmoid", "cross_entropy")
    assert Network([2, 3], cost="log_likelihood").output.name == "softmax"
    assert Network([2, 3], cost="quadratic").output.name == "sigmoid"
    assert Network([2, 3], cost="huber").output.name == "linear"
    assert Network([2, 3], cost="poisson").output.name == "exponential"
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
        ({"cost": "mse"}, ValueError, "cost must be one of .*quadratic, .* got 'mse'"),
        ({"cost": 1}, TypeError, "cost must be a name or an instance of Cost, got 1"),
        (
            {"output": dataclasses.replace(linear, name="sigmoid", link=None)},
            ValueError,
            r"one of your own says link='logit'",
        ),
        ({"labels": "many"}, ValueError, "labels must be 'one' or 'several', got 'many'"),
        ({"labels": "several", "cost": "log_likelihood"}, ValueError, "labels must be 'one' for output 'softmax'"),
        ({"labels": "several", "cost": "huber"}, ValueError, "labels must be 'one' for output 'linear'"),
        ({"hidden": 5}, TypeError, "hidden must be a name or an instance of Activation, got 5"),
        ({"hidden": np.tanh}, TypeError, "hidden must be a name or an instance of Activation, got <ufunc"),
        ({"dropout": "half"}, TypeError, "dropout must be a number, or one for the inputs .*, got 'half'"),
        ({"dropout": None}, TypeError, "dropout must be a number, or one for .*, got None"),
        ({"dropout": [0.1, "b"]}, TypeError, "dropout must be a number, or one for"),
        ({"dropout": 1.0}, ValueError, "dropout must be at least 0 and below 1, got 1.0"),
        ({"dropout": -0.1}, ValueError, "dropout must be at least 0 and below 1"),
        ({"dropout": [0.1, 0.1, 0.1]}, ValueError, "dropout must be one rate or 2, for the inputs"),
    ],
)
def test_network_refuses_what_makes_no_sense(arguments, error, message):
    with pytest.raises(error, match=message):
        Network(**{"sizes": [4, 3, 2], **arguments})


@pytest.mark.parametrize("rate", [np.float32(0.5), np.float16(0.5), np.asarray(0.5)])
def test_dropout_may_be_a_number_of_numpys(rate):
    assert Network([4, 3, 2], dropout=rate) == Network([4, 3, 2], dropout=0.5)
    assert Network([4, 3, 2], dropout=[0, rate]) == Network([4, 3, 2], dropout=0.5)


def test_network_is_a_value():
    network = Network([4, 3, 2], dropout=0.5)
    assert network == Network([4, 3, 2], dropout=(0.0, 0.5))
    assert hash(network) == hash(Network((4, 3, 2), dropout=0.5))
    assert pickle.loads(pickle.dumps(network)) == network
    assert dataclasses.replace(network, labels="several") == Network([4, 3, 2], dropout=0.5, labels="several")
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


# ---- kinds, not names -------------------------------------------------------------------------------------


def own(threshold):
    return Activation("own", sigmoid.value, sigmoid.derivative, threshold=threshold)


def test_an_activation_of_ones_own_tells_classes_if_it_says_so(backend):
    network, x = Network([3, 3], output=own(0.0), cost="quadratic"), backend.asarray([[1.0, 5.0, 2.0]])
    assert network.classifies
    assert to_numpy(network.predict(eye(backend, 3), x)).tolist() == [1]
    values = Network([3, 3], output=own(None), cost="quadratic")
    assert not values.classifies
    assert_close(backend, values.predict(eye(backend, 3), x), to_numpy(sigmoid(x)))


def test_a_linear_function_called_sigmoid_is_a_regression(backend):
    network = Network([1, 1], output=dataclasses.replace(linear, name="sigmoid"), cost="quadratic")
    assert not network.classifies
    assert_close(backend, network.predict(eye(backend, 1), backend.asarray([[7.0]])), [7.0])


def test_whether_a_network_is_trainable_is_what_its_activations_say():
    assert not Network([2, 3, 1], hidden="step").trainable
    assert Network([2, 3, 1], hidden=dataclasses.replace(sigmoid, name="step")).trainable
    assert not Network([2, 3, 1], hidden=dataclasses.replace(sigmoid, name="own", differentiable=False)).trainable


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


@pytest.mark.parametrize("z", [[20.0, 30.0, 25.0], [-40.0, -30.0, -35.0], [-900.0, -700.0, -800.0]])
@pytest.mark.parametrize("output", [sigmoid, softmax, own(0.0)], ids=lambda f: f.name)
def test_outputs_that_round_to_the_same_number_do_not_tie(backend, output, z):
    network = Network([3, 3], output=output, cost="log_likelihood" if output is softmax else "quadratic")
    z, y = backend.asarray([z]), backend.asarray([[0.0, 1.0, 0.0]])
    assert to_numpy(network.predict(eye(backend, 3), z)).tolist() == [1]
    assert to_numpy(network.measure(z, y)[1]).tolist() == [1.0]


def test_predict_proba_of_a_network_sums_to_one(backend):
    p = Network([3, 3]).predict_proba(eye(backend, 3), backend.asarray([[-500.0, -501.0, -800.0]]))
    assert_close(backend, p, [[0.7310585786300049, 0.2689414213699951, 0.0]])


# ---- several labels at once -------------------------------------------------------------------------------

SEVERAL = Network([3, 3], labels="several")


def test_each_of_several_labels_is_decided_alone(backend):
    x = backend.asarray([[1.0, -5.0, 2.0], [-1.0, -1.0, -2.0]])
    predicted = SEVERAL.predict(eye(backend, 3), x)
    assert to_numpy(predicted).tolist() == [[1, 0, 1], [0, 0, 0]]
    assert backend.xp.isdtype(predicted.dtype, "integral")
    assert_close(backend, SEVERAL.predict_proba(eye(backend, 3), x), to_numpy(sigmoid(x)))
    assert to_numpy(Network([3, 1], labels="several").predict(one(backend), x)).shape == (2, 1)


def one(backend):
    return (Layer(backend.asarray([[1.0, 0.0, 0.0]]), backend.full((1, 1))),)


def test_a_row_is_right_if_all_of_its_labels_are(backend):
    z = backend.asarray([[1.0, -5.0, 2.0], [1.0, -5.0, 2.0], [-1.0, -1.0, -1.0]])
    y = backend.asarray([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    costs, right = SEVERAL.measure(z, y)
    assert to_numpy(right).tolist() == [1.0, 0.0, 1.0]
    assert_close(backend, costs, to_numpy(cross_entropy.value(z, sigmoid(z), y)))
    stacked = SEVERAL.measure(backend.xp.stack([z, -z]), y)[1]
    assert to_numpy(stacked).tolist() == [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool"])
def test_several_labels_are_zeros_and_ones_of_any_dtype(backend, dtype):
    if dtype == "float64" and backend.dtype_name == "float32":
        pytest.skip("needs float64")
    y = backend.xp.asarray(np.asarray([[1, 1, 0], [0, 0, 0]], dtype=dtype), device=backend.device)
    checked = SEVERAL.examples(backend.full((2, 3)), y, backend)[1]
    assert_close(backend, checked, [[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    assert SEVERAL.class_numbers(checked) is None
    assert SEVERAL.n_classes == 3


def test_one_label_cannot_name_several():
    with pytest.raises(ValueError, match=r"y must have shape \(2, 3\) for several labels, a 0 or 1 each, got \(2,\)"):
        SEVERAL.examples(np.zeros((2, 3)), np.asarray([0, 1]), get("numpy"))
    with pytest.raises(ValueError, match=r"y must have shape \(2, 3\), got \(2, 2\)"):
        SEVERAL.examples(np.zeros((2, 3)), np.zeros((2, 2)), get("numpy"))


@pytest.mark.parametrize("cost", ["cross_entropy", "quadratic"])
@pytest.mark.parametrize(("row", "total"), [([1.0, 1.0, 0.0], 2), ([0.0, 0.0, 0.0], 0)])
def test_zeros_and_ones_with_another_number_of_labels_are_refused_with_advice(backend, cost, row, total):
    network = Network([3, 3], cost=cost)
    advice = rf"y must have one label in each row, got {total} in row 1; .* Network\(\.\.\., labels='several'\)"
    with pytest.raises(ValueError, match=advice):
        network.examples(backend.full((2, 3)), backend.asarray([[1.0, 0.0, 0.0], row]), backend)
    network.examples(backend.full((2, 3)), backend.asarray([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), backend)
    network.examples(backend.full((2, 3)), backend.asarray([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]]), backend)
    regression = Network([3, 3], output="linear", cost="quadratic")
    regression.examples(backend.full((2, 3)), backend.asarray([[1.0, 0.0, 0.0], row]), backend)


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


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i2", ">i8", ">u4", "?"])
@pytest.mark.parametrize("n_out", [1, 2, 300])
def test_labels_of_every_integer_dtype_are_the_same_labels(backend, dtype, n_out):
    y = np.asarray([1, 0, 1, 1, 0])
    network, x = Network([2, n_out]), backend.full((5, 2))
    parameters = network.initialize(backend, seed=0)
    checked = network.examples(x, y.astype(dtype), backend)[1]
    assert_close(backend, network.targets(checked, backend.dtype), y[:, None] if n_out == 1 else np.eye(n_out)[y])
    assert to_numpy(network.class_numbers(checked)).tolist() == y.tolist()
    assert network.gradients(parameters, x, network.targets(checked, backend.dtype))[0].w.shape == (n_out, 2)


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


LAYER = Network([2, 3]).initialize("numpy", seed=0)[0]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ([LAYER], r"parameters must be a tuple of Layer\(w, b\), got list of Layer"),
        (((LAYER.w, LAYER.b),), r"parameters must be a tuple of Layer\(w, b\), got tuple of tuple"),
        (LAYER, r"parameters must be a tuple of Layer\(w, b\), got Layer of ndarray"),
        (LAYER.w, r"parameters must be a tuple of Layer\(w, b\), got ndarray"),
        (None, r"parameters must be a tuple of Layer\(w, b\), got NoneType"),
        ((Layer([[1.0, 2.0]] * 3, LAYER.b),), r"parameters\[0\].w must be an array, got list"),
        ((Layer(LAYER.w, LAYER.b.astype("int64")),), r"parameters\[0\].b must be real floating, got int64"),
    ],
)
def test_parameters_of_another_kind_are_named(parameters, message):
    for use in (Network([2, 3]).check, lambda p: Network([2, 3]).predict(p, np.asarray(X))):
        with pytest.raises(TypeError, match=message):
            use(parameters)


# ---- underflow is no error --------------------------------------------------------------------------------


@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_a_caller_who_makes_numpy_raise_gets_the_same_numbers(rng, cost, output):
    network = Network([3, 4, 2], hidden="gelu", cost=cost, output=output)
    parameters, x, y = network.initialize("numpy", seed=0), 50.0 * rng.standard_normal((9, 3)), rng.integers(0, 2, 9)
    changes = map_arrays(np.ones_like, parameters)
    asked = [
        lambda: network.feedforward(parameters, x),
        lambda: network.predict(parameters, x),
        lambda: network.cost_value(parameters, x, y),
        lambda: network.gradients(parameters, x, y)[0].w,
        lambda: explain_backprop(network, parameters, x, y).cost,
        lambda: small_change(network, parameters, x, changes).predicted,
        lambda: gradient_check(network, parameters, x / 50.0, y).error,
    ]
    asked += [lambda: network.predict_proba(parameters, x)] if network.classifies else []
    expected = [ask() for ask in asked]
    with np.errstate(all="raise"):
        for ask, each in zip(asked, expected, strict=True):
            np.testing.assert_array_equal(ask(), each)
