"""``MLPClassifier(checkpoint=folder)``: a fit that is broken off goes on bit for bit."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_iris, load_wine
from sklearn.preprocessing import scale

from xpnet import Callback, Checkpoint
from xpnet.estimators import MLPClassifier, MLPRegressor, TabularClassifier

X, Y = load_iris(return_X_y=True)
SETTINGS = [
    {"solver": "adam", "dropout": 0.2},
    {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 2, "tol": 1e-2},
    {"solver": "sgd", "learning_rate": "invscaling", "early_stopping": True, "momentum": 0.5},
    {"solver": "adam", "early_stopping": True, "n_iter_no_change": 4},
]


class BrokenError(Exception):
    """What ends a fit here."""


class Breaks(Callback):
    """Ends a fit after so many epochs."""

    def __init__(self, epochs):
        self.epochs = epochs

    def epoch(self, record, parameters):
        if record.epoch == self.epochs:
            raise BrokenError


def assert_same(found, expected):
    for w, other in zip([*found.coefs_, *found.intercepts_], [*expected.coefs_, *expected.intercepts_], strict=True):
        assert (w == other).all()
    for name in ("loss_curve_", "n_iter_", "t_", "validation_scores_", "best_loss_", "best_validation_score_"):
        assert getattr(found, name) == getattr(expected, name)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("epochs", [1, 7])
def test_a_broken_fit_goes_on(settings, epochs, tmp_path):
    given = {"hidden_layer_sizes": (6,), "max_iter": 12, "random_state": 0, "batch_size": 20} | settings
    with warnings.catch_warnings(action="ignore"):
        whole = MLPClassifier(**given).fit(scale(X), Y)
        with pytest.raises(BrokenError):
            MLPClassifier(**given, checkpoint=tmp_path, callbacks=[Breaks(epochs)]).fit(scale(X), Y)
        found = MLPClassifier(**given, checkpoint=tmp_path).fit(scale(X), Y)
        assert_same(found, whole)
        assert_same(MLPClassifier(**given, checkpoint=tmp_path).fit(scale(X), Y), whole)  # it has ended


def test_sparse_rows_of_a_regression(tmp_path):
    x = csr_array(np.where(abs(scale(load_wine().data)) > 1.0, 1.0, 0.0))
    y, given = load_wine().data[:, 0], {"random_state": 1, "max_iter": 5, "hidden_layer_sizes": (4,)}
    with warnings.catch_warnings(action="ignore"):
        whole = MLPRegressor(**given).fit(x, y)
        kept = Checkpoint(tmp_path, every="1 steps")
        with pytest.raises(BrokenError):
            MLPRegressor(**given, checkpoint=kept, callbacks=[Breaks(3)]).fit(x, y)
        assert_same(MLPRegressor(**given, checkpoint=kept).fit(x, y), whole)


def test_a_table_goes_on_with_more_of_its_members(tmp_path, monkeypatch):
    given = {"members": 2, "random_state": 0}
    whole = TabularClassifier(**given).fit(X, Y)
    with monkeypatch.context() as patch:
        calls = []

        def stop(*_):
            calls.append(1)
            if len(calls) == 5:
                raise BrokenError

        patch.setattr("xpnet.tabular.choosing._score", stop_before(stop))
        with pytest.raises(BrokenError):
            TabularClassifier(**given, checkpoint=tmp_path).fit(X, Y)
    found = TabularClassifier(**given, checkpoint=tmp_path).fit(X, Y)
    assert (found.predict_proba(X) == whole.predict_proba(X)).all()


def stop_before(stop):
    """Return the score of an epoch, before which `stop` is called."""
    from xpnet.tabular.choosing import _score

    return lambda *given, **named: (stop(), _score(*given, **named))[1]


def test_another_fit_is_refused(tmp_path):
    given = {"random_state": 0, "max_iter": 2, "checkpoint": tmp_path}
    with warnings.catch_warnings(action="ignore"):
        MLPClassifier(**given).fit(X, Y)
        with pytest.raises(ValueError, match=r"differs in alpha \(0.0001 before, 0.5 now\)"):
            MLPClassifier(**given, alpha=0.5).fit(X, Y)
        with pytest.raises(ValueError, match="differs in data"):
            MLPClassifier(**given).fit(X[:100], Y[:100])
    with pytest.raises(ValueError, match="checkpoint must be None with solver 'lbfgs'"):
        MLPClassifier(solver="lbfgs", checkpoint=tmp_path).fit(X, Y)
    with pytest.raises(TypeError, match="checkpoint must be a folder"):
        MLPClassifier(checkpoint=3).fit(X, Y)
