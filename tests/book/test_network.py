"""The book's chapter 1 and 2."""

# ruff: noqa: NPY002  (the book draws from the global generators, and so must what is held against it)

import random
from math import log

import numpy as np
import pytest
from book.reference import Reference, digits
from tools import TOLERANCES

import xpnet
from xpnet.book import network, network2
from xpnet.book.descent import home
from xpnet.nn import Layer


def by_hand():
    """Return a net of one neuron a layer whose z is 0 in both layers for every input."""
    net = network.Network([1, 1, 1])
    net.weights, net.biases = [np.asarray([[0.0]]), np.asarray([[4.0]])], [np.asarray([[0.0]]), np.asarray([[-2.0]])]
    return net


def parameters(net):
    return [*net.weights, *net.biases]


def assert_same(actual, expected, tolerance=1e-12):
    for a, e in zip(actual, expected, strict=True):
        assert (a.shape, a.dtype, type(a)) == (e.shape, np.float64, np.ndarray)
        np.testing.assert_allclose(a, e, rtol=0.0, atol=tolerance * max(1.0, np.abs(e).max()))


def test_network_holds_the_books_attributes():
    net = network.Network([4, 3, 2])
    assert (net.num_layers, net.sizes) == (3, [4, 3, 2])
    assert [w.shape for w in net.weights] == [(3, 4), (2, 3)]
    assert [b.shape for b in net.biases] == [(3, 1), (2, 1)]


@pytest.mark.parametrize("book", [network, network2])
def test_feedforward_takes_one_column_or_many(book):
    # in units of ln 3, z is (1, 0) and (-2, 1), so a is (3/4, 1/2) and (1/10, 3/4), and the last z is 1 and -3.6
    t = log(3.0)
    net = book.Network([2, 2, 1])
    net.weights = [np.asarray([[t, -t], [t, t]]), np.asarray([[4 * t, -8 * t]])]
    net.biases = [np.asarray([[-t], [-2 * t]]), np.asarray([[2 * t]])]
    columns = np.asarray([[2, 1], [0, 2]], dtype=np.uint8)
    expected = [[3 / 4, 1 / (1 + 3**3.6)]]
    for found in (net.feedforward(columns), np.hstack([net.feedforward(columns[:, i : i + 1]) for i in (0, 1)])):
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_backprop_gives_the_gradient_worked_by_hand():
    # a = 1/2 twice; delta2 = (1/2) (1/4) = 1/8; delta1 = 4 (1/8) (1/4) = 1/8
    nabla_b, nabla_w = by_hand().backprop(np.asarray([[3.0]]), np.asarray([[0.0]]))
    assert [g.tolist() for g in nabla_b] == [[[0.125]], [[0.125]]]
    assert [g.tolist() for g in nabla_w] == [[[0.375]], [[0.0625]]]


def test_backprop_gives_the_gradient_of_xpnet_and_of_finite_differences(seeded):
    net, (x, y) = network.Network([64, 5, 10]), digits(1)[0]
    nabla_b, nabla_w = net.backprop(x, y)
    described = xpnet.Network([64, 5, 10], cost="quadratic")
    layers = tuple(Layer(w, b.T) for w, b in zip(net.weights, net.biases, strict=True))
    expected = described.gradients(layers, x.T, y.T)
    assert_same([*nabla_w, *nabla_b], [*(g.w for g in expected), *(g.b.T for g in expected)], 1e-14)
    h = 1e-6
    for p, g in zip(parameters(net), [*nabla_w, *nabla_b], strict=True):
        i = np.unravel_index(np.abs(g).argmax(), g.shape)
        costs = []
        for shift in (h, -2.0 * h):
            p[i] += shift
            costs.append(0.5 * np.sum((net.feedforward(x) - y) ** 2))
        assert (costs[0] - costs[1]) / (2.0 * h) == pytest.approx(g[i], rel=1e-6)
        p[i] += h


