"""The book's chapter 3."""

# ruff: noqa: NPY002  (the book draws from the global generators, and so must what is held against it)

import itertools
import random

import numpy as np
import pytest
from book.reference import Reference, digits
from tools import TOLERANCES

import xpnet
from xpnet.book import network2
from xpnet.book.descent import home
from xpnet.nn import Layer

COSTS = {network2.QuadraticCost: "quadratic", network2.CrossEntropyCost: "cross_entropy"}
FLAGS = ("evaluation_cost", "evaluation_accuracy", "training_cost", "training_accuracy")
ALL = {f"monitor_{flag}": True for flag in FLAGS}


def parameters(net):
    return [*net.weights, *net.biases]


def assert_same(actual, expected, tolerance=1e-12):
    for a, e in zip(actual, expected, strict=True):
        assert (a.shape, a.dtype, type(a)) == (e.shape, np.float64, np.ndarray)
        np.testing.assert_allclose(a, e, rtol=0.0, atol=tolerance * max(1.0, np.abs(e).max()))


def test_the_initializers_draw_from_the_global_generator(seeded):
    b, w = [np.random.randn(3, 1), np.random.randn(2, 1)], [np.random.randn(3, 4), np.random.randn(2, 3)]
    seeded(0)
    net = network2.Network([4, 3, 2])
    assert_same(parameters(net), [w[0] / 2.0, w[1] / np.sqrt(3.0), *b], 0.0)
    seeded(0)
    net.large_weight_initializer()
    assert_same(parameters(net), [*w, *b], 0.0)
    seeded(0)
    net.default_weight_initializer()
    assert_same(parameters(net), [w[0] / 2.0, w[1] / np.sqrt(3.0), *b], 0.0)


def test_costs_are_those_worked_by_hand():
    a, y = np.asarray([[0.5], [0.25]]), np.asarray([[1.0], [0.0]])
    assert network2.QuadraticCost.fn(a, y) == 0.5 * (0.25 + 0.0625)
    assert network2.CrossEntropyCost.fn(a, y) == pytest.approx(np.log(2.0) + np.log(4.0 / 3.0))
    assert network2.CrossEntropyCost.delta(None, a, y).tolist() == [[-0.5], [0.25]]
    assert network2.QuadraticCost.delta(np.zeros((2, 1)), a, y).tolist() == [[-0.125], [0.0625]]


def test_cross_entropy_of_saturated_outputs_is_as_in_the_book_and_warns_of_nothing():
    ones, zeros = np.ones((1, 1)), np.zeros((1, 1))
    assert network2.CrossEntropyCost.fn(ones, ones) == network2.CrossEntropyCost.fn(zeros, zeros) == 0.0
    assert network2.CrossEntropyCost.fn(ones, zeros) == np.finfo(np.float64).max


@pytest.mark.parametrize("cost", COSTS)
def test_backprop_gives_the_gradient_of_xpnet_and_of_finite_differences(seeded, cost):
    net, (x, y) = network2.Network([64, 5, 10], cost=cost), digits(1)[0]
    nabla_b, nabla_w = net.backprop(x, y)
    layers = tuple(Layer(w, b.T) for w, b in zip(net.weights, net.biases, strict=True))
    expected = xpnet.Network([64, 5, 10], output="sigmoid", cost=COSTS[cost]).gradients(layers, x.T, y.T)
    assert_same([*nabla_w, *nabla_b], [*(g.w for g in expected), *(g.b.T for g in expected)], 1e-14)
    p, g, h = net.weights[0], nabla_w[0], 1e-6
    i = np.unravel_index(np.abs(g).argmax(), g.shape)
    p[i] += h
    high = cost.fn(net.feedforward(x), y)
    p[i] -= 2.0 * h
    assert (high - cost.fn(net.feedforward(x), y)) / (2.0 * h) == pytest.approx(g[i], rel=1e-6)


@pytest.mark.parametrize("cost", COSTS)
def test_update_mini_batch_decays_and_steps_by_the_mean_of_single_gradients(seeded, cost):
    net, batch = network2.Network([64, 5, 10], cost=cost), digits(7)
    gradients = [net.backprop(x, y) for x, y in batch]
    expected = [0.75 * w - 0.5 * np.mean([g[1][l] for g in gradients], axis=0) for l, w in enumerate(net.weights)]
    expected += [b - 0.5 * np.mean([g[0][l] for g in gradients], axis=0) for l, b in enumerate(net.biases)]
    net.update_mini_batch(batch, 0.5, 50.0, 100)
    assert_same(parameters(net), expected, 1e-14)


