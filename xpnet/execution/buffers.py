"""Buffers for a recorded step: which array each value is written to, and how long it is needed there."""

from dataclasses import dataclass, field
from typing import Any

from xpnet.execution.calls import Call, Slot
from xpnet.execution.memory import Pool
from xpnet.execution.numpy_calls import can_write, may_overwrite, spread_first
from xpnet.execution.record import Recording
from xpnet.execution.vectors import FlatCall, Layout, Part, Vector

BLOCK = 2**17  # numbers of a flat vector that are worked on at once: a few such blocks fit in a core's cache


class Home:
    """Where the carry lives between calls, flat vectors with leaves as views.  All programs of a step share it."""

    def __init__(self, recording: Recording, layout: Layout, pool: Pool) -> None:
        self.order = leaf_order(recording, layout)
        self.flats = [pool.take((vector.size,), vector.dtype) for vector, _ in layout.carried]
        pieces = [p for flat, (v, _) in zip(self.flats, layout.carried, strict=True) for p in cut(flat, v)]
        flat_order = [i for family in self.order for i in family]
        self.leaves = [
            pieces[flat_order.index(i)] if i in flat_order else pool.like(slot.form)
            for i, slot in enumerate(recording.carry)
        ]


def leaf_order(recording: Recording, layout: Layout) -> list[list[int]]:
    """Return, for each flat vector of the carry, which leaves lie there one behind the other."""
    place = {id(slot): i for i, slot in enumerate(recording.carry)}
    return [[place[id(slot)] for slot in vector.members] for vector, _ in layout.carried]


def cut(flat: Any, vector: Vector) -> list[Any]:
    """Return the members of a vector as views of the array that holds it."""
    return [
        flat[a : a + slot.form.size].reshape(slot.form.shape)
        for a, slot in zip(vector.starts, vector.members, strict=False)
    ]


@dataclass
class Buffers:
    """Arrays by the identity of the slot or vector that they hold."""

    slots: dict[int, Any] = field(default_factory=dict)
    vectors: dict[int, Any] = field(default_factory=dict)
    blocks: dict[int, Any] = field(default_factory=dict)  # of vectors of which only a block is ever needed
    copied: list[tuple[Any, Slot | Any]] = field(default_factory=list)  # leaves of the carry to be copied at the end
    sections: list[int] = field(default_factory=list)  # for each item: which run of flat operations it belongs to


def assign(recording: Recording, layout: Layout, home: Home, pool: Pool) -> Buffers:
    """Return a buffer for every value that can be written to one."""
    planner = _Planner(recording, layout, home, pool)
    for i, item in enumerate(layout.items):
        if isinstance(item, FlatCall):
            planner.place_vector(item, i)
        else:
            for slot in item.outs:
                planner.place_slot(item, slot, i)
        planner.release(i)
    return planner.finished()


