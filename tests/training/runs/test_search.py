"""`search`: every trial is a training, whatever ran it; what is compared is fair."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from tools import TOLERANCES

import xpnet
from xpnet.backend import to_numpy
from xpnet.data import Scaling, load_digits, random_folds, stratified_folds, stratified_split

NETWORK = xpnet.Network([2, 4, 2])


def clouds(n=60, classes=2, seed=0):
    """Return two clouds of points that nearly touch."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    return rng.standard_normal((n, 2)) + 1.5 * y[:, None], y


def without_seconds(results):
    return [trial._replace(seconds=0.0) for trial in results.trials]


def find(data=clouds(), grid=None, network=NETWORK, **arguments):  # noqa: B008
    """Search with few epochs, in float64."""
    arguments = {"folds": 3, "epochs": 3, "backend": xpnet.backend.get("numpy", dtype="float64"), **arguments}
    return xpnet.search(network, data, {"eta": [0.1, 1.0]} if grid is None else grid, **arguments)


# ---- every trial is a training ------------------------------------------------------------------------------


def test_a_trial_shows_what_training_alone_shows(backend):
    x, y = clouds()
    given = backend.asarray(x), backend.asarray(y)
    # on JAX every training is compiled anew, for seconds: one stack and one network
    hidden, step = ([3, (4, 2)], 11) if backend.name == "numpy" else ([3], 99)
    folds, epochs = stratified_folds(y, 3), 2 if backend.name == "numpy" else 1
    grid = {"hidden": hidden, "eta": [0.1, 0.5], "l2": [0.1], "dropout": [0.2, 0.0]}
    found = xpnet.search(
        xpnet.Network([2, 3, 2]), given, grid, folds=folds, seeds=[3, 7], optimizer="momentum", epochs=epochs,
        backend=backend,
    )  # fmt: skip
    assert len(found.trials) == 4 * len(hidden) * 3 * 2
    assert [trial.place for trial in found.trials] == sorted(trial.place for trial in found.trials)
    for trial in found.trials[::step]:
        setting = found.settings[trial.setting]
        layers = setting["hidden"] if isinstance(setting["hidden"], tuple) else (setting["hidden"],)
        train, watched = folds[trial.fold]
        alone = xpnet.train(
            xpnet.Network([2, *layers, 2], dropout=setting["dropout"]),
            (x[train], y[train]),
            validation=(x[watched], y[watched]),
            optimizer=xpnet.momentum(setting["eta"]),
            l2=setting["l2"],
            epochs=epochs,
            seed=trial.seed,
            backend=backend,
        )
        last = alone.history[-1]
        accuracies = last.validation_accuracy, last.accuracy
        costs = np.asarray([last.validation_cost, last.cost])
        assert (trial.score, trial.training_accuracy) == pytest.approx(accuracies, rel=1e-6)
        tolerance = 0.0 if backend.name == "numpy" else TOLERANCES["training"][backend.dtype_name]
        np.testing.assert_allclose([trial.cost, trial.training_cost], costs, rtol=tolerance)
        assert (trial.epoch, trial.epochs, trial.stopped_by) == (epochs, epochs, "epochs")
    np.testing.assert_array_equal(to_numpy(given[0]), x.astype(backend.dtype_name))


def test_arrays_of_a_library_are_scaled_and_scored_there(backend):
    if backend.name == "jax":
        pytest.skip("JAX compiles every training anew: the trials beside training alone stand for this one")
    x, y = clouds()
    found = xpnet.search(
        NETWORK, (backend.asarray(x), backend.asarray(y)), {"eta": [0.1, 1.0]}, folds=[stratified_split(y, 0.3)],
        epochs=1, preprocessing=Scaling.standardize, backend=backend,
        score=lambda y, predicted: float((y == predicted).mean()),
    )  # fmt: skip
    for trial in found.trials:
        assert trial.score == pytest.approx(trial.accuracy)


