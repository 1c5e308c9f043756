"""People's own tables, from raw file to prediction: categories, gaps, regressions."""

import numpy as np
import pytest

from xpnet import Network, load, save, train


@pytest.fixture
def pets(tmp_path, rng):
    """120 pets: weight (with gaps) and color (with gaps) tell the kind; the name tells nothing."""
    lines = ["name,weight,color,kind"]
    for i in range(120):
        kind = ("cat", "dog", "canary")[i % 3]
        weight = {"cat": 4.0, "dog": 20.0, "canary": 0.02}[kind] * rng.uniform(0.8, 1.2)
        color = "yellow" if kind == "canary" else ("black", "white")[i % 2]
        cells = [f"pet{i}", f"{weight:.3f}" if i % 10 else "", color if i % 17 else "?", kind]
        lines.append(",".join(cells))
    (tmp_path / "pets.csv").write_text("\n".join(lines) + "\n")
    return "pets.csv"


def test_text_classes_categories_and_gaps(xpnet, pets, tmp_path):
    words = (
        "train",
        pets,
        "--target",
        "kind",
        "--ignore",
        "name",
        "--impute",
        "median",
        "--bins",
        0,
        "--rare",
        0,
        "--quiet",
    )
    ran = xpnet(*words)
    assert ran.code == 0
    assert float(ran.out.split("accuracy ")[1].split()[0]) > 85.0
    model = load("xpnet-pets.safetensors")
    assert model.preprocessing.names == ("weight", "color=black", "color=white", "color=yellow")
    assert xpnet("evaluate", "xpnet-pets.safetensors").out.splitlines()[1] == ran.out.splitlines()[1]
    (tmp_path / "new.csv").write_text("color,weight\nyellow,0.02\nblack,19\npurple,19\n,21\n")
    new = xpnet("predict", "xpnet-pets.safetensors", "new.csv")
    assert [line.split(",")[1] for line in new.out.splitlines()[1:]] == ["canary", "dog", "dog", "dog"]
    raw = np.asarray([["0.02", "yellow"], [20.0, "white"]], dtype=object)
    assert model.predict(raw).tolist() == ["canary", "dog"]


def test_a_regression_is_learned_and_scaled_back(xpnet, tmp_path, rng):
    x = rng.uniform(0, 10, (300, 2))
    price = 1000.0 + 50.0 * x[:, 0] - 20.0 * x[:, 1]
    rows = "".join(f"{a:.4f},{b:.4f},{p:.2f}\n" for (a, b), p in zip(x, price, strict=True))
    (tmp_path / "houses.csv").write_text("rooms,age,price\n" + rows)
    ran = xpnet("train", "houses.csv", "--target", "price", "--epochs", 60)
    assert ran.code == 0
    assert "numbers to predict" in ran.out
    assert float(ran.out.split("R2 ")[1].split()[0]) > 0.98
    end = xpnet("train", "houses.csv", "--target", "price", "--json").events[-1]
    (told,) = xpnet("evaluate", "xpnet-houses.safetensors", "--json").events
    assert (told["r2"], told["rmse"]) == (end["test_r2"], end["test_rmse"])
    (tmp_path / "new.csv").write_text("age,rooms\n0,0\n")
    predicted = float(xpnet("predict", "xpnet-houses.safetensors", "new.csv").out.splitlines()[1].split(",")[1])
    assert predicted == pytest.approx(1000.0, abs=60.0)


@pytest.mark.parametrize(
    ("cost", "output", "standardized"), [("poisson", "exponential", False), ("huber", "linear", True)]
)
def test_a_regression_may_have_another_cost(xpnet, tmp_path, rng, cost, output, standardized):
    a = rng.uniform(-1, 1, 300)
    counts = rng.poisson(np.exp(1.0 + a)) if cost == "poisson" else 100.0 + 5.0 * a + (rng.random(300) < 0.1) * 500.0
    (tmp_path / "t.csv").write_text("a,n\n" + "".join(f"{x},{n}\n" for x, n in zip(a, counts, strict=True)))
    words = ("--task", "regression", "--cost", cost, "--epochs", 20, "--hidden", 0, "--quiet")
    ran = xpnet("train", "t.csv", "--target", "n", *words)
    assert (ran.code, ran.err) == (0, "")
    model = load("xpnet-t.safetensors")
    assert (model.network.cost.name, model.network.output.name) == (cost, output)
    assert (model.targets is not None) is standardized
    (tmp_path / "new.csv").write_text("a\n0\n")
    predicted = float(xpnet("predict", "xpnet-t.safetensors", "new.csv").out.splitlines()[1].split(",")[1])
    assert abs(predicted - (np.e if cost == "poisson" else 100.0)) < (0.5 if cost == "poisson" else 30.0)


