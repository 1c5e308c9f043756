"""Estimators in model files: what comes back, what the rest of xpnet reads in them, and what is refused."""

import copy

import numpy as np
import pytest
from sklearn.datasets import load_iris

import xpnet
from xpnet import cli, nn
from xpnet.data import FormatError
from xpnet.estimators import LogisticRegression, MLPClassifier, MLPRegressor, Perceptron, TruncatedSVD, load
from xpnet.trees import leaves

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
    assert vars(again).keys() >= vars(model).keys()
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


SLOW = {"solver": "sgd", "learning_rate_init": 0.01}
GOES_ON = [
    (MLPClassifier(**SMALL), WORDS),
    (MLPClassifier(**SMALL, early_stopping=True), WORDS),
    (MLPClassifier(**SMALL, dropout=0.2, batch_size=32, class_weight={"setosa": 2.0}), WORDS),
    (MLPRegressor(**SMALL, **SLOW, learning_rate="invscaling"), X[:, 0]),
    (MLPRegressor(**SMALL, **SLOW, learning_rate="adaptive", tol=10.0, n_iter_no_change=1), X[:, :2]),
    (MLPRegressor(**SMALL, **SLOW, nesterovs_momentum=False), X[:, 0]),
    (MLPRegressor(**SMALL, **SLOW, momentum=0.0), X[:, 0]),
    (MLPClassifier(**SMALL, solver="lbfgs"), Y),
    (LogisticRegression(max_iter=10), WORDS),
    (Perceptron(penalty="l1", max_iter=3, tol=None), Y),
]


def same_progress(one, other):
    assert one.keys() - {"_label_binarizer"} == other.keys() - {"_label_binarizer"}
    for name, value in one.items():
        if name not in ("_label_binarizer", "_optimizer"):
            np.testing.assert_equal(other[name], value)
    if "_optimizer" in one:
        assert one["_optimizer"][:2] == other["_optimizer"][:2]
        for x, y in zip(leaves(one["_optimizer"].slots), leaves(other["_optimizer"].slots), strict=True):
            np.testing.assert_array_equal(x, y)
            assert x.dtype == y.dtype


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("number", range(len(GOES_ON)))
def test_training_goes_on_from_a_file_bit_for_bit(number, dtype, tmp_path):
    kind, y = GOES_ON[number]
    x = X.astype(dtype)
    model = copy.deepcopy(kind).set_params(warm_start=True).fit(x, y)
    xpnet.save(tmp_path / "m", model)
    again = load(tmp_path / "m")
    same_progress(vars(model), vars(again))
    incremental = hasattr(kind, "partial_fit") and not getattr(kind, "early_stopping", False)
    for way in ("fit", "partial_fit") if incremental else ("fit",):
        for each in (model, again):
            getattr(each, way)(x, y)
        same_progress(vars(model), vars(again))


def test_a_backend_of_ones_own_keeps_its_dtype_in_a_file(tmp_path):
    model = MLPClassifier(**SMALL, backend=xpnet.backend.get("numpy", dtype="float32")).fit(X, Y)
    xpnet.save(tmp_path / "m", model)
    again = load(tmp_path / "m")
    assert again.backend.dtype_name == "float32"
    np.testing.assert_array_equal(again.partial_fit(X, Y).coefs_[0], model.partial_fit(X, Y).coefs_[0])
    assert again.coefs_[0].dtype == "float32"


def test_an_optimizer_in_a_file_is_found_on_other_backends_and_may_be_missing(tmp_path):
    model = MLPClassifier(**SMALL).fit(X, WORDS)
    xpnet.save(tmp_path / "m", model)
    assert len(xpnet.io.further_arrays(tmp_path / "m")) == 8  # Adam's two slots, of two layers
    there = load(tmp_path / "m", "array_api_strict").to("array_api_strict").partial_fit(X, WORDS)
    np.testing.assert_allclose(
        xpnet.backend.to_numpy(there.coefs_[0]), model.partial_fit(X, WORDS).coefs_[0], atol=1e-12
    )
    xpnet.save(tmp_path / "n", xpnet.load(tmp_path / "m"))  # a model has no optimizer
    assert load(tmp_path / "n").partial_fit(X, WORDS).n_iter_ == 1


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


@pytest.mark.parametrize("command", ["predict", "evaluate", "explain"])
def test_a_command_without_rows_says_that_an_estimator_has_none(command, tmp_path, capsys):
    xpnet.save(tmp_path / "m.safetensors", LogisticRegression(max_iter=10).fit(X, Y))
    assert cli.main([command, str(tmp_path / "m.safetensors")]) != 0
    assert "m.safetensors holds a LogisticRegression, and no rows: name DATA" in capsys.readouterr().err


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