def test_how_trials_are_grouped_changes_nothing():
    grid = {"hidden": [0, 3], "eta": [0.1, 1.0], "batch_size": [5, None]}
    expected = find(grid=grid, seeds=2)
    for at_once in (1, 5):
        assert without_seconds(find(grid=grid, seeds=2, at_once=at_once)) == without_seconds(expected)
    with ThreadPoolExecutor(3) as executor:
        assert without_seconds(find(grid=grid, seeds=2, executor=executor)) == without_seconds(expected)


def test_settings_that_mean_the_same_are_both_there():
    found = find(grid={"hidden": [0], "dropout": [0.0, 0.5]})
    first, second = ([t.score for t in found.trials if t.setting == i] for i in (0, 1))
    assert first == second
    assert len(first) == 3


def test_data_may_be_a_function_lists_or_a_frame():
    x, y = clouds()
    expected = without_seconds(find((x, y)))
    assert without_seconds(find(clouds)) == expected
    assert without_seconds(find((x.tolist(), y.tolist()))) == expected
    for library in ("pandas", "polars"):
        module = pytest.importorskip(library)
        assert without_seconds(find((module.DataFrame({"a": x[:, 0], "b": x[:, 1]}), module.Series(y)))) == expected


# ---- folds --------------------------------------------------------------------------------------------------


def test_folds_are_stratified_for_classes_and_random_for_values():
    x, y = clouds()
    given = find((x, y), folds=stratified_folds(y, 3, seed=5))
    assert without_seconds(find((x, y), folds=3, fold_seed=5)) == without_seconds(given)
    targets = np.eye(2)[y]
    assert without_seconds(find((x, targets), folds=3)) == without_seconds(
        find((x, targets), folds=stratified_folds(y, 3))
    )
    line = xpnet.Network([2, 1], output="linear", cost="quadratic")
    values = x @ np.asarray([1.0, -2.0])
    found = find((x, values), {"eta": [0.01]}, line, folds=4)
    again = find((x, values), {"eta": [0.01]}, line, folds=random_folds(60, 4))
    assert without_seconds(found) == without_seconds(again)
    assert (found.score.name, found.score.larger) == ("cost", False)


@pytest.mark.parametrize("y", [np.arange(60) % 2, (np.arange(60) % 2).astype(float), (np.arange(60) % 2 == 0)[:, None]])
def test_a_single_output_is_stratified_too(y):
    x, _ = clouds()
    found = find((x, y * 1.0 if y.dtype == bool else y), {"eta": [0.5]}, xpnet.Network([2, 1]), folds=30)
    assert found.sizes == ((58, 2),) * 30  # one row of each class: training refuses a part with one class


class Splitter:
    def split(self, x, y):
        assert x.shape[0] == y.shape[0]
        yield list(range(40)), list(range(40, 60))
        yield list(range(20, 60)), list(range(20))


def test_a_splitter_of_scikit_learn_gives_the_folds():
    found = find(folds=Splitter())
    assert found.sizes == ((40, 20), (40, 20))
    pairs = [(np.arange(40), np.arange(40, 60)), (np.arange(20, 60), np.arange(20))]
    assert without_seconds(found) == without_seconds(find(folds=pairs))


# ---- nothing leaks ------------------------------------------------------------------------------------------


class Seen:
    """A preprocessing that remembers what it was fitted to."""

    def __init__(self):
        self.fitted = []

    def __call__(self, x):
        self.fitted.append(np.asarray(x))
        return Scaling.standardize(x)


def test_preprocessing_sees_the_training_rows_of_each_fold_only():
    x, y = clouds()
    x, folds, seen = x * [1.0, 1000.0] + [0.0, 300.0], stratified_folds(y, 3), Seen()
    found = find((x, y), {"eta": [0.1, 1.0], "hidden": [3, 4, 5]}, folds=folds, preprocessing=seen)
    assert len(seen.fitted) == 3  # once a fold, whatever the number of groups
    for (train, _), fitted in zip(folds, seen.fitted, strict=True):
        np.testing.assert_array_equal(fitted, x[train])
    trial = found.trials[0]
    train, watched = folds[0]
    scaling = Scaling.standardize(x[train])
    parts = [(scaling.apply(x[rows], dtype="float64"), y[rows]) for rows in (train, watched)]
    alone = xpnet.train(
        xpnet.Network([2, 3, 2]), parts[0], validation=parts[1], optimizer=xpnet.sgd(0.1), epochs=3,
        backend=xpnet.backend.get("numpy", dtype="float64"),
    )  # fmt: skip
    assert trial.cost == alone.history[-1].validation_cost