def test_update_mini_batch_steps_by_the_mean_of_single_gradients(seeded):
    net, batch = network.Network([64, 5, 10]), digits(7)
    gradients = [net.backprop(x, y) for x, y in batch]
    expected = [w - 3.0 * np.mean([g[1][l] for g in gradients], axis=0) for l, w in enumerate(net.weights)]
    expected += [b - 3.0 * np.mean([g[0][l] for g in gradients], axis=0) for l, b in enumerate(net.biases)]
    net.update_mini_batch(batch, 3.0)
    assert_same(parameters(net), expected, 1e-14)


def test_sgd_is_the_books_loop(seeded, capsys):
    seeded(7)
    data, tests = digits(1397), digits(400, labels=True, start=1397)
    reference, lines = Reference([64, 20, 10], cross_entropy=False), []
    for j in range(2):
        reference.train(data, 1, 10, 3.0)
        lines.append(f"Epoch {j}: {reference.hits(tests)} / 400\n")
    drawn = random.random(), np.random.rand()
    seeded(7)
    net, training = network.Network([64, 20, 10]), digits(1397)
    assert net.SGD(training, 2, 10, 3.0, test_data=tests) is None
    assert_same(parameters(net), [*reference.w, *reference.b])
    assert capsys.readouterr().out == "".join(lines)
    assert all((x == z).all() and (y == u).all() for (x, y), (z, u) in zip(training, data, strict=True))
    assert (random.random(), np.random.rand()) == drawn


def test_sgd_runs_on_every_library(at_home, seeded, capsys):
    data, tests = digits(203), digits(100, labels=True, start=203)
    reference = Reference([64, 8, 10], cross_entropy=False)
    reference.train(list(data), 2, 10, 3.0)
    seeded(0)
    net = network.Network([64, 8, 10])
    net.SGD(data, 2, 10, 3.0, tests)
    assert_same(parameters(net), [*reference.w, *reference.b], TOLERANCES["training"][home().dtype_name])
    assert capsys.readouterr().out.splitlines()[1] == f"Epoch 1: {reference.hits(tests)} / 100"
    for p in parameters(net):
        p[0, 0] = 0.0  # may be written to


def test_sgd_without_test_data_says_complete(seeded, capsys):
    network.Network([64, 10]).SGD(digits(5), 2, 10, 1.0, test_data=[])
    assert capsys.readouterr().out == "Epoch 0 complete\nEpoch 1 complete\n"


def test_sgd_takes_iterators_and_more_epochs_than_they_last(seeded, capsys):
    net, other = network.Network([64, 10]), network.Network([64, 10])
    other.weights, other.biases = list(net.weights), list(net.biases)
    x, y = zip(*digits(20), strict=True)
    seeded(1)
    net.SGD(zip(x, y, strict=True), 3, 6, 1.0, test_data=iter(digits(9, labels=True)))
    seeded(1)
    other.SGD(digits(20), 3, 6, 1.0, test_data=digits(9, labels=True))
    assert_same(parameters(net), parameters(other), 0.0)
    assert capsys.readouterr().out.count("/ 9\n") == 6


def test_weights_may_be_assigned_between_epochs(seeded, capsys):
    net = network.Network([64, 5, 10])
    net.SGD(digits(20), 1, 10, 1.0)
    net.weights, net.biases = [np.zeros((4, 64)), np.zeros((10, 4))], [np.zeros((4, 1)), np.zeros((10, 1))]
    assert net.evaluate(digits(20, labels=True)) == 2  # all outputs alike: the first neuron, a zero
    net.SGD(digits(20), 1, 10, 1.0)
    assert net.weights[0].shape == (4, 64)


def test_evaluate_tells_tiny_outputs_apart(seeded):
    net = network.Network([1, 2])
    net.weights, net.biases = [np.zeros((2, 1))], [np.asarray([[-60.0], [-50.0]])]
    assert net.evaluate([(np.zeros((1, 1)), 1)]) == 1


