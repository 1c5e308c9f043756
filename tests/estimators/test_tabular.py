"""The estimators for tables: frames with text, gaps and categories, in scikit-learn's company."""

import copy
import pickle

import numpy as np
import pytest
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

import xpnet
from xpnet import cli
from xpnet.estimators import TabularClassifier, TabularRegressor, load

pandas = pytest.importorskip("pandas")
RNG = np.random.default_rng(0)
N = 120
WIDTH = RNG.uniform(1.0, 9.0, N)
FRAME = pandas.DataFrame(
    {
        "width": np.where(np.arange(N) % 11, WIDTH, np.nan),
        "color": pandas.Categorical(np.where(np.arange(N) % 3, "red", "blue")),
        "shop": [f"shop {i % 4}" if i % 9 else None for i in range(N)],
    }
)
KIND, AREA = np.where(WIDTH > 5.0, "large", "small"), WIDTH**2
FAST = {"fast": True, "random_state": 0}


def test_frames_with_text_categories_and_gaps():
    made = TabularClassifier(members=2, random_state=0).fit(FRAME, KIND)
    assert made.score(FRAME, KIND) > 0.85
    assert made.classes_.tolist() == ["large", "small"]
    assert made.feature_names_in_.tolist() == ["width", "color", "shop"]
    np.testing.assert_allclose(made.predict_proba(FRAME).sum(axis=1), 1.0, rtol=1e-5)
    values = TabularRegressor(members=2, random_state=0).fit(FRAME, AREA)
    assert values.score(FRAME, AREA) > 0.7
    ends = values.predict_interval(FRAME[:9])
    assert (ends[:, 0] < values.predict(FRAME[:9])).all()


