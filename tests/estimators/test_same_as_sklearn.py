"""The multilayer perceptrons give scikit-learn's weights, curves and answers from one random state."""

import warnings

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.exceptions import ConvergenceWarning

from xpnet import estimators

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N = 43
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 5))
LABELS = (X @ RNG.normal(size=(5, 3))).argmax(axis=1)
VALUES = 2.0 * X[:, 0] + 0.1 * RNG.normal(size=N)
WEIGHTS = RNG.uniform(0.0, 2.0, N)
TARGETS = {
    "three classes": ("MLPClassifier", LABELS),
    "two classes": ("MLPClassifier", np.asarray(["no", "yes"])[(LABELS > 0).astype(int)]),
    "several labels": ("MLPClassifier", np.stack([LABELS > 0, LABELS > 1], axis=1).astype(int)),
    "values": ("MLPRegressor", VALUES),
    "two values": ("MLPRegressor", np.stack([VALUES, VALUES**2], axis=1)),
}
SMALL = {"hidden_layer_sizes": (6, 4), "random_state": 3, "max_iter": 10, "batch_size": 16}
SOLVERS = {
    "sgd": {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.1},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False, "learning_rate": "invscaling", "alpha": 0.5},
    "nesterov": {"solver": "sgd", "activation": "logistic"},
    "momentum of 1": {"solver": "sgd", "momentum": 1.0, "learning_rate_init": 1e-3},
    "adam": {"solver": "adam", "alpha": 0.5, "epsilon": 1e-2},
    "unshuffled": {"solver": "adam", "shuffle": False, "activation": "identity"},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.3, "max_iter": 40, "tol": 0.02},
    "early": {"solver": "adam", "early_stopping": True, "max_iter": 30, "n_iter_no_change": 3},
    "lbfgs": {"solver": "lbfgs", "activation": "tanh"},
}


def pair(kind, settings, y, **fit):
    """Return scikit-learn's estimator and ours, both fitted."""
    settings = SMALL | {"n_iter_no_change": 2} | settings
    return [getattr(module, kind)(**settings).fit(X, y, **fit) for module in (neural_network, estimators)]


def assert_same(theirs, ours, tolerance=1e-9):
    for name in ("coefs_", "intercepts_"):
        for expected, w in zip(getattr(theirs, name), getattr(ours, name), strict=True):
            np.testing.assert_allclose(w, expected, rtol=0, atol=tolerance)
            assert w.shape == expected.shape
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.loss_ == pytest.approx(theirs.loss_, abs=tolerance)


# with several outputs, scikit-learn's lbfgs takes the mean of their costs and the gradient of the sum
CASES = [(solver, target) for solver in SOLVERS for target in TARGETS if (solver, target) != ("lbfgs", "two values")]


@pytest.mark.parametrize(("solver", "target"), CASES)
def test_weights_losses_and_answers(solver, target):
    kind, y = TARGETS[target]
    theirs, ours = pair(kind, SOLVERS[solver], y)
    assert_same(theirs, ours)
    for name in ("loss_curve_", "validation_scores_"):
        expected = getattr(theirs, name, None)
        if expected is not None:
            np.testing.assert_allclose(getattr(ours, name), expected, atol=1e-9)
    np.testing.assert_array_equal(ours.predict(X).shape, theirs.predict(X).shape)
    if kind == "MLPClassifier":
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
        assert ours.predict(X).dtype == theirs.predict(X).dtype
        np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-9)
        np.testing.assert_allclose(np.exp(ours.predict_log_proba(X)), ours.predict_proba(X), atol=1e-9)
    else:
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-9)


