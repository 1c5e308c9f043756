"""Exported columns: the graph encodes rows to the last bit as `Encoding` does, gaps, edges, dates and new text too."""

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx_running import assert_same, exported

from xpnet.backend import get
from xpnet.data import Encoding
from xpnet.io import Model
from xpnet.io.onnx.feeding import inputs_of
from xpnet.nn import Layer, Network

NAT = np.datetime64("NaT", "us")


def table(rng, n=300):
    """Return columns of every kind, with gaps in all that can have them."""
    size = 1e3 * rng.standard_normal(n)
    size[::7] = np.nan
    moments = np.datetime64("1850-01-01", "us") + rng.integers(0, 250 * 366 * 86_400 * 10**6, n)
    moments[::11] = NAT
    color = rng.choice(["red", "blue", "a b", "ü\"'"], n).astype(object)
    color[::9] = None
    return {
        "size": size,
        "count": rng.integers(0, 40, n),
        "many": rng.integers(-(2**62), 2**62, n),
        "sold": rng.random(n) < 0.5,
        "paid": np.where(rng.random(n) < 0.1, None, np.where(rng.random(n) < 0.5, "yes", "no")),
        "when": moments,
        "color": color,
        "zip": rng.choice([f"{i:03}" for i in range(60)], n).astype(object),
        "price": np.asarray([f"{x:,.2f} €" for x in rng.uniform(0, 9999, n)], object),
    }


def seen(encoding, dtype="float64", classes=0):
    """Return a model that gives its encoded inputs, or classes that depend on them."""
    n = len(encoding.names)
    backend = get("numpy", dtype=dtype)
    if classes:
        network = Network([n, classes], cost="log_likelihood")
        return Model(network, network.initialize(backend, 0), encoding, tuple(f"c{i}" for i in range(classes)))
    network = Network([n, n], output="linear", cost="quadratic")
    return Model(network, (Layer(backend.asarray(np.eye(n)), backend.asarray(np.zeros((1, n)))),), encoding)


