"""What single neurons learn and how fast: the learning slowdown of chapter 3, and logistic regression."""

from math import exp, log

import numpy as np
import pytest

from xpnet.backend import get
from xpnet.data import load_digits
from xpnet.nn import Layer, Network
from xpnet.training import Callback, momentum, sgd, train

EPOCHS = 300
STARTS = [(0.6, 0.9), (2.0, 2.0)]
ETAS = {"quadratic": 0.15, "cross_entropy": 0.005}


class Watch(Callback):
    """Keep the weight, the bias and the output after every epoch."""

    def __init__(self):
        self.seen = []

    def epoch(self, record, parameters):
        w, b = (float(x[0, 0]) for x in parameters[0])
        self.seen.append((w, b))


def learned(cost, w, b, eta):
    """Return the costs and the (w, b) of one neuron that learns to turn 1 into 0."""
    watch, home = Watch(), get("numpy", dtype="float64")
    start = (Layer(home.asarray([[w]]), home.asarray([[b]])),)
    result = train(
        Network([1, 1], cost=cost),
        ([[1.0]], [[0.0]]),
        parameters=start,
        epochs=EPOCHS,
        batch_size=None,
        optimizer=sgd(eta),
        callbacks=[watch],
        backend=home,
    )
    return result.history.column("cost"), watch.seen


def by_hand(cost, w, b, eta):
    """Return the same, in plain numbers: x = 1 and y = 0."""
    costs, seen = [], []
    for _ in range(EPOCHS):
        a = 1.0 / (1.0 + exp(-(w + b)))
        costs.append(0.5 * a * a if cost == "quadratic" else -log(1.0 - a))
        slope = a * a * (1.0 - a) if cost == "quadratic" else a
        w, b = w - eta * slope, b - eta * slope
        seen.append((w, b))
    return costs, seen


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("cost", ETAS)
def test_one_neuron_learns_as_worked_by_hand(cost, start):
    costs, seen = learned(cost, *start, ETAS[cost])
    expected_costs, expected = by_hand(cost, *start, ETAS[cost])
    np.testing.assert_allclose(costs, expected_costs, rtol=1e-12)
    np.testing.assert_allclose(seen, expected, rtol=0, atol=1e-12)


def test_the_book_starts_at_these_outputs():
    outputs = [1.0 / (1.0 + exp(-(w + b))) for w, b in STARTS]
    assert [round(a, 2) for a in outputs] == [0.82, 0.98]


def test_quadratic_cost_learns_slowly_from_a_bad_start():
    good, bad = (learned("quadratic", *start, 0.15)[0] for start in STARTS)
    assert good[100] < 0.1 * good[0]
    assert bad[100] > 0.95 * bad[0]  # nearly flat for a third of the time
    assert bad[299] < 0.1 * bad[0]  # and yet it learns
    falls = -np.diff(bad)
    assert falls[:50].max() < 0.05 * falls.max()  # far slower at first than later


def test_cross_entropy_learns_fastest_where_it_is_most_wrong():
    good, bad = (learned("cross_entropy", *start, 0.15)[0] for start in STARTS)
    assert good[100] < 0.1 * good[0]
    assert bad[100] < 0.05 * bad[0]  # at the same eta as above
    falls = -np.diff(learned("cross_entropy", *STARTS[1], 0.005)[0])
    assert falls[0] == falls.max()


# ---- logistic regression ------------------------------------------------------------------------------------


def fitted(network, x, y, optimizer, epochs, seed=0):
    """Return where full-batch descent with l2 = 1 ends, and the norm of the gradient there."""
    home = get("numpy", dtype="float64")
    start = network.initialize(home, seed, scheme="large")
    settings = {"batch_size": None, "optimizer": optimizer, "l2": 1.0, "backend": home}
    result = train(network, (x, y), parameters=start, epochs=epochs, **settings)
    found = result.parameters
    gradient = network.penalize(network.gradients(found, x, y), found, n=len(y), l1=0.0, l2=1.0)[0]
    return result, *found[0], np.hypot(np.linalg.norm(gradient.w), np.linalg.norm(gradient.b))


# The minima were computed by Newton's method, until the gradient was below 1e-13.  With C = 1 / l2 = 1,
# scikit-learn's LogisticRegression agrees with them to the 1e-6 or so at which it stops.


@pytest.mark.parametrize("seed", [0, 1])
def test_logistic_regression_reaches_the_minimum_from_anywhere(seed):
    digits = load_digits()
    kept = digits.y < 2
    x, y = digits.x[kept] / 16.0, digits.y[kept]
    result, w, b, gradient = fitted(Network([64, 1]), x, y, momentum(2.0, 0.95), 800, seed)
    assert gradient < 1e-8
    assert np.linalg.norm(w) == pytest.approx(4.049783457, abs=1e-7)
    assert float(b[0, 0]) == pytest.approx(1.160660921, abs=1e-6)
    assert (result.predict(x) == y).all()


def test_multinomial_regression_of_iris_is_scikit_learns():
    x, y = pytest.importorskip("sklearn.datasets").load_iris(return_X_y=True)
    network = Network([4, 3], cost="log_likelihood")
    result, w, b, gradient = fitted(network, x, y, momentum(0.15, 0.989), 4000)
    assert gradient < 1e-7
    expected = [
        [-0.4235099, 0.9673506, -2.5171524, -1.0793366],
        [0.5344615, -0.3215879, -0.2063921, -0.9442985],
        [-0.1109516, -0.6457627, 2.7235444, 2.0236351],
    ]
    np.testing.assert_allclose(w, expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(b - b.mean(), [[9.8495681, 2.2372056, -12.0867737]], rtol=0, atol=1e-5)
    assert round((result.predict(x) == y).mean(), 5) == 0.97333


def test_logistic_regression_of_breast_cancer_is_scikit_learns():
    x, y = pytest.importorskip("sklearn.datasets").load_breast_cancer(return_X_y=True)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    result, w, b, gradient = fitted(Network([30, 1]), x, y, momentum(0.5, 0.96), 1000)
    assert gradient < 1e-8
    assert np.linalg.norm(w) == pytest.approx(3.841608789, abs=1e-7)
    assert float(b[0, 0]) == pytest.approx(0.214502717, abs=1e-6)
    assert round((result.predict(x) == y).mean(), 5) == 0.98770
