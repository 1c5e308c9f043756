"""Buffers for a recorded step: the array that each value is written to, and how long the value is live."""

from dataclasses import dataclass, field
from typing import Any

from xpnet.execution.numpy_tape.numpy_calls import spread_first
from xpnet.execution.recording.calls import Call, Value
from xpnet.execution.recording.carry import CarryMemory, member_views, plan_carry
from xpnet.execution.recording.flat import FlatCall, FlatRecording, Vector, VectorPart
from xpnet.execution.recording.memory import Pool
from xpnet.execution.recording.recording import Recording
from xpnet.execution.recording.writable import can_write, may_overwrite

BLOCK = 2**17  # elements of a flat vector in one block: a few such blocks fit in the cache of a core


@dataclass
class Buffers:
    """Arrays by the id of the value or vector that they hold."""

    arrays: dict[int, Any] = field(default_factory=dict)
    vectors: dict[int, Any] = field(default_factory=dict)
    blocks: dict[int, Any] = field(default_factory=dict)  # for vectors of which only one block is live at a time
    # pairs of a leaf's memory, and the value or constant that is copied there after the step
    copies: list[tuple[Any, Value | Any]] = field(default_factory=list)
    sections: list[int] = field(default_factory=list)  # for each item: the number of its section


def assign(recording: Recording, flattened: FlatRecording, memory: CarryMemory, pool: Pool) -> Buffers:
    """Return a buffer for each value that can be written to one."""
    planner = _Planner(recording, flattened, memory, pool)
    for i, item in enumerate(flattened.items):
        if isinstance(item, FlatCall):
            planner.place_vector(item, i)
        else:
            for value in item.outs:
                planner.place_value(item, value, i)
        planner.release(i)
    return planner.finished()


