"""`train_table`: frames in, a model out that predicts frames and rows; columns, splits and bad input."""

import numpy as np
import pytest

import xpnet
from xpnet.data import FormatError
from xpnet.tabular import TableRecipe, recipe_for, train_table

RNG = np.random.default_rng(0)
N = 160
WIDTH = RNG.uniform(1.0, 9.0, N)
FRAME = {
    "width": WIDTH.tolist(),
    "color": ["red" if i % 3 else "blue" for i in range(N)],
    "patient": [f"p{i // 4}" for i in range(N)],
    "kind": ["large" if w > 5.0 else "small" for w in WIDTH],
    "area": (WIDTH**2).tolist(),
}
SMALL = TableRecipe(members=2, folds=5, hidden=(16,), epochs=30, batch_size=16, bins=8)
ROWS = {"width": [2.0, 8.0, None], "color": ["red", None, "green"]}


def of(*names):
    return {name: FRAME[name] for name in names}


def test_a_frame_becomes_a_model_of_frames():
    model = train_table(of("width", "color", "area"), "area", recipe=SMALL)
    assert (model.n_members, model.features, model.classes) == (2, ("width", "color"), None)
    found = model.predict(ROWS)
    assert abs(found[0] - 4.0) < 8.0
    assert abs(found[1] - 64.0) < 12.0
    assert np.isfinite(found).all()


def test_classes_come_with_probabilities():
    model = train_table(of("width", "color", "kind"), "kind", recipe=SMALL)
    assert model.classes == ("large", "small")
    assert model.predict(ROWS)[:2].tolist() == ["small", "large"]
    np.testing.assert_allclose(model.predict_proba(ROWS).sum(axis=1), 1.0, rtol=1e-5)


def test_frames_of_pandas_and_files_give_the_same_model(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(of("width", "color", "kind"))
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    first, second, third = (train_table(t, "kind", recipe=SMALL) for t in (frame, of("width", "color", "kind"), path))
    for other in (second, third):
        np.testing.assert_array_equal(first.predict_proba(ROWS), other.predict_proba(ROWS))


def test_the_command_line_trains_the_same_model(tmp_path, monkeypatch):
    from xpnet.cli import main

    monkeypatch.chdir(tmp_path)
    lines = [f"{w},{c},{k}" for w, c, k in zip(FRAME["width"], FRAME["color"], FRAME["kind"], strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(["width,color,kind", *lines]) + "\n")
    words = "train t.csv --target kind --test-size 0 --quiet --epochs 3 --members 2"
    assert main(words.split()) == 0
    recipe = recipe_for(N, 2, classifies=True, members=2)
    mine = train_table(
        "t.csv", "kind", recipe=TableRecipe(**{n: getattr(recipe, n) for n in recipe.__slots__} | {"epochs": 3})
    )
    theirs = xpnet.load("xpnet-t.safetensors")
    np.testing.assert_array_equal(mine.predict_proba(ROWS), theirs.predict_proba(ROWS))
    assert mine.preprocessing == theirs.preprocessing


def test_a_saved_model_predicts_and_is_evaluated_from_the_command_line(tmp_path, monkeypatch, capsys):
    from xpnet.cli import main

    monkeypatch.chdir(tmp_path)
    xpnet.save("m.safetensors", train_table(of("width", "color", "kind"), "kind", recipe=SMALL))
    (tmp_path / "new.csv").write_text("width,color,kind\n2,red,small\n8,blue,large\n")
    assert main(["evaluate", "m.safetensors", "new.csv"]) == 0
    assert "accuracy 100.00 % (2 of 2)" in capsys.readouterr().out
    assert main(["evaluate", "m.safetensors"]) == 1
    assert "took all rows" in capsys.readouterr().err


def test_groups_and_times_are_no_features_and_stay_together():
    for how in ({"groups": "patient"}, {"times": "width"}):
        model = train_table(
            of("width", "color", "patient", "kind"),
            "kind",
            recipe=SMALL,
            **how,
            ignore=["patient"] if "times" in how else (),
        )
        assert model.features == (("color",) if "times" in how else ("width", "color"))


def test_ids_are_left_out_with_a_warning():
    frame = of("width", "kind") | {"id": list(range(N)), "name": [f"name {i}" for i in range(N)]}
    with pytest.warns(UserWarning, match=r"columns are left out: 'id' \(it numbers the rows.*'name'"):
        model = train_table(frame, "kind", recipe=SMALL)
    assert model.features == ("width",)
    with pytest.warns(UserWarning, match="'name'"):
        assert train_table(frame, "kind", recipe=SMALL, keep=["id"]).features == ("width", "id")
    assert train_table(frame, "kind", recipe=SMALL, ignore=["id", "name"]).features == ("width",)


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_other_libraries(library):
    pytest.importorskip(library)
    recipe = TableRecipe(members=2, folds=2, hidden=(4,), epochs=2, batch_size=40)
    model = train_table(of("width", "kind"), "kind", recipe=recipe, backend=library)
    assert model.backend.name == library
    assert model.predict({"width": [3.0]}).shape == (1,)


def test_small_and_strange_tables():
    tiny = {"a": [1.0, 2.0, 3.0, 4.0], "b": ["x", "y", "x", "y"]}
    assert train_table(tiny, "b").predict({"a": [1.0]}).shape == (1,)
    rare = {"a": list(range(40)), "b": ["x"] * 37 + ["y"] * 2 + ["z"]}
    assert train_table(rare, "b", keep=["a"], recipe=SMALL).classes == ("x", "y", "z")


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"target": "size"}, FormatError, "must have the column 'size'|target|no column"),
        ({"ignore": ["size"]}, ValueError, "ignore must name columns of the table, got 'size'"),
        ({"groups": "size"}, ValueError, "groups and times must name a column of the table, got 'size'"),
        ({"groups": "patient", "times": "width"}, ValueError, "groups must be left out if times is given"),
        ({"seed": -1}, ValueError, "seed must be at least 0, got -1"),
        ({"members": 0}, ValueError, "members must be at least 1, got 0"),
        ({"task": "ranking"}, ValueError, "task must be 'classification', 'regression' or None"),
        ({"ignore": ["width", "color", "patient", "area"]}, FormatError, "must have a feature column"),
    ],
)
def test_bad_input(how, error, message):
    with pytest.raises(error, match=message):
        train_table(FRAME, **{"target": "kind", **how})


def test_a_constant_target_is_nothing_to_learn():
    with pytest.raises(ValueError, match=r"target must hold at least two different numbers to learn, got only 7\.5"):
        train_table({"a": [1.0, 2.0, 3.0], "b": [7.5, 7.5, 7.5]}, "b", task="regression")
    with pytest.raises(ValueError, match="target must hold at least two classes to tell apart, got only 'x'"):
        train_table({"a": [1.0, 2.0], "b": ["x", "x"]}, "b")