@pytest.mark.parametrize("solver", ["nesterov", "adam", "early", "lbfgs"])
@pytest.mark.parametrize("target", ["three classes", "values"])
def test_sample_weights(solver, target):
    kind, y = TARGETS[target]
    assert_same(*pair(kind, SOLVERS[solver], y, sample_weight=WEIGHTS))


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_poisson(solver):
    assert_same(*pair("MLPRegressor", {"loss": "poisson"} | SOLVERS[solver], np.abs(VALUES)))


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_calls_of_partial_fit(kind, solver):
    settings = SMALL | SOLVERS[solver] | {"batch_size": 7}
    fitted = []
    for module in (neural_network, estimators):
        model = getattr(module, kind)(**settings)
        extra = {"classes": [0, 1, 2]} if kind == "MLPClassifier" else {}
        for start in (0, 15, 30, 0):
            rows = slice(start, start + 15)
            model.partial_fit(X[rows], (LABELS if extra else VALUES)[rows], **extra)
        fitted.append(model)
    assert_same(*fitted)
    assert fitted[0].t_ == fitted[1].t_
    np.testing.assert_allclose(fitted[1].loss_curve_, fitted[0].loss_curve_, atol=1e-9)


@pytest.mark.parametrize("settings", [SOLVERS["nesterov"], SOLVERS["momentum"], SOLVERS["lbfgs"]])
def test_warm_start(settings):
    fitted = pair("MLPClassifier", settings | {"warm_start": True}, LABELS)
    for model in fitted:
        model.fit(X, LABELS)
    assert_same(*fitted)


def test_every_parameter_method_and_attribute_of_sklearn_is_there():
    for kind in ("MLPClassifier", "MLPRegressor"):
        y = TARGETS["three classes" if kind == "MLPClassifier" else "values"][1]
        theirs, ours = pair(kind, SOLVERS["adam"], y)
        parameters = getattr(neural_network, kind)().get_params()
        assert parameters.items() <= getattr(estimators, kind)().get_params().items()
        public = {name for name in dir(theirs) if not name.startswith("_")}
        assert public <= set(dir(ours))


def test_parameters_come_in_sklearns_order():
    theirs = neural_network.MLPRegressor("poisson", (3,), "tanh").get_params()
    ours = estimators.MLPRegressor("poisson", (3,), "tanh").get_params()
    assert all(ours[name] == value for name, value in theirs.items())
    assert estimators.MLPClassifier((3,), "tanh").activation == "tanh"


def test_convergence_is_warned_of_as_sklearn_does():
    for solver in ("adam", "lbfgs"), ("sgd", "sgd"):
        for name in solver:
            with pytest.warns(ConvergenceWarning, match="converge"):
                estimators.MLPClassifier((4,), solver=name, max_iter=2, random_state=0).fit(X, LABELS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimators.MLPClassifier((4,), max_iter=2, random_state=0).partial_fit(X, LABELS, classes=[0, 1, 2])


def test_one_step_worked_by_hand():
    """One step of sgd on one row; the numbers are scikit-learn's own test's, worked out to twelve digits."""
    model = estimators.MLPClassifier(
        (2,), "logistic", solver="sgd", alpha=0.1, learning_rate_init=0.1, momentum=0, max_iter=1, batch_size=1
    )
    x = np.asarray([[0.6, 0.8, 0.7]])
    model.partial_fit(x, [0], classes=[0, 1])
    model.coefs_ = [np.asarray([[0.1, 0.2], [0.3, 0.1], [0.5, 0.0]]), np.asarray([[0.1], [0.2]])]
    model.intercepts_ = [np.asarray([0.1, 0.1]), np.asarray([1.0])]
    model.partial_fit(x, [0])
    expected = [[0.097999271019, 0.195754546692], [0.295665694692, 0.096006062257], [0.493832482855, -0.002619695525]]
    np.testing.assert_allclose(model.coefs_[0], expected, atol=1e-9)
    np.testing.assert_allclose(model.coefs_[1], [[0.047012129148], [0.154029181404]], atol=1e-9)
    np.testing.assert_allclose(model.intercepts_[0], [0.098332118365, 0.096257577821], atol=1e-9)
    np.testing.assert_allclose(model.intercepts_[1], [0.923454797809], atol=1e-9)
    assert model.predict_proba(x)[0, 1] == pytest.approx(0.739491918049, abs=1e-9)