class Loud(network.Network):
    """A reader's subclass for every method, which leaves the mathematics as it is and notes that it was asked."""

    def __init__(self, sizes, *names):
        super().__init__(sizes)
        self.names, self.heard = names, []

    def note(self, name, *columns):
        if name not in self.heard:
            self.heard.append(name)
        assert all(type(c) is np.ndarray and c.shape[1:] == (1,) for c in columns)


def loud(name):
    def method(self, *args):
        self.note(
            name, *(args if name in ("backprop", "cost_derivative") else args[:1] if name == "feedforward" else ())
        )
        return getattr(network.Network, name)(self, *args)

    return type(f"Loud_{name}", (Loud,), {name: method})


@pytest.mark.parametrize("name", ["cost_derivative", "backprop", "update_mini_batch", "feedforward", "evaluate"])
def test_sgd_goes_through_what_a_subclass_overrides(seeded, capsys, name):
    data, tests = digits(25), digits(10, labels=True, start=25)
    net = network.Network([64, 5, 10])
    seeded(0)
    own = loud(name)([64, 5, 10])
    for each in (net, own):
        seeded(2)
        each.SGD(list(data), 2, 10, 3.0, tests)
    assert own.heard == [name]
    assert_same(parameters(own), parameters(net), 1e-13)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == lines[2:]


def test_a_changed_cost_changes_the_steps(seeded, capsys):
    class CrossEntropy(network.Network):
        def cost_derivative(self, output_activations, y):
            return (output_activations - y) / (output_activations * (1.0 - output_activations))

    reference = Reference([64, 10], cross_entropy=True)
    seeded(0)
    net = CrossEntropy([64, 10])
    net.weights = [w / 8.0 for w in net.weights]
    for each in (lambda: reference.train(digits(30), 2, 10, 0.5), lambda: net.SGD(digits(30), 2, 10, 0.5)):
        seeded(3)
        each()
    assert_same(parameters(net), [*reference.w, *reference.b])


def test_a_replaced_sigmoid_is_used_everywhere(seeded, monkeypatch, capsys):
    monkeypatch.setattr(network, "sigmoid", lambda z: np.maximum(z, 0.0))
    monkeypatch.setattr(network, "sigmoid_prime", lambda z: 1.0 * (z > 0.0))
    net = network.Network([1, 1])
    net.weights, net.biases = [np.asarray([[2.0]])], [np.asarray([[1.0]])]
    assert net.feedforward(np.asarray([[3.0]])).tolist() == [[7.0]]
    net.SGD([(np.asarray([[3.0]]), np.asarray([[5.0]]))], 1, 1, 0.1, [(np.asarray([[3.0]]), 0)])  # delta = 2
    assert net.weights[0].item() == pytest.approx(2.0 - 0.1 * 6.0)
    assert net.biases[0].item() == pytest.approx(1.0 - 0.1 * 2.0)


def test_a_replaced_sigmoid_sees_one_column_at_a_time(seeded, monkeypatch, capsys):
    def softmax(z):
        assert z.shape == (2, 1)
        return np.exp(z) / np.sum(np.exp(z))

    monkeypatch.setattr(network, "sigmoid", softmax)
    monkeypatch.setattr(network, "sigmoid_prime", lambda z: np.ones(z.shape))
    net = network.Network([2, 2])
    net.weights, net.biases = [np.zeros((2, 2))], [np.zeros((2, 1))]
    net.SGD([(x, x) for x in np.eye(2)[..., None]], 1, 2, 4.0)  # errors (-1/2, 1/2) and (1/2, -1/2), mean of both
    assert net.weights[0].tolist() == [[1.0, -1.0], [-1.0, 1.0]]
    assert net.biases[0].tolist() == [[0.0], [0.0]]


def test_evaluate_goes_through_a_replaced_sigmoid(monkeypatch):
    monkeypatch.setattr(network, "sigmoid", lambda z: -z)
    net = network.Network([1, 1, 2])
    net.weights, net.biases = [np.ones((1, 1)), np.asarray([[1.0], [-1.0]])], [np.zeros((1, 1)), np.zeros((2, 1))]
    assert net.evaluate([(np.ones((1, 1)), 0)]) == 1  # a = -1, then (1, -1)