def test_the_network_has_as_many_inputs_as_the_preprocessing_of_its_fold_makes():
    cells = np.asarray(
        [["red", "1"], ["blue", "2"], ["red", "4"], ["blue", "3"], ["green", "5"], ["red", "2"]] * 5, object
    )
    cells[0, 0] = "rare"  # a category that only some training parts hold
    y = np.arange(30) % 2

    def encode(x):
        return xpnet.data.Encoding.fit(x, ("color", "size"))

    found = find((cells, y), {"hidden": [0, 3]}, preprocessing=encode, folds=random_folds(30, 3))
    assert all(trial.score is not None for trial in found.trials)


def test_targets_are_scaled_by_fold_and_scored_in_their_own_unit():
    x, _ = clouds()
    values = 1e4 * (x @ np.asarray([1.0, -2.0])) + 5e5
    line = xpnet.Network([2, 1], output="linear", cost="quadratic")
    folds = random_folds(60, 3)
    arguments = {"targets": Scaling.standardize, "folds": folds, "epochs": 20, "optimizer": xpnet.sgd(0.05)}
    found = find((x, values), {"l2": [0.0]}, line, score="rmse", **arguments)
    train, watched = folds[0]
    scaling = Scaling.standardize(values[train][:, None])
    scaled = scaling.apply(values[:, None], dtype="float64")
    alone = xpnet.train(
        line, (x[train], scaled[train]), optimizer=xpnet.sgd(0.05), epochs=20,
        backend=xpnet.backend.get("numpy", dtype="float64"),
    )  # fmt: skip
    predicted = alone.predict(x[watched]) * scaling.scale[0] + scaling.shift[0]
    expected = np.sqrt(np.mean((predicted - values[watched]) ** 2))
    assert found.trials[0].score == pytest.approx(expected, rel=1e-12)
    assert found.best.mean < 0.2 * values.std()
    assert found.score.larger is False


# ---- scores -------------------------------------------------------------------------------------------------


def test_a_function_scores_the_labels_of_the_validation_rows():
    def right(y, predicted):
        return np.float32((y == predicted).mean())

    found, plain = find(score=right), find()
    assert found.score.name == "right"
    np.testing.assert_allclose([t.score for t in found.trials], [t.score for t in plain.trials], rtol=1e-7)


def test_with_a_stopping_rule_the_best_epoch_counts():
    rule = xpnet.stopping.no_improvement(2)
    found = find(grid={"eta": [0.5, 3.0]}, epochs=30, stopping=rule)
    x, y = clouds()
    for trial in found.trials:
        train, watched = stratified_folds(y, 3)[trial.fold]
        alone = xpnet.train(
            NETWORK, (x[train], y[train]), validation=(x[watched], y[watched]), epochs=30, stopping=rule,
            optimizer=xpnet.sgd(found.settings[trial.setting]["eta"]),
            backend=xpnet.backend.get("numpy", dtype="float64"),
        )  # fmt: skip
        best = alone.history.best()
        assert (trial.epoch, trial.score, trial.epochs) == (best.epoch, best.validation_accuracy, len(alone.history))
        assert trial.stopped_by == alone.stopped_by
    # a score of the last epoch's network would differ
    rule = xpnet.stopping.no_improvement(3)
    plain, scored = (
        find(grid={"eta": [30.0]}, folds=6, epochs=30, stopping=rule, score=score)
        for score in (None, lambda y, predicted: float((y == predicted).mean()))
    )
    assert [trial.score for trial in scored.trials] == pytest.approx([trial.score for trial in plain.trials])


