"""A captured step gives the plain loop's results, bit for bit, on a stand-in device.

What is proved here is the wiring: fusion, memory, counter, carry, graphs of many steps and of one.
The code has not been tested on a GPU yet.
"""

import warnings
from typing import Any

import numpy as np
import pytest
from c_kernels import compiled, needs_compiler
from fake_cublas import Library
from fake_device import FakeDevice, with_foreign_constants
from training_steps import MIXES, NETWORKS, OPTIMIZERS, SETTINGS, expansions, go, prepare, stack

from xpnet.backend import get, namespace
from xpnet.execution.cuda_graph import graph as graph_module
from xpnet.execution.cuda_graph.cublas import Cublas, product
from xpnet.execution.cuda_graph.graph import Graph
from xpnet.execution.loop import Loop
from xpnet.execution.recording.calls import Layout
from xpnet.execution.recording.recording import record_step
from xpnet.recommend.factorization import FactorModel
from xpnet.training import adam, momentum, sgd
from xpnet.trees import leaves, map_arrays


@pytest.fixture(autouse=True)
def _few_steps_a_graph(monkeypatch):
    monkeypatch.setattr("xpnet.execution.cuda_graph.graph.UNROLLED", 4)


@pytest.fixture(autouse=True)
def _constants_that_numpy_cannot_read(monkeypatch):
    monkeypatch.setattr(graph_module, "record_step", lambda *given: with_foreign_constants(record_step(*given)))


def same_bits(step, carry, inputs, device=None):
    device = device or FakeDevice()
    graph = Graph(step, lambda: device)
    with np.errstate(all="ignore"):
        replayed, plain = go(graph, carry, inputs), go(Loop(step), carry, inputs)
        again = go(graph, carry, inputs)
    assert graph.way == "captured CUDA graph"
    for a, b, c in zip(replayed, plain, again, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(c, b)
    return graph, device


@pytest.mark.parametrize(("network", "optimizer", "settings"), MIXES)
def test_every_optimizer_and_network(network, optimizer, settings):
    same_bits(*prepare(NETWORKS[network], OPTIMIZERS[optimizer], get("numpy"), **SETTINGS[settings]))


@pytest.mark.parametrize("network", NETWORKS)
def test_float64(network):
    same_bits(*prepare(NETWORKS[network], adam(0.01), get("numpy", dtype="float64"), **SETTINGS["all"]))


@pytest.mark.parametrize("batch", [1, 2, 38])
def test_every_batch_size(batch):
    for optimizer in (sgd(0.5), adam(0.01)):
        same_bits(*prepare(NETWORKS["plain"], optimizer, get("numpy"), batch=batch, l2=1.0))


@pytest.mark.parametrize("expansion", expansions())
def test_expanded_images(expansion):
    same_bits(*prepare(NETWORKS["plain"], sgd(0.5), get("numpy"), expand=expansion))


def test_images_in_bytes_and_inputs_that_come_with_the_stretch(rng):
    home, network = get("numpy"), NETWORKS["plain"]
    x, y = rng.integers(0, 256, (6, 5, 9), dtype=np.uint8), np.eye(3, dtype=np.float32)[rng.integers(0, 3, (6, 5))]
    optimizer, parameters = sgd(0.5), network.initialize(home, 0)

    def step(carry, inputs):
        x = namespace(inputs[0]).astype(inputs[0], np.float32)
        gradients, z = network.backward(carry[0], x, inputs[1])
        moved, slots = optimizer.move(gradients, carry[1], carry[0], {"eta": inputs[2]})
        return (moved, slots), z

    eta = np.linspace(0.1, 1.0, 6, dtype=np.float32)
    same_bits(step, (parameters, optimizer.init(parameters).slots), [(x, y, eta)])
    floats = x.astype(np.float32)

    def straight(carry, inputs):  # the product reads the input itself
        return step(carry, inputs)

    same_bits(straight, (parameters, optimizer.init(parameters).slots), [(floats, y, eta)])


def test_a_stack_of_networks_with_settings_of_their_own():
    same_bits(*stack())


# ---- where values lie -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [
        lambda carry, x: ((carry[1], carry[0], carry[2], np.ones(3, np.float32)), carry[0] + x + carry[3]),
        lambda carry, x: ((carry[0] * 0.5 + x, *carry[1:]), carry[0] * 0.5 + x - carry[0]),
        lambda carry, x: ((carry[0] + x, *carry[1:]), carry[0]),
        lambda carry, x: ((carry[0] + x, *carry[1:]), x),
        lambda carry, x: ((carry[0] + x, *carry[1:]), (carry[0] + x)[::-1]),
        lambda carry, x: ((carry[0] + x, carry[0] + x, carry[1], carry[2]), np.zeros(2, np.float32)),
        lambda carry, x: ((carry[0][::-1] + x, carry[1] + namespace(x).sum(carry[1]), *carry[2:]), x * 2.0),
        lambda carry, x: ((carry[0][::-1], carry[1] * carry[0], *carry[2:]), x + carry[1]),
        lambda carry, x: ((namespace(x).take(carry[0], carry_rows(x), axis=0) + x, *carry[1:]), x),
    ],
)
def test_carries_that_swap_stay_end_in_constants_or_are_read_after_they_are_written(step):
    carry = tuple(np.arange(i, i + 3, dtype=np.float32) for i in range(4))
    same_bits(step, carry, [np.arange(21, dtype=np.float32).reshape(7, 3)])


