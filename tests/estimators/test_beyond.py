"""What the multilayer perceptrons can do that scikit-learn's cannot."""

import copy
import pickle

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.datasets import load_iris, make_classification
from sklearn.utils.class_weight import compute_sample_weight

from xpnet import BackendError, Callback, backend, nn
from xpnet.estimators import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
SMALL = {"hidden_layer_sizes": (6,), "max_iter": 8, "random_state": 0, "batch_size": 32}


def fitted(**settings):
    return MLPClassifier(**(SMALL | settings)).fit(X, Y)


def test_class_weight_is_a_weight_of_each_row():
    for given in ("balanced", {0: 5.0, 1: 1.0, 2: 0.5}):
        x, y = X[20:], Y[20:]  # classes of different sizes
        weighed = MLPClassifier(**SMALL, class_weight=given).fit(x, y)
        same = neural_network.MLPClassifier(**SMALL).fit(x, y, sample_weight=compute_sample_weight(given, y))
        np.testing.assert_allclose(weighed.coefs_[0], same.coefs_[0], atol=1e-9)
    with pytest.raises(ValueError, match="class_weight must be a dict in partial_fit"):
        MLPClassifier(class_weight="balanced").partial_fit(X, Y, classes=[0, 1, 2])


def test_penalties_and_dropout_change_what_is_learned():
    plain = fitted(max_iter=60)
    sparse = fitted(max_iter=60, l1=5.0)
    assert np.abs(sparse.coefs_[0]).sum() < 0.8 * np.abs(plain.coefs_[0]).sum()
    short = fitted(max_norm=0.5)
    assert all((np.linalg.norm(w, axis=0) <= 0.5 + 1e-12).all() for w in short.coefs_)
    first, second, other = (fitted(dropout=0.2, random_state=seed, max_iter=40) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.coefs_[0], second.coefs_[0])
    assert not np.array_equal(first.coefs_[0], plain.coefs_[0])
    assert not np.array_equal(first.coefs_[0], other.coefs_[0])
    assert first.score(X, Y) > 0.6


def test_l1_is_in_the_loss_and_divided_as_alpha():
    model = MLPRegressor(hidden_layer_sizes=(), solver="sgd", momentum=0, l1=3.0, alpha=0.0, max_iter=1, batch_size=75)
    model.random_state, model.learning_rate_init, model.shuffle = 0, 1e-12, False
    y = X @ np.asarray([1.0, -1.0, 0.5, 2.0])
    model.fit(X, y)
    cost = 0.5 * np.mean((model.predict(X) - y) ** 2)
    assert model.loss_ == pytest.approx(cost + 3.0 / 75 * np.abs(model.coefs_[0]).sum(), abs=1e-9)


def test_one_activation_for_each_hidden_layer():
    swish = nn.Activation("swish", lambda z: z * nn.sigmoid(z), lambda z, a: a + nn.sigmoid(z) * (1.0 - a))
    model = MLPClassifier((5, 4), ["gelu", swish], random_state=0, max_iter=60, learning_rate_init=0.02).fit(X, Y)
    assert model.score(X, Y) > 0.9
    with pytest.raises(ValueError, match="activation must name one activation or 2"):
        MLPClassifier((5, 4), ["tanh"]).fit(X, Y)
    with pytest.raises(ValueError, match="activation must be one of identity, logistic"):
        MLPClassifier((5,), "sigmoidal").fit(X, Y)


def test_a_cost_of_ones_own_and_huber():
    y = X @ np.asarray([1.0, -1.0, 0.5, 2.0])
    y[::10] += 30.0  # outliers
    right = np.delete(np.arange(150), np.s_[::10])
    settings = {"hidden_layer_sizes": (), "solver": "lbfgs", "random_state": 0}
    errors = []
    for loss in ("squared_error", "huber", nn.huber(0.1)):
        model = MLPRegressor(loss, **settings).fit(X, y)
        errors.append(np.abs(model.predict(X) - y)[right].mean())
    assert errors[2] < errors[1] < 0.2 * errors[0]
    with pytest.raises(ValueError, match="y must lie between 0 and 1 for cost 'cross_entropy', got 2"):
        MLPRegressor(nn.COSTS["cross_entropy"]).fit(X, Y + 1.0)
    with pytest.raises(ValueError, match="loss must be one of squared_error, poisson, huber"):
        MLPRegressor("absolute").fit(X, y)