def test_the_epoch_that_counts_may_be_that_of_the_least_cost():
    rule = xpnet.stopping.no_improvement(3)
    found = find(grid={"keep": ["cost", "accuracy"]}, epochs=30, stopping=rule, optimizer=xpnet.sgd(3.0), folds=5)
    x, y = clouds()
    for trial in found.trials:
        train, watched = stratified_folds(y, 5)[trial.fold]
        alone = xpnet.train(
            NETWORK, (x[train], y[train]), validation=(x[watched], y[watched]), epochs=30, stopping=rule,
            optimizer=xpnet.sgd(3.0), keep=found.settings[trial.setting]["keep"],
            backend=xpnet.backend.get("numpy", dtype="float64"),
        )  # fmt: skip
        assert (trial.epoch, trial.cost) == (alone.best_record.epoch, alone.best_record.validation_cost)
    assert [trial.epoch for trial in found.trials[:5]] != [trial.epoch for trial in found.trials[5:]]
    with pytest.raises(ValueError, match="keep must be"):
        find(keep="score")


def test_a_setting_that_diverges_is_last_and_the_others_stay():
    line = xpnet.Network([2, 1], output="linear", cost="quadratic")
    x, _ = clouds()
    data = (x, x @ np.asarray([1.0, -2.0]))
    found = find(data, {"eta": [1e6, 0.01]}, line, epochs=20)
    assert (found[0].mean, found[0].diverged, found[0].trials) == (None, 3, 3)
    assert [row.number for row in found.ranking] == [1, 0]
    assert found.best.number == 1
    assert "3 diverged" in found.table()
    alone = find(data, {"eta": [0.01]}, line, epochs=20)
    assert [t.score for t in alone.trials] == [t.score for t in found.trials if t.setting == 1]
    with pytest.raises(ValueError, match="trials must be whole for at least one setting"):
        find(data, {"eta": [1e6]}, line, epochs=20).best  # noqa: B018
    with pytest.raises(ValueError, match="trials of setting 0 must be whole"):
        found.compare(0, 1)


def test_a_classifier_that_diverges_has_no_score_although_it_has_an_accuracy():
    network = xpnet.Network([2, 4, 2], hidden="relu", cost="log_likelihood")
    for score in (None, lambda y, predicted: float((y == predicted).mean())):
        found = find(grid={"eta": [1e200, 0.1]}, network=network, score=score)
        assert [trial.score is None for trial in found.trials] == [True] * 3 + [False] * 3
    assert {trial.stopped_by for trial in found.trials[:3]} == {"diverged"}
    assert found.trials[0].accuracy is not None


# ---- what is changed ----------------------------------------------------------------------------------------


def test_every_kind_of_name_is_changed():
    grids = [
        {"hidden": [0, 5, (4, 3)], "activation": ["tanh", "relu"]},
        {"optimizer": ["adam", xpnet.momentum(0.2)], "eta": [0.01, xpnet.schedules.step(0.1, every=10)]},
        {
            "optimizer": ["momentum"],
            "mu": [0.5],
            "l1": [0.1],
            "max_norm": [None, 2.0],
            "class_weight": [None, "balanced"],
        },
        {"cost": ["quadratic", "log_likelihood"], "output": [None], "epochs": [1, 2], "clip": [xpnet.clip_norm(1.0)]},
        {"batch_size": [np.int64(7), None], "stopping": [None, xpnet.stopping.no_improvement(1)]},
    ]
    found = find(grid=grids, folds=2)
    assert len(found) == 6 + 4 + 4 + 4 + 4
    networks = [recipe.network for recipe in found.recipes]
    assert [network.sizes for network in networks[:6:2]] == [(2, 2), (2, 5, 2), (2, 4, 3, 2)]
    assert [f.name for f in networks[4].hidden] == ["tanh", "tanh"]
    assert [recipe.optimizer.name for recipe in found.recipes[6:11]] == [
        "adam",
        "adam",
        "momentum",
        "momentum",
        "momentum",
    ]
    assert found.recipes[8].optimizer.settings == {"eta": 0.01, "mu": 0.9}
    assert found.recipes[10].optimizer.settings == {"eta": 0.1, "mu": 0.5}
    assert networks[16].output.name == "softmax"  # of log_likelihood: it cannot have the old cost's
    assert [recipe.shared["epochs"] for recipe in found.recipes[14:16]] == [1, 2]
    assert found.recipes[18].shared["batch_size"] == 7
    for i, trials in enumerate(found.trials[::2]):
        assert trials.setting == i