def test_a_negative_eta_climbs(seeded, capsys):
    net = by_hand()
    net.SGD([(np.asarray([[3.0]]), np.asarray([[0.0]]))], 1, 1, -1.0)
    assert net.biases[1].tolist() == [[-2.0 + 0.125]]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"mini_batch_size": 0}, ValueError, "mini_batch_size must be at least 1, got 0"),
        ({"mini_batch_size": 2.5}, TypeError, "mini_batch_size must be a whole number, got 2.5"),
        ({"epochs": -1}, ValueError, "epochs must be at least 0, got -1"),
        ({"eta": float("nan")}, ValueError, "eta must be finite, got nan"),
        ({"eta": "3"}, TypeError, "eta must be a number, got '3'"),
        ({"training_data": []}, ValueError, "training_data must hold at least one example"),
        ({"training_data": [(np.ones(64), np.ones((10, 1)))]}, ValueError, r"training_data\[0\]\[0\] must be a column"),
        ({"training_data": [(np.ones((64, 1)), 3)]}, ValueError, r"training_data\[0\]\[1\] must be a column"),
        ({"test_data": [(np.ones((64, 1)), 10)]}, ValueError, r"test_data\[0\]\[1\] must be a label from 0 to 9"),
        ({"test_data": iter(())}, ValueError, "test_data must hold at least one example, got none; an iterator"),
    ],
)
def test_sgd_refuses_what_makes_no_sense(seeded, capsys, changes, error, message):
    arguments = {"training_data": digits(5), "epochs": 1, "mini_batch_size": 2, "eta": 1.0} | changes
    with pytest.raises(error, match=message):
        network.Network([64, 10]).SGD(**arguments)
    with pytest.raises(error, match=message):
        loud("cost_derivative")([64, 10]).SGD(**arguments)


@pytest.mark.parametrize("sizes", [[5], [], [2, 0], [2, -1, 3]])
def test_network_refuses_sizes_that_are_no_network(sizes):
    with pytest.raises(ValueError, match="sizes must name two or more layers"):
        network.Network(sizes)


@pytest.mark.parametrize("a", [np.ones(64), np.ones((1, 64)), np.ones((64, 1, 1)), 3.0])
def test_feedforward_refuses_what_is_no_column(a):
    with pytest.raises(ValueError, match=r"a must have shape \(64, 1\) or \(64, m\), got \("):
        network.Network([64, 10]).feedforward(a)


def test_backprop_refuses_what_is_no_column():
    net = network.Network([64, 10])
    with pytest.raises(ValueError, match=r"x must have shape \(64, 1\), got \(64,\); reshape"):
        net.backprop(np.ones(64), np.ones((10, 1)))
    with pytest.raises(ValueError, match=r"y must have shape \(10, 1\), got \(\); vectorized_result"):
        net.backprop(np.ones((64, 1)), 3)
    with pytest.raises(ValueError, match=r"x must have shape \(64, 1\), got \(64, 2\)$"):
        net.backprop(np.ones((64, 2)), np.ones((10, 1)))


def test_assigned_weights_that_do_not_fit_are_refused(seeded, capsys):
    net = network.Network([64, 5, 10])
    net.weights[1] = np.ones((10, 4))
    with pytest.raises(ValueError, match=r"weights\[1\] must have shape \(n_out, 5\), got \(10, 4\)"):
        net.SGD(digits(5), 1, 1, 1.0)
    net.weights[1], net.biases[1] = np.ones((10, 5)), np.ones(10)
    with pytest.raises(ValueError, match=r"biases\[1\] must have shape \(10, 1\), got \(10,\)"):
        net.evaluate(digits(5, labels=True))
    net.biases.pop()
    with pytest.raises(ValueError, match="weights and biases must be lists of the same length"):
        net.feedforward(np.ones((64, 1)))