def test_leaves_of_one_vector_that_read_their_neighbors():
    def step(carry, x):
        ((a, b, c),) = carry
        return ((a + b, b + c, c * (a + b)),), 2.0 * x

    carry = (tuple(np.arange(i, i + 3, dtype=np.float32) for i in range(3)),)
    same_bits(step, carry, [np.arange(21, dtype=np.float32).reshape(7, 3)])


def test_shapes_whose_operations_differ_share_the_carrys_memory():
    def step(carry, x):
        ((a, b, c),) = carry
        moved = (a * 2.0, b + 1.0, c * 2.0) if x.shape[0] > 1 else (a * 2.0, b * 2.0, c + 1.0)
        return (moved,), a + x[:1, ...]

    carry = (tuple(np.arange(i, i + 3, dtype=np.float32) for i in range(3)),)
    same_bits(step, carry, [np.ones((5, 2, 3), np.float32), np.ones((2, 1, 3), np.float32)])


def carry_rows(x):
    return namespace(x).astype(x, np.int64) & 1


def test_matrices_that_blas_cannot_read_are_copied_first(rng):
    def step(carry, x):
        (w,) = carry
        return (w + (x[:, ::2] @ w[::-1, :]),), x[:, ::2].T @ x

    carry, inputs = (np.eye(3, dtype=np.float32),), [rng.random((5, 3, 6), dtype=np.float32)]
    graph = Graph(step, FakeDevice)
    for a, b in zip(go(graph, carry, inputs), go(Loop(step), carry, inputs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)  # older NumPys multiply such matrices without the BLAS
    assert graph.way == "captured CUDA graph"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((2, 1, 3, 4), (1, 5, 4, 2)),
        ((2, 1, 3, 4), (5, 4, 2)),
        ((3, 4), (2, 5, 4, 2)),
        ((2, 5, 3, 4), (1, 4, 2)),
        ((5, 3, 4), (2, 5, 4, 2)),
        ((2, 1, 5, 3, 4), (2, 3, 1, 4, 2)),
        ((1, 1, 3, 4), (1, 4, 2)),
    ],
)
def test_factors_may_be_stacks_that_broadcast_in_part(rng, left, right, dtype):
    constant = rng.integers(-4, 5, right).astype(dtype)

    def step(carry, x):
        a, b = carry
        return (0.5 * a + x, b + namespace(x).sum(a @ b)), a @ constant + (x @ b) * 0.25

    carry = tuple(rng.integers(-4, 5, shape).astype(dtype) for shape in (left, right))
    same_bits(step, carry, [rng.integers(-4, 5, (3, *left)).astype(dtype)])


@pytest.mark.parametrize(("first", "second"), [("float32", "float64"), ("float64", "int8"), ("bool", "float32")])
def test_factors_of_two_dtypes_are_multiplied_in_that_of_the_result(rng, first, second):
    a, b = rng.integers(0, 2, (3, 4)).astype(first), rng.integers(-4, 5, (2, 4, 3)).astype(second)

    def step(carry, x):
        return carry, x @ carry[1] + carry[0] @ carry[1] + a @ b

    same_bits(step, (a, b), [rng.integers(-4, 5, (3, 3, 4)).astype(first)])