def test_several_networks_are_an_axis():
    networks = [xpnet.Network([2, 2]), xpnet.Network([2, 3, 2], hidden="tanh")]
    found = find(network=networks, grid={"eta": [0.1, 0.5]})
    assert [recipe.network for recipe in found.recipes] == [networks[0], networks[0], networks[1], networks[1]]
    assert len(find(network=networks, grid={})) == 2
    assert len(find(grid={})) == 1


def test_the_networks_own_layers_stay_where_a_setting_says_nothing():
    network = xpnet.Network([2, 5, 4, 2], hidden=["tanh", "relu"], dropout=[0.1, 0.2, 0.3])
    found = find(network=network, grid={"hidden": [(3, 3)]})
    made = found.recipes[0].network
    assert ([f.name for f in made.hidden], made.dropout) == (["tanh", "relu"], (0.1, 0.2, 0.3))
    with pytest.raises(ValueError, match="activation must be an axis too if the number of layers changes"):
        find(network=network, grid={"hidden": [3]})
    same = xpnet.Network([2, 5, 2], hidden="tanh", dropout=0.25)
    made = find(network=same, grid={"hidden": [(3, 3)]}).recipes[0].network
    assert ([f.name for f in made.hidden], made.dropout) == (["tanh", "tanh"], (0.0, 0.25, 0.25))


def test_sample_weights_go_with_their_rows():
    x, y = clouds()
    weights = np.linspace(0.5, 2.0, 60)
    folds = stratified_folds(y, 2)
    found = find((x, y), {"class_weight": [None, "balanced"]}, folds=folds, sample_weight=weights)
    train, watched = folds[1]
    alone = xpnet.train(
        NETWORK, (x[train], y[train]), validation=(x[watched], y[watched]), sample_weight=weights[train],
        epochs=3, backend=xpnet.backend.get("numpy", dtype="float64"),
    )  # fmt: skip
    assert found.trials[1].cost == alone.history[-1].validation_cost
    columns = [weights.tolist(), *(pytest.importorskip(name).Series(weights) for name in ("pandas", "polars"))]
    for column in columns:
        again = find((x, y), {"class_weight": [None, "balanced"]}, folds=folds, sample_weight=column)
        assert without_seconds(again) == without_seconds(found)
    with pytest.raises(ValueError, match=r"sample_weight must have shape \(60,\), a weight for each row, got \(59,\)"):
        find((x, y), sample_weight=weights[:-1])


# ---- the final network --------------------------------------------------------------------------------------


def test_the_recipe_trains_the_final_network():
    x, y = clouds()
    grid = {"eta": [0.001, 0.5], "hidden": [3], "l2": [0.1], "epochs": [4]}
    found = find((x, y), grid, seeds=[5, 6], optimizer="momentum")
    network, arguments = found.recipe()
    result = xpnet.train(network, (x, y), **arguments)
    expected = xpnet.train(xpnet.Network([2, 3, 2]), (x, y), optimizer=xpnet.momentum(0.5), l2=0.1, epochs=4, seed=5)
    assert found.best.setting["eta"] == 0.5
    assert [r._replace(seconds=0) for r in result.history] == [r._replace(seconds=0) for r in expected.history]
    assert found.recipe(0)[1]["optimizer"] == xpnet.momentum(0.001)


def test_in_place_of_a_stopping_rule_the_recipe_has_the_epochs_that_it_chose():
    found = find(grid={"eta": [0.5]}, epochs=30, stopping=xpnet.stopping.no_improvement(2))
    _, arguments = found.recipe()
    assert arguments["stopping"] is None
    assert arguments["epochs"] == round(sum(trial.epoch for trial in found.trials) / 3)


# ---- results ------------------------------------------------------------------------------------------------


