"""scikit-learn's callback protocol: what its callbacks are told, that they may stop a fit, and its own callbacks."""

import copy

import numpy as np
import pytest
import sklearn
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import xpnet
from xpnet import backend
from xpnet.estimators import (
    LogisticRegression,
    MLPClassifier,
    MLPRegressor,
    Perceptron,
    TabularClassifier,
    TabularRegressor,
    TruncatedSVD,
    load,
)

protocol = pytest.importorskip("sklearn.callback")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
SMALL = {"hidden_layer_sizes": (5,), "max_iter": 6, "random_state": 0}


class Notes:
    """Notes what it is told, and stops a fit after some epochs."""

    def __init__(self, stops_after=None):
        self.told, self.fitted, self.stops_after = [], [], stops_after

    def setup(self, estimator, context):
        self.told.append(("setup", context.max_subtasks))

    def teardown(self, estimator, context):
        self.told.append(("teardown", context.max_subtasks))

    def on_fit_task_begin(self, estimator, context):
        self.told.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None):
        self.told.append(("end", context.task_name, context.task_id))
        self.fitted.append(fitted_estimator)
        self.given = X, y, metadata
        return context.parent is not None and context.task_id + 1 == self.stops_after


class Travels(Notes):
    max_propagation_depth = None


def told_of(n, name, most, begun=0):
    epochs = [(what, name, i) for i in range(n) for what in ("begin", "end")]
    epochs += [(what, name, n) for what in ("begin", "end")] * begun
    return [("setup", most), ("begin", "fit", 0), *epochs, ("end", "fit", 0), ("teardown", most)]


def test_epochs_are_tasks_of_the_fit():
    notes, weights = Notes(), np.ones(150)
    model = MLPClassifier(**SMALL).set_callbacks(notes).fit(X, Y, sample_weight=weights)
    assert notes.told == told_of(6, "epoch", 6)
    assert notes.given[0] is X
    assert notes.given[1] is Y
    assert notes.given[2]["sample_weight"] is weights
    alone = MLPClassifier(**SMALL | {"max_iter": 3}).fit(X, Y, sample_weight=weights)
    np.testing.assert_array_equal(notes.fitted[2].predict_proba(X), alone.predict_proba(X))
    np.testing.assert_array_equal(notes.fitted[-1].predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("estimator", [MLPClassifier(**SMALL, solver="lbfgs"), LogisticRegression(max_iter=6)])
def test_iterations_of_lbfgs_are_tasks_as_scikit_learn_tells_them(estimator):
    notes = Notes()
    model = copy.deepcopy(estimator).set_callbacks(notes).fit(X, Y)
    assert notes.told == told_of(6, "lbfgs-iter", 7, begun=1)
    alone = copy.deepcopy(estimator).set_params(max_iter=2).fit(X, Y)
    np.testing.assert_allclose(notes.fitted[1].predict_proba(X), alone.predict_proba(X), rtol=1e-6)
    np.testing.assert_array_equal(notes.fitted[5].predict_proba(X), model.predict_proba(X))
    assert notes.fitted[6] is None


@pytest.mark.parametrize(
    ("estimator", "y"),
    [
        (MLPClassifier(**SMALL), Y),
        (MLPRegressor(**SMALL), X[:, 0]),
        (MLPClassifier(**SMALL, solver="lbfgs"), Y),
        (LogisticRegression(), Y),
        (Perceptron(), Y),
    ],
)
@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
def test_a_callback_stops_a_fit(estimator, y):
    notes = Notes(stops_after=2)
    model = copy.deepcopy(estimator).set_callbacks(notes).fit(X, y)
    assert np.ravel(model.n_iter_).tolist() == [2]
    assert len(notes.fitted) == 3
    np.testing.assert_array_equal(notes.fitted[1].predict(X), model.predict(X))
    model.set_callbacks().fit(X[:0:-1], y[:0:-1])
    assert len(notes.fitted) == 3


def test_an_epoch_that_stops_early_has_the_best_weights():
    notes = Notes()
    model = MLPClassifier(**SMALL, early_stopping=True).set_callbacks(notes).fit(X, Y)
    np.testing.assert_array_equal(notes.fitted[-2].predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    "estimator", [TruncatedSVD(), TabularClassifier(fast=True), TabularRegressor(fast=True), Perceptron(max_iter=1)]
)
def test_every_estimator_tells_its_fit(estimator):
    notes = Notes()
    estimator.set_callbacks(notes).fit(X, Y)
    assert notes.told[:2] == [("setup", estimator.get_params().get("max_iter", 0)), ("begin", "fit", 0)]
    assert notes.told[-2:] == [("end", "fit", 0), notes.told[-1]]
    assert notes.fitted[-1] is not None
    assert isinstance(estimator, protocol.CallbackSupportMixin)


def test_a_fit_that_fails_is_torn_down_and_partial_fit_is_no_fit():
    notes = Notes()
    model = MLPRegressor(**SMALL, solver="sgd", learning_rate_init=1e9).set_callbacks(notes)
    with pytest.raises(ValueError, match="non-finite"):
        model.fit(1e9 * X, Y)
    assert notes.told[-1][0] == "teardown"
    notes.told.clear()
    model.set_params(learning_rate_init=1e-3).partial_fit(X, Y)
    assert notes.told == []


@pytest.mark.filterwarnings("error")
def test_callbacks_travel_through_a_search(capsys):
    pytest.importorskip("rich")
    notes = Travels()
    pipe = make_pipeline(StandardScaler(), Perceptron(tol=None, max_iter=2))
    search = GridSearchCV(pipe, {"perceptron__eta0": [1.0, 2.0]}, cv=2)
    search.set_callbacks(notes, protocol.ProgressBar()).fit(X, Y)
    assert sum(told == ("end", "epoch", 1) for told in notes.told) == 5
    assert "Pipeline - fit" in capsys.readouterr().out


def test_scores_are_monitored():
    monitor = protocol.ScoringMonitor(scoring="accuracy")
    model = MLPClassifier(**SMALL).set_callbacks(monitor).fit(X, Y)
    assert monitor.get_logs().data[-1]["accuracy"] == model.score(X, Y)


def test_names_of_columns_reach_the_callbacks():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    monitor = protocol.ScoringMonitor(scoring="accuracy")
    MLPClassifier(**SMALL).set_callbacks(monitor).fit(frame, Y)  # a warning of names would be an error
    assert len(monitor.get_logs().data) == 7


def test_fitted_estimators_of_callbacks_lie_where_training_does():
    xp = pytest.importorskip("array_api_strict")
    device = xp.Device("device1")
    notes = Notes()
    with sklearn.config_context(array_api_dispatch=True):
        model = MLPClassifier(**SMALL).set_callbacks(notes)
        model.fit(xp.asarray(X, device=device), xp.asarray(Y, device=device))
        assert notes.fitted[0].predict(notes.given[0]).device == device
        for again in (copy.copy(model), copy.deepcopy(model)):
            assert again.coefs_[0].device == device
            assert backend.to_numpy(again.predict(notes.given[0]) == model.predict(notes.given[0])).all()
        assert copy.copy(model).coefs_[0] is model.coefs_[0]
        assert copy.deepcopy(model).coefs_[0] is not model.coefs_[0]


def test_files_hold_no_callbacks(tmp_path):
    model = MLPClassifier(**SMALL).set_callbacks(Notes()).fit(X, Y)
    with sklearn.config_context(enable_metadata_routing=True):
        model.set_fit_request(sample_weight=True)
    xpnet.save(tmp_path / "m", model)
    np.testing.assert_array_equal(load(tmp_path / "m").predict(X), model.predict(X))
