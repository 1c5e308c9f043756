"""What a model file tells of its training: settings, history, which epoch was kept and why."""

import json
from math import inf, nan

import numpy as np
import pytest

import xpnet
from xpnet import Model, Network, load, save, train, train_many
from xpnet.io.models.history import History, Record
from xpnet.io.models.runs import Run

X = np.random.default_rng(0).standard_normal((30, 3))
Y = (X[:, 0] > 0.0).astype(int)
HOW = {"epochs": 3, "batch_size": 7, "l2": 0.5, "seed": 4, "clip": xpnet.clip_norm(2.0)}


def test_the_history_and_the_settings_of_a_result_come_back(tmp_path):
    rule = xpnet.stopping.no_improvement(2)
    eta = xpnet.schedules.exponential(0.01, 0.5, 10)
    result = train(Network([3, 2]), (X, Y), validation=(X, Y), optimizer=xpnet.adam(eta), stopping=rule, **HOW)
    save(tmp_path / "m", result)
    found = load(tmp_path / "m")
    assert found.history == result.history
    assert found.settings == result.settings
    assert found.settings["optimizer"]["name"] == "adam"
    assert found.settings["optimizer"]["eta"]["name"] == "exponential"
    assert found.settings["stopping"] == {"name": "no_improvement", "n": 2, "monitor": None}
    assert found.settings["clip"] == {"name": "clip_norm", "limit": 2.0}
    told = {name: found.settings[name] for name in ("epochs", "batch_size", "l2", "seed", "rows", "backend")}
    assert told == {"epochs": 3, "batch_size": 7, "l2": 0.5, "seed": 4, "rows": 30, "backend": "numpy float32"}
    (run,) = found.runs
    assert (run.epoch, run.measure) == (result.history.best().epoch, "validation_cost")
    assert run.stopped_by == result.stopped_by


def test_without_a_validation_set_the_last_epoch_is_kept(tmp_path):
    save(tmp_path / "m", train(Network([3, 2]), (X, Y), **HOW))
    (run,) = load(tmp_path / "m").runs
    assert (run.epoch, run.measure, run.stopped_by) == (3, "last", "epochs")


def test_a_diverged_training_tells_which_epoch_it_kept(tmp_path):
    with pytest.warns(RuntimeWarning, match="diverged"):
        result = train(Network([3, 1], cost="quadratic", output="linear"), (X * 1e4, X[:, :1]), epochs=9)
    save(tmp_path / "m", result)
    found = load(tmp_path / "m")
    assert found.runs[0].epoch in (None, len(result.history) - 1)
    assert not np.isfinite(found.history[-1].cost)


@pytest.mark.parametrize("backend", ["numpy", "array_api_strict"])
def test_settings_are_plain_whatever_numbers_they_were(tmp_path, backend):
    xp = xpnet.backend.get(backend).xp
    how = {"optimizer": xpnet.sgd(np.float32(0.25)), "l2": np.float64(0.5), "seed": np.int64(3), "batch_size": None}
    weights = {"class_weight": {0: np.float32(2.0)}, "sample_weight": np.ones(30)}
    result = train(Network([3, 2]), (xp.asarray(X), xp.asarray(Y)), epochs=1, **how, **weights)
    assert json.loads(json.dumps(result.settings)) == result.settings
    assert result.settings["optimizer"] == {"name": "sgd", "eta": 0.25}
    assert (result.settings["class_weight"], result.settings["weighted"]) == ({"0": 2.0}, True)
    save(tmp_path / "m", result)
    assert load(tmp_path / "m").settings == result.settings


def test_an_ensemble_remembers_each_of_its_networks(tmp_path):
    results = train_many(Network([3, 2]), (X, Y), seeds=3, epochs=4)
    save(tmp_path / "m", results.ensemble())
    found = load(tmp_path / "m")
    assert found.runs == tuple(result.run for result in results)
    assert [run.settings["seed"] for run in found.runs] == [0, 1, 2]
    assert "seed" not in found.settings
    assert found.settings["epochs"] == 4
    assert found.history.column("cost") == pytest.approx(
        np.mean([result.history.column("cost") for result in results], axis=0)
    )
    assert found.member(1).history == results[1].history
    assert found.member(1).settings["seed"] == 1
    assert Model.ensemble([found, results[0]]).runs == (*found.runs, results[0].run)


def test_means_are_over_the_networks_that_trained_so_long():
    def run(*costs):
        return Run(history=History(tuple(Record(i + 1, c, None, None, None, 0.1, 1.0) for i, c in enumerate(costs))))

    network = Network([3, 2])
    models = [Model(network, network.initialize(seed=i), runs=(run(*c),)) for i, c in enumerate([(1.0,), (3.0, 5.0)])]
    assert Model.ensemble(models).history.column("cost") == [2.0, 5.0]
    assert Model.ensemble(models).history.column("seconds") == [2.0, 1.0]


def test_a_table_tells_which_epoch_its_members_were_kept_at(tmp_path):
    recipe = xpnet.tabular.TableRecipe(members=2, hidden=(3,), epochs=3)
    save(tmp_path / "m", xpnet.train_table({"a": X[:, 0], "y": Y}, "y", recipe=recipe))
    found = load(tmp_path / "m")
    assert {(run.epoch, run.measure) for run in found.runs} in [{(epoch, "score")} for epoch in (1, 2, 3)]
    assert len(found.history) >= found.runs[0].epoch


def test_a_model_that_was_not_trained_has_no_history(tmp_path):
    network = Network([3, 2])
    save(tmp_path / "m", Model(network, network.initialize(seed=0)))
    found = load(tmp_path / "m")
    assert (found.runs, found.settings) == ((), {})
    with pytest.raises(ValueError, match="model must be made by a training to have a history"):
        _ = found.history


def test_runs_must_be_one_for_each_network():
    network = Network([3, 2])
    with pytest.raises(ValueError, match="runs must be one for each of 1 networks, or none, got 2"):
        Model(network, network.initialize(seed=0), runs=(Run(), Run()))


def test_numbers_that_are_not_finite_come_back():
    run = Run({}, History((Record(1, nan, None, inf, None, -inf, 0.0),)), "diverged", None, "last")
    told = json.loads(json.dumps(run.to_json(), allow_nan=False))
    again = Run.from_json(told)
    assert again.to_json() == run.to_json()
    assert again.history[0].validation_cost == inf


@pytest.mark.parametrize(
    "change",
    [
        {"settings": []},
        {"stopped_by": 3},
        {"kept": None},
        {"kept": {"epoch": 2, "measure": "last"}},
        {"kept": {"epoch": True, "measure": "last"}},
        {"kept": {"epoch": 1, "measure": None}},
        {"kept": {"epoch": 1}},
        {"history": []},
        {"history": {"keep": "cost"}},
    ],
)
def test_a_run_without_sense_is_refused(change):
    told = Run({}, History((Record(1, 0.5, None, None, None, 0.1, 0.0),)), "epochs", 1).to_json()
    with pytest.raises((KeyError, TypeError, ValueError)):
        Run.from_json(told | change)


@pytest.mark.parametrize(
    "change",
    [
        {"cost": ["x"]},
        {"cost": [None]},
        {"epoch": [2]},
        {"cost": [0.1, 0.2]},
        {"eta": 3},
        {"keep": "size"},
        {"cost": [True]},
    ],
)
def test_a_history_without_sense_is_refused(change):
    told = Run({}, History((Record(1, 0.5, None, None, None, 0.1, 0.0),)), "epochs", 1).to_json()
    with pytest.raises((KeyError, TypeError, ValueError)):
        Run.from_json(told | {"history": told["history"] | change})