def test_results_are_a_table_of_settings():
    found = find(grid={"eta": [0.001, 0.5, 1.0], "hidden": [(4, 3), 0]}, seeds=2)
    assert [row.number for row in found] == list(range(6))
    assert found[2].setting == {"eta": 0.5, "hidden": (4, 3)}
    means = [row.mean for row in found.ranking]
    assert means == sorted(means, reverse=True)
    scores = np.asarray([t.score for t in found.trials if t.setting == 2]).reshape(3, 2).mean(axis=1)
    assert found[2].mean == pytest.approx(scores.mean())
    assert found[2].spread == pytest.approx(scores.std(ddof=1))
    assert found[2].error == pytest.approx(scores.std(ddof=1) / np.sqrt(3))
    within = found.within_one_error
    assert within[0] == found.best
    assert [row.number for row in within] == [
        row.number for row in found.ranking if row.mean >= found.best.mean - found.best.error
    ]
    record = found.records()[2]
    assert (record["setting"], record["eta"], record["mean"]) == ("eta=0.5 hidden=4x3", 0.5, found[2].mean)
    lines = repr(found).splitlines()
    assert lines[0] == "SearchResults by accuracy: 6 settings, 3 folds, 2 seeds"
    assert lines[1].split() == ["rank", "setting", "eta", "hidden", "accuracy", "±", "error", "spread"]
    assert len(lines) == 8
    assert found.table(2).endswith("... and 4 more settings")


def test_of_one_fold_the_seeds_are_the_spread():
    x, y = clouds()
    found = find((x, y), {"eta": [0.1, 0.5]}, folds=[(np.arange(40), np.arange(40, 60))], seeds=4, score="cost")
    scores = np.asarray([t.score for t in found.trials if t.setting == 1])
    assert found[1].error == pytest.approx(scores.std(ddof=1) / 2)
    assert found.compare(0, 1).kind == "seeds"
    single = find((x, y), {"eta": [0.1, 0.5]}, folds=[(np.arange(40), np.arange(40, 60))])
    assert (single[1].spread, single[1].error) == (None, None)
    assert single.within_one_error[0] == single.best
    with pytest.raises(ValueError, match="folds or seeds must be at least two to compare"):
        single.compare(0, 1)


def test_pairs_cancel_what_folds_do_to_both():
    found = find(grid={"eta": [0.1, 0.12]}, score="cost", seeds=2)
    compared = found.compare(1, 0)
    scores = np.asarray([t.score for t in found.trials]).reshape(2, 3, 2).mean(axis=-1)
    np.testing.assert_allclose(compared.differences, scores[1] - scores[0], rtol=1e-12)
    assert compared.difference == pytest.approx(found[1].mean - found[0].mean)
    assert compared.error < 0.5 * found[0].error
    assert compared.difference == -found.compare(0, 1).difference
    assert "standard error over 3 folds" in str(compared)
    assert "too small" in compared.caveat
    with pytest.raises(ValueError, match="number of a setting must be between 0 and 1, got 2"):
        found.compare(0, 2)


def test_random_draws_from_distributions():
    grid = {
        "eta": xpnet.distributions.log_uniform(0.01, 1.0),
        "hidden": [0, 3],
        "l2": xpnet.distributions.uniform(0, 1),
    }
    found = find(grid=grid, draws=6, folds=2)
    assert len(found) == 6
    assert all(0.01 <= setting["eta"] <= 1.0 and setting["hidden"] in (0, 3) for setting in found.settings)
    assert find(grid=grid, draws=6, folds=2, epochs=1).settings == found.settings
    assert find(grid=grid, draws=6, folds=2, epochs=1, draw_seed=1).settings != found.settings


def test_progress_is_told_after_each_group():
    told = []
    find(seeds=2, at_once=5, progress=lambda trials, done, total: told.append((len(trials), done, total)))
    assert told == [(0, 0, 12), (4, 4, 12), (4, 8, 12), (4, 12, 12)]


def test_nothing_of_the_caller_is_written_to():
    x, y = clouds()
    x.flags.writeable = y.flags.writeable = False
    find((x, y), preprocessing=Scaling.standardize)
    grid = {"eta": [0.1], "hidden": [[3, 2]]}
    find((x, y), grid)
    assert grid == {"eta": [0.1], "hidden": [[3, 2]]}


