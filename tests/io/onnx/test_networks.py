"""Exported networks give what xpnet gives: every activation, output and cost, one network and several, each library."""

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx_running import assert_same, exported

import xpnet
from xpnet.backend import get
from xpnet.data import Scaling
from xpnet.io import Model
from xpnet.io.onnx.exporting import graph_of
from xpnet.nn import ACTIVATIONS, COSTS, Cost, Layer, Network, quadratic

HIDDEN = [name for name, f in ACTIVATIONS.items() if f.elementwise]
# a network of perceptrons is trained otherwise; its cost is not in the graph, and may be one's own
COUNTED = Cost("counted", quadratic.value, quadratic.delta, outputs=("step",))
COST_OF = {"softmax": "log_likelihood", "step": COUNTED, "exponential": "poisson"}
EACH = Scaling((1.0, -2.0, 0.0), (10.0, 0.5, -2.0))


def model_of(network, dtype="float64", members=1, **how):
    backend = get("numpy", dtype=dtype)
    return Model.ensemble(
        Model(network, network.initialize(backend, seed, scheme="large"), **how) for seed in range(members)
    )


@pytest.fixture
def x(rng):
    return 2.0 * rng.standard_normal((60, 4))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_hidden_activation(tmp_path, hidden, dtype, x):
    small = model_of(Network([4, 5, 5, 3], hidden=hidden, cost="log_likelihood"), dtype)
    weights = tuple(Layer(0.1 * w, 0.1 * b) for w, b in small.parameters)  # exp(exp(z)) overflows
    assert_same(tmp_path, Model(small.network, weights), x)


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("n_out", [1, 3])
@pytest.mark.parametrize("output", ACTIVATIONS)
def test_every_output_of_one_network_and_of_several(tmp_path, output, n_out, members, x):
    network = Network([4, 6, n_out], hidden="tanh", output=output, cost=COST_OF.get(output, "quadratic"))
    for dtype in ("float32", "float64"):
        assert_same(tmp_path, model_of(network, dtype, members), x)


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("output", ["sigmoid", "step"])
def test_several_labels_in_a_row(tmp_path, output, members, x):
    network = Network([4, 6, 3], output=output, cost=COST_OF.get(output, "cross_entropy"), labels="several")
    assert_same(tmp_path, model_of(network, members=members, classes=("a", "b", "c")), x)


@pytest.mark.parametrize("cost", COSTS)
def test_every_cost_with_its_own_output(tmp_path, cost, x):
    assert_same(tmp_path, model_of(Network([4, 6, 3], cost=cost)), x)


@pytest.mark.parametrize("members", [1, 3])
def test_targets_are_scaled_back(tmp_path, members, x):
    assert_same(tmp_path, model_of(Network([4, 3], cost="huber"), members=members, targets=EACH), x)
    one = Scaling((1e6,), (20.0,))
    assert_same(tmp_path, model_of(Network([4, 5, 1], cost="huber"), "float32", members, targets=one), x)


def test_no_hidden_layer_and_one_input(tmp_path, x):
    assert_same(tmp_path, model_of(Network([1, 1])), x[:, :1])


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_large_weighted_inputs_are_no_ties_and_no_overflow(tmp_path, output):
    network = Network([2, 2], output=output, cost=COST_OF.get(output, "quadratic"))
    for sign in (1.0, -1.0):
        w = sign * np.asarray([[800.0, 0.0], [0.0, 801.0]])
        assert_same(tmp_path, Model(network, (Layer(w, np.zeros((1, 2))),)), np.eye(2) + 1.0)


@pytest.mark.parametrize(
    "classes", [(3, 7, -1), ("no", "yes", "?"), (0.5, "x", 2), (False, True, 7), tuple(np.arange(3))]
)
def test_labels_are_whole_numbers_or_text(tmp_path, classes, x):
    model = model_of(Network([4, 3]), classes=classes)
    (label, _) = exported(tmp_path / "m.onnx", model).run(None, {"x": x})
    whole = all(isinstance(c, int | np.integer) and c is not True for c in classes)
    predicted = [classes[i] for i in np.asarray(model.decide(x)).tolist()]
    assert label.tolist() == (predicted if whole else [str(c) for c in predicted])
    assert label.dtype == (np.int64 if whole else object)


def test_one_thousand_classes(tmp_path, x):
    names = tuple(f"class {i}" for i in range(1000))
    assert_same(tmp_path, model_of(Network([4, 8, 1000], cost="log_likelihood"), classes=names, members=2), x)


def test_the_digits(tmp_path):
    digits = xpnet.data.load_digits()
    scaling = Scaling.divide_by(16)
    result = xpnet.train(Network([64, 30, 10]), (scaling.apply(digits.x), digits.y), epochs=2)
    model = Model(result.network, result.best_parameters, scaling)
    session = exported(tmp_path / "digits.onnx", model)
    assert (session.get_inputs()[0].type, session.get_inputs()[0].shape) == ("tensor(float)", ["batch", 64])
    assert_same(tmp_path, model, digits.x)


def test_a_shift_is_subtracted_in_float64(tmp_path, rng):
    x = 1.7e9 + rng.standard_normal((20, 2))  # float32 has a number each 128
    model = model_of(Network([2, 3]), "float32", preprocessing=Scaling.standardize(x))
    assert exported(tmp_path / "m.onnx", model).get_inputs()[0].type == "tensor(double)"
    assert_same(tmp_path, model, x)


@pytest.mark.parametrize("cost", ["log_likelihood", "cross_entropy", "huber"])
def test_batches_of_no_row_and_of_one(tmp_path, cost, x):
    for n_out in (1, 3):
        for members in (1, 2):
            model = model_of(Network([4, 5, n_out], cost=cost), members=members)
            session = exported(tmp_path / "m.onnx", model)
            for rows in (0, 1):
                for found in session.run(None, {"x": x[:rows]}):
                    assert found.shape[0] == rows
            # runtimes before onnxruntime 1.32 give an empty batch a wrong shape for axes from the end
            for node in graph_of(model).nodes:
                assert min(node.attributes.get("axes", [0])) >= 0
                assert node.attributes.get("axis", 0) >= 0


def test_models_of_every_library(tmp_path, backend, x):
    network = Network([4, 6, 3], hidden="gelu")
    models = [Model(network, network.initialize(backend, seed)) for seed in range(2)]
    model = Model.ensemble(models)
    expected = np.asarray(model.to("numpy").predict_proba(x))
    _, p = exported(tmp_path / "m.onnx", model).run(None, {"x": x.astype(backend.dtype_name)})
    np.testing.assert_allclose(p, expected, rtol=0.0, atol=1e-6)


def test_what_is_computed_twice_is_one_node(x):
    graph = graph_of(model_of(Network([4, 6, 3]), members=3))
    assert [node.op for node in graph.nodes].count("MatMul") == 2
    assert [name for name in graph.used_constants() if name.startswith("layers.0.w")] == ["layers.0.w.Transpose"]