def test_constants_of_the_step_may_be_factors_addends_tables_and_results(rng):
    factor, table = rng.integers(-4, 5, (3, 6)).astype(np.float32), np.arange(12, dtype=np.float32).reshape(4, 3)
    odd = np.zeros((3, 6), np.float32)[:, ::2]  # cuBLAS cannot read it as it lies
    odd[...] = factor[:, :3]

    def step(carry, x):
        w, rows, _ = carry
        xp = namespace(x)
        products = (x @ factor)[:, :3] + factor[:, 3:] @ x.mT + x @ odd
        return (w + products, rows, factor), w + xp.take(table, rows, axis=0) * xp.sum(x, axis=1, keepdims=True)

    carry = (np.eye(3, dtype=np.float32), np.asarray([3, 0, -1]), np.zeros((3, 6), np.float32))
    same_bits(step, carry, [rng.integers(-4, 5, (6, 3, 3)).astype(np.float32)])


def test_nothing_that_is_given_is_written_to_and_outputs_are_the_callers():
    step, carry, inputs = prepare(NETWORKS["dropout"], adam(0.01), get("numpy"), l2=1.0)
    given = [*leaves(carry), *leaves(tuple(inputs))]
    before = [x.copy() for x in given]
    graph = Graph(step, FakeDevice)
    moved, first = graph(carry, inputs[0])
    kept = first.copy()
    graph(moved, inputs[0])
    np.testing.assert_array_equal(first, kept)
    for x, y in zip(given, before, strict=True):
        np.testing.assert_array_equal(x, y)


def test_all_graphs_share_the_carrys_memory_and_the_tail_has_its_own_graph():
    step, carry, inputs = prepare(NETWORKS["plain"], sgd(0.5), get("numpy"))
    graph, device = Graph(step, lambda: device), FakeDevice()
    stretch, _ = graph(carry, inputs[0])
    tail, _ = graph(stretch, inputs[1])
    assert all(a is b for a, b in zip(leaves(stretch), leaves(tail), strict=True))
    assert device.log.count("warm") == 2
    assert device.log.count("capture") == 3  # of many steps and of one; of one


def test_each_dtype_has_its_own_graph():
    def step(carry, x):
        return (carry[0] + 1.0,), x * x

    counts = np.arange(6, dtype=np.int32).reshape(3, 2)
    _, device = same_bits(step, (np.zeros(2, np.float32),), [counts.astype(np.float32), counts])
    assert device.log.count("warm") == 2


def test_many_steps_are_one_launch_and_longer_calls_go_in_parts():
    step, carry, (inputs, _) = prepare(NETWORKS["plain"], momentum(0.1), get("numpy"), n=61)  # ten steps
    short = map_arrays(lambda x: x[:6], inputs)
    graph, device = Graph(step, lambda: device), FakeDevice()
    graph(carry, short)
    launches = [int(word.split()[1]) for word in device.log if word.startswith("launch")]
    assert len(launches) == 3  # four steps, and two of one
    assert launches[1] == launches[2]
    assert launches[0] == 4 * (launches[1] - 1) + 1  # the counter moves once a graph
    found, outputs = graph(carry, inputs)  # ten steps in memory for six
    expected, plain = Loop(step)(carry, inputs)
    np.testing.assert_array_equal(outputs, plain)
    for a, b in zip(leaves(found), leaves(expected), strict=True):
        np.testing.assert_array_equal(a, b)


# ---- with kernels in C and products through cuBLAS's door --------------------------------------------------


@needs_compiler
@pytest.mark.parametrize(("network", "optimizer", "settings"), [("dropout", "adam", "all"), ("plain", "sgd", "l2")])
def test_the_whole_executor_on_compiled_kernels_and_a_stand_in_for_cublas(network, optimizer, settings, tmp_path):
    library, texts, kernels = Library(), list[str](), dict[str, Any]()

    def compiler(text):
        """Return a kernel; the first call of a new one compiles all new kernels at once."""
        texts.append(text)

        def kernel(*given):
            if text not in kernels:
                fresh, folder = [x for x in dict.fromkeys(texts) if x not in kernels], tmp_path / str(len(kernels))
                folder.mkdir()
                kernels.update(zip(fresh, compiled(fresh, folder), strict=True))
            kernels[text](*given)

        return kernel

    def gemm(a, b, out):
        described = product(*map(Layout.of, (a, b, out)))
        Cublas(library, 0, 0).multiply(described, a.dtype, *(x.ctypes.data for x in (a, b, out)))

    backend = get("numpy", dtype="float64")
    step, carry, inputs = prepare(NETWORKS[network], OPTIMIZERS[optimizer], backend, **SETTINGS[settings])
    graph = Graph(step, lambda: FakeDevice(compiler, gemm))
    for a, b in zip(go(graph, carry, inputs), go(Loop(step), carry, inputs), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)
    assert graph.way == "captured CUDA graph"
    assert any(name.startswith("cublasGemm") for name, _ in library.calls)


