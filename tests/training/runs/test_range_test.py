"""The learning-rate range test."""

import numpy as np
import pytest

from xpnet.backend import get
from xpnet.nn import Network
from xpnet.training import learning_rate_range, schedules, sgd, train


@pytest.fixture
def blobs(rng):
    y = np.arange(40) % 2
    return rng.standard_normal((40, 3)) + 4.0 * y[:, None], y


def test_costs_fall_and_etas_rise_from_low_to_high(backend, blobs):
    found = learning_rate_range(Network([3, 4, 2]), blobs, low=1e-3, high=1.0, steps=30, batch_size=7, backend=backend)
    assert (len(found.etas), len(found.costs)) == (30, 30)
    assert (found.etas[0], found.etas[-1]) == (pytest.approx(1e-3), pytest.approx(1.0))
    assert np.all(np.diff(found.etas) > 0)
    assert found.costs[-1] < found.costs[0]


def test_the_first_cost_is_that_of_the_first_batch(blobs):
    # full batch: the cost before the first step is what training sees in its first epoch
    found = learning_rate_range(Network([3, 2]), blobs, steps=2, batch_size=40, backend=get("numpy"))
    seen = train(Network([3, 2]), blobs, epochs=1, batch_size=None, optimizer=sgd(0.1)).history[0].cost
    assert found.costs[0] == pytest.approx(seen, rel=1e-6)


def test_the_costs_are_those_of_training_with_a_rate_that_rises_from_epoch_to_epoch(blobs):
    home = get("numpy", dtype="float64")
    found = learning_rate_range(Network([3, 4, 2]), blobs, low=0.01, high=2.0, steps=18, batch_size=7, backend=home)
    rising = sgd(schedules.exponential(0.01, 200.0, every=17))
    seen = train(Network([3, 4, 2]), blobs, epochs=3, batch_size=7, optimizer=rising, backend=home).history
    epochs = np.reshape(found.costs, (3, 6)) @ np.asarray([7, 7, 7, 7, 7, 5]) / 40
    np.testing.assert_allclose(epochs, seen.column("cost"), rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"low": 1.0, "high": 0.1}, "low must be below high"),
        ({"low": 0.0}, "low must be finite and above 0, got 0.0"),
        ({"steps": 1}, "steps must be at least 2"),
        ({"optimizer": "lbfgs"}, "optimizer must be one of sgd, momentum"),
    ],
)
def test_absurd_ranges_are_refused(blobs, arguments, message):
    with pytest.raises(ValueError, match=message):
        learning_rate_range(Network([3, 2]), blobs, **arguments)