# ---- bad input ----------------------------------------------------------------------------------------------

ROWS = np.arange(60)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"grid": {"etta": [0.1]}}, ValueError, "grid must name "),
        ({"grid": {"etta": [0.1]}}, ValueError, "got 'etta'; did you mean eta?"),
        ({"grid": {"eta": []}}, ValueError, "grid must have at least one value for eta, got none"),
        ({"grid": {"eta": 0.1}}, TypeError, "grid must have several values or a distribution for eta, got 0.1"),
        ({"grid": {"optimizer": "adam"}}, TypeError, "several values or a distribution for optimizer, got 'adam'"),
        ({"grid": {"eta": [0.1, 0.1]}}, ValueError, "grid must have values that differ for eta, got 0.1 twice"),
        ({"grid": []}, ValueError, "grid must hold at least one mapping, got none"),
        ({"grid": 3}, TypeError, "grid must be a mapping of names to values, or several of them, got int"),
        ({"grid": {"eta": xpnet.distributions.uniform(0, 1)}}, ValueError, "draws must say how many settings to draw"),
        ({"draws": 3}, ValueError, "draws must be at most the number of settings 2, got 3"),
        ({"draws": 0}, ValueError, "draws must be at least 1, got 0"),
        ({"grid": {"mu": [0.5]}}, ValueError, "mu must be a setting of the optimizer: sgd has eta"),
        ({"grid": {"eta": [-1.0]}}, ValueError, "eta must be finite and at least 0, got -1.0, in the setting eta=-1"),
        ({"grid": {"dropout": [1.5]}}, ValueError, "dropout must be at least 0 and below 1, got 1.5, in the setting"),
        ({"grid": {"hidden": [-3]}}, ValueError, "hidden must be at least 0, got -3"),
        ({"grid": {"activation": ["sigmund"]}}, ValueError, "hidden must be one of"),
        ({"grid": {"epochs": [0]}}, ValueError, "epochs must be at least 1, got 0"),
        ({"grid": {"batch_size": [2.5]}}, TypeError, "batch_size must be a whole number, got 2.5"),
        ({"grid": {"optimizer": ["sgdd"]}}, ValueError, "optimizer must be one of"),
        ({"folds": 31}, ValueError, "at most the number of rows of each class, got 31, and 30 of class 0"),
        ({"folds": 1}, ValueError, "folds must be at least 2, got 1"),
        ({"folds": "five"}, TypeError, "folds must be a whole number, got 'five'"),
        ({"folds": []}, ValueError, "folds must hold at least one pair, got none"),
        ({"folds": [ROWS]}, TypeError, "hold pairs (training rows, validation rows), got ndarray in place 0"),
        ({"folds": [(ROWS[:40], ROWS[39:])]}, ValueError, "folds must have no row in both parts, got row 39 in fold 0"),
        ({"folds": [(ROWS[:40], ROWS[40:] + 1)]}, ValueError, "row numbers between 0 and 59, got 60 in fold 0"),
        ({"folds": [(ROWS[:40], ROWS[:0])]}, ValueError, "row numbers for both parts, got shape (0,) in fold 0"),
        ({"folds": [(ROWS < 40, ROWS >= 40)]}, TypeError, "folds must hold row numbers, integers, got bool in fold 0"),
        ({"folds": [(ROWS[:40], ROWS[40:])] * 2}, ValueError, "folds must differ in their training rows, got"),
        ({"seeds": [1, 1]}, ValueError, "seeds must be at least one and differ, got [1, 1]"),
        ({"seeds": []}, ValueError, "seeds must be at least one and differ, got []"),
        ({"seeds": 0}, ValueError, "seeds must be at least 1, got 0"),
        ({"seeds": [-1]}, ValueError, "seeds must be at least 0, got -1"),
        ({"score": "auc"}, ValueError, "score must be one of accuracy, cost, rmse, or a function"),
        ({"score": "rmse"}, ValueError, "score must fit the network, a classification, got 'rmse'"),
        ({"score": lambda y, predicted: "good"}, TypeError, "score must return a number, got 'good' from <lambda>"),
        ({"preprocessing": Scaling.divide_by(2)}, TypeError, "preprocessing must be a function of training rows"),
        ({"targets": Scaling.standardize}, ValueError, "targets must be left out but for a regression with one output"),
        ({"executor": 2}, TypeError, "executor must be a concurrent.futures.Executor, got int"),
        ({"at_once": 0}, ValueError, "at_once must be at least 1, got 0"),
        ({"interrupt": "ignore"}, ValueError, "interrupt must be one of raise, return, got 'ignore'"),
        ({"network": []}, ValueError, "network must be a Network or several, got none"),
        ({"network": 3}, TypeError, "network must be a Network, got 3"),
        ({"data": (clouds()[0], clouds()[1][:50])}, ValueError, "y must have a label or targets for each of the 60"),
        ({"data": clouds()[0]}, TypeError, "data must be a pair (x, y), got ndarray"),
        ({"data": (np.zeros(3), np.zeros(3))}, ValueError, "x must have shape (n, n_in) with at least a row, got (3,)"),
        ({"l2": -1.0}, ValueError, "l2 must be finite and at least 0, got -1.0"),
        ({"max_norm": 0.0}, ValueError, "max_norm must be finite and above 0, got 0.0"),
        ({"network": xpnet.Network([3, 2])}, ValueError, "x must have"),
    ],
)  # fmt: skip
def test_bad_input_is_refused(arguments, error, message):
    with pytest.raises(error) as caught:
        find(**arguments)
    assert message in str(caught.value)


