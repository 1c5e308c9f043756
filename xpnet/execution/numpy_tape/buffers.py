"""Buffers for a recorded step: the array that each value is written to, and how long the value is live."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from xpnet.execution.fused.fusion import values_of
from xpnet.execution.numpy_tape.groups import Group, scratch_arrays
from xpnet.execution.numpy_tape.numpy_calls import wants_room
from xpnet.execution.recording.calls import Call, Value, run_call
from xpnet.execution.recording.carry import CarryMemory, member_views, plan_carry
from xpnet.execution.recording.flat import FlatRecording, Vector, VectorPart
from xpnet.execution.recording.memory import Pool
from xpnet.execution.recording.recording import Recording
from xpnet.execution.recording.writable import can_write, may_overwrite

Item: TypeAlias = Call | Group


@dataclass
class Buffers:
    """Arrays by the id of the value that they hold.  A value without one is made anew in each step."""

    arrays: dict[int, Any] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)  # id of a group -> rows of its first axis in one block
    # pairs of a leaf's memory, and the value or constant that is copied there after the step
    copies: list[tuple[Any, Value | Any]] = field(default_factory=list)


def assign(
    recording: Recording, flattened: FlatRecording, items: Sequence[Item], memory: CarryMemory, pool: Pool
) -> Buffers:
    """Return a buffer for each value that can be written to one."""
    planner = _Planner(recording, flattened, items, memory, pool)
    for i, item in enumerate(items):
        if isinstance(item, Group):
            planner.place_group(item, i)
        elif item.outs[0].base is not None:
            planner.place_view(item)
        else:
            for value in item.outs:
                planner.place_value(item, value, i)
        planner.release(i)
    planner.release(len(items))  # for the next program of the step
    return planner.buffers


def is_put_out(recording: Recording, value: Value) -> bool:
    """Return whether the operation that computes this value can write it into the row of outputs of its step."""
    return value is recording.output and value.layout.is_contiguous and value.layout.ndim > 0


class _Planner:
    def __init__(
        self, recording: Recording, flattened: FlatRecording, items: Sequence[Item], memory: CarryMemory, pool: Pool
    ) -> None:
        self.recording, self.flattened, self.items = recording, flattened, items
        self.memory, self.pool, self.buffers = memory, pool, Buffers()
        self.producer = {id(value): i for i, item in enumerate(items) for value in item.outs}
        self.last = _last_uses(recording, items)
        # id of an array of the pool -> index of the last item that reads it, and the array
        self.in_use: dict[int, tuple[int, Any]] = {}
        self.vectors: dict[int, Any] = {}  # id of a vector -> its array
        arrays = self.buffers.arrays
        arrays.update({id(value): x for value, x in zip(recording.carry, memory.leaves, strict=True)})
        # the program's loop gives NumPy scalars for these: they are copied into 0-d arrays
        arrays.update({id(x): np.empty((), x.layout.dtype) for x in recording.inputs if not x.layout.ndim})
        self._place_carry()

    # ---- the carry ----------------------------------------------------------------------------------------

    def _place_carry(self) -> None:
        """Let new carry values be written over dead old ones; the others are copied after the step."""
        memory, arrays = self.memory, self.buffers.arrays
        plan = plan_carry(self.recording, self.flattened, self.items, self.last, _overwrites, self._can_place)
        for vector in (x for pair in self.flattened.carried for x in pair if id(x) in plan.vectors):
            self._add_vector(vector, memory.flats[plan.vectors[id(vector)]])
        arrays.update({key: memory.leaves[i] for key, i in plan.leaves.items()})
        self.buffers.copies.extend((memory.leaves[i], new) for i, new in plan.copies)

    def _can_place(self, old: Value, new: Value) -> bool:
        leaf = self.buffers.arrays[id(old)]
        fits = new.layout.strides == leaf.strides and new is not self.recording.output
        return fits and new.call is not None and can_write(new.call)

    # ---- everything else ----------------------------------------------------------------------------------

    def place_view(self, call: Call) -> None:
        """Create a view now if its base has a fixed buffer; else it is created in each step."""
        arrays = self.buffers.arrays
        if all(id(x) in arrays for x in call.needs):
            arrays.update(run_call(call, lambda x: arrays[id(x)] if isinstance(x, Value) else x, np))

    def place_value(self, call: Call, value: Value, i: int) -> None:
        """Choose a buffer for the result of an operation that is not in a group."""
        if id(value) in self.flattened.positions:
            self._allocate_vector(self.flattened.positions[id(value)][0])
        elif can_write(call) and not is_put_out(self.recording, value) and id(value) not in self.buffers.arrays:
            self._place(value, self._argument_of(call, value, i))

    def _argument_of(self, call: Call, value: Value, i: int) -> Any:
        """Return the buffer of an argument that item i reads last and may overwrite, or None."""
        for x in () if wants_room(call) else call.args:
            if isinstance(x, Value) and x.base is None and may_overwrite(call, x) and x.layout == value.layout:
                last, array = self.in_use.get(id(self.buffers.arrays.get(id(x))), (-1, None))
                if last == i:
                    return array
        return None

    def place_group(self, group: Group, i: int) -> None:
        """Choose buffers for the results of a group and for the values inside it."""
        arrays = self.buffers.arrays
        arrays.update({id(value): self._part(place) for place, value in group.inputs if isinstance(place, VectorPart)})
        overwritten: list[int] = []
        for place, value in group.outputs:
            if isinstance(place, VectorPart):
                self._allocate_vector(place.vector)
                arrays[id(value)] = self._part(place)
            elif id(value) in self.flattened.positions:
                self._allocate_vector(self.flattened.positions[id(value)][0])
            elif not is_put_out(self.recording, value) and id(value) not in arrays:
                self._place(value, self._input_of(group, value, i, overwritten))
        known = all(id(x) in arrays for x in (*group.needs, *group.outs))
        self.buffers.rows[id(group)] = rows = group.rows if known else group.fused.shape[0] if group.fused.shape else 1
        arrays.update(scratch_arrays(group, arrays, self.pool, rows))

    def _input_of(self, group: Group, value: Value, i: int, overwritten: list[int]) -> Any:
        """Return the buffer of an input that group i reads last and may overwrite, or None."""
        for place, _ in group.inputs:
            array = self.buffers.arrays.get(id(place))
            if id(array) in self.in_use and id(array) not in overwritten and place.base is None:
                last, array = self.in_use[id(array)]
                if last == i and group.may_write_over(place, value):
                    overwritten.append(id(array))
                    return array
        return None

    def _place(self, value: Value, array: Any) -> None:
        """Put a value into an array, or into a new one of the pool."""
        self.buffers.arrays[id(value)] = array = self.pool.like(value.layout) if array is None else array
        self.in_use[id(array)] = (self.last.get(id(value), self.producer[id(value)]), array)

    # ---- vectors ------------------------------------------------------------------------------------------

    def _allocate_vector(self, vector: Vector) -> None:
        if id(vector) not in self.vectors:
            flat = self.pool.take((vector.size,), vector.dtype)
            last = max(max(self.last.get(id(x), -1), self.producer.get(id(x), -1)) for x in vector.members)
            self.in_use[id(flat)] = (last, flat)
            self._add_vector(vector, flat)

    def _add_vector(self, vector: Vector, flat: Any) -> None:
        self.vectors[id(vector)] = flat
        pieces = member_views(flat, vector)
        self.buffers.arrays.update({id(value): x for value, x in zip(vector.members, pieces, strict=True)})

    def _part(self, part: VectorPart) -> Any:
        first, last = part.span
        return self.vectors[id(part.vector)][first:last]

    def release(self, i: int) -> None:
        """Free the buffers of values that are dead after item i."""
        for key in [key for key, (last, _) in self.in_use.items() if last <= i]:
            self.pool.give_back(self.in_use.pop(key)[1])


def _overwrites(item: Item, old: Value, new: Value) -> bool:
    """Return whether an item that reads `old` last may write `new` over it."""
    if isinstance(item, Call):
        return may_overwrite(item, old)
    target, written = next((place, value) for place, value in item.outputs if new in values_of(place))
    reads = [(place, value) for place, value in item.inputs if any(x.root is old for x in values_of(place))]
    return all(_span(place) == _span(target) and item.may_write_over(value, written) for place, value in reads)


def _span(place: Any) -> Any:
    return place.span if isinstance(place, VectorPart) else None


def _last_uses(recording: Recording, items: Sequence[Item]) -> dict[int, int]:
    last = {id(value.root): i for i, item in enumerate(items) for value in item.needs}
    ends = (*recording.new_carry, recording.output)
    return last | {id(x.root): len(items) for x in ends if isinstance(x, Value)}
