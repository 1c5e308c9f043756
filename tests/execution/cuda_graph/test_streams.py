"""CuPy's device on streams that work late and in any order: whatever no event orders is an error."""

import warnings

import late_cupy
import numpy as np
import pytest
from training_steps import NETWORKS, OPTIMIZERS, SETTINGS, go, prepare

from xpnet.backend import get
from xpnet.execution import loop
from xpnet.execution.cuda_graph.graph import Graph
from xpnet.nn import Network
from xpnet.training import sgd
from xpnet.trees import leaves

pytestmark = pytest.mark.filterwarnings("ignore:training runs step by step:RuntimeWarning")


@pytest.fixture
def late(monkeypatch):
    """Streams that work late, graphs of at most two steps, and a plain loop that is asked of the main stream."""
    late, run = late_cupy.install(monkeypatch), loop.run
    monkeypatch.setattr("xpnet.execution.cuda_graph.graph.UNROLLED", 2)

    def in_its_turn(step, carry, inputs):
        read = [late_cupy.span(x) for x in (*leaves(carry), *leaves(inputs))]
        late.ask(late_cupy.Work(lambda: None, read, [], "plain loop"))
        late.finish()  # the worst case: all of the main stream, then whatever it did not wait for
        return run(step, carry, inputs)

    monkeypatch.setattr(loop, "run", in_its_turn)
    late.run = run
    return late


def same_numbers(late, step, carry, inputs, rng=None):
    """Assert that a graph on late streams ends where the plain loop does, and that nothing raced."""
    graph, moved, outputs = Graph(step, late_cupy.LateDevice), carry, []
    with np.errstate(all="ignore"):
        for each in inputs:
            moved, output = graph(moved, each)
            outputs.append(output)
        late.finish(rng)
        expected = go(lambda *given: late.run(step, *given), carry, inputs)
    assert late.races == []
    for a, b in zip([*leaves(moved), *outputs], expected, strict=True):
        np.testing.assert_allclose(np.asarray(a), b, rtol=1e-5, atol=1e-6)  # the stand-in for cuBLAS adds otherwise
    return graph


@pytest.mark.parametrize("seed", [None, 0, 1, 2])
def test_steps_on_late_streams_are_the_plain_loops(late, seed):
    rng = None if seed is None else np.random.default_rng(seed)
    for network, optimizer, settings in [("plain", "adam", "all"), ("dropout", "momentum", "nothing")]:
        prepared = prepare(NETWORKS[network], OPTIMIZERS[optimizer], get("numpy"), **SETTINGS[settings])
        assert same_numbers(late, *prepared, rng).way == "captured CUDA graph"


def small():
    """Return a step of few launches, with a short last batch."""
    return prepare(Network([3, 2]), sgd(0.5), get("numpy"), n=8, batch=3)


def test_a_launch_that_fails_anywhere_leaves_the_plain_loops_numbers(monkeypatch, late):
    same_numbers(late, *small())
    launches = late.launches
    assert launches > 30
    for k in range(1, launches + 1):
        late.launches, late.fail_at = 0, k
        graph = same_numbers(late, *small())
        assert f"RuntimeError: launch {k} failed" in graph.way


def test_memory_that_runs_out_anywhere_leaves_the_plain_loops_numbers(monkeypatch, late):
    import cupy

    empty, count, last = cupy.empty, 0, None

    def full(shape, dtype):
        nonlocal count
        count += 1
        if count == last:
            raise MemoryError("no room")
        return empty(shape, dtype)

    monkeypatch.setattr(cupy, "empty", full)
    same_numbers(late, *small())
    inputs = len(small()[2])
    for k in range(1, count - inputs + 1):
        count, last = 0, k
        try:
            same_numbers(late, *small())
        except MemoryError:  # where a call's own outputs would be
            continue


def test_what_no_event_orders_is_seen(late):
    import cupy

    x, y, side = cupy.empty((3,), "float32"), cupy.empty((3,), "float32"), cupy.cuda.Stream(non_blocking=True)
    cupy.copyto(y, x)
    with side:
        cupy.copyto(x, y)
    assert late.races == ["copy on stream 1 and copy on stream 0"] * 2
    late.races.clear()
    cupy.cuda.get_current_stream().wait_event(side.record())
    cupy.copyto(y, x)
    assert late.races == []


def test_a_wait_is_waited_for(late):
    import cupy

    x, side = cupy.empty((3,), "float32"), cupy.cuda.Stream(non_blocking=True)
    x[...] = 1.0
    side.wait_event(cupy.cuda.get_current_stream().record())
    with side:
        x[...] = 2.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        late.finish(np.random.default_rng(0))
    assert np.asarray(x).tolist() == [2.0] * 3
