"""History and stopping rules."""

import pytest

from xpnet.training import History, Record
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


def test_best_follows_validation_accuracy_then_cost_and_takes_the_first_of_equals():
    assert history(cost=[3.0, 1.0, 1.0]).best().epoch == 2
    assert history(cost=[3.0, 2.0, 1.0], validation_cost=[1.0, 2.0, 3.0]).best().epoch == 1
    both = history(validation_cost=[1.0, 2.0, 3.0], validation_accuracy=[0.1, 0.9, 0.9])
    assert both.best().epoch == 2
    assert both.best("validation_cost").epoch == 1
    with pytest.raises(ValueError, match="monitor must have been measured in every epoch, got 'validation_cost'"):
        history(cost=[1.0]).best("validation_cost")


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
