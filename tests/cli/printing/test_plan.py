"""The time that a training will take: measured speed times operations, told if it is long."""

from itertools import count

import pytest

from xpnet import Network
from xpnet.backend import get
from xpnet.cli.printing.plan import OPERATIONS, OVERHEAD, SIDE, plan_line

NETWORK = Network([100, 128, 128, 1])
WEIGHTS = 100 * 128 + 128 * 128 + 128


def told(n, seconds_a_product, **how):
    ticks = count()
    return plan_line(NETWORK, n, 60, get("numpy"), clock=lambda: next(ticks) * seconds_a_product, **how)


def test_a_long_training_is_told_with_what_is_shorter():
    n = 1_000_000
    seconds_a_product = 600.0 / (OVERHEAD * OPERATIONS * WEIGHTS * n * 60) * 2 * SIDE**3
    assert told(n, seconds_a_product).startswith("plan     about 10 minutes; --fast gives")
    assert told(n, seconds_a_product, fast=True) == "plan     about 10 minutes"
    assert told(n, 18 * seconds_a_product).startswith("plan     about 3 hours")


@pytest.mark.parametrize(("n", "seconds"), [(1000, 1e9), (1_000_000, 1e-9)])
def test_a_short_one_is_not(n, seconds):
    assert told(n, seconds) is None
