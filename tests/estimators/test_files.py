"""Estimators in model files: what comes back, what the rest of xpnet reads in them, and what is refused."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

import xpnet
from xpnet import cli, nn
from xpnet.data import FormatError
from xpnet.estimators import LogisticRegression, MLPClassifier, MLPRegressor, Perceptron, TruncatedSVD, load

pd = pytest.importorskip("pandas")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
FRAME = pd.DataFrame(X, columns=["a", "b", "c", "d"])
WORDS = np.asarray(["setosa", "versicolor", "virginica"])[Y]
SMALL = {"hidden_layer_sizes": (5,), "max_iter": 4, "random_state": 0}
FITTED = {
    "words": (MLPClassifier(**SMALL, class_weight={"setosa": 2.0}), WORDS),
    "two classes": (MLPClassifier(**SMALL, early_stopping=True), Y > 0),
    "several labels": (MLPClassifier(**SMALL), np.stack([Y > 0, Y > 1], axis=1).astype(int)),
    "lbfgs": (MLPClassifier(**SMALL, solver="lbfgs"), Y),
    "values": (MLPRegressor(**SMALL), X[:, 0]),
    "two values": (MLPRegressor("poisson", **SMALL), X[:, :2]),
    "logistic": (LogisticRegression(max_iter=10), WORDS),
    "two logistic": (LogisticRegression(max_iter=10), Y > 0),
    "perceptron": (Perceptron(), Y),
    "svd": (TruncatedSVD(random_state=0), None),
}


@pytest.mark.parametrize("case", FITTED)
def test_an_estimator_comes_back(case, tmp_path):
    model, y = FITTED[case]
    x = FRAME if case in ("words", "svd") else X
    model.fit(x, y)
    path = tmp_path / "model.safetensors"
    xpnet.save(path, model)
    again = load(path)
    assert type(again) is type(model)
    assert again.get_params() == model.get_params()
    assert vars(again).keys() | {"_optimizer"} >= vars(model).keys()
    for name in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(model, name):
            expected = getattr(model, name)(x)
            np.testing.assert_array_equal(getattr(again, name)(x), expected)
            assert getattr(again, name)(x).dtype == expected.dtype
    kept = {name: value for name, value in vars(model).items() if isinstance(value, float | int | list | str)}
    assert all(getattr(again, name) == value for name, value in kept.items() if name not in ("coefs_", "intercepts_"))
    read = xpnet.load(path)
    answer = getattr(model, "transform" if y is None else "predict")(x)
    np.testing.assert_array_equal(read.predict(FRAME), answer)
    if case == "words":
        assert list(again.feature_names_in_) == ["a", "b", "c", "d"]
        assert read.features == ("a", "b", "c", "d")


def test_training_goes_on_from_a_file(tmp_path):
    model = MLPClassifier(**SMALL, solver="sgd", momentum=0.0).fit(X, WORDS)
    xpnet.save(tmp_path / "m", model)
    again = load(tmp_path / "m")
    for each in (model, again):
        each.partial_fit(X, WORDS)
    np.testing.assert_array_equal(again.coefs_[0], model.coefs_[0])
    assert again.loss_curve_ == model.loss_curve_


def test_a_file_is_opened_on_another_backend(tmp_path):
    model = LogisticRegression().fit(X[:, :2], Y)
    xpnet.save(tmp_path / "m", model)
    there = load(tmp_path / "m", "array_api_strict")
    assert xpnet.backend.library_of(there.coef_) == "array_api_strict"
    np.testing.assert_array_equal(there.predict(X[:, :2]), model.predict(X[:, :2]))


def test_functions_of_ones_own_are_handed_back(tmp_path):
    swish = nn.Activation("swish", lambda z: z * nn.sigmoid(z), lambda z, a: a + nn.sigmoid(z) * (1.0 - a))
    model = MLPRegressor(activation=swish, **SMALL).fit(X, X[:, 0])
    xpnet.save(tmp_path / "m", model)
    again = load(tmp_path / "m", functions=[swish])
    assert again.activation is swish
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    with pytest.raises(FormatError, match="swish"):
        load(tmp_path / "m")


def test_what_is_no_estimator_or_cannot_be_written(tmp_path):
    network = xpnet.Network([2, 2])
    xpnet.save(tmp_path / "m", xpnet.Model(network, network.initialize(seed=0)))
    with pytest.raises(FormatError, match="holds a model, but no estimator"):
        load(tmp_path / "m")
    model = LogisticRegression(random_state=np.random.RandomState(0)).fit(X, Y)
    with pytest.raises(TypeError, match="random_state must be plain to be saved"):
        xpnet.save(tmp_path / "n", model)
    with pytest.raises(TypeError, match="result_or_model must be"):
        xpnet.save(tmp_path / "n", LogisticRegression())
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere")


def test_the_command_line_predicts_by_it(tmp_path):
    model = MLPClassifier(**SMALL).fit(FRAME, WORDS)
    xpnet.save(tmp_path / "m.safetensors", model)
    FRAME[["d", "c", "b", "a"]].to_csv(tmp_path / "rows.csv", index=False)
    paths = [str(tmp_path / name) for name in ("m.safetensors", "rows.csv", "o.csv")]
    assert cli.main(["predict", *paths[:2], "-o", paths[2]]) == 0
    np.testing.assert_array_equal(pd.read_csv(paths[2])["prediction"], model.predict(FRAME))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": {}},
        {"kind": []},
        {"attributes": {"predict": 3}},
        {"attributes": {"__class__": 3}},
        {"attributes": {"n_iter_": {"array": [1], "dtype": "V999999999"}}},
        {"attributes": {"n_iter_": {"array": [1], "dtype": "datetime64"}}},
        {"attributes": []},
        {"parameters": {"gone": 1}},
    ],
)
def test_a_description_without_sense_is_refused(tmp_path, change):
    path = tmp_path / "m.safetensors"
    model = LogisticRegression(max_iter=5).fit(X, Y).model
    told = model.data["estimator"]
    xpnet.save(path, model, data={**model.data, "estimator": told | change})
    with pytest.raises(FormatError, match=r"m\.safetensors"):
        load(path)
