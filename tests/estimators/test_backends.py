"""Every estimator on every backend: it trains and predicts there, and gives NumPy's answers."""

import os
import pickle
from contextlib import contextmanager

import numpy as np
import pytest
import scipy.sparse
import sklearn
from host_cupy import Functions
from sklearn.datasets import load_iris
from sklearn.externals import array_api_compat
from tools import TOLERANCES

import xpnet
from xpnet.backend import library_of, to_numpy
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

# the strictest configuration finds most, and a GPU is not passed over; others run if they are asked for by name
CHOSEN = tuple(filter(None, os.environ.get("XPNET_TEST_BACKENDS", "").split(",")))
ASKED_FOR = [name for name in ("hostcupy-float32", "torch-float32") if CHOSEN and name.startswith(CHOSEN)]
ON_GPU = [pytest.param("cupy-float32", marks=pytest.mark.gpu)] if "cupy-float32".startswith(CHOSEN or "cupy") else []
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.parametrize("backend", [*(ASKED_FOR or ["strict-device1-float32"]), *ON_GPU], indirect=True),
]

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
WORDS = np.asarray(["setosa", "versicolor", "virginica"])[Y]
SMALL = {"hidden_layer_sizes": (5,), "max_iter": 4, "random_state": 0, "batch_size": 64}
CASES = {
    "adam": (MLPClassifier(**SMALL, dropout=0.1, l1=0.01, max_norm=2.0, class_weight="balanced"), WORDS),
    "early": (MLPClassifier(**SMALL, early_stopping=True, activation=["gelu"]), Y > 0),
    "several labels": (MLPClassifier(**SMALL, solver="sgd"), np.stack([Y > 0, Y > 1], axis=1).astype(int)),
    "values": (MLPRegressor("poisson", **SMALL, early_stopping=True), X[:, :2] + 3.0),
    "lbfgs": (MLPRegressor("huber", **SMALL, solver="lbfgs"), X[:, 0]),
    "logistic": (LogisticRegression(max_iter=5), Y),
    "perceptron": (Perceptron(max_iter=3, tol=None, penalty="elasticnet", early_stopping=True), Y),
    "svd": (TruncatedSVD(algorithm="arpack"), None),
}
METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function", "transform")


def answers(model, x):
    return {name: getattr(model, name)(x) for name in METHODS if hasattr(model, name)}


def assert_same(backend, found, expected):
    for name, values in expected.items():
        if values.dtype.kind in "iUb":
            assert (to_numpy(found[name]) == values).mean() >= 0.99
        else:
            tolerance = 10.0 * TOLERANCES["training"][backend.dtype_name]
            np.testing.assert_allclose(to_numpy(found[name]), values, rtol=tolerance, atol=tolerance)


def arrays_of(model):
    found = [value for name, value in vars(model).items() if name.endswith("_") and name not in ("classes_",)]
    return [x for value in found for x in (value if isinstance(value, list) else [value]) if library_of(x)]


@contextmanager
def dispatch(backend):
    """Let scikit-learn take arrays of other libraries; CuPy's on the host with the functions of `host_cupy`."""
    real = array_api_compat.get_namespace
    with sklearn.config_context(array_api_dispatch=True), pytest.MonkeyPatch.context() as patch:
        if isinstance(backend.xp, Functions):
            patch.setattr(
                array_api_compat,
                "get_namespace",
                lambda *xs: backend.xp if any(library_of(x) == "cupy" for x in xs) else real(*xs),
            )
        yield


@pytest.mark.parametrize("kind", [np.asarray, scipy.sparse.csr_array])
@pytest.mark.parametrize("case", CASES)
def test_host_rows_train_on_the_backend(case, kind, backend, tmp_path):
    model, y = CASES[case]
    x = kind(X)
    expected = answers(sklearn.clone(model).fit(X, y), X)
    there = sklearn.clone(model).set_params(backend=backend).fit(x, y)
    assert {library_of(each) for each in arrays_of(there)} == {backend.name}
    found = answers(there, x)
    assert all(type(values) is np.ndarray for values in found.values())
    assert_same(backend, found, expected)
    if kind is np.asarray:
        xpnet.save(tmp_path / "m", there)
        for again in (pickle.loads(pickle.dumps(there.set_params(backend=None))), load(tmp_path / "m").to("numpy")):
            assert all(type(each) is np.ndarray for each in arrays_of(again))
            assert_same(backend, answers(again, X), expected)


@pytest.mark.parametrize("case", ["adam", "several labels", "values", "perceptron"])
def test_partial_fit_and_warm_starts_go_on_there(case, backend):
    model, y = CASES[case]
    settings = {"early_stopping": False} | ({"class_weight": None} if case == "adam" else {})
    here, there = (sklearn.clone(model).set_params(**settings, backend=b, warm_start=True) for b in (None, backend))
    for each in (here, there):
        each.fit(X, y).partial_fit(X, y).fit(X[::-1], y[::-1])
    assert_same(backend, answers(there, X), answers(here, X))


@pytest.mark.parametrize("case", CASES)
def test_rows_of_the_backend_stay_there(case, backend):
    model, y = CASES[case]
    x = backend.asarray(X)
    expected = answers(sklearn.clone(model).fit(X, y), X)
    with dispatch(backend):
        there = sklearn.clone(model).fit(x, y)
        found = answers(there, x)
    numbers = [values for values in found.values() if library_of(values) != "numpy" or values.dtype.kind != "U"]
    for values in (*arrays_of(there), *numbers):
        assert library_of(values) == backend.name
        assert backend.name == "numpy" or values.device == backend.device
    assert_same(backend, found, expected)


def test_tables_train_on_the_backend(backend):
    for kind, y in ((TabularClassifier, WORDS), (TabularRegressor, X[:, 0])):
        here, there = (kind(fast=True, random_state=0, backend=b).fit(X, y) for b in (None, backend))
        assert there.model_.backend.name == backend.name
        assert there.score(X, y) == pytest.approx(here.score(X, y), abs=0.05)
