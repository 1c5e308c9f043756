"""Estimators in scikit-learn's company: pipelines, searches, frames, sparse matrices, arrays of other libraries."""

import pickle
import subprocess
import sys

import joblib
import numpy as np
import pytest
import scipy.sparse
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from xpnet import backend
from xpnet.estimators import LogisticRegression, MLPClassifier, MLPRegressor, Perceptron, TruncatedSVD

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
QUICK = {"hidden_layer_sizes": (5,), "solver": "lbfgs", "max_iter": 30, "random_state": 0}
EPOCHS = {"hidden_layer_sizes": (5,), "max_iter": 5, "random_state": 0, "batch_size": 32}


def test_in_a_pipeline_a_search_and_a_calibration():
    pipe = make_pipeline(StandardScaler(), MLPClassifier(**QUICK))
    assert cross_val_score(pipe, X, Y, cv=3).mean() > 0.9
    search = GridSearchCV(pipe, {"mlpclassifier__alpha": [1e-4, 1.0]}, cv=3).fit(X, Y)
    assert search.best_score_ > 0.9
    calibrated = CalibratedClassifierCV(MLPClassifier(**QUICK), cv=3).fit(X, Y)
    np.testing.assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1.0)
    copied = clone(pipe[-1].set_params(backend="numpy"))
    assert copied.backend == "numpy"
    assert not hasattr(copied, "coefs_")
    assert "MLPClassifier" in pipe._repr_html_()


