"""Stopping rules beyond no_improvement (test_history.py)."""

import copy
import pickle

import numpy as np
import pytest

from xpnet.nn import Network
from xpnet.training import History, Record, clip_norm, clip_value, sgd, train
from xpnet.training.watching.stopping import any_of, halve_on_plateau, no_improvement, target, time_limit


def history(costs, seconds=1.0):
    return History(tuple(Record(i + 1, cost, None, None, None, 0.5, seconds) for i, cost in enumerate(costs)))


def factors(rule, costs):
    return [rule(history(costs[: n + 1])).factor for n in range(len(costs))]


def test_halve_on_plateau_halves_after_n_epochs_without_improvement():
    # PyTorch's example for its plateau rule: costs 5, 4, 4, 4, 4, 3, 3, 3, lowered once, before the fifth epoch
    assert factors(halve_on_plateau(2), [5.0, 4.0, 4.0, 4.0, 4.0, 3.0, 3.0]) == [1, 1, 1, 0.5, 0.5, 0.5, 0.5]


def test_halve_on_plateau_stops_at_its_last_share():
    rule = halve_on_plateau(1, until=1 / 8)
    assert factors(rule, [1.0] * 4) == [1.0, 0.5, 0.25, 0.125]
    assert rule(history([1.0] * 3)).reason is None
    assert rule(history([1.0] * 4)).reason == "plateau"


def test_the_book_stops_after_seven_halvings():
    rule = halve_on_plateau(10)
    assert rule(history([1.0] * 70)).reason is None
    assert rule(history([1.0] * 71)).reason == "plateau"


def test_training_goes_on_at_half_the_learning_rate():
    x, y = np.asarray([[0.0], [1.0]]), np.asarray([0, 1])
    result = train(
        Network([1, 2]),
        (x, y),
        epochs=100,
        optimizer=sgd(0.0),
        stopping=halve_on_plateau(2, until=1 / 4),
    )
    assert result.stopped_by == "plateau"
    result = train(Network([1, 2]), (x, y), epochs=4, optimizer=sgd(1e-30), stopping=halve_on_plateau(1))
    assert result.history.column("eta") == [1e-30, 1e-30, 5e-31, 2.5e-31]


def test_target_is_reached_by_costs_from_above_and_accuracies_from_below():
    assert target(0.5, "cost")(history([0.6])).reason is None
    assert target(0.5, "cost")(history([0.6, 0.5])).reason == "target"
    record = Record(1, 0.1, 0.97, None, None, 0.5, 1.0)
    assert target(0.97, "accuracy")(History((record,))).reason == "target"
    assert target(0.98, "accuracy")(History((record,))).reason is None


def test_time_limit_counts_seconds_of_training():
    assert time_limit(3.0)(history([1.0] * 2)).reason is None
    assert time_limit(3.0)(history([1.0] * 3)).reason == "time_limit"


def test_any_of_stops_with_the_first_and_multiplies_factors():
    rule = any_of(no_improvement(5), halve_on_plateau(1), halve_on_plateau(2))
    assert rule(history([1.0, 1.0, 1.0])) == (None, 0.125)
    assert any_of(time_limit(1.0), target(9.0, "cost"))(history([1.0])).reason == "time_limit"


def test_what_is_not_finite_reaches_nothing():
    nan, inf = float("nan"), float("inf")
    assert factors(halve_on_plateau(2), [nan, 3.0, 2.0, nan, -inf, 1.0]) == [1, 1, 1, 1, 0.5, 0.5]
    assert factors(halve_on_plateau(2), [inf, inf, 3.0]) == [1, 0.5, 0.5]
    for cost in (nan, -inf):
        assert target(0.5, "cost")(history([cost])).reason is None
    assert target(0.5, "accuracy")(History((Record(1, 0.1, inf, None, None, 0.5, 1.0),))).reason is None


def test_rules_and_clippings_are_equal_by_value():
    rules = [no_improvement(3), halve_on_plateau(2, 0.25, "cost"), target(0.5, "cost"), time_limit(2.0), clip_norm(1.0)]
    for rule in (*rules, any_of(*rules[:4])):
        assert pickle.loads(pickle.dumps(rule)) == copy.deepcopy(rule) == rule
    assert len({no_improvement(3), no_improvement(3), no_improvement(4), clip_value(3.0), clip_norm(3.0)}) == 4
    assert repr(no_improvement(3)) == "no_improvement(n=3, monitor=None)"
    with pytest.raises(TypeError, match=r"rules must be stopping rules, such as no_improvement\(10\), got 3"):
        any_of(no_improvement(3), 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: halve_on_plateau(0), "n must be at least 1, got 0"),
        (lambda: halve_on_plateau(until=1.0), "until must be finite, above 0 and below 1, got 1.0"),
        (lambda: target(0.5, "loss"), "monitor must be a cost or an accuracy of Record, got 'loss'"),
        (lambda: time_limit(0), "seconds must be finite and above 0, got 0"),
    ],
)
def test_rules_refuse_what_makes_no_sense(make, message):
    with pytest.raises(ValueError, match=message):
        make()