class _Planner:
    def __init__(self, recording: Recording, layout: Layout, home: Home, pool: Pool) -> None:
        self.recording, self.layout, self.home, self.pool = recording, layout, home, pool
        self.made = Buffers(sections=_sections(layout.items))
        self.maker = {id(slot): i for i, item in enumerate(layout.items) for slot in item.outs}
        self.last = _last_uses(recording, layout)
        # arrays from the pool by identity, with the last item that needs them
        self.lent: dict[int, tuple[int, Any]] = {}
        self.made.slots.update({id(s): x for s, x in zip(recording.carry, home.leaves, strict=True)})
        self._settle_carry()

    # ---- the carry ----------------------------------------------------------------------------------------

    def _settle_carry(self) -> None:
        """Let what the step carries on be written where it will be read, if what was there is needed no longer."""
        flats = self.home.flats if self.layout.carried else []  # none are used where their order is another
        for flat, (before, after) in zip(flats, self.layout.carried, strict=True):
            self.made.vectors[id(before)] = flat
            if all(self._is_free(old, new) for old, new in zip(before.members, after.members, strict=True)):
                self.made.vectors[id(after)] = flat
                self.made.slots.update({id(s): x for s, x in zip(after.members, cut(flat, after), strict=True)})
        flat = {id(slot) for _, after in self.layout.carried for slot in after.members}
        seen: set[int] = set()
        for old, new, leaf in zip(self.recording.carry, self.recording.carried, self.home.leaves, strict=True):
            if new is old or (id(new) in self.made.slots and id(new) in flat):
                continue
            call = new.call if isinstance(new, Slot) else None
            if (
                call
                and id(new) not in seen
                and id(new) not in flat
                and can_write(call)
                and self._is_free(old, new)
                and new.form.strides == leaf.strides
                and new is not self.recording.output
            ):
                self.made.slots[id(new)] = leaf
            else:
                self.made.copied.append((leaf, new))
            seen.add(id(new))

    def _is_free(self, old: Slot, new: Slot) -> bool:
        """Return whether nothing reads `old` after `new` is written; the same elementwise operation may do both."""
        item, last = self.layout.items[self.maker[id(new)]], self.last.get(id(old), -1)
        overwrites = isinstance(item, FlatCall) or may_overwrite(item, old)
        return last < self.maker[id(new)] or (last == self.maker[id(new)] and overwrites)

    # ---- everything else ----------------------------------------------------------------------------------

    def place_slot(self, call: Call, slot: Slot, i: int) -> None:
        """Find a buffer for the result of an ordinary operation."""
        if id(slot) in self.layout.places:
            self._full(self.layout.places[id(slot)][0])
        elif (
            slot.base is None
            and can_write(call)
            and slot is not self.recording.output
            and id(slot) not in self.made.slots
        ):
            self.made.slots[id(slot)] = array = self._taken_over(call, slot, i)
            self.lent[id(array)] = (self.last.get(id(slot), i), array)

    def _taken_over(self, call: Call, slot: Slot, i: int) -> Any:
        """Return the buffer of an argument that dies here, if the result may be written over it, else another one."""
        for x in () if spread_first(call) else call.args:
            if isinstance(x, Slot) and x.base is None and may_overwrite(call, x) and _are_alike(x, slot):
                last, found = self.lent.get(id(self.made.slots.get(id(x))), (-1, None))
                if last == i:
                    return found
        return self.pool.like(slot.form)

    def place_vector(self, call: FlatCall, i: int) -> None:
        """Find a buffer for the result of a flat operation: of a block, if nobody outside its section looks at it."""
        vector = call.out.vector
        if id(vector) in self.made.vectors:
            return
        if not self._stays_inside(vector, i):
            self._full(vector)
            return
        block = self._block(call, vector, i)
        self.made.blocks[id(vector)] = block
        self.lent[id(block)] = (self._last_of(vector), block)

    def _block(self, call: FlatCall, vector: Vector, i: int) -> Any:
        """Return the block of an argument that dies here, or another one."""
        for x in call.args:
            if isinstance(x, Part) and x.vector.dtype == vector.dtype:
                last, found = self.lent.get(id(self.made.blocks.get(id(x.vector))), (-1, None))
                if last == i:
                    return found
        return self.pool.take((min(BLOCK, vector.size),), vector.dtype)

    def _stays_inside(self, vector: Vector, i: int) -> bool:
        whole, section = (0, vector.size), self.made.sections
        uses = [(j, item, part) for j, item in enumerate(self.layout.items) for part in _parts(item, vector)]
        inside = {id(slot) for slot in vector.members}
        ordinary = any(
            id(slot.root) in inside for item in self.layout.items if isinstance(item, Call) for slot in item.slots
        )
        ends = any(
            isinstance(x, Slot) and id(x.root) in inside for x in (*self.recording.carried, self.recording.output)
        )
        return not ordinary and not ends and all(section[j] == section[i] and part.span == whole for j, _, part in uses)

    def _full(self, vector: Vector) -> None:
        if id(vector) not in self.made.vectors:
            self.made.vectors[id(vector)] = flat = self.pool.take((vector.size,), vector.dtype)
            self.lent[id(flat)] = (self._last_of(vector), flat)
        pieces = cut(self.made.vectors[id(vector)], vector)
        self.made.slots.update({id(s): x for s, x in zip(vector.members, pieces, strict=True)})

    def _last_of(self, vector: Vector) -> int:
        return max(max(self.last.get(id(s), -1), self.maker.get(id(s), -1)) for s in vector.members)

    def release(self, i: int) -> None:
        """Give back what is needed no longer after item i."""
        for key in [key for key, (last, _) in self.lent.items() if last <= i]:
            self.pool.give(self.lent.pop(key)[1])

    def finished(self) -> Buffers:
        """Return the buffers, with everything given back for the next program of the step."""
        self.release(len(self.layout.items))
        return self.made


def _last_uses(recording: Recording, layout: Layout) -> dict[int, int]:
    last = {id(slot.root): i for i, item in enumerate(layout.items) for slot in item.slots}
    end = len(layout.items)
    return last | {id(x.root): end for x in (*recording.carried, recording.output) if isinstance(x, Slot)}


def _sections(items: list[Call | FlatCall]) -> list[int]:
    """Return a number for each item: equal for flat operations that can be done block by block together."""
    spans: dict[int, tuple[int, int]] = {}
    numbers, length, current = [], -1, 0
    for item in items:
        parts = [*(x for x in item.args if isinstance(x, Part)), item.out] if isinstance(item, FlatCall) else []
        size = parts[0].span[1] - parts[0].span[0] if parts else -1
        fits = size == length and all(spans.get(id(p.vector), p.span) == p.span for p in parts)
        if not parts or not fits:
            current, spans, length = current + 1, {}, size
        spans.update({id(p.vector): p.span for p in parts})
        numbers.append(current)
    return numbers


def _parts(item: Call | FlatCall, vector: Vector) -> list[Part]:
    if not isinstance(item, FlatCall):
        return []
    return [x for x in (*item.args, item.out) if isinstance(x, Part) and x.vector is vector]


def _are_alike(a: Slot, b: Slot) -> bool:
    return (a.form.shape, a.form.dtype, a.form.strides) == (b.form.shape, b.form.dtype, b.form.strides)
