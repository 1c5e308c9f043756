"""Parameters that are moved alike are moved by one operation; the others as they were recorded."""

import tracemalloc

import numpy as np
import pytest
from training_steps import NETWORKS, OPTIMIZERS, SETTINGS, prepare

from xpnet.backend import get
from xpnet.execution.recording.carry import leaf_order
from xpnet.execution.recording.flat import FlatCall, flatten
from xpnet.execution.recording.recording import record_step
from xpnet.nn import Network


def layout_of(network, optimizer, **settings):
    step, carry, inputs = prepare(NETWORKS[network], OPTIMIZERS[optimizer], get("numpy"), **settings)
    recording = record_step(step, carry, inputs[0])
    return recording, flatten(recording)


@pytest.mark.parametrize(("optimizer", "operations"), [("sgd", 2), ("momentum", 4), ("adam", 10)])
def test_an_optimizer_is_a_few_operations_whatever_the_number_of_layers(optimizer, operations):
    for network in ("plain", "one layer", "square"):
        _, flattened = layout_of(network, optimizer)
        flat = [item for item in flattened.items if isinstance(item, FlatCall)]
        assert len(flat) == operations
        assert {part.out.span for part in flat} == {(0, flattened.vectors[0].size)}


def test_weights_come_before_biases_so_that_a_penalty_is_one_operation():
    recording, flattened = layout_of("plain", "sgd", **SETTINGS["l2"])
    assert leaf_order(recording, flattened) == [[0, 2, 4, 1, 3, 5]]
    names = [item.name for item in flattened.items if isinstance(item, FlatCall)]
    assert sorted(names) == ["add", "multiply", "multiply", "subtract"]


@pytest.mark.parametrize("alignment", [1, 4, 64, 256])
def test_members_start_where_they_should(alignment):
    step, carry, inputs = prepare(NETWORKS["plain"], OPTIMIZERS["adam"], get("numpy"), **SETTINGS["l2"])
    for vector in flatten(record_step(step, carry, inputs[0]), alignment).vectors:
        sizes = [value.layout.size for value in vector.members]
        assert all(4 * start % alignment == 0 for start in vector.starts)
        room = np.diff(vector.starts)
        assert all(n <= space < n + max(1, alignment // 4) for n, space in zip(sizes, room, strict=True))
        assert vector.has_gaps == (alignment > 4)
        assert vector.size == vector.starts[-1]


@pytest.mark.parametrize("shared", [True, False])
def test_layers_are_moved_together_only_if_they_share_their_numbers(shared):
    def step(carry, inputs):
        (first, second), (x, eta, other) = carry[0], inputs
        return ((first * eta, second * (eta if shared else other)),), x

    carry, inputs = ((np.ones(2), np.ones(3)),), (np.ones((4, 2)), np.ones(4), np.zeros(4))
    flattened = flatten(record_step(step, carry, inputs))
    assert [isinstance(item, FlatCall) for item in flattened.items] == ([True] if shared else [False, False])


@pytest.mark.parametrize("shape", [(1, 1), (3,), (2, 9)])
def test_what_a_step_adds_up_beside_the_parameters_leaves_them_together(shape):
    step, carry, inputs = prepare(NETWORKS["plain"], OPTIMIZERS["adam"], get("numpy"), **SETTINGS["l2"])

    def counting(carry, inputs):
        (*moved, count), added = carry, np.ones(shape, dtype=np.float32)
        return (*step(tuple(moved), inputs)[0], count + added), inputs.y

    alone = record_step(step, carry, inputs[0])
    beside = record_step(counting, (*carry, np.zeros(shape, dtype=np.float32)), inputs[0])
    assert leaf_order(beside, flatten(beside)) == leaf_order(alone, flatten(alone))
    assert len(leaf_order(beside, flatten(beside))) == 3


def test_a_limit_on_norms_leaves_the_weights_to_themselves():
    _, flattened = layout_of("plain", "sgd", **SETTINGS["max norm"])
    flat = [item for item in flattened.items if isinstance(item, FlatCall)]
    biases = 5 + 4 + 3
    assert [item.out.span[1] - item.out.span[0] for item in flat] == [biases, biases]


def test_every_value_is_computed_once():
    for network in NETWORKS:
        for settings in SETTINGS.values():
            recording, flattened = layout_of(network, "adam", **settings)
            made = [id(value) for item in flattened.items for value in item.outs]
            assert len(made) == len(set(made))
            assert set(made) == {id(value) for call in recording.calls for value in call.outs}


def test_what_is_asked_twice_is_recorded_once():
    recording, _ = layout_of("dropout", "sgd")
    masked = [call for call in recording.calls if call.name == "multiply"]
    arguments = [tuple(map(id, call.args)) for call in masked]
    assert len(arguments) == len(set(arguments))


def test_depth_costs_no_more_than_its_square():
    """A table of all runs of neighbours would hold the cube of the layers: 7 times the memory for twice the depth."""

    def peak_of(depth):
        step, carry, inputs = prepare(Network([3] * (depth + 2)), OPTIMIZERS["sgd"], get("numpy"), n=6)
        recording = record_step(step, carry, inputs[0])
        tracemalloc.start()
        try:
            flatten(recording)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak_of(20), peak_of(40)
    assert large < 4.5 * small