def test_it_is_the_model_of_train_table(tmp_path):
    mine = TabularClassifier(members=2, random_state=3).fit(FRAME, KIND)
    theirs = xpnet.train_table(FRAME.assign(kind=KIND), "kind", members=2, seed=3)
    np.testing.assert_array_equal(mine.predict_proba(FRAME), theirs.predict_proba(FRAME))
    rows = tmp_path / "rows.csv"
    FRAME.assign(kind=KIND).to_csv(rows, index=False)
    flags = ["--target", "kind", "--members", "2", "--seed", "3", "--test-size", "0", "--quiet"]
    assert cli.main(["train", str(rows), *flags, "-o", str(tmp_path / "m.safetensors")]) == 0
    trained = xpnet.load(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(trained.predict_proba(FRAME), mine.predict_proba(FRAME))


@pytest.mark.parametrize("y", [KIND, WIDTH > 5.0, AREA], ids=["text", "flags", "values"])
def test_files_come_back_as_estimators_and_are_read_by_the_command_line(y, tmp_path):
    frame = FRAME.assign(empty=np.nan)
    kind = TabularRegressor if y is AREA else TabularClassifier
    made = kind(**FAST, categorical=("shop",)).fit(frame, y)
    paths = [str(tmp_path / name) for name in ("m.safetensors", "rows.csv", "o.csv")]
    xpnet.save(paths[0], made)
    again = load(paths[0])
    assert again.get_params() == made.get_params()
    assert vars(again).keys() == vars(made).keys()
    for name in ("predict", "predict_interval" if y is AREA else "predict_proba"):
        np.testing.assert_array_equal(getattr(again, name)(frame), getattr(made, name)(frame))
    FRAME.to_csv(paths[1], index=False)
    assert cli.main(["predict", *paths[:2], "-o", paths[2]]) == 0
    written = pandas.read_csv(paths[2])["prediction"]
    assert np.allclose(written, made.predict(frame), rtol=1e-5) if y is AREA else (written == made.predict(frame)).all()


def test_pipelines_folds_searches_and_pickles():
    assert cross_val_score(TabularClassifier(**FAST), FRAME, KIND, cv=2).mean() > 0.7
    keep = ColumnTransformer([("kept", "passthrough", ["width", "color"])], verbose_feature_names_out=False)
    piped = make_pipeline(keep.set_output(transform="pandas"), TabularRegressor(**FAST)).fit(FRAME, AREA)
    assert piped.predict(FRAME).shape == (N,)
    found = GridSearchCV(TabularRegressor(random_state=0), {"fast": [True], "members": [1]}, cv=2).fit(FRAME, AREA)
    assert found.best_params_ == {"fast": True, "members": 1}
    again = pickle.loads(pickle.dumps(found.best_estimator_))
    np.testing.assert_array_equal(again.predict(FRAME), found.predict(FRAME))


def test_own_rows_to_watch_weights_and_groups():
    how = {"eval_set": (FRAME[90:], KIND[90:]), "sample_weight": np.ones(90)}
    made = TabularClassifier(members=2, class_weight={"large": 2.0}, random_state=0).fit(FRAME[:90], KIND[:90], **how)
    assert made.score(FRAME[90:], KIND[90:]) > 0.7
    assert TabularRegressor(**FAST).fit(FRAME, AREA, groups=np.arange(N) // 10).predict(FRAME).shape == (N,)
    own = TabularRegressor(**FAST).fit(FRAME[:90], AREA[:90], eval_set=[(FRAME[90:], AREA[90:])])
    with pytest.raises(ValueError, match="model must know its errors on other rows"):
        own.predict_interval(FRAME)


@pytest.mark.parametrize(
    ("settings", "given", "message"),
    [
        ({}, {"eval_set": (FRAME, np.where(WIDTH > 7.0, "huge", KIND))}, "eval_set must hold classes that y has"),
        ({"class_weight": {"huge": 2.0}}, {}, "class_weight must name classes of y, got 'huge'"),
        ({"members": 0}, {}, "members must be at least 1, got 0"),
        ({"categorical": ["shoe"]}, {}, "categorical must name columns of X, .*shop.*, got 'shoe'"),
        ({"categorical": [3]}, {}, "categorical must name columns of X, .*, got '3'"),
        ({}, {"groups": [1, 2]}, r"inconsistent numbers of samples: \[2, 120\]"),
    ],
)
def test_bad_input(settings, given, message):
    with pytest.raises(ValueError, match=message):
        TabularClassifier(**settings).fit(FRAME, KIND, **given)


def test_bad_kinds():
    with pytest.raises(TypeError, match=r"eval_set must be a pair \(X, y\), got DataFrame"):
        TabularRegressor(**FAST).fit(FRAME, AREA, eval_set=FRAME)
    with pytest.raises(TypeError, match="categorical must be a sequence of columns, got 'shop'"):
        TabularRegressor(**FAST, categorical="shop").fit(FRAME, AREA)


def test_columns_of_codes_are_named_or_counted():
    x = np.stack([WIDTH, np.arange(N) % 3], axis=1)
    ways = ([], [1], ["x1"], (np.int64(1),))
    plain, *coded = (TabularRegressor(**FAST, categorical=way).fit(x, AREA).predict(x) for way in ways)
    assert not np.array_equal(plain, coded[0])
    for each in coded[1:]:
        np.testing.assert_array_equal(each, coded[0])


def test_another_backend():
    pytest.importorskip("torch")
    made = TabularRegressor(**FAST, backend="torch").fit(FRAME, AREA)
    assert made.model_.backend.name == "torch"
    np.testing.assert_allclose(made.to("numpy").predict(FRAME), made.predict(FRAME), rtol=1e-4)


def test_arrays_of_other_libraries_are_read_on_the_host():
    xp = pytest.importorskip("array_api_strict")
    device = xp.Device("device1")
    x = np.stack([WIDTH, np.arange(N) % 3], axis=1)
    moved = [xp.asarray(each, device=device) for each in (x, AREA, np.ones(N))]
    expected = TabularRegressor(**FAST).fit(x, AREA, sample_weight=np.ones(N), eval_set=(x, AREA))
    for dispatch in (True, False):
        with sklearn.config_context(array_api_dispatch=dispatch):
            made = TabularRegressor(**FAST).fit(*moved[:2], sample_weight=moved[2], eval_set=tuple(moved[:2]))
            np.testing.assert_array_equal(made.predict(moved[0]), expected.predict(x))
    codes, groups = (xp.asarray(each, device=device) for each in (np.arange(N) % 2, np.arange(N) // 10))
    assert TabularClassifier(**FAST).fit(moved[0], codes, groups=groups).predict(moved[0]).shape == (N,)


def test_copies_keep_the_model_where_it_is():
    made = TabularRegressor(**FAST, backend="array_api_strict").fit(FRAME, AREA)
    assert copy.deepcopy(made).model_.backend.name == "array_api_strict"
    assert copy.copy(made).model_ is made.model_
    assert pickle.loads(pickle.dumps(made)).model_.backend.name == "numpy"
