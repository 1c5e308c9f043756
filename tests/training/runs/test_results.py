"""Many results are a sequence of results, with the mean and the spread of their best epochs."""

import dataclasses

import numpy as np
import pytest

from xpnet import Network, Results, sgd, train_many
from xpnet.backend import to_numpy
from xpnet.training import History

X, Y = np.random.default_rng(0).random((30, 4)), np.arange(30) % 3


def many(etas=(0.5, 1.0, 2.0), **arguments):
    return train_many(Network([4, 3, 3]), (X, Y), optimizer=sgd(np.asarray(etas)), epochs=3, **arguments)


def test_they_are_a_sequence():
    results = many()
    assert len(results) == 3
    assert isinstance(results[1:], Results)
    assert results[1:][0] is results[1]
    assert [*results] == [results[0], results[1], results[2]]
    with pytest.raises(IndexError):
        results[3]


def test_mean_and_spread_are_those_of_the_best_epochs():
    results = many(validation=(X, Y))
    costs = [min(result.history.column("validation_cost")) for result in results]
    accuracies = [result.best_record.validation_accuracy for result in results]
    assert results.values("validation_accuracy") == accuracies
    assert results.values("validation_cost") == costs
    assert results.mean("validation_cost") == pytest.approx(np.mean(costs))
    assert results.spread("validation_cost") == pytest.approx(np.std(costs, ddof=1))
    assert results.standard_error("validation_cost") == pytest.approx(np.std(costs, ddof=1) / 3**0.5)
    assert results.best() is results[int(np.argmin(costs))]
    assert results.best("validation_accuracy") is results[int(np.argmax(accuracies))]


def test_without_a_validation_set_the_last_epoch_counts():
    results = many()
    assert results.values("cost") == [result.history[-1].cost for result in results]
    assert results.values("validation_cost") == []
    assert np.isnan(results.mean("validation_cost"))
    assert np.isnan(results[:1].spread("cost"))
    with pytest.raises(ValueError, match="monitor must have been measured in every epoch, got 'validation_cost'"):
        results.best("validation_cost")


def test_what_diverged_does_not_count():
    network = Network([4, 1], output="linear", cost="quadratic")
    with pytest.warns(RuntimeWarning, match="1 of 2 networks diverged"):
        results = train_many(network, (X, Y * 1.0), optimizer=sgd(np.asarray([0.1, 1e9])), epochs=9)
    assert len(results.sound) == 1
    assert results.mean("cost") == results[0].history[-1].cost
    assert results.best() is results[0]
    assert "ended by: 1 epochs, 1 diverged" in repr(results)
    assert results.ensemble().n_members == 1
    with pytest.raises(ValueError, match="one did not diverge, got none"):
        results[1:].best()
    with pytest.raises(ValueError, match="ensemble must have a member that did not diverge"):
        results[1:].ensemble()


def test_they_tell_of_themselves():
    lines = repr(many(validation=(X, Y))).splitlines()
    assert lines[0] == "Results of 3 times " + repr(Network([4, 3, 3]))
    assert lines[1] == "  ended by: 3 epochs"
    assert [line.split()[0] for line in lines[2:]] == ["cost", "accuracy", "validation_cost", "validation_accuracy"]


def test_they_move_to_another_backend():
    pytest.importorskip("array_api_strict")
    moved = many().to("array_api_strict")
    assert moved[0].model.backend.name == "array_api_strict"
    np.testing.assert_array_equal(to_numpy(moved[1].predict(X)), many()[1].predict(X))


def test_an_ensemble_is_the_mean_of_its_members():
    results = many()
    model = results.ensemble()
    expected = np.mean([result.predict_proba(X) for result in results], axis=0)
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=0.0, atol=1e-6)


def test_no_network_and_unknown_fields_are_told():
    results = many()
    assert repr(results[:0]) == "Results of no network"
    with pytest.raises(ValueError, match="parameters must be asked of at least one result, got none"):
        _ = results[:0].parameters
    for ask in (results.values, results.mean, results.spread, results.standard_error):
        with pytest.raises(ValueError, match=r"name must be one of epoch, cost, .* got 'acc'"):
            ask("acc")
    with pytest.raises(ValueError, match=r"monitor must be one of epoch, cost, .* got 'acc'"):
        results.best("acc")


def test_a_cost_that_overflows_has_no_spread():
    results = many()
    last = results[0].history[-1]
    worse = History((last._replace(validation_cost=np.inf),))
    wide = Results((results[1], results[2], dataclasses.replace(results[0], history=worse)))
    assert wide.mean("validation_cost") == np.inf
    mixed = Results((wide[2], dataclasses.replace(wide[2], history=History((last._replace(validation_cost=1.0),)))))
    assert mixed.mean("validation_cost") == np.inf
    assert np.isnan(mixed.spread("validation_cost"))
    assert "validation_cost inf +/- nan" in repr(mixed)


def test_the_stack_of_results_is_that_of_the_best_epochs():
    results = many(validation=(X, Y))
    for i, result in enumerate(results):
        np.testing.assert_array_equal(results.parameters[0].w[i], result.best_parameters[0].w)