def test_validation_rows_of_ones_own():
    train, held = np.arange(0, 150, 2), np.arange(1, 150, 2)
    model = MLPClassifier(**SMALL).fit(X[train], Y[train], validation=(X[held], Y[held]))
    assert len(model.validation_curve_) == len(model.loss_curve_) == 8
    p = model.predict_proba(X[held])[np.arange(75), Y[held]]
    assert model.validation_curve_[-1] == pytest.approx(-np.log(p).mean(), abs=1e-12)
    plain = MLPClassifier(**SMALL).fit(X[train], Y[train])
    np.testing.assert_array_equal(plain.coefs_[0], model.coefs_[0])
    assert plain.validation_curve_ == []
    early = MLPClassifier(**SMALL | {"max_iter": 300, "early_stopping": True, "learning_rate_init": 0.1})
    early.fit(X[train], Y[train], validation=(X[held], Y[held]))
    assert early.n_iter_ < 300
    assert early.best_validation_score_ == pytest.approx(early.score(X[held], Y[held]))
    with pytest.raises(TypeError, match=r"validation must be a pair \(X, y\)"):
        MLPClassifier().fit(X, Y, validation=X)
    with pytest.raises(ValueError, match="validation must be None with solver 'lbfgs'"):
        MLPClassifier(solver="lbfgs").fit(X, Y, validation=(X, Y))


def test_validation_of_values_is_measured_in_the_loss_of_the_curve():
    y = np.stack([X[:, 0], X[:, 1]], axis=1)
    model = MLPRegressor(hidden_layer_sizes=(4,), max_iter=3, random_state=0).fit(X, y, validation=(X, y))
    assert model.validation_curve_[-1] == pytest.approx(0.5 * np.mean((model.predict(X) - y) ** 2))


def test_decision_function_gives_logits():
    many = fitted()
    z = many.decision_function(X)
    np.testing.assert_allclose(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), many.predict_proba(X), atol=1e-12)
    two = MLPClassifier(**SMALL).fit(X, Y > 0)
    np.testing.assert_allclose(1.0 / (1.0 + np.exp(-two.decision_function(X))), two.predict_proba(X)[:, 1], atol=1e-12)
    far = two.predict_log_proba(1e6 * X)
    assert np.isfinite(far).all()
    assert far.min() < -1000.0


def test_partial_fit_on_a_few_rows_compiles_nothing(monkeypatch):
    """A program takes some milliseconds; ten rows take a fifth of one."""
    many = MLPClassifier(**SMALL | {"batch_size": 10}).partial_fit(X, Y, classes=[0, 1, 2])
    monkeypatch.delenv("XPNET_FAST", raising=False)
    monkeypatch.setattr("xpnet.execution.numpy_tape.tape.record_step", None)
    with pytest.raises(TypeError):
        many.partial_fit(X, Y)  # 15 steps
    few = MLPClassifier(**SMALL | {"batch_size": 15})
    theirs = neural_network.MLPClassifier(**SMALL | {"batch_size": 15})
    for start in range(0, 150, 15):
        for model in (few, theirs):
            model.partial_fit(X[start : start + 15], Y[start : start + 15], classes=[0, 1, 2])
    np.testing.assert_allclose(few.coefs_[0], theirs.coefs_[0], atol=1e-9)
    np.testing.assert_allclose(few.loss_curve_, theirs.loss_curve_, atol=1e-9)


