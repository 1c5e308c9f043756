"""Class weights and sample weights: exact at full batch, and refused when they make no sense."""

import numpy as np
import pytest
from tools import assert_close

from xpnet.backend import to_numpy
from xpnet.nn import Network
from xpnet.training import adam, sgd, train
from xpnet.trees import leaves

LABELS = np.asarray([0, 0, 0, 0, 0, 1, 1, 2])


@pytest.fixture
def examples(rng):
    return rng.standard_normal((8, 3)), LABELS


@pytest.mark.parametrize(
    ("network", "l2"),
    [
        (Network([3, 4, 3]), 0.0),
        (Network([3, 4, 3], cost="log_likelihood", hidden="tanh"), 0.7),
        (Network([3, 3], cost="quadratic"), 0.7),
    ],
)
def test_weight_two_is_the_row_twice_at_full_batch(float64, examples, network, l2):
    x, y = examples
    fit = {"epochs": 20, "batch_size": None, "l2": l2, "l1": 0.1 * l2, "backend": float64, "optimizer": adam(0.01)}
    weight = np.asarray([1.0, 2.0, 1.0, 1.0, 3.0, 1.0, 0.0, 1.0])
    rows = np.repeat(np.arange(8), weight.astype(int))
    weighted = train(network, (x, y), sample_weight=weight, **fit)
    repeated = train(network, (x[rows], y[rows]), **fit)
    for a, b in zip(leaves(weighted.parameters), leaves(repeated.parameters), strict=True):
        np.testing.assert_allclose(to_numpy(a), to_numpy(b), rtol=0, atol=1e-12)
    assert weighted.history[-1].cost == pytest.approx(repeated.history[-1].cost, rel=1e-12)
    assert weighted.history[-1].accuracy == pytest.approx(repeated.history[-1].accuracy, rel=1e-12)


def test_class_weight_two_is_the_class_twice(float64, examples):
    x, y = examples
    fit = {"epochs": 10, "batch_size": None, "l2": 0.3, "backend": float64}
    rows = np.concatenate([np.arange(8), np.flatnonzero(y == 1)])
    repeated = train(Network([3, 3]), (x[rows], y[rows]), **fit)
    for class_weight in ({1: 2.0}, [1.0, 2.0, 1.0], (1, 2, 1)):
        weighted = train(Network([3, 3]), (x, y), class_weight=class_weight, **fit)
        np.testing.assert_allclose(
            to_numpy(weighted.parameters[0].w), to_numpy(repeated.parameters[0].w), rtol=0, atol=1e-12
        )


def test_balanced_is_scikit_learns(backend, examples):
    fit = {"epochs": 3, "backend": backend}
    by_hand = train(Network([3, 3]), examples, class_weight=[8 / 15, 8 / 6, 8 / 3], **fit)
    balanced = train(Network([3, 3]), examples, class_weight="balanced", **fit)
    assert_close(backend, balanced.parameters[0].w, to_numpy(by_hand.parameters[0].w), "training")


@pytest.mark.parametrize("scale", [1e-320, 1e-310, 1e-200, 1e-50, 1e-44, 1e-40, 1e38, 1e200, 5e307])
@pytest.mark.parametrize("class_weight", [None, "balanced", {1: 3.0}])
def test_only_ratios_of_weights_matter(backend, examples, scale, class_weight):
    weight = np.asarray([1.0, 2.0, 1.0, 1.0, 3.0, 0.5, 0.0, 2.0])
    if (weight * scale)[0] == 0.0:
        pytest.skip("this processor takes subnormal numbers for zero")
    fit = {"epochs": 2, "batch_size": 4, "class_weight": class_weight, "backend": backend}
    plain = train(Network([3, 3]), examples, sample_weight=weight, **fit)
    scaled = train(Network([3, 3]), examples, sample_weight=weight * scale, **fit)
    # 1e-320 is 2024 times the smallest number: weights are rounded to three digits there
    kind = "training" if scale > 1e-315 or backend.dtype_name == "float32" else "gradient"
    tolerance = 1e-3 if kind == "gradient" else 1e-5 if backend.dtype_name == "float32" else 1e-12
    np.testing.assert_allclose(
        to_numpy(scaled.parameters[0].w), to_numpy(plain.parameters[0].w), rtol=tolerance, atol=tolerance
    )
    assert scaled.history[-1].cost == pytest.approx(plain.history[-1].cost, rel=10 * tolerance)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint64", "float16", "float32", ">f8", ">i4"])
def test_weights_of_every_dtype_are_weights(float64, examples, dtype):
    weight = np.asarray([100, 200, 100, 100, 200, 100, 0, 200])
    first, second = (
        train(Network([3, 3]), examples, sample_weight=w, class_weight=w[:3], epochs=2, backend=float64)
        for w in (weight.astype(dtype), weight.astype("float64"))
    )
    np.testing.assert_array_equal(to_numpy(first.parameters[0].w), to_numpy(second.parameters[0].w))


