"""The numbers of a page: against NumPy, by hand, and for models of every form."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

import xpnet
from xpnet.nn import Layer
from xpnet.report import render, report_numbers
from xpnet.report.measuring.curves import curves, curves_of
from xpnet.report.measuring.norms import norms
from xpnet.report.measuring.packing import pack, unpack
from xpnet.report.measuring.tested import MISTAKES, chosen_rows, figures
from xpnet.training import History, Record

RECORD = Record(1, 0.9, 0.5, None, None, 0.1, 1.0)


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
@pytest.mark.parametrize("shape", [(3, 5), (2, 3, 4), (0, 4), (1,)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_packed_arrays_keep_every_bit(dtype, shape, order):
    x = np.asarray(np.random.default_rng(0).uniform(0, 200, shape), dtype=dtype, order=order)
    found = unpack(json.loads(json.dumps(pack(x))))
    assert found.dtype == x.dtype
    np.testing.assert_array_equal(found, x)


def answers_of(p):
    """A model whose probabilities for the rows 0, 1, … are these: log(p) are the weights of one-hot rows."""
    w = np.log(np.asarray(p)).T
    network = xpnet.Network([len(p), len(p[0])], cost="log_likelihood")
    return xpnet.Model(network, (Layer(w, np.zeros((1, len(p[0])))),)), np.eye(len(p))


def test_figures_by_hand():
    model, x = answers_of([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]])
    found = figures(model, x, np.asarray([0, 1, 1, 2]))
    assert found["accuracy"] == 0.75
    assert found["confusion"] == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert [b[4] for b in found["calibration"]["bins"]] == [1, 1, 2]


def test_mistakes_come_first_and_the_most_certain_of_them():
    model, x = answers_of([[0.8, 0.2], [0.4, 0.6], [0.9, 0.1], [0.3, 0.7], [0.55, 0.45]])
    rows = chosen_rows(model, x, np.asarray([1, 0, 1, 1, 0]), most=4)
    assert rows["number"] == [2, 0, 1, 4]
    assert rows["certainty"] == pytest.approx([0.9, 0.8, 0.6, 0.55])
    assert (rows["truth"], rows["said"]) == ([1, 1, 0, 0], [0, 0, 1, 0])


def test_no_more_mistakes_than_half_of_the_rows_unless_there_is_room():
    n = 3 * MISTAKES
    network = xpnet.Network([1, 2], cost="log_likelihood")
    model = xpnet.Model(network, network.initialize(seed=0))
    x = np.zeros((n, 1))
    said = int(model.predict(x)[0])
    y = np.full(n, 1 - said)
    assert len(chosen_rows(model, x, y)["number"]) == 2 * MISTAKES  # nothing is right
    y[:120] = said
    kept = chosen_rows(model, x, y)
    assert sum(t == s for t, s in zip(kept["truth"], kept["said"], strict=True)) == MISTAKES


def test_norms_against_numpy():
    rng = np.random.default_rng(0)
    network = xpnet.Network([3, 4, 2])
    parameters = network.initialize(xpnet.backend.get("numpy", dtype="float64"), seed=0)
    x, y = rng.standard_normal((7, 3)), rng.integers(0, 2, 7)
    found = norms(xpnet.Model(network, parameters), x, y)
    a = 1.0 / (1.0 + np.exp(-(x @ parameters[0].w.T + parameters[0].b)))
    out = 1.0 / (1.0 + np.exp(-(a @ parameters[1].w.T + parameters[1].b)))
    gradient = (out - np.eye(2)[y]).T @ a / 7
    assert found[0]["activation"] == pytest.approx(np.sqrt((a**2).mean()))
    assert found[1]["gradient"] == pytest.approx(np.linalg.norm(gradient))
    assert found[1]["weight"] == pytest.approx(np.sqrt((parameters[1].w ** 2).mean()))


def test_curves_of_several_networks_are_means_over_those_that_still_train():
    one, other = (History((RECORD, RECORD._replace(epoch=2, cost=cost))) for cost in (0.4, 0.2))
    short = History((RECORD._replace(cost=0.3),))
    found = curves([one, other, short])
    assert found["cost"] == pytest.approx([0.7, 0.3])
    assert (found["networks"], found["kept"], found["epoch"]) == (3, None, [1, 2])
    assert "validation_cost" not in found


def test_a_cost_that_is_not_finite_is_a_gap():
    assert curves([History((RECORD, RECORD._replace(epoch=2, cost=float("nan"))))])["cost"] == [0.9, None]


def test_what_a_model_remembers_of_its_training():
    runs = [SimpleNamespace(history=History((RECORD,) * 3), epoch=2) for _ in range(2)]
    assert curves_of(SimpleNamespace(runs=runs))["kept"] == 2
    assert curves_of(SimpleNamespace(runs=())) is None
    assert curves_of(SimpleNamespace()) is None


@pytest.mark.parametrize("labels", ["one", "several"])
@pytest.mark.parametrize("sizes", [[3, 1], [3, 4, 2], [3, 4, 1]])
def test_every_kind_of_classifier(labels, sizes):
    x = np.random.default_rng(0).standard_normal((20, 3))
    y = np.arange(20) % 2 if labels == "one" else (x[:, : sizes[-1]] > 0).astype(int)
    network = xpnet.Network(sizes, labels=labels)
    numbers = report_numbers(xpnet.Model(network, network.initialize(seed=0)), (x, y))
    assert 0.0 <= numbers["test"]["accuracy"] <= 1.0
    assert render(numbers)


def test_values_of_several_outputs_and_ones_that_are_not_finite():
    network = xpnet.Network([3, 2], output="exponential", cost="poisson")
    x, y = np.random.default_rng(0).standard_normal((20, 3)), np.ones((20, 2))
    parameters = network.initialize(seed=0)
    found = report_numbers(xpnet.Model(network, parameters), (x, y))
    assert len(found["rows"]["said"][0]) == 2
    huge = tuple(Layer(layer.w * 1e4, layer.b) for layer in parameters)
    assert '"rmse":null' in render(report_numbers(xpnet.Model(network, huge), (x, y)))


def test_rows_that_do_not_fit_are_refused():
    network = xpnet.Network([3, 2])
    model = xpnet.Model(network, network.initialize(seed=0), classes=("a", "b"))
    with pytest.raises(ValueError, match="y must hold labels that the model knows"):
        report_numbers(model, (np.zeros((2, 3)), ["a", "c"]))
    with pytest.raises(ValueError, match="x must have"):
        report_numbers(model, (np.zeros((2, 4)), ["a", "b"]))