@pytest.mark.parametrize("cost", COSTS)
def test_sgd_is_the_books_loop(seeded, capsys, cost):
    seeded(7)
    data, tests = digits(1397), digits(400, labels=True, start=1397)
    units = digits(400, start=1397)
    reference, lines, seen = Reference([64, 20, 10], cost is network2.CrossEntropyCost), [], []
    if cost is network2.QuadraticCost:
        reference.w = [w / np.sqrt(w.shape[1]) for w in reference.w]
    for _ in range(2):
        reference.train(data, 1, 10, 0.5, lmbda=5.0)
        hits = reference.hits([(x, y.argmax()) for x, y in data])
        seen.append((reference.cost(units, 5.0), reference.hits(tests), reference.cost(data, 5.0), hits))
    drawn = random.random(), np.random.rand()
    seeded(7)
    net, training = network2.Network([64, 20, 10], cost=cost), digits(1397)
    monitored = net.SGD(training, 2, 10, 0.5, 5.0, tests, True, True, True, True)
    assert_same(parameters(net), [*reference.w, *reference.b])
    np.testing.assert_allclose(np.transpose(monitored), seen, rtol=1e-12)
    assert all(type(value) is int for value in [*monitored[1], *monitored[3]])
    for j in range(2):
        lines += [f"Epoch {j} training complete"]
        lines += [f"Cost on training data: {monitored[2][j]}", f"Accuracy on training data: {seen[j][3]} / 1397"]
        lines += [f"Cost on evaluation data: {monitored[0][j]}", f"Accuracy on evaluation data: {seen[j][1]} / 400", ""]
    assert capsys.readouterr().out.splitlines() == lines
    assert all((x == z).all() for (x, _), (z, _) in zip(training, data, strict=True))
    assert (random.random(), np.random.rand()) == drawn


def test_sgd_runs_on_every_library(at_home, seeded, capsys):
    def train():
        seeded(4)
        net = network2.Network([64, 8, 10])
        evaluation = digits(50, labels=True, start=203)
        return net, net.SGD(digits(203), 2, 10, 0.5, 0.1, evaluation_data=evaluation, **ALL)

    net, monitored = train()
    with xpnet.backend.using("numpy"):
        expected, story = train()
    tolerance = TOLERANCES["training"][home().dtype_name]
    assert_same(parameters(net), parameters(expected), tolerance)
    np.testing.assert_allclose(monitored[0] + monitored[2], story[0] + story[2], rtol=tolerance)
    assert monitored[1::2] == story[1::2]


@pytest.mark.parametrize("wanted", [*itertools.product((False, True), repeat=4)])
def test_sgd_returns_empty_lists_for_what_is_not_monitored(seeded, capsys, wanted):
    flags = {f"monitor_{flag}": on for flag, on in zip(FLAGS, wanted, strict=True)}
    monitored = network2.Network([64, 10]).SGD(digits(5), 2, 3, 0.5, evaluation_data=digits(4, labels=True), **flags)
    assert [len(values) for values in monitored] == [2 * on for on in wanted]
    assert len(capsys.readouterr().out.splitlines()) == 2 * (2 + sum(wanted))


def test_total_cost_of_saturated_outputs_is_finite_and_right():
    net = network2.Network([1, 2])
    net.weights, net.biases = [np.zeros((2, 1))], [np.asarray([[800.0], [-800.0]])]
    assert net.total_cost([(np.ones((1, 1)), np.asarray([[0.0], [0.0]]))], 0.0) == 800.0
    assert net.total_cost([(np.ones((1, 1)), 1)], 0.0, convert=True) == 1600.0


def test_total_cost_counts_the_penalty_once():
    net = network2.Network([1, 1])
    net.weights, net.biases = [np.asarray([[3.0]])], [np.asarray([[0.0]])]
    data = [(np.zeros((1, 1)), np.ones((1, 1)))] * 5
    assert net.total_cost(data, 2.0) == pytest.approx(np.log(2.0) + 0.5 * 2.0 / 5.0 * 9.0)


def test_accuracy_and_total_cost_read_columns_or_labels(seeded):
    net = network2.Network([64, 10])
    units, labels = digits(50), digits(50, labels=True)
    assert net.accuracy(units, convert=True) == net.accuracy(labels)
    assert net.total_cost(units, 0.5) == net.total_cost(labels, 0.5, convert=True)
    with pytest.raises(TypeError, match=r"data\[0\]\[1\] must be a label, .*convert=True"):
        net.accuracy(units)
    with pytest.raises(ValueError, match=r"data\[0\]\[1\] must be a column of shape \(10, 1\)"):
        net.total_cost(labels, 0.5)
    with pytest.raises(ValueError, match=r"data\[0\]\[1\] must be a column of shape \(10, 1\)"):
        net.accuracy(labels, convert=True)


# ---- a reader's own -------------------------------------------------------------------------------------------


class OwnCrossEntropy:
    """The cross-entropy as a reader might write it; refuses what the book would not give it."""

    @staticmethod
    def fn(a, y):
        assert a.shape == y.shape == (10, 1)
        return -np.sum(y * np.log(a) + (1.0 - y) * np.log(1.0 - a), axis=0)

    @staticmethod
    def delta(z, a, y):
        assert type(z) is type(a) is type(y) is np.ndarray
        assert z.shape == a.shape == y.shape == (10, 1)
        return a - y


