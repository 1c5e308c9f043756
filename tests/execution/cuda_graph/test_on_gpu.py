"""What only a GPU can show: kernels, products and sums of CUDA in a graph, copies that run ahead, streaming.

On a machine without one the same tests run on CuPy's arrays on the host, so that it is known that they can pass.
"""

import host_cupy
import host_device
import numpy as np
import pytest
from every_kernel import single
from training_steps import NETWORKS, OPTIMIZERS, SETTINGS, expansions, go, prepare

from xpnet.backend import available, get, to_numpy
from xpnet.backend.transfer import Copier, pinned
from xpnet.execution.cuda_graph import graph
from xpnet.execution.cuda_graph.device import CupyDevice
from xpnet.execution.fused.kernels import Kernel, Operand
from xpnet.execution.loop import Loop
from xpnet.execution.recording.calls import Layout
from xpnet.nn import Network
from xpnet.training import adam, sgd, train

pytestmark = pytest.mark.gpu
MIXED = [(n, "adam", s) for n in NETWORKS for s in SETTINGS] + [("dropout", o, "all") for o in OPTIMIZERS]


@pytest.fixture(scope="module", params=["gpu", "host"])
def opened(request):
    """Give what makes backends, and what makes devices, on a GPU or on the host."""
    if request.param == "gpu":
        if why := available()["cupy"]:
            pytest.skip(why)
        yield lambda dtype="float32": get("cupy", dtype=dtype), CupyDevice
        return
    if why := host_cupy.missing():
        pytest.skip(why)
    with host_device.on_host() as make:
        yield make, host_device.HostDevice


def close(a, b):
    far = np.abs(b).max(initial=0.0) * (2e-3 if a.dtype == "float32" else 1e-10)
    np.testing.assert_allclose(a, b, rtol=0, atol=far)


# ---- graph and loop ---------------------------------------------------------------------------------------


def both_ways(opened, prepared):
    """Assert that a graph and the plain loop agree to rounding, and that two runs of a graph agree to the bit."""
    step, carry, inputs = prepared
    runs = [graph.Graph(step, opened[1]) for _ in range(2)]
    found, again, expected = (go(run, carry, inputs) for run in (*runs, Loop(step)))
    assert {run.way for run in runs} == {"captured CUDA graph"}
    for a, b, c in zip(found, expected, again, strict=True):
        close(a, b)
        np.testing.assert_array_equal(a, c)


@pytest.mark.parametrize(("network", "optimizer", "settings"), MIXED)
def test_a_graph_is_the_loop(opened, network, optimizer, settings):
    both_ways(opened, prepare(NETWORKS[network], OPTIMIZERS[optimizer], opened[0](), **SETTINGS[settings]))


@pytest.mark.parametrize("expansion", expansions())
def test_a_graph_is_the_loop_with_expanded_images(opened, expansion):
    both_ways(opened, prepare(NETWORKS["plain"], sgd(0.5), opened[0](), expand=expansion))


def test_a_graph_is_the_loop_in_float64(opened):
    both_ways(opened, prepare(NETWORKS["dropout"], adam(0.01), opened[0]("float64"), **SETTINGS["all"]))


def test_a_graph_is_the_loop_for_many_steps(opened):
    model = Network([9, 5, 3])
    both_ways(opened, prepare(model, adam(0.01), opened[0](), n=1000, batch=10))


# ---- the device -------------------------------------------------------------------------------------------


def test_kernels_products_and_sums_in_a_graph(opened, rng):
    home, device = opened[0](), opened[1]()
    host = rng.standard_normal((6, 4)).astype("float32")
    x, layout = home.asarray(host), Layout.of(host)
    counter = home.asarray(np.zeros(1, "int32"))
    y, z, total = (device.empty(shape, np.dtype("float32")) for shape in ((6, 4), (4, 4), (4,)))
    kernel = Kernel(single("negative", host), (Operand(layout),), (Operand(layout),))
    launches = [
        device.kernel(kernel, [x], [y], counter),
        device.gemm(y.T, x, z),
        device.reduce("sum", z, 0, False, total),
    ]

    def run():
        for launch in launches:
            launch(0)

    device.warm(run)
    captured = device.capture(run)
    for factor in (1.0, 2.0):
        device.copy(x, home.asarray(factor * host))
        device.launch(captured)
        close(to_numpy(y), -factor * host)
        close(to_numpy(total), -factor * factor * (host.T @ host).sum(axis=0))


def test_products_of_every_layout(opened, rng):
    home, device = opened[0]("float64"), opened[1]()
    for _ in range(50):
        m, k, n, lines = (int(i) for i in rng.integers(1, 70, 4))
        stack = (lines,) if rng.random() < 0.5 else ()
        a = home.asarray(rng.standard_normal((*stack, k, m))).mT if rng.random() < 0.5 else None
        a = home.asarray(rng.standard_normal((*stack, m, k))) if a is None else a
        b = home.asarray(rng.standard_normal((k, n + 3)))[:, :n] if rng.random() < 0.5 else None
        b = home.asarray(rng.standard_normal((*stack, k, n))) if b is None else b
        out = device.empty((*stack, m, n), np.dtype("float64"))
        launch = device.gemm(a, b, out)
        device.warm(lambda launch=launch: launch(0))
        close(to_numpy(out), to_numpy(a) @ to_numpy(b))


# ---- copies and streaming ---------------------------------------------------------------------------------


def test_copies_run_ahead_and_arrive_whole(opened, rng):
    home = opened[0]()
    parts = rng.integers(0, 256, (20, 1000, 64), dtype="uint8")
    copier, buffers, copies, sums = (
        Copier(home),
        [pinned(home, (1000, 64), "uint8") for _ in range(2)],
        [None, None],
        [],
    )
    for i, part in enumerate(parts):
        if copies[i % 2] is not None:
            copies[i % 2].wait()
        buffers[i % 2][...] = part
        copies[i % 2] = copier.start(buffers[i % 2])
        sums.append(home.xp.sum(copies[i % 2].use(), axis=0))
    for total, part in zip(sums, parts, strict=True):
        np.testing.assert_array_equal(to_numpy(total), part.sum(axis=0))


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_streaming_is_training_from_memory(opened, rng, dtype):
    x = rng.integers(0, 256, (300, 9)).astype(dtype) if dtype == "uint8" else rng.random((300, 9)).astype(dtype)
    y = rng.integers(0, 3, 300)
    runs = [
        train(Network([9, 5, 3]), (x, y), epochs=2, batch_size=32, seed=0, backend=opened[0](), stream=stream)
        for stream in (False, True)
    ]
    for a, b in zip(*(run.parameters for run in runs), strict=True):
        close(to_numpy(a.w), to_numpy(b.w))