def test_partial_fit_says_what_it_cannot_do():
    with pytest.raises(ValueError, match="early_stopping must be False in partial_fit"):
        MLPClassifier(early_stopping=True).partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        MLPClassifier().partial_fit(X, Y)
    model = MLPClassifier(**SMALL).partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"y must hold classes that are known, \[0 1 2\], got \[3\]"):
        model.partial_fit(X[:2], [0, 3])
    with pytest.raises(ValueError, match="classes must be the same as in the last call"):
        model.partial_fit(X, Y, classes=[0, 1])
    assert not hasattr(MLPClassifier(solver="lbfgs"), "partial_fit")
    assert not hasattr(MLPRegressor(solver="lbfgs"), "partial_fit")


def test_adam_keeps_its_state_over_a_warm_start():
    x, y = make_classification(60, random_state=0)
    settings = {"hidden_layer_sizes": (5,), "random_state": 0, "shuffle": False, "tol": 0.0}
    whole = MLPClassifier(**settings, max_iter=6).fit(x, y)
    parts = MLPClassifier(**settings, max_iter=3, warm_start=True).fit(x, y)
    parts.fit(x, y)
    np.testing.assert_allclose(parts.coefs_[0], whole.coefs_[0], atol=1e-12)
    np.testing.assert_allclose(parts.loss_curve_, whole.loss_curve_, atol=1e-12)


def test_a_warm_start_may_change_the_solver_and_what_stops_it():
    model = MLPClassifier(**SMALL, solver="lbfgs", warm_start=True).fit(X, Y)
    model.set_params(solver="adam").fit(X, Y, validation=(X[:60], Y[:60]))  # two of the classes
    assert len(model.validation_curve_) == 8
    model.set_params(early_stopping=True).fit(X, Y)
    assert len(model.validation_scores_) == len(model.loss_curve_) == model.n_iter_
    model.set_params(early_stopping=False).fit(X, Y)
    assert model.validation_scores_ is None
    with pytest.raises(ValueError, match="same classes as in the previous call"):
        model.fit(X[:60], Y[:60])


class Notes(Callback):
    def __init__(self):
        self.told = []

    def start(self, plan):
        self.told.append((plan.examples, plan.batch_size, plan.epochs))

    def epoch(self, record, parameters):
        self.told.append((record, parameters))

    def end(self, result):
        self.told.append(result)


def test_callbacks_are_told_of_epochs():
    notes = Notes()
    model = fitted(callbacks=[notes], max_iter=3, early_stopping=True)
    start, *epochs, end = notes.told
    assert start == (135, 32, 3)
    assert end is model
    assert [record.epoch for record, _ in epochs] == [1, 2, 3]
    assert [record.cost for record, _ in epochs] == model.loss_curve_
    assert [record.validation_accuracy for record, _ in epochs] == model.validation_scores_
    assert [record.validation_cost for record, _ in epochs] == model.validation_curve_
    assert epochs[0][1][0].w.shape == (6, 4)
    assert not np.array_equal(epochs[0][1][0].w, epochs[1][1][0].w)
    for settings, message in (
        ({"solver": "lbfgs", "callbacks": [notes]}, "callbacks must be \\(\\) with solver 'lbfgs'"),
        ({"callbacks": [type("Every", (Callback,), {"every": 5})()]}, "callbacks must look at epochs"),
    ):
        with pytest.raises(ValueError, match=message):
            fitted(**settings)
    with pytest.raises(TypeError, match="callbacks must be a sequence of Callback"):
        fitted(callbacks=notes)


def test_an_interrupt_keeps_the_epochs_that_were_whole(monkeypatch):
    from xpnet.estimators.multilayer.epochs import Training

    epoch, calls = Training.epoch, []

    def interrupted(self, *args):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return epoch(self, *args)

    monkeypatch.setattr(Training, "epoch", interrupted)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model = fitted()
    monkeypatch.undo()
    np.testing.assert_array_equal(model.coefs_[0], fitted(max_iter=3).coefs_[0])
    assert model.n_iter_ == 3


