"""Costs and hits, part by part, are those of all examples together."""

import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet.backend import Backend, get, to_numpy
from xpnet.execution.loop import Loop
from xpnet.nn import Network
from xpnet.training.batches.batches import Data, gather
from xpnet.training.steps.evaluator import Evaluator, total
from xpnet.trees import map_arrays


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("network", [Network([4, 3], cost="log_likelihood"), Network([4, 3], labels="several")])
def test_outputs_are_measured_in_parts(backend, rng, monkeypatch, network, weighted):
    monkeypatch.setattr("xpnet.training.steps.evaluator.CACHED", 30)
    z = backend.asarray(rng.standard_normal((7, 5, 3)))
    y = network.targets(backend.asarray(rng.integers(0, 3, (7, 5))), backend.dtype)
    y = y if not network.several else backend.asarray(rng.integers(0, 2, (7, 5, 3)) * 1.0)
    weights = backend.asarray(rng.random((7, 5))) if weighted else None
    measures = Evaluator(network, backend).outputs(
        z, y, weights
    )  # on NumPy three parts of ten examples and one of five
    assert_at_home(backend, measures)
    assert measures.shape == (2, 35)
    values, hits = (to_numpy(each) for each in network.measure(z, y))
    scale = to_numpy(weights) if weighted else 1.0
    assert_close(backend, measures, [(scale * values).ravel(), (scale * hits).ravel()])
    assert_close(backend, total([measures]), [(scale * values).sum(), (scale * hits).sum()])


def test_data_sets_are_measured_in_parts(backend, rng, monkeypatch):
    monkeypatch.setattr("xpnet.training.steps.evaluator.rows_at_once", lambda model, data: 4)
    network = Network([4, 3, 3])
    parameters = network.initialize(backend, 0)
    x, y = backend.asarray(rng.random((11, 4))), backend.asarray(rng.integers(0, 3, 11))
    measures = Evaluator(network, backend).data(parameters, Data(x, y))
    assert measures.shape == (2, 11)
    cost = float(to_numpy(network.cost_value(parameters, x, y)))
    right = float((to_numpy(network.predict(parameters, x)) == to_numpy(y)).sum())
    assert_close(backend, total([measures]), [11 * cost, right], "product")


def test_chosen_rows_are_gathered_part_by_part(rng, monkeypatch):
    """A part of the inputs is in memory at a time: the rows of all may be too many."""
    monkeypatch.setattr("xpnet.training.steps.evaluator.rows_at_once", lambda model, data: 4)
    seen = []
    monkeypatch.setattr(
        "xpnet.training.steps.evaluator.gather", lambda x, rows: seen.append(rows.shape) or gather(x, rows)
    )
    network, backend = Network([4, 3, 3]), get("numpy", dtype="float64")
    x, y = backend.asarray(rng.random((11, 4))), backend.asarray(rng.integers(0, 3, 11))
    evaluator, parameters = Evaluator(network, backend), network.initialize(backend, 0)
    measures = evaluator.data(parameters, Data(x, y), np.arange(11)[::-1])
    assert seen == [(1, 4), (1, 4)] * 2 + [(1, 3)] * 2
    np.testing.assert_array_equal(measures, evaluator.data(parameters, Data(x[::-1], y[::-1])))


def test_sums_do_not_depend_on_the_parts(rng, monkeypatch):
    network, numpy = Network([4, 3], cost="log_likelihood"), Backend("numpy", np, "cpu", np.float32)
    z = numpy.asarray(rng.standard_normal((7, 50, 3)))
    y = network.targets(rng.integers(0, 3, (7, 50)), np.float32)
    sums = []
    for cached, cut in ((30, 7), (10**6, 3)):
        monkeypatch.setattr("xpnet.training.steps.evaluator.CACHED", cached)
        evaluator = Evaluator(network, numpy)
        sums.append(total([evaluator.outputs(z[a:b], y[a:b]) for a, b in ((0, cut), (cut, 7)) if b > a]).tolist())
    assert sums[0] == sums[1]


def test_a_stack_is_measured_as_its_members(backend, rng):
    network = Network([4, 3, 3])
    parameters = [network.initialize(backend, seed) for seed in (0, 1)]
    stack = map_arrays(lambda *ws: backend.xp.stack(ws), *parameters)
    x, y = backend.asarray(rng.random((11, 4))), backend.asarray(rng.integers(0, 3, 11))
    measures = Evaluator(network, backend).data(stack, Data(x, y))  # (2, k, n)
    alone = [to_numpy(Evaluator(network, backend).data(each, Data(x, y))) for each in parameters]
    assert_close(backend, measures, np.stack(alone, axis=1))


def test_a_regression_has_no_hits(backend, rng):
    network = Network([4, 2], output="linear", cost="quadratic")
    z, y = (backend.asarray(rng.random((2, 3, 2))) for _ in range(2))
    measures = Evaluator(network, backend).outputs(z, y)
    assert measures.shape == (1, 6)
    assert np.isfinite(to_numpy(measures)).all()


def test_no_graph_is_captured_for_measuring():
    cupy = Backend("cupy", np, "cpu", np.float32)
    evaluator = Evaluator(Network([4, 2]), cupy)
    assert type(evaluator._outputs) is type(evaluator._rows) is Loop
