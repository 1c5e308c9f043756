"""What follows from an epoch: the best so far, the end, or neither."""

from math import inf, nan

import pytest

from xpnet.training import History, Record
from xpnet.training.watching.decision import decide
from xpnet.training.watching.stopping import Verdict


def history(*costs, keep="cost", **fields):
    plain = {"accuracy": None, "validation_cost": None, "validation_accuracy": None, "eta": 0.5, "seconds": 0.1}
    records = (Record(i + 1, cost=cost, **(plain | fields)) for i, cost in enumerate(costs))
    return History(tuple(records), keep)


def test_without_a_validation_set_the_last_epoch_is_the_best():
    assert decide(history(0.1, 0.9), None, watched=False).is_best
    assert not decide(history(0.1, 0.9, validation_cost=0.5), None, watched=True).is_best
    assert decide(history(0.1, validation_cost=0.5), None, watched=True).is_best


@pytest.mark.parametrize("cost", [nan, inf, -inf])
def test_a_cost_that_is_not_finite_ends_training_whatever_the_rule_says(cost):
    decision = decide(history(0.1, cost), lambda history: Verdict("mine"), watched=False)
    assert (decision.diverged, decision.is_best, decision.verdict.reason) == (True, False, "diverged")


def test_the_rule_decides_on_the_rest():
    decision = decide(history(0.1), lambda history: Verdict("mine", 0.5), watched=False)
    assert (decision.diverged, decision.verdict) == (False, Verdict("mine", 0.5))
    assert decide(history(0.1), None, watched=False).verdict == Verdict()


@pytest.mark.parametrize(("keep", "monitor"), [("cost", "validation_cost"), ("accuracy", "validation_accuracy")])
def test_what_is_kept_is_measured_on_the_validation_set(keep, monitor):
    watched = {"accuracy": 0.5, "validation_cost": 0.3, "validation_accuracy": 0.4}
    assert history(0.1, keep=keep, **watched).monitor == monitor
    assert history(0.1, keep=keep, accuracy=0.5).monitor == keep