def test_several_labels_are_predicted_and_not_evaluated(xpnet, table, tmp_path):
    xpnet("train", table(), "--target", "kind", "--epochs", 1, "--bins", 0)
    known = load("xpnet-clouds.safetensors")
    kept = {"preprocessing": known.preprocessing, "data": known.data}
    x = np.asarray([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    pair = known.preprocessing.apply(x), x
    result = train(Network([2, 2], labels="several"), pair, epochs=500, batch_size=None)
    save("several.safetensors", result, classes=("wide", "high"), **kept)
    (tmp_path / "new.csv").write_text("width,height\n0,0\n0,1\n1,1\n")
    ran = xpnet("predict", "several.safetensors", "new.csv", "--proba")
    assert [line.split(",")[:2] for line in ran.out.splitlines()[1:]] == [["0", ""], ["1", "high"], ["2", "wide;high"]]
    assert ran.out.startswith("row,prediction,p_wide,p_high\n")
    save("several.safetensors", result, **kept)
    assert xpnet("predict", "several.safetensors", "new.csv", "--proba").out.splitlines()[3].startswith("2,0;1,0.")
    assert xpnet("predict", "several.safetensors").code == 0
    refused = xpnet("evaluate", "several.safetensors", "clouds.csv")
    assert refused.code == 1
    assert "several.safetensors predicts several labels for each row" in refused.err


def test_whole_numbers_are_a_regression_if_asked(xpnet, tmp_path):
    (tmp_path / "t.csv").write_text("a,n\n" + "".join(f"{i},{i % 10}\n" for i in range(50)))
    assert "numbers to predict" in xpnet("train", "t.csv", "--target", "n", "--task", "regression").out
    assert "10 classes" in xpnet("train", "t.csv", "--target", "n", "--epochs", 1).out


def test_parquet_trains_like_csv(xpnet, tmp_path, rng):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    y = np.arange(60) % 2
    frame = polars.DataFrame({"a": rng.standard_normal(60) + 5.0 * y, "kind": [("x", "y")[i] for i in y]})
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_csv(tmp_path / "t.csv")
    lines = [
        xpnet("train", f"t.{kind}", "--target", "kind").out.split("test accuracy")[1] for kind in ("csv", "parquet")
    ]
    assert lines[0].split("saved")[0] == lines[1].split("saved")[0]


def test_columns_are_found_by_name_in_any_file(xpnet, pets, tmp_path):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    words = ("train", pets, "--target", "kind", "--ignore", "name", "--impute", "median", "--quiet")
    assert xpnet(*words).code == 0
    assert load("xpnet-pets.safetensors").features == ("weight", "color")
    new = polars.DataFrame({"color": ["yellow", "black"], "more": [1, 2], "weight": [0.02, 19.0]})
    new.write_csv(tmp_path / "new.csv")
    new.write_ipc(tmp_path / "new.arrow")
    new.write_parquet(tmp_path / "new.parquet")
    told = {xpnet("predict", "xpnet-pets.safetensors", f"new.{kind}").out for kind in ("csv", "arrow", "parquet")}
    assert told == {"row,prediction\n0,canary\n1,dog\n"}
    assert load("xpnet-pets.safetensors").predict(new).tolist() == ["canary", "dog"]


def test_what_is_doubtful_is_told_in_a_line(xpnet, pets, tmp_path):
    ran = xpnet("train", pets, "--target", "kind", "--impute", "median", "--epochs", "1")
    notes = [line for line in ran.err.splitlines() if line.startswith("xpnet: note: ")]
    leak = "each of its 81 values comes with one class only; if it is not known before the target"
    assert notes == [
        "xpnet: note: column 'name' is left out: nearly unique text, 120 texts in 120 rows; --keep name",
        f"xpnet: note: column 'weight' gives the target away: {leak}, leave it out with --ignore weight",
    ]
    (tmp_path / "new.csv").write_text("weight,color\n4,pink\n")
    ran = xpnet("predict", "xpnet-pets.safetensors", "new.csv")
    assert "note: column 'color' holds a category that training did not see in 1 of 1 rows, such as 'pink'" in ran.err


@pytest.mark.parametrize("flag", ["True", "true", "1", "1.0", True])
def test_a_label_is_known_in_every_spelling(xpnet, tmp_path, rng, flag):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    y = np.arange(60) % 2 == 0
    x = rng.standard_normal(60) + 5.0 * y
    lines = "".join(f"{a:.4f},{b}\n" for a, b in zip(x, y, strict=True))
    (tmp_path / "t.csv").write_text("a,sold\n" + lines)
    assert xpnet("train", "t.csv", "--target", "sold", "--quiet").code == 0
    other = {"True": "False", "true": "false", "1": "0", "1.0": "0.0", True: False}[flag]
    polars.DataFrame({"a": x, "sold": [flag if each else other for each in y]}).write_parquet(tmp_path / "u.parquet")
    assert "accuracy 9" in xpnet("evaluate", "xpnet-t.safetensors", "u.parquet").out.replace("100", "99")


@pytest.mark.parametrize("categorical", [(), ("--categorical", "zip", "flag")])
def test_two_spellings_of_a_table_are_one_table(xpnet, tmp_path, rng, categorical):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    zips, flags = rng.choice([10, 20, 30], 80), rng.random(80) > 0.5
    kinds = np.where((zips == 20) ^ flags, "yes", "no")
    table = polars.DataFrame({"zip": zips, "flag": flags, "kind": kinds})
    real = table.with_columns(polars.col("zip").cast(polars.Float32))
    title = polars.col("flag").cast(polars.String).str.to_titlecase()
    for name, each in (("int", table), ("real", real)):
        each.write_csv(tmp_path / f"{name}.csv")
        each.with_columns(title).write_csv(tmp_path / f"{name}T.csv")
        each.write_parquet(tmp_path / f"{name}.parquet")
        each.write_ipc(tmp_path / f"{name}.feather")
    files = [f"{kind}{end}" for kind in ("int", "real") for end in (".csv", "T.csv", ".parquet", ".feather")]
    for trained in ("intT.csv", "real.parquet"):
        words = ("--target", "kind", *categorical, "--epochs", "2", "--quiet", "-o", "m.safetensors")
        assert xpnet("train", trained, *words).code == 0
        assert len({xpnet("predict", "m.safetensors", file, "--proba").out for file in files}) == 1


def test_labels_that_a_spreadsheet_would_run_are_quoted_on_request(xpnet, tmp_path):
    labels = ("=cmd()", "@SUM(A1)", "-x", "plain")
    rows = "".join(f"{i},{labels[i % 4]}\n" for i in range(40))
    (tmp_path / "t.csv").write_text("a,kind\n" + rows)
    assert xpnet("train", "t.csv", "--target", "kind", "--epochs", 60, "--quiet").code == 0
    as_they_are, quoted = (
        [line.split(",")[1] for line in xpnet("predict", "xpnet-t.safetensors", "t.csv", *words).out.splitlines()[1:]]
        for words in ((), ("--quote-formulas",))
    )
    assert len(set(as_they_are)) > 1
    assert quoted == [label if label == "plain" else f"'{label}" for label in as_they_are]


def test_labels_of_a_matrix_may_stand_in_a_file_of_their_own(xpnet, tmp_path, rng):
    x = rng.standard_normal((200, 3)).astype("float32")
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", x[:, 0] > 0.0)
    ran = xpnet("train", "x.npy", "--target", "y.npy", "--quiet", "--members", 1)
    assert ran.code == 0, ran.err
    assert float(ran.out.split("accuracy ")[1].split()[0]) > 85.0
    model = "xpnet-x.safetensors"
    assert xpnet("evaluate", model).out.splitlines()[1] == ran.out.splitlines()[1]
    np.save(tmp_path / "new.npy", x[:5])
    np.save(tmp_path / "new_y.npy", x[:5, 0] > 0.0)
    assert xpnet("evaluate", model, "new.npy", "--target", "new_y.npy").code == 0
    assert "name its label column with --target" in xpnet("evaluate", model, "new.npy").err
    assert len(xpnet("predict", model, "new.npy").out.splitlines()) == 6
    short = xpnet("train", "x.npy", "--target", "new_y.npy")
    assert short.code != 0
    assert "new_y.npy: must hold a label for each of the 200 rows, shape (200,), got shape (5,)" in short.err
    assert len(short.err.splitlines()) == 1
