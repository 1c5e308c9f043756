"""The gradient check holds for right derivatives and finds wrong ones where they are."""

import dataclasses

import numpy as np
import pytest
from nn_tables import NETWORKS

import xpnet
from xpnet.backend import get
from xpnet.nn import Layer, Network, cross_entropy, gradient_check, quadratic, sigmoid, tanh

DEPTHS = [1, 2, 3, 4]


@pytest.fixture
def examples(rng):
    return rng.standard_normal((9, 7)), rng.integers(0, 4, 9)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(("hidden", "cost", "output"), NETWORKS)
def test_gradient_check_is_below_a_millionth_with_and_without_l2(examples, hidden, cost, output, depth):
    network = Network([7, *[6] * (depth - 1), 4], hidden=hidden, output=output, cost=cost)
    parameters = network.initialize(get("numpy", dtype="float64"), seed=3)
    for l2 in (0.0, 5.0):
        assert gradient_check(network, parameters, *examples, l2=l2).error < 1e-6


def test_gradient_check_holds_on_every_backend(backend, examples):
    network = Network([7, 5, 4], hidden="tanh")
    parameters = network.initialize(backend, seed=0)
    x, y = examples
    report = gradient_check(network, parameters, backend.asarray(x), backend.asarray(y), l1=0.1, l2=1.0)
    assert report.ok, str(report)


def test_gradient_check_reports_every_equation_from_the_output_backwards(examples):
    network = Network([7, 5, 4])
    report = gradient_check(network, network.initialize("numpy", seed=0), *examples)
    found = [(row.equation, row.layer) for row in report.rows]
    assert found == [("BP1", 1), ("BP3", 1), ("BP4", 1), ("BP2", 0), ("BP3", 0), ("BP4", 0)]
    assert str(report).count("ok") == 6


WRONG = dataclasses.replace(sigmoid, name="wrong", derivative=lambda z, a: 1.0 - a * a)


@pytest.mark.parametrize(
    ("network", "equation", "layer"),
    [
        (Network([7, 6, 5, 4], hidden=["tanh", WRONG]), "BP2", 1),
        (Network([7, 6, 5, 4], hidden=[WRONG, "tanh"]), "BP2", 0),
        (Network([7, 6, 4], output=WRONG, cost="quadratic"), "BP1", 1),
        (
            Network([7, 6, 4], cost=dataclasses.replace(quadratic, delta=cross_entropy.delta)),
            "BP1",
            1,
        ),
    ],
)
def test_gradient_check_names_the_layer_and_equation_of_a_wrong_derivative(examples, network, equation, layer):
    y = np.eye(4)[examples[1]]
    report = gradient_check(network, network.initialize("numpy", seed=0), examples[0], y)
    assert not report.ok
    assert report.first_failure[:2] == (equation, layer)
    assert f"look at {equation} at parameters[{layer}]" in str(report)


@pytest.mark.parametrize(("field", "equation"), [("w", "BP4"), ("b", "BP3")])
def test_gradient_check_notices_a_wrong_sum(examples, monkeypatch, field, equation):
    right = xpnet.nn.backprop.__globals__["gradients"]

    def wrong(trace, deltas):
        found = right(trace, deltas)
        return (found[0]._replace(**{field: 2.0 * getattr(found[0], field)}), *found[1:])

    monkeypatch.setitem(gradient_check.__globals__, "gradients", wrong)
    network = Network([7, 5, 4])
    report = gradient_check(network, network.initialize("numpy", seed=0), *examples)
    assert report.first_failure[:2] == (equation, 0)


def test_gradient_check_notices_a_gradient_that_is_missing_however_small_it_is(examples):
    flat = dataclasses.replace(tanh, name="flat", derivative=lambda z, a: 0.0 * z)
    network = Network([7, 5, 4], hidden=flat)
    first, last = network.initialize(get("numpy", dtype="float64"), seed=0)
    report = gradient_check(network, (first, Layer(1e-8 * last.w, last.b)), *examples)
    assert report.first_failure[:2] == ("BP2", 0)


def test_gradient_check_notices_nan(examples):
    broken = dataclasses.replace(tanh, derivative=lambda z, a: z * float("nan"))
    network = Network([7, 5, 4], hidden=broken)
    assert not gradient_check(network, network.initialize("numpy", seed=0), *examples).ok


def test_gradient_check_refuses_a_stack(examples):
    network = Network([7, 4])
    layer = network.initialize("numpy", seed=0)[0]
    with pytest.raises(ValueError, match="parameters must be of one network"):
        gradient_check(network, (Layer(layer.w[None], layer.b[None]),), *examples)