class Bounded(network2.CrossEntropyCost):
    @staticmethod
    def fn(a, y):
        return min(1.0, network2.CrossEntropyCost.fn(a, y))


class Counting(network2.Network):
    """The book's network, whose subclasses count how often they are asked."""

    asked = 0


class Monitoring(Counting):
    expected = 8

    def accuracy(self, data, convert=False):
        self.asked += 1
        return super().accuracy(data, convert)

    def total_cost(self, data, lmbda, convert=False):
        self.asked += 1
        return super().total_cost(data, lmbda, convert)


class OneByOne(Counting):
    expected = 2 * 25

    def backprop(self, x, y):
        self.asked += (x.shape, y.shape) == ((64, 1), (10, 1))
        return super().backprop(x, y)


class Updating(Counting):
    expected = 2 * 3

    def update_mini_batch(self, mini_batch, eta, lmbda, n):
        self.asked += (type(mini_batch), n) == (list, 25)
        super().update_mini_batch(mini_batch, eta, lmbda, n)


class Forward(Counting):
    expected = 2 * (2 * 25 + 2 * 10)

    def feedforward(self, a):
        self.asked += a.shape == (64, 1)
        return super().feedforward(a)


def story(seeded, kind=network2.Network, cost=network2.CrossEntropyCost):
    seeded(1)
    net = kind([64, 5, 10], cost=cost)
    return net, net.SGD(digits(25), 2, 10, 0.5, 0.1, digits(10, labels=True, start=25), **ALL)


@pytest.mark.parametrize(
    ("kind", "cost"),
    [(kind, network2.CrossEntropyCost) for kind in (Monitoring, OneByOne, Updating, Forward)]
    + [(network2.Network, cost) for cost in (OwnCrossEntropy, OwnCrossEntropy(), network2.CrossEntropyCost())]
    + [(Forward, OwnCrossEntropy)],
)
def test_sgd_goes_through_the_readers_own_code(seeded, capsys, kind, cost):
    net, monitored = story(seeded, kind, cost)
    expected, numbers = story(seeded)
    assert_same(parameters(net), parameters(expected), 1e-13)
    np.testing.assert_allclose(np.transpose(monitored), np.transpose(numbers), rtol=1e-12)
    assert kind is network2.Network or net.asked == kind.expected


def test_a_cost_with_one_function_replaced_is_the_readers(seeded, capsys):
    net, monitored = story(seeded, cost=Bounded)
    plain, numbers = story(seeded)
    assert_same(parameters(net), parameters(plain), 1e-13)
    assert max(monitored[0]) < 1.5 < min(numbers[0])  # the penalty is not bounded


def test_a_replaced_function_of_the_module_is_used(seeded, capsys, monkeypatch):
    monkeypatch.setattr(network2.CrossEntropyCost, "delta", staticmethod(lambda z, a, y: 0.0 * z))
    net, _ = story(seeded)
    seeded(1)
    first = network2.Network([64, 5, 10])
    assert_same(net.biases, first.biases, 0.0)
    monkeypatch.undo()
    monkeypatch.setattr(network2, "sigmoid_prime", lambda z: 0.0 * z)
    assert_same(story(seeded)[0].biases[:1], first.biases[:1], 0.0)


# ---- errors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"lmbda": float("inf")}, ValueError, "lmbda must be finite, got inf"),
        ({"lmbda": None}, TypeError, "lmbda must be a number, got None"),
        ({"eta": float("nan")}, ValueError, "eta must be finite"),
        ({"mini_batch_size": 0}, ValueError, "mini_batch_size must be at least 1"),
        ({"training_data": []}, ValueError, "training_data must hold at least one example"),
        ({"monitor_evaluation_cost": True}, ValueError, "evaluation_data must be given to be monitored, got none"),
        ({"evaluation_data": iter(())}, ValueError, "evaluation_data must hold at least one example"),
        (
            {"evaluation_data": [(np.ones((64, 1)), 10)], "monitor_evaluation_accuracy": True},
            ValueError,
            r"evaluation_data\[0\]\[1\] must be a label from 0 to 9, got 10",
        ),
    ],
)
def test_sgd_refuses_what_makes_no_sense(seeded, capsys, changes, error, message):
    arguments = {"training_data": digits(5), "epochs": 1, "mini_batch_size": 2, "eta": 1.0} | changes
    with pytest.raises(error, match=message):
        network2.Network([64, 10]).SGD(**arguments)


def test_network_refuses_what_makes_no_sense():
    with pytest.raises(ValueError, match="sizes must name two or more layers"):
        network2.Network([5])
    with pytest.raises(
        TypeError, match=r"cost must have the functions fn\(a, y\) and delta\(z, a, y\), got 'quadratic'"
    ):
        network2.Network([5, 2], cost="quadratic")
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        network2.Network([64, 10]).update_mini_batch(digits(2), 0.5, 0.1, 0)
