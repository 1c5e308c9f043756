"""Values share memory only if they are never live together, and the carry is written into its own memory."""

from math import prod

import numpy as np
import pytest
from fake_device import FakeDevice
from training_steps import OPTIMIZERS, SETTINGS, prepare

from xpnet.backend import get, namespace
from xpnet.execution.cuda_graph.cublas import matrix
from xpnet.execution.cuda_graph.graph import Graph
from xpnet.execution.cuda_graph.placing import insert_copies, offsets, place_results
from xpnet.execution.fused.fusion import fuse
from xpnet.execution.recording.calls import Call
from xpnet.execution.recording.flat import flatten
from xpnet.execution.recording.recording import record_step
from xpnet.nn import Network
from xpnet.trees import leaves


def test_offsets_never_overlap_in_time_and_take_little_more_than_the_most_at_once(rng):
    for _ in range(50):
        first = rng.integers(0, 30, 40)
        needs = [(int(n), int(a), int(a + d)) for n, a, d in zip(*rng.integers(1, 9, (2, 40)), first, strict=False)]
        needs = [(n, a, a + int(d)) for (n, a, _), d in zip(needs, rng.integers(0, 9, 40), strict=True)]
        starts, total = offsets(needs)
        for i, (n, a, b) in enumerate(needs):
            for j, (k, c, d) in enumerate(needs[:i]):
                apart = starts[i] + n <= starts[j] or starts[j] + k <= starts[i]
                assert apart or b < c or d < a
        most = max(sum(n for n, a, b in needs if a <= t <= b) for t in range(40))
        assert most <= total <= 1.5 * most


def test_no_values_need_no_memory():
    assert offsets([]) == ([], 0)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_writes_the_carry_into_its_memory_and_copies_nothing(optimizer):
    step, carry, inputs = prepare(Network([9, 5, 3]), OPTIMIZERS[optimizer], get("numpy"), l2=1.0)
    recording = insert_copies(record_step(step, carry, inputs[0]))
    flattened = flatten(recording)
    items = fuse(recording, flattened)
    placed = place_results(recording, flattened, items)
    assert len(placed.items) == len(items)  # the output, too, is written by the kernel that computes it
    assert all(
        id(x) in placed.leaves or id(flattened.positions[id(x)][0]) in placed.vectors for x in recording.new_carry
    )


def test_an_output_that_nobody_reads_is_written_once():
    recording = record_step(lambda carry, x: ((carry[0] + x,), 2.0 * x), (np.ones(3),), np.ones((2, 3)))
    flattened = flatten(recording)
    (item,) = place_results(recording, flattened, fuse(recording, flattened)).items
    assert len(item.outputs) == 2


def test_copies_are_made_only_of_what_cannot_be_read(rng):
    def step(carry, x):
        (w,) = carry
        return (w + namespace(x).sum(x.T @ w[:, ::2]),), x * 2.0

    recording = record_step(step, (np.ones((3, 6)),), np.ones((2, 3, 3)))
    before = len(recording.calls)
    after = insert_copies(recording)
    copies = [call for call in after.calls if call.name == "astype"]
    assert len(after.calls) == before + 2
    assert [copy.args[0].layout.shape for copy in copies] == [
        (3, 3),
        (3, 3),
    ]  # the view of the input; every other column
    products = [call for call in after.calls if isinstance(call, Call) and call.name == "matmul"]
    assert all(matrix(x.layout) for x in products[0].needs)


class Aligned(FakeDevice):
    """Its memory starts where CUDA's does; it notes where the operands of products start."""

    def __init__(self):
        super().__init__()
        self.starts = []

    def empty(self, shape, dtype):
        room = super().empty((prod(shape) * np.dtype(dtype).itemsize + 256,), "uint8")
        start = -room.ctypes.data % 256
        made = room[start : room.size - 256 + start].view(dtype).reshape(shape)
        made[...] = super().empty(shape, dtype)
        return made

    def gemm(self, a, b, out):
        self.starts += [x.ctypes.data % 256 for x in (a, b, out) if isinstance(x, np.ndarray)]
        return super().gemm(a, b, out)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("settings", ["nothing", "all"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weights_and_gradients_start_at_256_bytes_and_gaps_between_them_are_numbers(optimizer, settings, dtype):
    home = get("numpy", dtype=dtype)
    step, carry, inputs = prepare(Network([9, 5, 7, 3]), OPTIMIZERS[optimizer], home, **SETTINGS[settings])
    device = Aligned()
    graph = Graph(step, lambda: device)
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        for each in inputs:
            carry, _ = graph(carry, each)
    assert graph.way == "captured CUDA graph"
    assert len(device.starts) > 20
    assert set(device.starts) == {0}
    assert next(iter(graph._memories.values())).flats
    assert all(np.isfinite(flat).all() for flat in next(iter(graph._memories.values())).flats)


def test_gaps_stay_zeros_though_other_values_share_the_memory():
    def step(carry, x):
        ((a, b),) = carry
        xp = namespace(x)
        hidden = xp.sum(x[:, None] * xp.ones((1, 300), dtype=x.dtype), axis=0) * np.inf  # lives before the gradients do
        last = xp.sum(hidden) * 0.0
        return ((a + xp.sum(a) * a, b + xp.sum(b) * b),), xp.where(last == last, last, 1.0)

    graph = Graph(step, Aligned)
    carry, inputs = ((np.ones((2, 3)), np.ones(5)),), np.ones((3, 4))
    with np.errstate(invalid="ignore"):
        graph(carry, inputs)
    assert graph.way == "captured CUDA graph"
    for flat in next(iter(graph._memories.values())).flats:
        assert not flat[6:32].any()
        assert not flat[37:].any()


def test_memory_is_the_carry_the_gradients_and_little_more():
    step, carry, (inputs,) = prepare(Network([64, 128, 128, 3]), OPTIMIZERS["adam"], get("numpy"), n=16, batch=8)
    size, taken = sum(x.nbytes for x in leaves(carry[0])), []

    class Counting(FakeDevice):
        def empty(self, shape, dtype):
            made = super().empty(shape, dtype)
            taken.append(made.nbytes)
            return made

    graph = Graph(step, Counting)
    graph(carry, inputs)
    spare = 3 * size  # the carry as it was, while one step is tried
    assert sum(taken) < 4 * size + spare + 2**16
