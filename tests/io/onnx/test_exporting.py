"""Exported files: what they say of themselves, what is refused, and models as they are trained."""

import json
import sys

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
import onnx
from onnx_running import assert_same, exported

import xpnet
from xpnet.data import Encoding, Scaling
from xpnet.io import Model
from xpnet.io.onnx import exporting, protobuf
from xpnet.io.onnx.exporting import is_onnx_file
from xpnet.nn import Activation, Cost, Layer, Network, quadratic, relu, sigmoid
from xpnet.tabular.recipe import TableRecipe


def plain(**how):
    network = Network([2, 3, 2], **how)
    return Model(network, network.initialize(seed=0), classes=("no", "yes"))


def frame(rng, n=240):
    """Return columns of every kind, a label and a value that depend on them."""
    size, town = rng.uniform(1, 9, n), rng.integers(0, 3, n)
    value = 30.0 * size + 20.0 * town + rng.standard_normal(n)
    rows = {
        "size": np.where(rng.random(n) < 0.1, np.nan, size),
        "town": np.asarray(["Ulm", "Bonn", "Köln"], object)[town],
        "new": rng.random(n) < 0.5,
        "sold": np.datetime64("2020-01-01", "us") + rng.integers(0, 900, n) * np.timedelta64(86_400, "s"),
    }
    return rows, value, np.asarray(["low", "mid", "high"], object)[np.digitize(value, [120, 240])]


@pytest.mark.parametrize("target", ["label", "value"])
def test_a_table_with_temperatures_learned_scales_and_scaled_targets(tmp_path, rng, target):
    rows, value, label = frame(rng)
    table = {**rows, target: label if target == "label" else value}
    recipe = TableRecipe(members=3, epochs=3, hidden=(16, 16), eta=0.003)
    model = xpnet.train_table(table, target, recipe=recipe)
    assert model.n_members == 3
    assert (model.targets is None) is (target == "label")
    assert_same(tmp_path, model, rows)
    xpnet.save(tmp_path / "m.safetensors", model)
    assert_same(tmp_path, xpnet.load(tmp_path / "m.safetensors"), rows)


def test_results_are_exported_with_their_best_parameters(tmp_path, rng):
    x = rng.standard_normal((30, 2)).astype("float32")
    result = xpnet.train(Network([2, 3, 2]), (x, (x[:, 0] > 0).astype(int)), epochs=2)
    label, _ = exported(tmp_path / "m.onnx", result).run(None, {"x": x})
    assert label.tolist() == result.predict(x).tolist()


def test_fitted_estimators_are_exported(tmp_path, rng):
    pytest.importorskip("sklearn")
    from xpnet.estimators import LogisticRegression, TabularRegressor

    x = rng.standard_normal((60, 3)).astype("float32")
    fitted = LogisticRegression().fit(x, np.where(x[:, 0] > 0.0, "up", "down"))
    xpnet.to_onnx(tmp_path / "m.onnx", fitted)
    assert_same(tmp_path, fitted.model, x)
    assert_same(tmp_path, TabularRegressor(fast=True).fit(x, x[:, 0]).model_, x)


def test_the_file_says_what_it_is(tmp_path, rng):
    rows, *_ = frame(rng)
    encoding = Encoding.fit(rows, impute="mean")
    network = Network([len(encoding.names), 3])
    models = [Model(network, network.initialize(seed=i), encoding, ("low", "mid", 0.5)) for i in range(2)]
    xpnet.to_onnx(tmp_path / "m.onnx", Model.ensemble(models))
    proto = onnx.load(tmp_path / "m.onnx")
    assert (proto.producer_name, proto.producer_version, proto.ir_version) == ("xpnet", xpnet.__version__, 8)
    assert {each.domain: each.version for each in proto.opset_import} == {"": 17, "ai.onnx.ml": 3}
    told = {each.key: each.value for each in proto.metadata_props}
    assert (told["task"], told["members"]) == ("classification", "2")
    assert json.loads(told["classes"]) == ["low", "mid", 0.5]
    assert json.loads(told["features"]) == list(rows)
    assert "NaN is a gap" in next(each.doc_string for each in proto.graph.input if each.name == "size")
    assert "microseconds" in next(each.doc_string for each in proto.graph.input if each.name == "sold")
    names = [name for node in proto.graph.node for name in node.output]
    assert len(set(names)) == len(names)
    used = {name for node in proto.graph.node for name in node.input}
    assert {each.name for each in proto.graph.initializer} <= used