def test_a_mapped_file_is_refused_unless_it_is_preprocessed(tmp_path):
    x, y = clouds()
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    with pytest.raises(ValueError, match="data must lie in memory to be searched on"):
        find((mapped, y))
    scaled = [find((each, y), preprocessing=Scaling.standardize) for each in (mapped, x)]
    assert without_seconds(scaled[0]) == without_seconds(scaled[1])


def test_a_table_needs_a_preprocessing():
    table = xpnet.data.table_of({"a": [1.0, 2.0] * 30, "color": ["red", "blue", "red"] * 20})
    y = np.arange(60) % 2
    with pytest.raises(TypeError, match="preprocessing must say how a table of columns becomes numbers"):
        find((table, y))
    found = find((table, y), preprocessing=lambda x: xpnet.data.Encoding.fit(x, ("a", "color")))
    assert found.best.mean > 0.9  # the first column is the class


def test_several_outputs_are_searched_too():
    x, _ = clouds()
    lines = xpnet.Network([2, 2], output="linear", cost="quadratic")
    found = find((x, x @ np.asarray([[1.0, 2.0], [0.0, 1.0]])), {"eta": [0.001, 0.05]}, lines, score="rmse", epochs=20)
    assert found.best.number == 1
    with pytest.raises(ValueError, match="one output, got 2 outputs"):
        find((x, x), {"eta": [0.05]}, lines, targets=Scaling.standardize)
    tags = xpnet.Network([2, 2], labels="several")
    both = find((x, (x > 0.5).astype(int)), {"eta": [0.001, 0.5]}, tags, epochs=20)
    assert (both.score.name, both.best.number) == ("accuracy", 1)


def test_a_training_part_with_one_class_is_named():
    x, y = clouds()
    order = np.argsort(y, kind="stable")
    with pytest.raises(ValueError, match=r"at least two classes .*, in the setting eta=0.1"):
        find((x, y), folds=[(order[:30], order[30:])])


def test_a_cost_cannot_be_compared_between_costs():
    with pytest.raises(ValueError, match="score must not be the cost if costs differ"):
        find(grid={"cost": ["cross_entropy", "quadratic"]}, score="cost")


def test_digits_are_found_a_good_learning_rate():
    digits = load_digits()
    found = xpnet.search(
        xpnet.Network([64, 10]), (digits.x[:600] / 16, digits.y[:600]), {"eta": [0.001, 0.5]}, folds=3, epochs=5
    )
    assert found.best.setting == {"eta": 0.5}
    assert found.compare(1, 0).p < 0.01
    assert json.dumps(found.records())
    assert replace(found, trials=found.trials[:-1])[1].mean is None