def encoded(folder, model, rows):
    (value,) = exported(folder / "m.onnx", model).run(None, inputs_of(model, rows))
    return value.reshape(len(value), -1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rare", [0, 6])
@pytest.mark.parametrize("bins", [0, 16])
@pytest.mark.parametrize("impute", ["indicator", "mean", "median"])
def test_every_kind_of_column(tmp_path, rng, impute, bins, rare, dtype):
    rows, new = table(rng), table(np.random.default_rng(1), 100)
    new["color"][:3], new["zip"][:3] = "pink", "xyz"
    encoding = Encoding.fit(rows, impute=impute, bins=bins, rare=rare, categorical=["zip"])
    model = seen(encoding, dtype)
    for each in (rows, new):
        np.testing.assert_array_equal(encoded(tmp_path, model, each), encoding.apply(each, dtype=dtype))


def test_inputs_are_typed_columns_in_the_order_of_the_table(tmp_path, rng):
    rows = table(rng)
    session = exported(tmp_path / "m.onnx", seen(Encoding.fit(rows, impute="mean", categorical=["zip"])))
    kinds = {"when": "int64", "color": "string", "zip": "string"}
    assert [(port.name, port.type, port.shape) for port in session.get_inputs()] == [
        (name, f"tensor({kinds.get(name, 'double')})", ["batch", 1]) for name in rows
    ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_at_the_edges_of_intervals_and_beyond(tmp_path, rng, dtype):
    encoding = Encoding.fit({"x": rng.lognormal(3, 2, 500), "y": rng.integers(0, 30, 500)}, bins=16)
    edges = np.asarray([*encoding.columns[0].bins.edges, *encoding.columns[1].bins.edges])
    beside = [np.nextafter(edges, -np.inf), edges, np.nextafter(edges, np.inf), [-1e30, -0.0, 0.0, 5e-324, 1e30]]
    x = np.concatenate(beside)
    rows = {"x": x, "y": x[::-1]}
    np.testing.assert_array_equal(encoded(tmp_path, seen(encoding, dtype), rows), encoding.apply(rows, dtype=dtype))


def test_large_whole_numbers_round_as_float64(tmp_path):
    x = np.asarray([2**53, 2**53 + 1, 2**53 + 3, -(2**62) - 1, 16_777_217])
    encoding = Encoding.fit({"x": x}, bins=3)
    np.testing.assert_array_equal(
        encoded(tmp_path, seen(encoding), {"x": x}), encoding.apply({"x": x}, dtype="float64")
    )


def test_every_day_of_five_hundred_years_and_moments_about_midnight(tmp_path, rng):
    days = np.arange(np.datetime64("1599-12-31"), np.datetime64("2101-03-02")).astype("datetime64[us]")
    moments = np.concatenate([days, days[::97] - 1, days[::89] + 86_399_999_999])
    encoding = Encoding.fit({"when": rng.choice(moments, 500)}, bins=8)
    rows = {"when": moments}
    np.testing.assert_array_equal(encoded(tmp_path, seen(encoding), rows), encoding.apply(rows, dtype="float64"))


def test_dates_far_from_now(tmp_path):
    moments = np.asarray(["0001-01-01", "-004-02-29", "1582-10-15", "9999-12-31T23:59:59.999999"], "datetime64[us]")
    encoding = Encoding.fit({"when": np.asarray(["2000-01-01", "2020-05-05"], "datetime64[us]")})
    rows = {"when": moments}
    np.testing.assert_array_equal(encoded(tmp_path, seen(encoding), rows), encoding.apply(rows, dtype="float64"))


@pytest.mark.parametrize(
    ("name", "known", "cell", "gap"),
    [
        ("x", [1.0, 2.0, 4.0], np.nan, True),
        ("x", [1.0, 2.0, 4.0], np.inf, False),
        ("x", [1.0, 2.0, 4.0], -np.inf, False),
        ("x", [0.0, 1e-300, 2e-300], 1e300, False),  # too large for the network's inputs
        ("when", np.asarray(["2020-01-01", "2021-03-04", "2022-01-01"], "datetime64[us]"), NAT, True),
        ("color", ["red", "blue", "red"], None, True),
    ],
)
def test_rows_that_xpnet_refuses_have_no_answer(tmp_path, name, known, cell, gap):
    good = {name: known, "other": [1.0, 2.0, 3.0]}
    bad = {name: np.asarray([known[0], cell, known[2]], getattr(known, "dtype", object)), "other": [1.0, 2.0, 3.0]}
    encoding = Encoding.fit(good)
    one = Network([len(encoding.names), 1])  # the sigmoid of infinity is a number
    two = Model(one, one.initialize("numpy", 0), encoding, ("no", "yes"))
    for model in (seen(encoding, "float32"), seen(encoding, "float32", classes=3), two):
        with np.errstate(over="ignore"), pytest.raises(ValueError, match="must not be missing" if gap else "finite"):
            model.predict(bad)
        *labels, numbers = exported(tmp_path / "m.onnx", model).run(None, inputs_of(model, bad))
        assert np.isnan(numbers[1]).all()
        assert np.isfinite(numbers[[0, 2]]).all()
        for label in labels:
            assert label[1] == ""
            assert label[[0, 2]].tolist() == model.predict(good)[[0, 2]].tolist()


def test_a_refused_row_has_no_whole_number_for_a_label(tmp_path):
    rows = {"x": [1.0, np.nan]}
    model = seen(Encoding.fit({"x": [1.0, 2.0]}))
    for labels, shape in (("one", (2,)), ("several", (2, 2))):
        network = Network([1, 2], labels=labels)
        model = Model(network, network.initialize("numpy", 0), model.preprocessing)
        label, _ = exported(tmp_path / "m.onnx", model).run(None, inputs_of(model, rows))
        assert label.shape == shape
        assert (label[1] == -(2**63)).all()
        assert (label[0] >= 0).all()


def test_numbers_with_gaps_that_are_not_filled_beside_those_that_are(tmp_path):
    rows = {"a": [1.0, 2.0, 5.0], "b": [1.0, np.nan, 3.0]}
    mixed = Encoding((*Encoding.fit({"a": rows["a"]}).columns, *Encoding.fit({"b": rows["b"]}, impute="mean").columns))
    np.testing.assert_array_equal(encoded(tmp_path, seen(mixed), rows), mixed.apply(rows, dtype="float64"))
    value = encoded(tmp_path, seen(mixed), {"a": [np.nan, 1.0], "b": [1.0, np.nan]})
    assert np.isnan(value).any(axis=1).tolist() == [True, False]


def test_over_a_thousand_categories(tmp_path):
    names = [f"city {i}" for i in range(1500)]
    rows = {"city": names + names[:800], "n": np.arange(2300.0)}
    new = {"city": ["city 3", "city 1400", "Ulm", None], "n": [1.0, 2.0, 3.0, 4.0]}
    encoding = Encoding.fit(rows, rare=2, impute="median")
    model = seen(encoding, classes=5)
    assert_same(tmp_path, model, rows)
    assert_same(tmp_path, model, new)


@pytest.mark.parametrize("impute", ["mean", "indicator"])
def test_a_gap_in_a_column_that_had_none(tmp_path, impute):
    rows = {"color": ["red", "blue", "red"], "x": [1.0, 2.0, 3.0], "when": np.asarray(["2020-01-01"] * 3, "M8[us]")}
    encoding = Encoding.fit(rows, impute=impute)
    new = {"color": [None, "red"], "x": [np.nan, 2.0], "when": np.asarray(["NaT", "2021-01-01"], "M8[us]")}
    np.testing.assert_array_equal(encoded(tmp_path, seen(encoding), new), encoding.apply(new, dtype="float64"))


def test_the_commonest_category_that_is_rare_fills_gaps(tmp_path):
    rows = {"color": ["red", "blue", "red", None]}
    encoding = Encoding.fit(rows, impute="mean", rare=9)
    np.testing.assert_array_equal(encoded(tmp_path, seen(encoding), rows), encoding.apply(rows, dtype="float64"))


def test_columns_without_anything_in_new_rows(tmp_path):
    rows = table(np.random.default_rng(2), 50)
    encoding = Encoding.fit(rows, impute="indicator")
    empty = {name: [None, None] for name in rows}
    np.testing.assert_array_equal(encoded(tmp_path, seen(encoding), empty), encoding.apply(empty, dtype="float64"))


def test_columns_of_another_kind_make_no_inputs():
    rows = {"x": [1.0, 2.0], "when": np.asarray(["2020-01-01", "2021-03-04"], "M8[us]")}
    model = seen(Encoding.fit(rows))
    for name, cells, words in (("x", ["a", "b"], "numbers or booleans"), ("when", [1.0, 2.0], "dates, got the kind")):
        with pytest.raises(TypeError, match=f"column '{name}' must hold {words}"):
            inputs_of(model, rows | {name: cells})


@pytest.mark.parametrize(
    "names",
    [
        ("a b", "a_b", "a.b", "A b"),
        ('"quoted"', "it's", "back\\slash", "tab\there"),
        ("größe", "大小", "😀", "e\u0301"),
        ("label", "probabilities", "value", "x"),
        ("labels_3", "constant_1", "layers.0.w", "MatMul_40"),
        (" ", "nan", "é", "e\u0301"),
    ],
)
def test_any_name_of_a_column(tmp_path, names, rng):
    rows = {name: rng.standard_normal(30) for name in names[:3]} | {names[3]: rng.choice(["u", "v"], 30).astype(object)}
    encoding = Encoding.fit(rows, bins=4)
    for classes in (0, 3):
        model = seen(encoding, classes=classes)
        session = exported(tmp_path / "m.onnx", model)
        assert tuple(port.name for port in session.get_inputs()) == names
        outputs = [port.name for port in session.get_outputs()]
        assert [name.rstrip("_") for name in outputs] == (["label", "probabilities"] if classes else ["value"])
        assert not set(outputs) & set(names)
        assert_same(tmp_path, model, rows)


@pytest.mark.parametrize("name", ["", "\ud800"])
def test_a_name_that_no_graph_can_have_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match=r"columns? must"):
        exported(tmp_path / "m.onnx", seen(Encoding.fit({name: [1.0, 2.0]})))
