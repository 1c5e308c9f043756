"""Perceptrons for several classes."""

import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet.backend import to_numpy
from xpnet.data import load_digits
from xpnet.nn.perceptrons.one_against_rest import one_against_rest
from xpnet.nn.perceptrons.rule import perceptron_rule


def test_one_against_rest_is_the_rule_for_each_class(backend, rng):
    y = np.arange(30) % 3
    x = rng.integers(-8, 9, (30, 2)) / 8.0 + 3.0 * np.eye(3, 2)[y]
    result = one_against_rest(backend.asarray(x), backend.asarray(y), 3, passes=5)
    assert_at_home(backend, result.perceptron)
    assert result.perceptron.w.shape == (3, 2)
    for label in range(3):
        alone = perceptron_rule(backend.asarray(x), y == label, passes=5)
        assert result.results[label].mistakes == alone.mistakes
        assert_close(backend, result.perceptron.w[label, ...], to_numpy(alone.perceptron.w))
        assert_close(backend, result.perceptron.b[label], to_numpy(alone.perceptron.b))
    assert str(result).splitlines()[1] == f"class 1 {result.results[1]}"


@pytest.mark.parametrize("seed", range(5))
def test_one_against_rest_reads_nine_digits_in_ten(seed):
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(1797)
    test, rest, x = order[:359], order[359:], digits.x / 16.0
    result = one_against_rest(x[rest], digits.y[rest], 10)
    assert 0.90 < (result.perceptron.predict(x[test]) == digits.y[test]).mean() < 0.99


@pytest.mark.parametrize(
    ("y", "n_classes", "error", "message"),
    [
        ([0, 1, 3], 3, ValueError, "y must hold labels between 0 and 2, got 3 in row 2"),
        ([0, 1, -1], 3, ValueError, "y must hold labels between 0 and 2, got -1 in row 2"),
        ([0, 1, 0.5], 3, ValueError, "y must hold labels between 0 and 2, got 0.5 in row 2"),
        ([0, 0, 2], 3, ValueError, "y must hold every label between 0 and 2, got no 1"),
        ([0, 0, 0], 1, ValueError, "n_classes must be at least 2, got 1"),
        ([0, 1, 2], 3.0, TypeError, "n_classes must be a whole number, got 3.0"),
    ],
)
def test_one_against_rest_refuses_what_makes_no_sense(y, n_classes, error, message):
    with pytest.raises(error, match=message):
        one_against_rest([[0.0], [1.0], [2.0]], y, n_classes)


def test_one_against_rest_refuses_no_passes():
    with pytest.raises(ValueError, match="passes must be at least 1, got 0"):
        one_against_rest([[0.0], [1.0]], [0, 1], 2, passes=0)
