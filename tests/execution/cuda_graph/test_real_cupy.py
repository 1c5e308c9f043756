"""The executor for CuPy with CuPy's own arrays, on a machine without a GPU: memory, strides, views and constants.

Kernels, products and sums are computed by NumPy in the memory where CuPy's arrays say they are (`host_device`).
"""

from collections import Counter

import host_cupy
import host_device
import numpy as np
import pytest
from host_device import HostDevice
from training_steps import NETWORKS, OPTIMIZERS, SETTINGS, expansions, go, prepare

from xpnet.backend import get, namespace, using
from xpnet.book import network as book
from xpnet.execution.cuda_graph.graph import Graph
from xpnet.execution.loop import Loop
from xpnet.nn import Network
from xpnet.recommend import ALS, MatrixFactorization, Ratings
from xpnet.recommend.factorization import FactorModel
from xpnet.training import adam, sgd, train
from xpnet.trees import map_arrays

pytestmark = pytest.mark.skipif(host_cupy.missing() is not None, reason=str(host_cupy.missing()))


@pytest.fixture(autouse=True)
def _few_steps_a_graph(monkeypatch):
    monkeypatch.setattr("xpnet.execution.cuda_graph.graph.UNROLLED", 4)


@pytest.fixture(scope="module")
def make():
    """Make backends of CuPy on the host."""
    with host_device.on_host() as make:
        yield make


def same_bits(on_cupy, on_numpy):
    graph = Graph(on_cupy[0], HostDevice)
    with np.errstate(all="ignore"):
        found, expected = go(graph, *on_cupy[1:]), go(Loop(on_numpy[0]), *on_numpy[1:])
    assert graph.way == "captured CUDA graph"
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


MIXED = [(n, "adam", s) for n in NETWORKS for s in SETTINGS] + [("dropout", o, "all") for o in OPTIMIZERS]


@pytest.mark.parametrize(("network", "optimizer", "settings"), MIXED)
def test_every_network_setting_and_optimizer(make, network, optimizer, settings):
    model, chosen = NETWORKS[network], OPTIMIZERS[optimizer]
    same_bits(*(prepare(model, chosen, home, **SETTINGS[settings]) for home in (make(), get("numpy"))))


@pytest.mark.parametrize("expansion", expansions())
def test_constants_of_the_step_are_cupys(make, expansion):
    both = [prepare(NETWORKS["plain"], sgd(0.5), home, expand=expansion) for home in (make(), get("numpy"))]
    same_bits(*both)


def test_float64(make):
    homes = make("float64"), get("numpy", dtype="float64")
    same_bits(*(prepare(NETWORKS["dropout"], adam(0.01), home, **SETTINGS["all"]) for home in homes))


def test_views_stacks_and_matrices_that_cublas_cannot_read(make, rng):
    carry, inputs = (rng.random((3, 4, 4)),), rng.random((5, 4, 6))

    def step(carry, x):
        (w,), xp = carry, namespace(x)
        odd = x[:, ::2] @ xp.permute_dims(w, (1, 2, 0))[:, 2::-1, 1:]  # (4, 3) @ (4, 3, 2)
        moved = w[::-1, :, :].mT @ x[:, :4] + xp.sum(odd, axis=(0, 2), keepdims=True)[..., :1]
        return (0.1 * moved,), xp.max(moved, axis=0)

    home = make("float64")
    same_bits((step, map_arrays(home.asarray, carry), [home.asarray(inputs)]), (step, carry, [inputs]))


def test_stacks_that_broadcast_in_part(make, rng):
    carry, inputs = (rng.random((2, 1, 3, 4)), rng.random((5, 4, 3))), rng.random((3, 2, 1, 3, 4))

    def step(carry, x):
        a, b = carry
        return (0.1 * a + x, 0.1 * b), a @ b + b.mT @ x.mT

    home = make("float64")
    same_bits((step, map_arrays(home.asarray, carry), [home.asarray(inputs)]), (step, carry, [inputs]))


def test_what_cupy_refuses_is_an_error_here_too(make):
    x = make().asarray(np.ones((2, 3)))
    for wrong in (lambda: x @ x, lambda: make().xp.linalg.solve(x[:, :2], make().asarray(np.ones((2, 2, 2))))):
        with pytest.raises(ValueError, match=r"mismatch|must have"):
            wrong()


def test_matrix_factorization_runs_step_by_step(make):
    model = FactorModel(n_users=5, n_items=7, k=3, mean=3.0)
    on_cupy, on_numpy = (prepare(model, adam(0.01), home, l2=0.1) for home in (make(), get("numpy")))
    graph = Graph(on_cupy[0], HostDevice)
    for a, b in zip(go(graph, *on_cupy[1:]), go(Loop(on_numpy[0]), *on_numpy[1:]), strict=True):
        np.testing.assert_array_equal(a, b)
    assert graph.way.endswith("cannot run in a CUDA graph")  # said here, and no warning
    assert "vecdot" not in graph.way


def test_training_a_recommender_and_the_book_run_so(make, rng):
    home, before = make(), Counter(host_device.ways)
    x, y = rng.random((40, 5)), rng.integers(0, 3, 40)
    here, there = (train(Network([5, 4, 3]), (x, y), epochs=2, backend=b) for b in (home, get("numpy")))
    assert here.execution == "captured CUDA graph"
    np.testing.assert_allclose(here.history[-1].cost, there.history[-1].cost, rtol=1e-5)
    users, items = np.divmod(rng.permutation(35)[:30], 7)
    ratings = Ratings.of(users, items, rng.integers(1, 6, 30).astype("float64"))
    for model in (MatrixFactorization(k=2, epochs=2), ALS(k=2, lam=0.1, iterations=2)):
        found, expected = (model.fit(ratings, backend=b).rmse(ratings) for b in (home, get("numpy")))
        assert found == pytest.approx(expected, rel=1e-4)
    with using(home):
        network = book.Network([5, 4, 3])
        pairs = [(a[:, None], np.eye(3)[:, [k]]) for a, k in zip(x, y, strict=True)]
        network.SGD(pairs, 1, 10, 0.5)
    assert all(np.isfinite(w).all() for w in network.weights)
    ran = host_device.ways - before
    assert ran["captured CUDA graph"] >= 3
    assert sum(n for way, n in ran.items() if way.endswith("cannot run in a CUDA graph")) >= 1


def test_much_was_checked():
    assert host_device.counts["kernel"] > 1000
    assert host_device.counts["product"] > 500
    assert host_device.counts["reduction"] > 300
    assert host_device.counts["copy_operation kernel"] == 0  # every copy of arrays is a plain memcpy
