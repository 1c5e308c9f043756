"""Intervals hold what they promise: on rows kept aside, and by the errors of members on rows that they did not see."""

import numpy as np
import pytest

from xpnet import Model, Network
from xpnet.data import Scaling
from xpnet.nn import Layer
from xpnet.tabular import TableRecipe, errors_of, interval_coverage, train_table, with_intervals
from xpnet.tabular.intervals import errors_held_out

NETWORK = Network([1, 1], output="linear", cost="quadratic")
SLOPE = Model(NETWORK, (Layer(np.asarray([[2.0]]), np.asarray([[0.0]])),))


def test_the_width_is_the_quantile_of_the_errors():
    x = np.arange(19.0)[:, None]
    sure = with_intervals(SLOPE, x, 2.0 * x[:, 0] + np.arange(19.0) / 10.0)
    np.testing.assert_allclose(sure.predict_interval([[1.0]], 0.9), [[2.0 - 1.7, 2.0 + 1.7]])


def test_as_many_values_are_inside_as_was_promised():
    rng = np.random.default_rng(0)
    x, noise = rng.standard_normal((4000, 1)), rng.standard_t(3, 4000)
    sure = with_intervals(SLOPE, x[:2000], 2.0 * x[:2000, 0] + noise[:2000])
    for coverage in (0.5, 0.9, 0.99):
        # three standard errors of a share of 2,000 rows, twice for the errors' own
        near = 6.0 * np.sqrt(coverage * (1.0 - coverage) / 2000)
        assert abs(interval_coverage(sure, x[2000:], 2.0 * x[2000:, 0] + noise[2000:], coverage) - coverage) < near


def test_errors_of_members_are_those_of_the_rows_that_they_did_not_see():
    scaling = Scaling((10.0,), (2.0,))
    outputs, y = [np.asarray([[1.0]]), np.asarray([[0.0], [3.0]])], np.asarray([9.0, 15.0, 13.0])
    found = errors_held_out(NETWORK, outputs, [[2], [0, 1]], y, scaling)
    assert found == errors_of([1.0, 1.0, 1.0])  # 12 - 13, 10 - 9, 16 - 15
    assert errors_held_out(Network([1, 2]), [], [], np.asarray([]), None) is None


def test_a_trained_table_has_intervals():
    rng = np.random.default_rng(1)
    a = rng.uniform(-2, 2, 900)
    frame = {"a": a, "y": np.sin(a) + 0.3 * rng.standard_normal(900)}
    first, rest = ({name: values[part] for name, values in frame.items()} for part in (slice(300), slice(300, None)))
    model = train_table(first, "y", recipe=TableRecipe(members=3, hidden=(16,), epochs=15, batch_size=32))
    assert 0.84 < interval_coverage(model, {"a": rest["a"]}, rest["y"]) < 0.97


def test_bad_input():
    classes = Model(Network([1, 2]), Network([1, 2]).initialize(seed=0))
    with pytest.raises(ValueError, match="model must be a regression with one value to have intervals"):
        with_intervals(classes, [[1.0]], [0])
    with pytest.raises(ValueError, match="y must hold a target for each of the 1 rows"):
        with_intervals(SLOPE, [[1.0]], [0.0, 1.0])
