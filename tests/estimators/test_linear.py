"""LogisticRegression, Perceptron and TruncatedSVD give scikit-learn's answers."""

import numpy as np
import pytest
import scipy.sparse
from sklearn import decomposition, linear_model
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

from xpnet import backend, estimators

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def scaled(load):
    X, y = load(return_X_y=True)
    return (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-9), y


DATA = {"iris": scaled(load_iris), "breast_cancer": scaled(load_breast_cancer)}
WORDS = np.asarray(["setosa", "versicolor", "virginica"])


def pair(kind, X, y, fit=None, **settings):
    module = decomposition if kind == "TruncatedSVD" else linear_model
    return [getattr(m, kind)(**settings).fit(X, y, **(fit or {})) for m in (module, estimators)]


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"C": 0.01, "class_weight": "balanced"},
        {"C": np.inf, "max_iter": 20},
        {"fit_intercept": False, "tol": 1e-8, "max_iter": 1000},
    ],
)
def test_logistic_regression(data, settings):
    X, y = DATA[data]
    for fit in ({}, {"sample_weight": np.arange(len(y)) % 3}):
        theirs, ours = pair("LogisticRegression", X, y, fit, **settings)
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-8)
        np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-8)
        np.testing.assert_array_equal(ours.n_iter_, theirs.n_iter_)
        for name in ("predict", "predict_proba", "decision_function"):
            np.testing.assert_allclose(getattr(ours, name)(X), getattr(theirs, name)(X), atol=1e-5)
        np.testing.assert_allclose(np.exp(ours.predict_log_proba(X)), ours.predict_proba(X), atol=1e-12)


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
def test_logistic_regression_at_the_optimum(load):
    X, y = scaled(load)
    theirs, ours = pair("LogisticRegression", X, y, tol=1e-8, max_iter=1000)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-4)


def test_logistic_regression_at_the_optimum_of_iris():
    X, y = load_iris(return_X_y=True)
    model = estimators.LogisticRegression(max_iter=10000, tol=1e-8).fit(X, WORDS[y])
    expected = [-0.42351, 0.96735, -2.51715, -1.07933]
    np.testing.assert_allclose(model.coef_[0], expected, atol=1e-3)
    assert model.score(X, WORDS[y]) == pytest.approx(0.97333, abs=1e-5)


def test_logistic_regression_says_what_it_has_not():
    X, y = DATA["iris"]
    for settings, message in (
        ({"solver": "saga"}, "solver must be 'lbfgs', got 'saga'"),
        ({"l1_ratio": 0.5}, "l1_ratio must be 0 or None, got 0.5"),
        ({"penalty": "l1"}, "penalty must be 'deprecated' or 'l2' or None, got 'l1'"),
        ({"C": 0.0}, "C must be finite and above 0"),
    ):
        with pytest.raises(ValueError, match=message):
            estimators.LogisticRegression(**settings).fit(X, y)
    with pytest.raises(ValueError, match="y must hold at least 2 classes"):
        estimators.LogisticRegression().fit(X, np.zeros(150))


def test_logistic_regression_goes_on_from_a_warm_start():
    X, y = DATA["iris"]
    model = estimators.LogisticRegression(warm_start=True, tol=1e-6, max_iter=1000).fit(X, y)
    before = model.n_iter_[0]
    assert model.fit(X, y).n_iter_[0] < before / 2


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"shuffle": False, "eta0": 0.1, "fit_intercept": False},
        {"class_weight": "balanced", "random_state": 3},
        {"early_stopping": True, "random_state": 1, "tol": None, "max_iter": 4},
        {"early_stopping": True, "validation_fraction": 0.3},
    ],
)
def test_perceptron(data, settings):
    X, y = DATA[data]
    for fit in ({}, {"sample_weight": 1.0 + np.arange(len(y)) % 3}):
        theirs, ours = pair("Perceptron", X, y, fit, **settings)
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-9)
        np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-9)
        assert (ours.n_iter_, ours.t_) == (theirs.n_iter_, theirs.t_)
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
        np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-9)


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("penalty", ["l2", "l1", "elasticnet"])
def test_penalties_of_the_perceptron(penalty, data):
    theirs, ours = pair("Perceptron", *DATA[data], penalty=penalty, alpha=1e-3)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-9)
    assert ours.n_iter_ == theirs.n_iter_