@pytest.mark.parametrize(
    "settings",
    [
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 10.0, "n_iter_no_change": 1, "learning_rate_init": 1e-5},
        {"early_stopping": True, "tol": 1.0, "n_iter_no_change": 2},
    ],
)
def test_verbose_prints_what_sklearn_prints(settings, capsys):
    printed = []
    for kind in (neural_network.MLPClassifier, MLPClassifier):
        kind(**SMALL | settings, verbose=True).fit(X, Y)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert printed[0].count("Iteration") > 1
    MLPClassifier(**SMALL | {"solver": "lbfgs"}, verbose=True).fit(X, Y)
    assert capsys.readouterr().out.startswith("Iteration 1, loss = ")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alpha": -1.0}, "alpha must be finite and at least 0, got -1"),
        ({"solver": "newton"}, "solver must be one of lbfgs, sgd, adam, got 'newton'"),
        ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes must be at least 1, got 0"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"momentum": 1.5}, "momentum must be between 0 and 1, got 1.5"),
        ({"max_norm": 0.0}, "max_norm must be finite and above 0, got 0"),
        ({"solver": "lbfgs", "dropout": 0.5}, "dropout must be 0 with solver 'lbfgs', got 0.5"),
        ({"solver": "lbfgs", "max_norm": 1.0}, "max_norm must be None with solver 'lbfgs'"),
        ({"early_stopping": True, "validation_fraction": 0.005}, "validation_fraction must leave at least 2|greater"),
    ],
)
def test_parameters_that_make_no_sense(settings, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**settings).fit(X, Y)


def test_flags_must_be_flags():
    with pytest.raises(TypeError, match="shuffle must be True or False, got 'no'"):
        MLPClassifier(shuffle="no").fit(X, Y)


def test_poisson_takes_counts_only():
    with pytest.raises(ValueError, match="y must be at least 0 for loss 'poisson', got -1"):
        MLPRegressor("poisson").fit(X, np.full(150, -1.0))


def test_divergence_is_an_error_and_no_crash_of_early_stopping():
    y = 1e3 * X[:, 0]
    settings = {"solver": "sgd", "learning_rate_init": 1.0, "activation": "identity", "random_state": 0}
    with pytest.raises(ValueError, match="Solver produced non-finite parameter weights"):
        MLPRegressor(**settings).fit(1e3 * X, y)
    model = MLPRegressor(**settings, early_stopping=True).fit(1e3 * X, y)
    assert np.isnan(model.validation_scores_[-1])


@pytest.mark.parametrize("name", ["array_api_strict", "torch"])
def test_a_backend_by_name_trains_there_and_gives_host_arrays(name):
    if why := backend.available()[name]:
        pytest.skip(why)
    model, there = fitted(max_iter=2), fitted(max_iter=2, backend=name)
    assert backend.library_of(there.coefs_[0]) == name
    assert isinstance(there.predict(X), np.ndarray)
    np.testing.assert_allclose(backend.to_numpy(there.coefs_[0]), model.coefs_[0], atol=1e-9)
    np.testing.assert_allclose(there.predict_proba(X), model.predict_proba(X), atol=1e-9)
    home = pickle.loads(pickle.dumps(there))
    assert type(home.coefs_[0]) is np.ndarray
    assert type(home._optimizer.slots[0][0].w) is np.ndarray
    np.testing.assert_allclose(home.predict_proba(X), model.predict_proba(X), atol=1e-9)
    moved = model.to(name)
    assert backend.library_of(moved.coefs_[0]) == name
    assert type(model.coefs_[0]) is np.ndarray
    np.testing.assert_array_equal(moved.predict(X), model.predict(X))
    moved.partial_fit(X, Y)
    np.testing.assert_allclose(moved.to("numpy").coefs_[0], copy.deepcopy(model).partial_fit(X, Y).coefs_[0], atol=1e-9)


def test_a_backend_that_is_a_value_brings_its_dtype():
    model = fitted(backend=backend.get("numpy", dtype="float32"), max_iter=2)
    assert model.coefs_[0].dtype == np.float32
    assert fitted(max_iter=2).coefs_[0].dtype == np.float64
    with pytest.raises((BackendError, ValueError), match="backend must be one of numpy"):
        fitted(backend="numpie")