# ---- what cannot be captured ------------------------------------------------------------------------------


def runs_plainly(step, carry, inputs, why, device=None):
    graph = Graph(step, lambda: device or FakeDevice())
    with pytest.warns(RuntimeWarning, match=f"training runs step by step, slower: .*{why}"):
        found = go(graph, carry, inputs)
    assert why in graph.way
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph(carry, inputs[0])  # said once
    for a, b in zip(found, go(Loop(step), carry, inputs), strict=True):
        np.testing.assert_array_equal(a, b)


def without_a_form(step, carry, inputs, why):
    graph = Graph(step, FakeDevice)
    found = go(graph, carry, inputs)  # a warning would be an error
    assert graph.way == f"plain loop: {why}" or graph.way.startswith(f"plain loop: {why} on ")
    for a, b in zip(found, go(Loop(step), carry, inputs), strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_operation_without_a_form_runs_step_by_step_and_says_so():
    model = FactorModel(n_users=5, n_items=7, k=3, mean=3.0)
    without_a_form(*prepare(model, adam(0.01), get("numpy"), l2=0.1), "vecdot cannot run in a CUDA graph")
    inputs = [np.arange(6.0).reshape(2, 3)]
    without_a_form(
        lambda c, x: ((c[0] + namespace(x).atan2(x, c[0]),), x), (np.ones(3),), inputs, "atan2 cannot run in a kernel"
    )
    without_a_form(lambda c, x: ((c[0] + x @ c[0],), x), (np.ones(3),), inputs, "matmul cannot run in a CUDA graph")


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "float16", "complex64", "bool"])
def test_a_product_in_a_dtype_that_cublas_does_not_take_runs_step_by_step_without_a_warning(dtype):
    carry, inputs = (np.ones((3, 3), dtype),), [np.ones((2, 3, 3), dtype)]
    graph = Graph(lambda c, x: ((c[0] @ x,), x), FakeDevice)
    for a, b in zip(go(graph, carry, inputs), go(Loop(graph.step), carry, inputs), strict=True):
        np.testing.assert_array_equal(a, b)
    assert graph.way.startswith("plain loop: ")
    assert dtype in graph.way


def test_arrays_that_lie_otherwise_than_cupys_are_left_to_the_loop():
    carry, inputs = (np.ones((3, 2)).T,), [np.arange(12.0).reshape(2, 2, 3)]
    runs_plainly(lambda carry, x: ((carry[0] + x,), x), carry, inputs, "must be C-contiguous")


def test_a_step_that_reads_a_value_runs_step_by_step():
    def step(carry, x):
        return (carry[0] + float(namespace(x).sum(x)),), x

    runs_plainly(step, (np.ones(3),), [np.arange(6.0).reshape(2, 3)], "looks at a value")


def test_a_capture_that_fails_loses_nothing():
    device = FakeDevice()
    device.fail = RuntimeError("cudaErrorStreamCaptureInvalidated")
    step, carry, inputs = prepare(NETWORKS["plain"], adam(0.01), get("numpy"))
    runs_plainly(step, carry, inputs, "RuntimeError: cudaErrorStreamCaptureInvalidated", device)


def test_a_tail_that_cannot_be_captured_goes_on_from_where_the_graph_was():
    device = FakeDevice()
    step, carry, inputs = prepare(NETWORKS["plain"], adam(0.01), get("numpy"))
    graph = Graph(step, lambda: device)
    moved, _ = graph(carry, inputs[0])
    device.fail = RuntimeError("no more")
    with pytest.warns(RuntimeWarning, match="no more"):
        found, _ = graph(moved, inputs[1])
    expected = carry
    for each in inputs:
        expected, _ = Loop(step)(expected, each)
    for a, b in zip(leaves(found), leaves(expected), strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_error_of_the_step_is_the_steps():
    with pytest.raises(ValueError, match="matmul"):
        Graph(lambda carry, x: ((carry[0] @ x,), x), FakeDevice)((np.ones((2, 3)),), np.ones((1, 2, 3)))