def test_pickles_go_on_training():
    model = MLPClassifier(**EPOCHS).fit(X, Y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    model.partial_fit(X, Y)
    again.partial_fit(X, Y)
    np.testing.assert_array_equal(again.coefs_[0], model.coefs_[0])


def test_names_of_columns_are_checked():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    model = MLPClassifier(**QUICK).fit(frame, Y)
    assert list(model.feature_names_in_) == ["a", "b", "c", "d"]
    assert model.score(frame, Y) > 0.9
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a", "c", "d"]])
    polars = pytest.importorskip("polars")
    np.testing.assert_array_equal(model.predict(polars.from_pandas(frame)), model.predict(frame))


@pytest.mark.parametrize("kind", [scipy.sparse.csr_array, scipy.sparse.csc_matrix])
@pytest.mark.parametrize("settings", [EPOCHS, QUICK, EPOCHS | {"early_stopping": True}])
def test_sparse_rows_are_made_dense_some_at_a_time(kind, settings, monkeypatch):
    monkeypatch.setattr("xpnet.estimators.common.rows.STRETCH", 8)
    whole = np.where(X > 2.0, X, 0.0)
    x = kind(whole)
    dense, model = MLPClassifier(**settings).fit(whole, Y), MLPClassifier(**settings).fit(x, Y)
    np.testing.assert_allclose(model.coefs_[0], dense.coefs_[0], atol=1e-12)
    np.testing.assert_allclose(model.predict_proba(x), dense.predict_proba(whole), atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weights_and_answers_have_the_precision_of_the_rows(dtype):
    x = X.astype(dtype)
    for settings in (EPOCHS, QUICK):
        classifier, regressor = MLPClassifier(**settings).fit(x, Y), MLPRegressor(**settings).fit(x, x[:, 0])
        assert classifier.coefs_[0].dtype == classifier.intercepts_[0].dtype == dtype
        assert classifier.predict_proba(x).dtype == classifier.decision_function(x).dtype == dtype
        assert regressor.predict(x).dtype == dtype


def test_rows_are_never_written_to():
    x = X.copy()
    x.flags.writeable = False
    MLPClassifier(**EPOCHS).fit(x, Y).partial_fit(x, Y).predict(x)


def test_arrays_of_a_library_come_back_in_it():
    xp = pytest.importorskip("array_api_strict")
    device = xp.Device("device1")
    x, y = xp.asarray(X, device=device), xp.asarray(Y, device=device)
    host = MLPClassifier(**EPOCHS).fit(X, Y)
    with sklearn.config_context(array_api_dispatch=True):
        model = MLPClassifier(**EPOCHS).fit(x, y, sample_weight=xp.ones(150, device=device))
        assert model.coefs_[0].device == device
        for name in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
            result = getattr(model, name)(x)
            assert result.device == device
            np.testing.assert_allclose(backend.to_numpy(result), getattr(host, name)(X), atol=1e-9)
        words = MLPClassifier(**EPOCHS).fit(x, np.asarray(["a", "b", "c"])[Y])
        assert words.predict(x).dtype.kind == "U"  # no array library but NumPy's holds text
        with pytest.raises(ValueError, match=r"passed to MLPClassifier.predict\(\) must use the same namespace"):
            model.predict(X)
    np.testing.assert_allclose(model.to("numpy").predict_proba(X), host.predict_proba(X), atol=1e-9)


def test_y_and_weights_follow_rows_as_scikit_learns_checks_ask():
    xp = pytest.importorskip("array_api_strict")
    device = xp.Device("device1")
    x, weights = xp.asarray(X, device=device), np.linspace(0.5, 1.5, 150)
    expected = MLPRegressor(**EPOCHS).fit(X, X[:, 0], weights)
    with sklearn.config_context(array_api_dispatch=True):
        for y, given in ((X[:, 0], weights), (X[:, 0].tolist(), xp.asarray(weights)), (x[:, 0], weights.tolist())):
            model = MLPRegressor(**EPOCHS).fit(x, y, given)
            assert model.coefs_[0].device == device
            np.testing.assert_allclose(backend.to_numpy(model.coefs_[0]), expected.coefs_[0], atol=1e-12)


def test_rows_elsewhere_than_those_of_fit_are_refused_by_name():
    xp = pytest.importorskip("array_api_strict")
    x, there, classes = xp.asarray(X), xp.asarray(X, device=xp.Device("device1")), xp.asarray([0, 1, 2])
    with sklearn.config_context(array_api_dispatch=True):
        for kind in (MLPClassifier(**EPOCHS), Perceptron()):
            model = kind.partial_fit(there, Y, classes=classes)
            for other in (X, X.tolist(), x):
                with pytest.raises(ValueError, match=r"partial_fit\(\) must use the same namespace .* X must be on"):
                    model.partial_fit(other, Y)
        svd = TruncatedSVD().fit(there)
        for other in (X[:, :2], x[:, :2]):
            with pytest.raises(ValueError, match=r"inverse_transform\(\) must use the same namespace"):
                svd.inverse_transform(other)
        for rows, other in ((there, X), (there, x), (X, there)):
            with pytest.raises(ValueError, match="validation must use the same namespace and the same device as X"):
                MLPClassifier(**EPOCHS).fit(rows, Y, validation=(other, Y))
        again = LogisticRegression(warm_start=True).fit(there, Y).fit(X, Y)  # a fit may go on elsewhere
        assert type(again.coef_) is np.ndarray


def test_host_rows_go_to_the_backend_that_was_named_under_dispatch_too():
    with sklearn.config_context(array_api_dispatch=True):
        model = MLPClassifier(**EPOCHS, backend="array_api_strict").fit(X, Y)
        assert type(model.predict_proba(X)) is np.ndarray


def test_a_missing_scikit_learn_is_told():
    code = "import importlib.util as u; u.find_spec = lambda name: None; import xpnet; xpnet.estimators"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ImportError: xpnet.estimators needs scikit-learn: pip install 'xpnet[sklearn]'" in ran.stderr


def test_a_search_may_run_in_threads():
    grid = {"alpha": [1e-3, 1.0], "solver": ["lbfgs", "adam"]}
    with joblib.parallel_config("threading", n_jobs=2):
        search = GridSearchCV(MLPClassifier(**QUICK), grid, cv=2).fit(X, Y)
    alone = GridSearchCV(MLPClassifier(**QUICK), grid, cv=2).fit(X, Y)
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"])
