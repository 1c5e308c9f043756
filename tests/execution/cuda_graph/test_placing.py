"""Values share memory only if they are never live together, and the carry is written into its own memory."""

import numpy as np
import pytest
from fake_device import FakeDevice
from training_steps import OPTIMIZERS, prepare

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
