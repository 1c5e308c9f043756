"""Which epoch is kept: one for all members of an ensemble, each its own for single networks, never a diverged one."""

from math import log

import numpy as np
import pytest

import xpnet
from xpnet.backend import get
from xpnet.tabular.choosing import EpochChoice, Kept, _score
from xpnet.training import History, Record
from xpnet.trees import stacked

HOME = get("numpy", dtype="float64")
RECORD = Record(1, 0.5, None, None, None, 0.1, 0.1)
LINEAR = xpnet.Network([1, 1], output="linear", cost="quadratic")
CLASSES = xpnet.Network([1, 2], output="softmax", cost="log_likelihood")
X = np.asarray([[1.0], [2.0], [-1.0], [-2.0]])


def linear(slope):
    return (xpnet.nn.Layer(np.asarray([[slope]]), np.asarray([[0.0]])),)


def classes(slope):
    return (xpnet.nn.Layer(np.asarray([[-slope], [slope]]), np.asarray([[0.0, 0.0]])),)


def log_loss(z, y):
    return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]).mean())


def told(choice, epochs, make):
    """Tell the choice of epochs, each the slopes of two members."""
    for slopes in epochs:
        choice(dict.fromkeys(range(len(slopes)), RECORD), stacked(make(slope) for slope in slopes))


def slopes_of(choice):
    return {number: float(kept.parameters[0].w[-1, 0]) for number, kept in choice.kept.items()}


def test_all_members_are_kept_at_the_epoch_of_least_mean_cost():
    # y = x: the members' costs are (slope - 1)^2 / 2 times the mean of x^2 over what they watch
    epochs = [(0.0, 1.0), (0.6, 0.6), (1.0, 0.0)]
    together = EpochChoice(LINEAR, X, X, [[0, 2], [0, 2]], HOME)
    told(together, epochs, linear)
    assert slopes_of(together) == {0: 0.6, 1: 0.6}
    assert together.scores[0][1] == pytest.approx(log(0.5 * 0.4**2))
    each = EpochChoice(LINEAR, X, X, [[0, 2], [0, 2]], HOME, together=False)
    told(each, epochs, linear)
    assert slopes_of(each) == {0: 1.0, 1: 1.0}


def test_classes_are_chosen_by_the_cost_at_the_best_temperature_and_by_errors():
    y = np.asarray([1, 1, 0, 1])  # the last is an exception: one error in four for a rising slope
    choice = EpochChoice(CLASSES, X, y, [range(4), range(4)], HOME)
    told(choice, [(-1.0, -1.0), (0.5, 0.5), (9.0, 9.0)], classes)
    kept = choice.kept[0]
    assert slopes_of(choice)[0] in (0.5, 9.0)  # one is the other at another temperature
    assert (kept.wrong, kept.z.shape) == (1.0, (4, 2))
    assert kept.cost == pytest.approx(log_loss(kept.z / kept.temperature, y))
    assert kept.cost <= min(log_loss(kept.z / (by * kept.temperature), y) for by in (0.9, 1.1))


def test_fewer_errors_make_up_for_a_larger_cost():
    z = np.zeros((4, 2))
    right, sure = Kept(None, z, 1.0, 0.5, 0.0), Kept(None, z, 1.0, 0.4, 3.0)
    assert _score([right], classes=True) == pytest.approx(log(0.5) + log(0.5 / 4))
    assert _score([right], classes=True) < _score([sure], classes=True)
    assert _score([right], classes=False) > _score([sure], classes=False)


def test_errors_and_costs_of_weighted_classes_are_weighted():
    y = np.asarray([1, 1, 0, 1])
    choice = EpochChoice(CLASSES, X, y, [range(4)], HOME, class_weight={0: 3.0})
    told(choice, [(-0.5,)], classes)  # all but the last are wrong: weights 1, 1, 3, 1, a sixth of 4 each
    kept = choice.kept[0]
    assert kept.wrong == pytest.approx(4 * 5 / 6)
    rows, weights = -kept.z / kept.temperature, np.asarray([1.0, 1.0, 3.0, 1.0])
    losses = np.log(1.0 + np.exp(rows[range(4), y] - rows[range(4), 1 - y]))
    assert kept.cost == pytest.approx((losses * weights).sum() / 6)


def test_a_member_that_stopped_stays_as_it_was_and_one_that_diverged_is_never_kept():
    choice = EpochChoice(LINEAR, X, X, [[0], [1], [2]], HOME)
    first = stacked(linear(slope) for slope in (0.5, 0.5, np.nan))
    choice({0: RECORD, 1: RECORD, 2: RECORD._replace(cost=float("nan"))}, first)
    choice({1: RECORD}, stacked([linear(1.0)]))
    assert slopes_of(choice) == {0: 0.5, 1: 1.0}


def test_nobody_is_kept_if_all_diverge():
    choice = EpochChoice(LINEAR, X, X, [[0]], HOME)
    choice({0: RECORD._replace(cost=float("inf"))}, stacked([linear(np.inf)]))
    assert choice.kept == {}


@pytest.mark.parametrize(
    ("scores", "stops"),
    [
        ([5.0, 4.0, 3.0, 2.5, 2.0, 9.0], None),  # the second cycle, epochs 3 and 4, was better
        ([5.0, 4.0, 4.5, 4.1, 2.0, 9.0], 5),  # it was not: training ends an epoch later
        ([5.0, 4.0, 4.0, 4.0, 2.0, 9.0], 5),  # as good is no better
        ([5.0, 6.0, 3.0, 9.0, 3.5, 4.0, 1.0], 7),  # the third was not
    ],
)
def test_training_stops_after_a_cycle_that_was_no_better(scores, stops):
    choice = EpochChoice(LINEAR, X, X, [[0]], HOME)
    rule, found = choice.stops_after((2, 4, 6)), None
    for epoch, score in enumerate(scores, 1):
        verdict = rule(History((RECORD,) * epoch))  # asked before the newest epoch is known
        found = found or (epoch if verdict.reason == "no_better_cycle" else None)
        choice.scores.setdefault(0, []).append(score)
    assert found == stops


def test_another_watcher_is_told_too():
    seen = []
    choice = EpochChoice(LINEAR, X, X, [[0]], HOME, then=lambda records, parameters: seen.append((records, parameters)))
    told(choice, [(0.5,)], linear)
    assert seen[0][0] == {0: RECORD}
