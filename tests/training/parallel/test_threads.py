"""Shards in threads are the plain loop's shards, bit for bit."""

import numpy as np
import pytest

from xpnet import Network, adam, momentum, train
from xpnet.backend import get, to_numpy
from xpnet.training.batches.batches import batches, own_part
from xpnet.training.batches.examples import read_examples
from xpnet.training.parallel import Parallel, threads
from xpnet.training.parallel.parts import share_of
from xpnet.trees import leaves

NETWORK = Network([9, 5, 3], dropout=0.3, cost="log_likelihood")


def data(n=23):
    rng = np.random.default_rng(5)
    return rng.random((n, 9)), rng.integers(0, 3, n)


@pytest.mark.parametrize("more", [{}, {"optimizer": adam(0.01), "l2": 0.1}, {"sample_weight": [1.0, 2.0] * 11 + [0.5]}])
@pytest.mark.parametrize("n", [2, 3, 8])  # the last batch has two rows
def test_threads_have_the_bits_of_the_plain_loop(backend, n, more, monkeypatch):
    if backend.name == "jax" and (n != 3 or more or backend.dtype_name == "float64"):
        pytest.skip("JAX compiles every program anew")
    given = {"epochs": 2, "batch_size": 7, "optimizer": momentum(0.1), "backend": backend} | more
    given["sample_weight"] = more.get("sample_weight")
    side_by_side = train(NETWORK, data(), parallel=threads(n), **given)
    monkeypatch.setenv("XPNET_GENERIC", "1")
    plain = train(NETWORK, data(), shards=min(n, 7), **given)
    exact = backend.name not in ("jax", "cupy")  # a compiler may contract a product and a sum
    for w, expected in zip(leaves(side_by_side.parameters), leaves(plain.parameters), strict=True):
        assert (abs(to_numpy(w) - to_numpy(expected)) <= (0.0 if exact else 1e-6)).all()
    assert side_by_side.history[-1].cost == pytest.approx(plain.history[-1].cost, rel=1e-6)
    assert side_by_side.execution.startswith(f"threads({n}), ")


def test_arguments():
    with pytest.raises(ValueError, match="n must be"):
        threads(0)
    with pytest.raises(TypeError, match="parallel must be threads"):
        train(NETWORK, data(), parallel=2)
    with pytest.raises(ValueError, match="shards must be left out for threads"):
        train(NETWORK, data(), parallel=threads(2), shards=3)


class Third(Parallel):
    rank, size = 2, 3


@pytest.mark.parametrize(("n", "size", "batch"), [(23, 3, 7), (5, 4, 2), (12, 3, 12)])
def test_parts_hold_every_row_once_with_its_own_random_numbers(n, size, batch):
    float64 = get("numpy", dtype="float64")
    examples = read_examples(NETWORK, data(n), None, float64).data
    given = NETWORK, examples, batch, 0, 1, float64
    parts = [list(batches(*given, part=(rank, size))) for rank in range(size)]
    for i, whole in enumerate(batches(*given)):
        own = [part[i] for part in parts if part[i].share is None or part[i].share[0] > 0.0]
        assert (np.concatenate([each.rows for each in own], axis=1) == whole.rows).all()
        assert (np.concatenate([each.masks[1] for each in own], axis=1) == whole.masks[1]).all()
        shares = [1.0 if each.share is None else float(each.share[0]) for each in own]
        assert sum(shares) == pytest.approx(1.0)
        empty = [part[i] for part in parts if part[i].share is not None and part[i].share[0] == 0.0]
        assert all(not each.weights.any() for each in empty)


def test_a_part_of_nothing():
    places, own, shares = own_part([(0, 1, 1)], 2, 3)
    assert (places.tolist(), own, shares) == ([0], [(0, 1, 1)], [0.0])
    assert share_of(2, Third()) == (2, 2)
