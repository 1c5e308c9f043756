"""History and stopping rules."""

import numpy as np
import pytest

from xpnet.nn import Network
from xpnet.training import History, Record, sgd, train
from xpnet.training.watching.stopping import no_improvement


def history(**columns):
    length = max(map(len, columns.values()))
    fields = {"cost": [0.5] * length, **columns}
    return History(
        tuple(
            Record(
                i + 1,
                fields["cost"][i],
                None,
                fields.get("validation_cost", [None] * length)[i],
                fields.get("validation_accuracy", [None] * length)[i],
                0.5,
                0.1,
            )
            for i in range(length)
        )
    )


def test_history_is_a_sequence_of_records():
    records = history(cost=[3.0, 2.0])
    assert (len(records), records[1].cost, [r.epoch for r in records]) == (2, 2.0, [1, 2])
    assert records.column("cost") == [3.0, 2.0]
    with pytest.raises(ValueError, match=r"name must be one of epoch, cost, .* got 'loss'"):
        records.column("loss")


def test_best_follows_the_validation_cost_then_the_cost_and_takes_the_first_of_equals():
    assert history(cost=[3.0, 1.0, 1.0]).best().epoch == 2
    assert history(cost=[3.0, 2.0, 1.0], validation_cost=[1.0, 2.0, 3.0]).best().epoch == 1
    both = history(validation_cost=[1.0, 2.0, 3.0], validation_accuracy=[0.1, 0.9, 0.9])
    assert both.best().epoch == 1
    assert both.best("validation_accuracy").epoch == 2
    with pytest.raises(ValueError, match="monitor must have been measured in every epoch, got 'validation_cost'"):
        history(cost=[1.0]).best("validation_cost")


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("costs", "epoch"),
    [
        ([NAN, 0.5, 0.4, 0.3], 4),
        ([INF, 0.5, 0.7], 2),
        ([0.5, NAN, -INF, 0.6], 1),
        ([NAN, NAN, 0.9, NAN], 3),
        ([NAN, INF, INF], 3),
    ],
)
def test_what_is_not_finite_is_never_the_best(costs, epoch):
    assert history(validation_cost=costs).best().epoch == epoch
    rising = [-value for value in costs]
    assert history(validation_cost=costs, validation_accuracy=rising).best().epoch == epoch


def test_no_improvement_waits_for_the_first_finite_value():
    rule = no_improvement(3)
    assert rule(history(validation_cost=[NAN, 0.5, 0.4, 0.3])).reason is None
    assert rule(history(validation_cost=[NAN, 0.5, NAN, INF])).reason is None
    assert rule(history(validation_cost=[NAN, 0.5, NAN, INF, -INF])).reason == "no_improvement"
    assert rule(history(validation_cost=[INF, INF])).reason is None
    assert rule(history(validation_cost=[INF, INF, INF])).reason == "no_improvement"


def test_a_network_that_learns_is_given_back_whatever_its_validation_cost(rng):
    x = rng.standard_normal((40, 2))
    validation = np.concatenate([x, [[1e20, 1e20]]]), np.zeros(41)
    network = Network([2, 1], output="linear", cost="quadratic")
    result = train(network, (x, x.sum(axis=1)), validation=validation, epochs=5, optimizer=sgd(0.05))
    assert result.history[-1].validation_cost == INF
    assert result.best_parameters[0].w.tobytes() == result.parameters[0].w.tobytes()


def test_no_improvement_waits_n_epochs_after_the_best():
    # Keras's example: losses 10, 9, 8, 9, 8.9, 8.8: with patience 2 the fifth epoch is the last
    losses = [10.0, 9.0, 8.0, 9.0, 8.9, 8.8]
    rule = no_improvement(2)
    said = [rule(history(cost=losses[: n + 1])) for n in range(len(losses))]
    assert [verdict.reason for verdict in said] == [None, None, None, None, "no_improvement", "no_improvement"]


def test_no_improvement_does_not_take_an_equal_for_better():
    assert no_improvement(1)(history(validation_accuracy=[0.9, 0.9])).reason == "no_improvement"


@pytest.mark.parametrize(
    ("n", "error"), [(0, ValueError), (-1, ValueError), (2.5, TypeError), ("3", TypeError), (True, TypeError)]
)
def test_no_improvement_wants_a_whole_number_of_epochs(n, error):
    with pytest.raises(error, match=r"n must be (a whole number|at least 1), got"):
        no_improvement(n)


def test_no_improvement_refuses_an_unknown_monitor():
    with pytest.raises(ValueError, match="monitor must be a cost or an accuracy of Record, got 'loss'"):
        no_improvement(2, monitor="loss")


def test_what_is_kept_is_one_thing_with_what_stopping_rules_watch():
    record = Record(1, 0.5, 0.9, 0.6, 0.8, eta=0.5, seconds=0.1)
    worse_cost = record._replace(epoch=2, validation_cost=0.7, validation_accuracy=0.9)
    for keep, monitor, best in (
        ("accuracy", "validation_accuracy", 2),
        ("cost", "validation_cost", 1),
    ):
        history = History(keep=keep).after(record).after(worse_cost)
        assert (history.monitor, history.best().epoch) == (monitor, best)
        assert no_improvement(1)(history).reason == (None if best == 2 else "no_improvement")
    alone = History(keep="accuracy").after(record._replace(validation_cost=None, validation_accuracy=None))
    assert alone.monitor == "accuracy"
