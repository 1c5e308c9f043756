"""A new carry value is written over the old one once the old one is dead; else it is copied after the step."""

import numpy as np
import pytest

from xpnet.execution.recording.calls import Value
from xpnet.execution.recording.carry import CarryMemory, leaf_order, plan_carry
from xpnet.execution.recording.flat import flatten
from xpnet.execution.recording.memory import Pool
from xpnet.execution.recording.recording import record_step


def plan(step, carry, *, may_overwrite=True, can_place=True):
    """Return the recording, the plan, and the copies as (leaf, what is copied there)."""
    recording = record_step(step, carry, np.ones((2, 3)))
    flattened = flatten(recording)
    last_use = {id(value.root): i for i, item in enumerate(flattened.items) for value in item.needs}
    results = (*recording.new_carry, recording.output)
    last_use |= {id(x.root): len(flattened.items) for x in results if isinstance(x, Value)}
    found = plan_carry(recording, flattened, flattened.items, last_use, lambda *_: may_overwrite, lambda *_: can_place)
    return recording, flattened, found


def assert_plan(recording, found, *, in_place, copied):
    """Assert which new leaves lie in the carry's memory, by number, and which are copied there."""
    old = [id(value) for value in recording.carry]
    assert [found.leaves[key] for key in old] == list(range(len(old)))
    new = {key: leaf for key, leaf in found.leaves.items() if key not in old}
    assert new == {id(recording.new_carry[leaf]): leaf for leaf in in_place}
    assert [leaf for leaf, _ in found.copies] == copied
    assert all(source is recording.new_carry[leaf] for leaf, source in found.copies)


def leaves(n):
    return tuple(np.full(3, float(i)) for i in range(n))


def test_a_new_value_replaces_the_old_one_that_only_its_own_operation_reads():
    recording, _, found = plan(lambda c, x: ((c[0] + x, c[1] * 2.0), x), leaves(2))
    assert_plan(recording, found, in_place=[0, 1], copied=[])


def test_the_last_reader_must_be_able_to_write_where_it_reads():
    recording, _, found = plan(lambda c, x: ((c[0] + x, x * 2.0), x), leaves(2), may_overwrite=False)
    assert_plan(recording, found, in_place=[1], copied=[0])  # nothing reads the second leaf


def test_a_value_that_cannot_lie_in_the_leaf_is_copied():
    recording, _, found = plan(lambda c, x: ((c[0] + x,), x), leaves(1), can_place=False)
    assert_plan(recording, found, in_place=[], copied=[0])


def test_two_leaves_that_swap_are_both_copied():
    recording, _, found = plan(lambda c, x: ((c[1], c[0]), x), leaves(2))
    assert_plan(recording, found, in_place=[], copied=[0, 1])


def test_a_leaf_that_stays_is_not_copied_and_one_returned_twice_is_copied_once():
    recording, _, found = plan(lambda c, x: ((c[0], c[0], c[2]), x), leaves(3))
    assert_plan(recording, found, in_place=[], copied=[1])


def test_a_new_value_returned_twice_lies_in_the_first_leaf_and_is_copied_to_the_second():
    def step(carry, x):
        new = carry[0] + x
        return (new, new), x

    recording, _, found = plan(step, leaves(2))
    assert_plan(recording, found, in_place=[0], copied=[1])


def test_a_constant_is_copied():
    recording, _, found = plan(lambda c, x: ((np.ones(3), c[1] + x), x), leaves(2))
    assert_plan(recording, found, in_place=[1], copied=[0])


def test_an_input_is_copied():
    recording, _, found = plan(lambda c, x: ((x, c[1] + x), 2.0 * x), leaves(2))
    assert_plan(recording, found, in_place=[1], copied=[0])


def test_an_old_leaf_that_is_the_output_or_seen_by_it_lives_until_the_end():
    for output in (lambda old: old, lambda old: old[::-1]):
        recording, _, found = plan(lambda c, x, output=output: ((c[0] + x, c[1] + x), output(c[0])), leaves(2))
        assert_plan(recording, found, in_place=[1], copied=[0])


def test_an_old_leaf_that_a_later_operation_reads_is_not_overwritten():
    def step(carry, x):
        new = carry[0] * 0.5
        return (new, carry[1] + x), new - carry[0]

    recording, _, found = plan(step, leaves(2))
    assert_plan(recording, found, in_place=[1], copied=[0])


def test_leaves_that_read_one_another_are_overwritten_from_the_last_reader_on():
    recording, _, found = plan(lambda c, x: ((c[0] + c[1], c[1] - c[0]), x), leaves(2))
    assert_plan(recording, found, in_place=[1], copied=[0])  # the second operation still reads the first leaf


# ---- flat vectors -----------------------------------------------------------------------------------------


def in_pairs(move, output):
    """Return a step of two leaves that belong to one vector."""
    return lambda carry, x: ((tuple(move(w, x) for w in carry[0]),), output(carry[0], x))


def test_a_vector_is_written_over_the_old_one_whole():
    recording, flattened, found = plan(in_pairs(lambda w, x: w * 0.5, lambda old, x: x), (leaves(2),))
    ((before, after),) = flattened.carried
    assert found.vectors == {id(before): 0, id(after): 0}
    assert_plan(recording, found, in_place=[], copied=[])


@pytest.mark.parametrize("member", [0, 1])
def test_a_vector_of_which_one_member_lives_on_is_copied_leaf_by_leaf(member):
    recording, flattened, found = plan(in_pairs(lambda w, x: w * 0.5, lambda old, x: old[member]), (leaves(2),))
    ((before, _),) = flattened.carried
    assert found.vectors == {id(before): 0}
    assert_plan(recording, found, in_place=[], copied=[0, 1])


def test_the_leaves_of_a_vector_are_views_of_its_memory():
    recording = record_step(in_pairs(lambda w, x: w * 0.5, lambda old, x: x), (leaves(2),), np.ones((2, 3)))
    flattened = flatten(recording)
    memory = CarryMemory(recording, flattened, Pool())
    (flat,) = memory.flats
    flat[:] = np.arange(6.0)
    assert leaf_order(recording, flattened) == memory.order == [[0, 1]]
    assert [leaf.tolist() for leaf in memory.leaves] == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
