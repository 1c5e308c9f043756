"""One perceptron, a stack of them, and networks of them."""

import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet.backend import BackendError, to_numpy
from xpnet.nn.inspecting.gradient_check import gradient_check
from xpnet.nn.perceptrons.perceptron import Perceptron, mistakes, perceptron_network
from xpnet.training import train

CORNERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]


def perceptron(backend, w, b):
    return Perceptron(backend.asarray(w), backend.asarray(b))


def test_perceptron_says_1_only_above_its_threshold(backend):
    both = perceptron(backend, [1.0, 1.0], -1.0)
    x = backend.asarray(CORNERS)
    assert_close(backend, both.weighted_input(x), [-1.0, 0.0, 0.0, 1.0])
    assert to_numpy(both.predict(x)).tolist() == [0, 0, 0, 1]
    assert_close(backend, both.threshold, 1.0)
    # the book's first form: 1 where the weighted sum passes the threshold
    assert (to_numpy(x).sum(axis=1) > to_numpy(both.threshold)).tolist() == [False, False, False, True]


def test_perceptron_answers_on_the_library_of_its_weights(backend):
    both = perceptron(backend, [1.0, 1.0], -1.0)
    assert_at_home(backend, both.predict(CORNERS), both.weighted_input(CORNERS), both.layer)
    assert to_numpy(both.predict([[0, 1], [1, 1]])).tolist() == [0, 1]  # whole numbers too


def test_perceptron_takes_leading_axes(backend):
    both = perceptron(backend, [1.0, 1.0], -1.0)
    assert to_numpy(both.predict(backend.asarray([CORNERS, CORNERS[::-1]]))).tolist() == [[0, 0, 0, 1], [1, 0, 0, 0]]


def test_a_stack_says_0_or_1_each_and_predicts_the_largest(backend):
    # class 0 left, class 1 right, class 2 up
    stack = perceptron(backend, [[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [0.0, 0.0, -2.0])
    x = backend.asarray([[-3.0, 0.0], [3.0, 2.5], [0.5, 9.0], [0.5, 0.0]])
    assert_close(backend, stack.weighted_input(x), [[3, -3, -2], [-3, 3, 0.5], [-0.5, 0.5, 7], [-0.5, 0.5, -2]])
    assert to_numpy(stack.outputs(x)).tolist() == [[1, 0, 0], [0, 1, 1], [0, 1, 1], [0, 1, 0]]
    assert to_numpy(stack.predict(x)).tolist() == [0, 1, 2, 1]


def test_a_stack_of_one_is_one_perceptron(backend):
    x = backend.asarray(CORNERS)
    assert to_numpy(perceptron(backend, [[1.0, 1.0]], [-1.0]).predict(x)).tolist() == [0, 0, 0, 1]


def test_layer_is_the_same_perceptron_in_a_network(backend):
    x = backend.asarray(CORNERS)
    for both in (perceptron(backend, [1.0, 1.0], -1.0), Perceptron(backend.asarray([1.0, 1.0]), -1.0)):
        assert both.layer.w.shape == (1, 2)
        assert both.layer.b.shape == (1, 1)
        network = perceptron_network([2, 1])
        assert_at_home(backend, both.layer)
        assert to_numpy(network.predict((both.layer,), x)).tolist() == [0, 0, 0, 1]


def test_perceptron_refuses_what_it_cannot_read(backend):
    both = perceptron(backend, [1.0, 1.0], -1.0)
    with pytest.raises(ValueError, match=r"x must have shape \(m, 2\), got \(1, 3\)"):
        both.predict([[1.0, 2.0, 3.0]])
    with pytest.raises(ValueError, match=r"x must have shape \(m, 2\), got \(2,\)"):
        both.outputs([1.0, 2.0])
    with pytest.raises(ValueError, match="x must be finite, got nan in row 1, column 0"):
        both.predict([[0.0, 1.0], [np.nan, 1.0]])
    with pytest.raises(TypeError, match="w must be real floating, got dtype"):
        Perceptron(backend.asarray(np.asarray([1, 1])), -1).predict(CORNERS)
    if backend.name != "numpy":
        with pytest.raises(BackendError, match="x must be on the library and device of w"):
            both.predict(np.asarray(CORNERS))


# ---- networks ---------------------------------------------------------------------------------------------


def test_two_layers_of_perceptrons_compute_what_one_cannot(backend):
    hidden = perceptron(backend, [[1.0, 1.0], [-1.0, -1.0]], [-0.5, 1.5])  # not neither; not both
    output = perceptron(backend, [1.0, 1.0], -1.5)
    network = perceptron_network([2, 2, 1])
    assert to_numpy(network.predict((hidden.layer, output.layer), backend.asarray(CORNERS))).tolist() == [0, 1, 1, 0]


def test_perceptrons_that_answer_several_questions_say_so(backend):
    adder = perceptron(backend, [[1.0, 1.0], [1.0, 1.0]], [-0.5, -1.5])  # either, both
    network, x = perceptron_network([2, 2], labels="several"), backend.asarray(CORNERS)
    y = backend.asarray([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    assert to_numpy(network.predict((adder.layer,), x)).tolist() == to_numpy(y).tolist()
    assert_close(backend, network.cost_value((adder.layer,), x, y), 0.0)


def test_the_cost_of_a_perceptron_network_is_the_number_of_wrong_outputs(backend):
    stack = perceptron(backend, [[-1.0, 0.0], [1.0, 0.0]], [0.0, 0.0])
    x, y = backend.asarray([[1.0, 0.0], [1.0, 0.0]]), backend.asarray([[0.0, 1.0], [1.0, 0.0]])
    assert_close(backend, perceptron_network([2, 2]).cost_value((stack.layer,), x, y), 1.0)
    z = backend.asarray([[1.0, -1.0]])
    assert_close(backend, mistakes.value(z, backend.asarray([[1.0, 0.0]]), backend.asarray([[0.0, 0.0]])), [1.0])


def test_a_perceptron_network_has_no_gradient_and_is_refused_by_train(rng):
    network = perceptron_network([2, 3, 1])
    parameters = network.initialize("numpy", seed=0)
    assert not network.trainable
    assert gradient_check(network, parameters, rng.standard_normal((5, 2)), np.asarray([0, 1, 1, 0, 1])).error == 0.0
    with pytest.raises(ValueError, match="network must be differentiable to train"):
        train(network, (np.asarray(CORNERS), np.asarray([0, 0, 0, 1])))