def test_one_model_gives_one_file(tmp_path):
    for name in ("a", "b"):
        xpnet.to_onnx(tmp_path / name, plain())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_files_of_xpnet_are_known(tmp_path):
    xpnet.to_onnx(tmp_path / "m.onnx", plain())
    assert is_onnx_file(tmp_path / "m.onnx")
    foreign = onnx.load(tmp_path / "m.onnx")
    foreign.producer_name = "other"
    onnx.save(foreign, tmp_path / "other.onnx")
    xpnet.save(tmp_path / "m.safetensors", plain())
    (tmp_path / "short").write_bytes(b"\x08")
    (tmp_path / "empty").touch()
    assert not any(map(is_onnx_file, (tmp_path / name for name in ("other.onnx", "m.safetensors", "short", "empty"))))


def test_activations_of_ones_own_are_refused_by_name(tmp_path):
    swish = Activation("swish", lambda z: z * sigmoid(z), lambda z, a: a + sigmoid(z) * (1.0 - a))
    twin = Activation("relu", lambda z: relu(z) + 1.0, relu.derivative)
    steep = Activation("steep", lambda z: sigmoid(4.0 * z), lambda z, a: 4.0 * a * (1.0 - a), threshold=0.0)
    for how, name in (
        ({"hidden": swish}, "swish"),
        ({"hidden": twin}, "relu"),
        ({"output": steep, "cost": "quadratic"}, "steep"),
    ):
        with pytest.raises(
            ValueError, match=f"activations must be built-in ones to be exported, got your own '{name}'"
        ):
            xpnet.to_onnx(tmp_path / "m.onnx", plain(**how))
    assert list(tmp_path.iterdir()) == []


def test_a_cost_of_ones_own_is_no_part_of_a_prediction(tmp_path, rng):
    own = Cost("own", quadratic.value, quadratic.delta)
    assert_same(tmp_path, plain(cost=own), rng.standard_normal((5, 2)))


class Halved:
    def apply(self, x, dtype="float32"):
        return 0.5 * x

    def to_json(self):
        return {}


def test_what_cannot_be_exported_is_refused(tmp_path):
    network, parameters = plain().network, plain().parameters
    for model, error, words in (
        (Model(network, parameters, Halved()), TypeError, "preprocessing must be a Scaling or an Encoding, got Halved"),
        (network, TypeError, "model must be a Model or a Result, got Network"),
        (Model(network, parameters[:1]), ValueError, "parameters must"),
        (Model(network, parameters, classes=(1, "1")), ValueError, "classes must differ as text"),
        (Model(network, parameters, classes=("a", "\udcff")), ValueError, "classes must be text that UTF-8 can write"),
    ):
        with pytest.raises(error, match=words):
            xpnet.to_onnx(tmp_path / "m.onnx", model)
    assert list(tmp_path.iterdir()) == []


def test_parameters_that_fit_no_file_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "MOST", 60)
    with pytest.raises(ValueError, match="parameters must take at most 60 bytes to fit in an ONNX file, got 68"):
        xpnet.to_onnx(tmp_path / "m.onnx", plain())


def test_without_the_package_the_error_says_what_to_type(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"pip install 'xpnet\[onnx\]'"):
        xpnet.to_onnx(tmp_path / "m.onnx", plain())
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_that_the_checker_refuses(tmp_path, monkeypatch):
    (tmp_path / "m.onnx").write_text("kept")
    monkeypatch.setattr(protobuf, "IR_VERSION", 2)  # of a time without ai.onnx.ml
    with pytest.raises(onnx.checker.ValidationError):
        xpnet.to_onnx(tmp_path / "m.onnx", plain())
    assert (tmp_path / "m.onnx").read_text() == "kept"


def test_a_scaling_that_is_one_number_for_all_columns(tmp_path, rng):
    x = rng.standard_normal((9, 2))
    model = plain()
    for scaling in (Scaling((2.0,), (4.0,)), Scaling((0.0,), (4.0,)), Scaling((1.0, 2.0), (3.0, 4.0), ("a", "b"))):
        assert_same(tmp_path, Model(model.network, model.parameters, scaling), x)


def test_parameters_are_not_written_to(tmp_path):
    w, b = np.eye(2), np.zeros((1, 2))
    w.flags.writeable = b.flags.writeable = False
    encoding = Encoding.fit({"color": ["red", "blue"]})
    xpnet.to_onnx(tmp_path / "m.onnx", Model(Network([2, 2]), (Layer(w, b),), encoding))
