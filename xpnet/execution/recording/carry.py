"""The carry of a step: its memory between calls, and the new values that are written there directly."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from xpnet.execution.recording.calls import Value
from xpnet.execution.recording.flat import FlatRecording, Vector
from xpnet.execution.recording.memory import Pool
from xpnet.execution.recording.recording import Recording


class CarryMemory:
    """The arrays that hold the carry between calls: flat vectors and their views.  All programs of a step share it."""

    def __init__(self, recording: Recording, flattened: FlatRecording, pool: Pool) -> None:
        self.order = leaf_order(recording, flattened)
        self.flats = [pool.take((vector.size,), vector.dtype) for vector, _ in flattened.carried]
        for flat, (vector, _) in zip(self.flats, flattened.carried, strict=True):
            clear_gaps(flat, vector)
        pieces = [p for flat, (v, _) in zip(self.flats, flattened.carried, strict=True) for p in member_views(flat, v)]
        flat_order = [i for family in self.order for i in family]
        self.leaves = [
            pieces[flat_order.index(i)] if i in flat_order else pool.like(value.layout)
            for i, value in enumerate(recording.carry)
        ]


def leaf_order(recording: Recording, flattened: FlatRecording) -> list[list[int]]:
    """Return the indices of the leaves in each flat vector of the carry, in order."""
    number = {id(value): i for i, value in enumerate(recording.carry)}
    return [[number[id(value)] for value in vector.members] for vector, _ in flattened.carried]


def member_views(flat: Any, vector: Vector) -> list[Any]:
    """Return the members of a vector as views of the array `flat` that holds it."""
    return [
        flat[a : a + value.layout.size].reshape(value.layout.shape)
        for a, value in zip(vector.starts, vector.members, strict=False)
    ]


def clear_gaps(flat: Any, vector: Vector) -> None:
    """Write zeros to the memory of a vector if it has gaps, because operations compute the gaps, too."""
    if vector.has_gaps:
        flat[...] = 0


class CarryPlan(NamedTuple):
    """Which values are written into the carry's memory, and which are copied there after the step."""

    vectors: dict[int, int]  # id of a vector -> index of the flat vector
    leaves: dict[int, int]  # id of a value -> index of the leaf
    copies: list[tuple[int, Any]]  # index of a leaf, and the value or constant to copy there


def plan_carry(
    recording: Recording,
    flattened: FlatRecording,
    items: Sequence[Any],
    last_use: dict[int, int],
    may_overwrite: Callable[[Any, Value, Value], bool],
    can_place: Callable[[Value, Value], bool],
) -> CarryPlan:
    """Decide where each new carry value is written: over the old one if the old one is dead, else it is copied.

    Parameters
    ----------
    recording, flattened
        The step and its flat vectors.
    items : sequence
        The operations in order; each has `outs`.
    last_use : dict
        id of a value -> index of the last item that reads it.
    may_overwrite : callable
        ``may_overwrite(item, old, new)``: whether `item`, which reads `old` last, may write `new` over it.
    can_place : callable
        ``can_place(old, new)``: whether the operation that computes `new` can write it into the memory of `old`.
    """
    producer = {id(value): i for i, item in enumerate(items) for value in item.outs}
    plan = CarryPlan({}, {}, [])

    def is_dead(old: Value, new: Value) -> bool:
        written, last = producer[id(new)], last_use.get(id(old), -1)
        return last < written or (last == written and may_overwrite(items[written], old, new))

    for i, (before, after) in enumerate(flattened.carried):
        plan.vectors[id(before)] = i
        if all(is_dead(old, new) for old, new in zip(before.members, after.members, strict=True)):
            plan.vectors[id(after)] = i
    for i, (old, new) in enumerate(zip(recording.carry, recording.new_carry, strict=True)):
        plan.leaves[id(old)] = i
        vector = flattened.positions.get(id(new), (None, 0))[0]
        computed = isinstance(new, Value) and new.call is not None
        if new is old or (computed and vector is not None and id(vector) in plan.vectors):
            continue
        placeable = computed and vector is None and id(new) not in plan.leaves and can_place(old, new)
        if placeable and is_dead(old, new):
            plan.leaves[id(new)] = i
        else:
            plan.copies.append((i, new))
    return plan