@pytest.mark.parametrize("class_weight", ["balanced", {1: 3.0}, [0.5, 1.0, 2.0]])
def test_class_weights_count_a_row_of_weight_two_twice(float64, examples, class_weight):
    x, y = examples
    fit = {"epochs": 10, "batch_size": None, "l2": 0.3, "class_weight": class_weight, "backend": float64}
    weight = np.asarray([1, 2, 1, 1, 3, 5, 0, 2])
    rows = np.repeat(np.arange(8), weight)
    weighted = train(Network([3, 3]), (x, y), sample_weight=weight, **fit)
    repeated = train(Network([3, 3]), (x[rows], y[rows]), **fit)
    np.testing.assert_allclose(
        to_numpy(weighted.parameters[0].w), to_numpy(repeated.parameters[0].w), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("stream", [False, True])
def test_a_weight_of_zero_silences_a_row_without_bounds(backend, rng, stream):
    x, y = rng.standard_normal((12, 2)), rng.standard_normal(12)
    wild, far = x.copy(), y.copy()
    wild[3], far[7] = 1e30, -1e30  # the square overflows in float32, and so does a product with the weights
    weight = np.ones(12)
    weight[[3, 7]] = 0.0
    network = Network([2, 4, 1], hidden="relu", output="linear", cost="quadratic")
    fit = {"sample_weight": weight, "optimizer": sgd(0.01), "epochs": 2, "stream": stream, "backend": backend}
    tame, loud = train(network, (x, y), **fit), train(network, (wild, far), **fit)
    assert loud.stopped_by == "epochs"
    assert loud.history.column("cost") == tame.history.column("cost")
    for a, b in zip(leaves(tame.parameters), leaves(loud.parameters), strict=True):
        np.testing.assert_array_equal(to_numpy(a), to_numpy(b))


def test_one_output_has_two_classes(float64, rng):
    x, y = rng.standard_normal((6, 3)), np.asarray([0, 1, 0, 0, 0, 0])
    first = train(Network([3, 1]), (x, y), class_weight={1: 5.0}, epochs=3, backend=float64)
    second = train(Network([3, 1]), (x, y), sample_weight=[1, 5, 1, 1, 1, 1], epochs=3, backend=float64)
    np.testing.assert_array_equal(to_numpy(first.parameters[0].w), to_numpy(second.parameters[0].w))


def test_equal_weights_change_nothing(backend, examples):
    plain = train(Network([3, 3]), examples, epochs=3, batch_size=3, backend=backend)
    weighted = train(Network([3, 3]), examples, sample_weight=[7.0] * 8, epochs=3, batch_size=3, backend=backend)
    assert_close(backend, weighted.parameters[0].w, to_numpy(plain.parameters[0].w), "training")


def test_max_norm_holds_after_every_step(backend, examples):
    result = train(Network([3, 5, 3]), examples, epochs=5, max_norm=0.5, backend=backend)
    for layer in result.parameters:
        assert np.linalg.norm(to_numpy(layer.w), axis=1).max() < 0.5 * (1 + 1e-6)


def test_clip_reaches_the_step(backend, examples):
    still = train(
        Network([3, 3]), examples, epochs=1, clip=lambda g: tuple(type(l)(0 * l.w, 0 * l.b) for l in g), backend=backend
    )
    start = Network([3, 3]).initialize(backend, seed=0)
    np.testing.assert_array_equal(to_numpy(still.parameters[0].w), to_numpy(start[0].w))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"sample_weight": [1.0] * 7}, ValueError, r"sample_weight must have shape \(8,\), got \(7,\)"),
        (
            {"sample_weight": [1.0] * 7 + [-1.0]},
            ValueError,
            "sample_weight must be finite and at least 0, got -1.0 in row 7",
        ),
        ({"sample_weight": [np.nan] * 8}, ValueError, "sample_weight must be finite and at least 0, got nan in row 0"),
        ({"sample_weight": [0.0] * 8}, ValueError, "must leave an example some weight, got 0 for all"),
        ({"sample_weight": ["much"] * 8}, TypeError, "sample_weight must hold real numbers"),
        ({"class_weight": [1.0, 2.0]}, ValueError, r"class_weight must have shape \(3,\), got \(2,\)"),
        ({"class_weight": {3: 1.0}}, ValueError, "class_weight must name labels between 0 and 2, got 3"),
        ({"class_weight": "fair"}, ValueError, "class_weight must be 'balanced', a mapping or a sequence, got 'fair'"),
        ({"max_norm": 0.0}, ValueError, "max_norm must be finite and above 0, got 0.0"),
        ({"max_norm": "one"}, TypeError, "max_norm must be a number, got 'one'"),
    ],
)
def test_weights_without_sense_are_refused(examples, arguments, error, message):
    with pytest.raises(error, match=message):
        train(Network([3, 3]), examples, **arguments)


def test_class_weight_wants_labels(examples):
    with pytest.raises(ValueError, match="class_weight must come with integer labels, got targets in y"):
        train(Network([3, 3]), (examples[0], np.full((8, 3), 0.5)), class_weight="balanced")
