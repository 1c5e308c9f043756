"""Costs and hits, part by part, are those of all examples together."""

import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet.backend import Backend, to_numpy
from xpnet.execution.loop import Loop
from xpnet.nn import Network
from xpnet.training.batches.batches import Data
from xpnet.training.steps.evaluator import Evaluator


def totals(sums):
    return sum(to_numpy(each).sum(axis=0) for each in sums)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("network", [Network([4, 3], cost="log_likelihood"), Network([4, 3], labels="several")])
def test_outputs_are_measured_in_parts(backend, rng, monkeypatch, network, weighted):
    monkeypatch.setattr("xpnet.training.steps.evaluator.CACHED", 30)
    z = backend.asarray(rng.standard_normal((7, 5, 3)))
    y = network.targets(backend.asarray(rng.integers(0, 3, (7, 5))), backend.dtype)
    y = y if not network.several else backend.asarray(rng.integers(0, 2, (7, 5, 3)) * 1.0)
    weights = backend.asarray(rng.random((7, 5))) if weighted else None
    sums = Evaluator(network, backend).outputs(z, y, weights)
    assert_at_home(backend, *sums)
    assert len(sums) == (2 if backend.name == "numpy" else 1)  # three parts of ten examples and one of five, or all
    values, hits = (to_numpy(each) for each in network.measure(z, y))
    scale = to_numpy(weights) if weighted else 1.0
    assert_close(backend, backend.asarray(totals(sums)), [(scale * values).sum(), (scale * hits).sum()])


def test_data_sets_are_measured_in_parts(backend, rng, monkeypatch):
    monkeypatch.setattr("xpnet.training.steps.evaluator.rows_at_once", lambda model, data: 4)
    network = Network([4, 3, 3])
    parameters = network.initialize(backend, 0)
    x, y = backend.asarray(rng.random((11, 4))), backend.asarray(rng.integers(0, 3, 11))
    sums = Evaluator(network, backend).data(parameters, Data(x, y))
    cost = float(to_numpy(network.cost_value(parameters, x, y)))
    right = float((to_numpy(network.predict(parameters, x)) == to_numpy(y)).sum())
    assert_close(backend, backend.asarray(totals(sums)), [11 * cost, right], "product")


def test_a_regression_has_no_hits(backend, rng):
    network = Network([4, 2], output="linear", cost="quadratic")
    sums = Evaluator(network, backend).outputs(
        backend.asarray(rng.random((2, 3, 2))), backend.asarray(rng.random((2, 3, 2)))
    )
    assert sum(each.shape[-1] for each in sums) == len(sums)
    assert np.isfinite(totals(sums)).all()


def test_no_graph_is_captured_for_measuring():
    cupy = Backend("cupy", np, "cpu", np.float32)
    evaluator = Evaluator(Network([4, 2]), cupy)
    assert type(evaluator._outputs) is type(evaluator._rows) is Loop