def test_the_perceptron_learns_in_parts():
    X, y = DATA["iris"]
    models = [linear_model.Perceptron(shuffle=False), estimators.Perceptron(shuffle=False)]
    for model in models:
        for start in (0, 50, 100):
            model.partial_fit(X[start : start + 50], y[start : start + 50], classes=[0, 1, 2])
    np.testing.assert_allclose(models[1].coef_, models[0].coef_, atol=1e-9)
    assert models[1].t_ == models[0].t_
    with pytest.raises(ValueError, match="y must hold classes that are known"):
        models[1].partial_fit(X[:1], [7])
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        estimators.Perceptron().partial_fit(X, y)


def test_and_can_be_learned_and_xor_cannot():
    corners = np.asarray([[0, 0], [0, 1], [1, 0], [1, 1]])
    assert estimators.Perceptron().fit(corners, [0, 0, 0, 1]).score(corners, [0, 0, 0, 1]) == 1.0
    assert estimators.Perceptron().fit(corners, [0, 1, 1, 0]).score(corners, [0, 1, 1, 0]) <= 0.75


def test_coefficients_can_be_sparse():
    X, y = DATA["iris"]
    model = estimators.Perceptron(penalty="l1", alpha=0.01).fit(X, y)
    before = model.predict(X)
    assert scipy.sparse.issparse(model.sparsify().coef_)
    np.testing.assert_array_equal(model.predict(X), before)
    assert isinstance(model.densify().coef_, np.ndarray)


@pytest.mark.parametrize("algorithm", ["arpack", "randomized"])
@pytest.mark.parametrize("kind", [np.asarray, scipy.sparse.csr_array])
def test_truncated_svd(algorithm, kind):
    X = load_digits(return_X_y=True)[0][:400]
    settings = {"n_components": 4, "algorithm": algorithm, "random_state": 0, "n_iter": 10}
    theirs, ours = decomposition.TruncatedSVD(**settings), estimators.TruncatedSVD(**settings)
    inside, expected = ours.fit_transform(kind(X)), theirs.fit_transform(X)
    np.testing.assert_allclose(inside, expected, atol=1e-4 * np.abs(expected).max())
    for name in ("singular_values_", "explained_variance_", "explained_variance_ratio_"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-6)
    np.testing.assert_allclose(ours.transform(kind(X)), inside, atol=1e-9)
    np.testing.assert_allclose(ours.inverse_transform(inside), theirs.inverse_transform(expected), atol=1e-2)
    assert list(ours.get_feature_names_out()) == [f"truncatedsvd{i}" for i in range(4)]
    pytest.importorskip("pandas")
    assert list(ours.set_output(transform="pandas").transform(kind(X)).columns) == list(ours.get_feature_names_out())


def test_truncated_svd_says_what_it_cannot():
    for settings, message in (
        ({"n_components": 5}, "n_components must be between 1 and 4, got 5"),
        ({"algorithm": "lanczos"}, "algorithm must be one of randomized, arpack"),
    ):
        with pytest.raises(ValueError, match=message):
            estimators.TruncatedSVD(**settings).fit(DATA["iris"][0])


@pytest.mark.parametrize("kind", ["LogisticRegression", "Perceptron", "TruncatedSVD"])
def test_a_backend_by_name(kind):
    X, y = DATA["iris"]
    x = X[:60].astype("float32")
    settings = {"max_iter": 5} if kind != "TruncatedSVD" else {"random_state": 0}
    host = getattr(estimators, kind)(**settings).fit(x, y[:60])
    there = getattr(estimators, kind)(**settings, backend="array_api_strict").fit(x, y[:60])
    name = "components_" if kind == "TruncatedSVD" else "coef_"
    assert backend.library_of(getattr(there, name)) == "array_api_strict"
    np.testing.assert_allclose(backend.to_numpy(getattr(there, name)), getattr(host, name), atol=1e-4)
    ask = "transform" if kind == "TruncatedSVD" else "predict"
    assert type(getattr(there, ask)(x)) is np.ndarray
    np.testing.assert_allclose(getattr(host.to("array_api_strict"), ask)(x), getattr(host, ask)(x), atol=1e-4)
