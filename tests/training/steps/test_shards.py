"""A mini-batch in shards has the gradients of the whole one; the number of shards only changes the rounding."""

import numpy as np
import pytest
from tools import assert_close

from xpnet import Expansion, Network, adam, momentum, sgd, train
from xpnet.backend import to_numpy
from xpnet.training.batches.batches import Inputs
from xpnet.training.steps.shards import in_shards, split
from xpnet.trees import leaves


def data(backend, n=23, n_in=9):
    host = np.random.default_rng(5)
    return backend.asarray(host.random((n, n_in))), backend.asarray(host.integers(0, 3, n))


@pytest.mark.parametrize(("optimizer", "shards"), [(sgd(0.5), 2), (momentum(0.1), 3), (adam(0.01), 7)])
def test_training_in_shards_is_training(backend, optimizer, shards):
    network = Network([9, 5, 3], dropout=0.3, cost="log_likelihood")
    settings = {
        "epochs": 2,
        "batch_size": 7,
        "optimizer": optimizer,
        "l2": 0.1,
        "sample_weight": [1.0, 2.0, 0.0] * 7 + [1.0] * 2,
    }
    whole, parts = (train(network, data(backend), backend=backend, shards=s, **settings) for s in (1, shards))
    for w, expected in zip(leaves(parts.parameters), leaves(whole.parameters), strict=True):
        assert_close(backend, w, to_numpy(expected), "product")
    assert parts.history[-1].cost == pytest.approx(whole.history[-1].cost, rel=1e-4)


def test_images_are_expanded_alike_in_shards(float64):
    network = Network([9, 4, 3])
    settings = {"epochs": 1, "batch_size": 6, "expand": Expansion(3, shift=1.0, rotation=20.0, bend=0.5)}
    whole, parts = (train(network, data(float64), backend=float64, shards=s, **settings) for s in (1, 4))
    for w, expected in zip(leaves(parts.parameters), leaves(whole.parameters), strict=True):
        assert_close(float64, w, to_numpy(expected), "product")


def test_the_gradients_are_summed_in_order():
    """The last bits say in which order: ((a + b) + c), each share scaled before the sum."""
    seen = []

    def gradients(parameters, inputs):
        seen.append(inputs.rows.tolist())
        return (np.asarray([1.0, 1e-16, 1e-16][len(seen) - 1] * 3.0),), inputs.y

    inputs = Inputs(rows=np.arange(3), y=np.ones((3, 1)), weights=np.ones(3))
    (total,), z = in_shards(gradients, 3)((), inputs)
    assert seen == [[0], [1], [2]]
    assert total == (1.0 + 1e-16) + 1e-16 != 1.0 + (1e-16 + 1e-16)
    assert z.shape == (3, 1)


def test_parts_are_nearly_equal_and_never_empty():
    stack = Inputs(rows=np.zeros((4, 5)), y=np.zeros((4, 5, 2)), masks=(None, np.zeros((4, 5, 6))), numbers=(0.5,))
    parts = split(stack, 3)
    assert [(part.rows.shape, part.y.shape, share) for part, share in parts] == [
        ((4, 2), (4, 2, 2), 0.4),
        ((4, 2), (4, 2, 2), 0.4),
        ((4, 1), (4, 1, 2), 0.2),
    ]
    assert all(part.masks[0] is None and part.masks[1].shape[1] == part.rows.shape[1] for part, _ in parts)
    assert [share for _, share in split(stack, 9)] == [0.2] * 5


@pytest.mark.parametrize(("shards", "error"), [(0, ValueError), (11, ValueError), (2.5, TypeError), (True, TypeError)])
def test_shards_must_fit_the_mini_batch(shards, error):
    network, host = Network([9, 3]), np.random.default_rng(5)
    with pytest.raises(error, match="shards must be"):
        train(network, (host.random((20, 9)), host.integers(0, 3, 20)), shards=shards)
