"""Permutation importance: by hand on a linear model, groups, repeatability, and columns of an encoding."""

import numpy as np
import pytest

from xpnet import Model, Network
from xpnet.data import Encoding
from xpnet.nn import Layer
from xpnet.tabular import permutation_importance

NETWORK = Network([3, 1], output="linear", cost="quadratic")
WEIGHTS = (Layer(np.asarray([[3.0, 0.0, 1.0]]), np.asarray([[0.5]])),)
MODEL = Model(NETWORK, WEIGHTS, features=("a", "b", "c"))
RNG = np.random.default_rng(0)
X = RNG.standard_normal((200, 3))
Y = 3.0 * X[:, 0] + X[:, 2] + 0.5


def test_a_column_that_is_not_used_has_none():
    found = permutation_importance(MODEL, X, Y)
    assert found.columns == ("a", "b", "c")
    assert found.mean[1] == found.std[1] == 0.0
    assert found.baseline.score == pytest.approx(1.0)
    assert found.mean[0] > found.mean[2] > 0.05
    assert found.sorted().columns == ("a", "c", "b")
    assert "fall of R2" in repr(found)


def test_the_cost_rises_by_what_permuting_does():
    found = permutation_importance(MODEL, X, Y, repeats=1, seed=3, columns=["a"])
    order = np.random.default_rng(3).permutation(200)
    expected = ((3.0 * (X[order, 0] - X[:, 0])) ** 2).mean()
    assert found.cost_mean[0] == pytest.approx(expected, rel=1e-6)


def test_it_is_repeatable_and_columns_may_be_permuted_together():
    first, again, other = (permutation_importance(MODEL, X, Y, seed=seed) for seed in (1, 1, 2))
    assert first.falls == again.falls != other.falls
    found = permutation_importance(MODEL, X, Y, columns=[("a", "c"), "b"])
    assert found.columns == (("a", "c"), "b")
    assert found.mean[0] > 1.5


def test_all_inputs_of_a_raw_column_are_permuted_together():
    cells = np.asarray([[float(i % 5), ("red", "blue")[i % 2]] for i in range(60)], dtype=object)
    encoding = Encoding.fit(cells, ("size", "color"), bins=4)
    n_in = len(encoding.names)
    w = np.zeros((1, n_in))
    w[0, encoding.names.index("color=red")] = 9.0
    network = Network([n_in, 1])
    model = Model(network, (Layer(w, np.asarray([[-4.5]])),), encoding, classes=("no", "yes"))
    found = permutation_importance(model, cells, ["yes" if c == "red" else "no" for c in cells[:, 1]])
    assert found.columns == ("size", "color")
    assert found.mean[0] == 0.0
    assert found.mean[1] == pytest.approx(0.5, abs=0.15)  # half of the permuted rows get the other color


@pytest.mark.parametrize(
    ("x", "y", "how", "message"),
    [
        (X, Y, {"columns": ["d"]}, "'d'"),
        (X[:1], Y[:1], {}, "x must have two rows at least to be permuted, got 1"),
        (X, Y[:5], {}, "y must hold a target for each of the 200 rows"),
        (X, Y, {"repeats": 0}, "repeats must be at least 1, got 0"),
    ],
)
def test_bad_input(x, y, how, message):
    with pytest.raises(ValueError, match=message):
        permutation_importance(MODEL, x, y, **how)


def test_a_single_label_that_a_row_has_or_has_not():
    x = np.random.default_rng(0).standard_normal((40, 2))
    network = Network([2, 1], labels="several")
    model = Model(network, (Layer(np.asarray([[5.0, 0.0]]), np.asarray([[0.0]])),))
    found = permutation_importance(model, x, (x[:, :1] > 0.0).astype(int))
    assert found.baseline.score == 1.0
    assert found.mean[0] > 0.2
    assert found.mean[1] == 0.0