class _Planner:
    def __init__(self, recording: Recording, flattened: FlatRecording, memory: CarryMemory, pool: Pool) -> None:
        self.recording, self.flattened, self.memory, self.pool = recording, flattened, memory, pool
        self.buffers = Buffers(sections=_sections(flattened.items))
        self.producer = {id(value): i for i, item in enumerate(flattened.items) for value in item.outs}
        self.last = _last_uses(recording, flattened)
        # id of an array of the pool -> index of the last item that reads it, and the array
        self.in_use: dict[int, tuple[int, Any]] = {}
        self.buffers.arrays.update({id(value): x for value, x in zip(recording.carry, memory.leaves, strict=True)})
        self._place_carry()

    # ---- the carry ----------------------------------------------------------------------------------------

    def _place_carry(self) -> None:
        """Let new carry values be written over dead old ones; the others are copied after the step."""
        memory, arrays = self.memory, self.buffers.arrays
        plan = plan_carry(self.recording, self.flattened, self.flattened.items, self.last, _overwrites, self._can_place)
        self.buffers.vectors.update({key: memory.flats[i] for key, i in plan.vectors.items()})
        for _, after in self.flattened.carried:
            if id(after) in plan.vectors:
                flat = self.buffers.vectors[id(after)]
                arrays.update({id(value): x for value, x in zip(after.members, member_views(flat, after), strict=True)})
        arrays.update({key: memory.leaves[i] for key, i in plan.leaves.items()})
        self.buffers.copies.extend((memory.leaves[i], new) for i, new in plan.copies)

    def _can_place(self, old: Value, new: Value) -> bool:
        leaf = self.buffers.arrays[id(old)]
        fits = new.layout.strides == leaf.strides and new is not self.recording.output
        return fits and new.call is not None and can_write(new.call)

    # ---- everything else ----------------------------------------------------------------------------------

    def place_value(self, call: Call, value: Value, i: int) -> None:
        """Choose a buffer for the result of an operation that is not flat."""
        if id(value) in self.flattened.positions:
            self._allocate_vector(self.flattened.positions[id(value)][0])
        elif (
            value.base is None
            and can_write(call)
            and value is not self.recording.output
            and id(value) not in self.buffers.arrays
        ):
            self.buffers.arrays[id(value)] = array = self._argument_or_new(call, value, i)
            self.in_use[id(array)] = (self.last.get(id(value), i), array)

    def _argument_or_new(self, call: Call, value: Value, i: int) -> Any:
        """Return the buffer of an argument that item i reads last and may overwrite, else a buffer of the pool."""
        for x in () if spread_first(call) else call.args:
            if isinstance(x, Value) and x.base is None and may_overwrite(call, x) and x.layout == value.layout:
                last, array = self.in_use.get(id(self.buffers.arrays.get(id(x))), (-1, None))
                if last == i:
                    return array
        return self.pool.like(value.layout)

    def place_vector(self, call: FlatCall, i: int) -> None:
        """Choose a buffer for the result of a flat operation.

        A single block is enough if no other section reads the vector.
        """
        vector = call.out.vector
        if id(vector) in self.buffers.vectors:
            return
        if not self._stays_inside(vector, i):
            self._allocate_vector(vector)
            return
        block = self._block(call, vector, i)
        self.buffers.blocks[id(vector)] = block
        self.in_use[id(block)] = (self._last_of(vector), block)

    def _block(self, call: FlatCall, vector: Vector, i: int) -> Any:
        """Return the block of an argument that item i reads last, else a block of the pool."""
        for x in call.args:
            if isinstance(x, VectorPart) and x.vector.dtype == vector.dtype:
                last, array = self.in_use.get(id(self.buffers.blocks.get(id(x.vector))), (-1, None))
                if last == i:
                    return array
        return self.pool.take((min(BLOCK, vector.size),), vector.dtype)

    def _stays_inside(self, vector: Vector, i: int) -> bool:
        whole, section = (0, vector.size), self.buffers.sections
        uses = [(j, item, part) for j, item in enumerate(self.flattened.items) for part in _parts(item, vector)]
        inside = {id(value) for value in vector.members}
        ordinary = any(
            id(value.root) in inside for item in self.flattened.items if isinstance(item, Call) for value in item.needs
        )
        ends = any(
            isinstance(x, Value) and id(x.root) in inside for x in (*self.recording.new_carry, self.recording.output)
        )
        return not ordinary and not ends and all(section[j] == section[i] and part.span == whole for j, _, part in uses)

    def _allocate_vector(self, vector: Vector) -> None:
        if id(vector) not in self.buffers.vectors:
            self.buffers.vectors[id(vector)] = flat = self.pool.take((vector.size,), vector.dtype)
            self.in_use[id(flat)] = (self._last_of(vector), flat)
        pieces = member_views(self.buffers.vectors[id(vector)], vector)
        self.buffers.arrays.update({id(value): x for value, x in zip(vector.members, pieces, strict=True)})

    def _last_of(self, vector: Vector) -> int:
        return max(max(self.last.get(id(value), -1), self.producer.get(id(value), -1)) for value in vector.members)

    def release(self, i: int) -> None:
        """Free the buffers of values that are dead after item i."""
        for key in [key for key, (last, _) in self.in_use.items() if last <= i]:
            self.pool.give_back(self.in_use.pop(key)[1])

    def finished(self) -> Buffers:
        """Free all buffers for the next program of the step, and return them."""
        self.release(len(self.flattened.items))
        return self.buffers


def _overwrites(item: Call | FlatCall, old: Value, new: Value) -> bool:  # noqa: ARG001
    return isinstance(item, FlatCall) or may_overwrite(item, old)


def _last_uses(recording: Recording, flattened: FlatRecording) -> dict[int, int]:
    last = {id(value.root): i for i, item in enumerate(flattened.items) for value in item.needs}
    end = len(flattened.items)
    return last | {id(x.root): end for x in (*recording.new_carry, recording.output) if isinstance(x, Value)}


def _sections(items: list[Call | FlatCall]) -> list[int]:
    """Return the section of each item: one number for neighboring flat operations that can share a loop over blocks."""
    spans: dict[int, tuple[int, int]] = {}
    numbers, length, current = [], -1, 0
    for item in items:
        parts = [*(x for x in item.args if isinstance(x, VectorPart)), item.out] if isinstance(item, FlatCall) else []
        size = parts[0].span[1] - parts[0].span[0] if parts else -1
        fits = size == length and all(spans.get(id(p.vector), p.span) == p.span for p in parts)
        if not parts or not fits:
            current, spans, length = current + 1, {}, size
        spans.update({id(p.vector): p.span for p in parts})
        numbers.append(current)
    return numbers


def _parts(item: Call | FlatCall, vector: Vector) -> list[VectorPart]:
    if not isinstance(item, FlatCall):
        return []
    return [x for x in (*item.args, item.out) if isinstance(x, VectorPart) and x.vector is vector]
