"""Placing: what a step does as kernels and products, and where in the device's memory each value of it lies.

The carry lives at home and is written there as soon as what was there is needed no longer.  Everything else shares one
block of memory, each value for as long as it is needed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend import Namespace
from xpnet.execution.buffers import Home, cut
from xpnet.execution.calls import Call, Form, Slot, results
from xpnet.execution.cublas import matrix
from xpnet.execution.fusion import Fused, can_fuse, copying, form_of, slots_of
from xpnet.execution.kernels import Operand
from xpnet.execution.memory import shaped
from xpnet.execution.record import Recording
from xpnet.execution.vectors import Layout, Part

ALIGNMENT = 256  # bytes, as CUDA's own allocations have


def settled(recording: Recording) -> Recording:
    """Return the recording with copies before operations that cannot read what they are given where it lies.

    That is what moves on with the step, unless a kernel reads it, and matrices that cuBLAS cannot read.
    """
    given, copies, calls = {id(slot) for slot in recording.inputs}, dict[int, Slot](), list[Call]()

    def copied(x: Any, *, as_matrix: bool) -> Any:
        if not isinstance(x, Slot) or (id(x.root) not in given and not (as_matrix and _is_odd(x.form))):
            return x
        if id(x) not in copies:
            copies[id(x)] = new = Slot(x.form.plain())
            new.call = Call("astype", (x, x.form.dtype), {}, (new,))
            calls.append(new.call)
        return copies[id(x)]

    for call in recording.calls:
        if not can_fuse(call) and not is_view(call):
            call.args = tuple(copied(x, as_matrix=call.name == "matmul") for x in call.args)
        calls.append(call)
    return recording._replace(calls=calls)


def _is_odd(form: Form) -> bool:
    return form.ndim >= 2 and matrix(form) is None


def is_view(item: Call | Fused) -> bool:
    """Return whether an item only looks at memory in another way."""
    return isinstance(item, Call) and item.outs[0].base is not None


# ---- the carry and the output -----------------------------------------------------------------------------


class Ending(NamedTuple):
    """The items with what has to be done at the end, and which slots and vectors lie at home."""

    items: list[Call | Fused]
    result: Slot  # where the output is written: it moves on with the step
    slots: dict[int, int]  # id of a slot: which leaf of the carry
    vectors: dict[int, int]  # id of a vector: which vector of the home


def ended(recording: Recording, layout: Layout, items: Sequence[Call | Fused]) -> Ending:
    """Let what is carried on be written at home where it can be, else copied there last, and the output be written."""
    ending = Ending([*items], Slot(form_of(recording.output).plain()), {}, {})
    position = {id(slot): i for i, item in enumerate(items) for slot in item.outs}
    last = {id(slot.root): i for i, item in enumerate(items) if not is_view(item) for slot in item.slots}
    last |= {id(x.root): len(items) for x in (*recording.carried, recording.output) if isinstance(x, Slot)}

    def is_free(old: Slot, new: Slot) -> bool:
        maker, end = position[id(new)], last.get(id(old), -1)
        return end < maker or (end == maker and _is_aligned(items[maker], old, new))

    for i, (before, after) in enumerate(layout.carried):
        ending.vectors[id(before)] = i
        if all(is_free(old, new) for old, new in zip(before.members, after.members, strict=True)):
            ending.vectors[id(after)] = i
    copies: list[tuple[Slot, Any]] = []
    for i, (old, new) in enumerate(zip(recording.carry, recording.carried, strict=True)):
        ending.slots[id(old)] = i
        vector = layout.places.get(id(new), (None, 0))[0]
        if new is old or (vector is not None and id(vector) in ending.vectors and isinstance(new, Slot) and new.call):
            continue
        fresh = isinstance(new, Slot) and new.call and new.base is None and vector is None
        if fresh and id(new) not in ending.slots and new.form == old.form and is_free(old, new):
            ending.slots[id(new)] = i
        else:
            copies.append((old, new))
    ending.items.extend(_last_copies(recording, ending, copies))
    return ending


def _is_aligned(item: Call | Fused, old: Slot, new: Slot) -> bool:
    """Return whether an item reads each number of `old` only where it writes that of `new`."""
    if not isinstance(item, Fused):
        return False
    (target,) = (place for _, place in item.outputs if any(slot is new for slot in slots_of(place)))
    touching = [x for x in item.inputs if any(slot.root is old for slot in slots_of(x.place))]
    return all(x.role == "value" and _are_alike(x.place, target, old) for x in touching)


def _are_alike(read: Any, written: Slot | Part, old: Slot) -> bool:
    if isinstance(read, Part) or isinstance(written, Part):
        return isinstance(read, Part) and isinstance(written, Part) and read.span == written.span
    return read is old and read.form == written.form


def _last_copies(recording: Recording, ending: Ending, copies: list[tuple[Slot, Any]]) -> Iterator[Fused]:
    """Yield the copies of the end: what is read from the carry itself goes aside before anything is written over."""
    homes, sources = {id(slot) for slot in recording.carry}, []
    for old, new in copies:
        if isinstance(new, Slot) and id(new.root) in homes:
            aside = Slot(new.form.plain())
            yield copying(new, aside)
            sources.append((old, aside))
        else:
            sources.append((old, new))
    if not _write_output(recording, ending):
        yield copying(recording.output, ending.result)
    for old, source in sources:
        leaf = Slot(old.form)
        ending.slots[id(leaf)] = ending.slots[id(old)]
        yield copying(source, leaf)


def _write_output(recording: Recording, ending: Ending) -> bool:
    """Let the kernel that computes the output write it for the caller, too; say whether there is one."""
    output, read = recording.output, {id(slot.root) for item in ending.items for slot in item.slots}
    kept = id(output) in read | {id(x.root) for x in recording.carried if isinstance(x, Slot)}
    for i, item in enumerate(ending.items):
        values = [value for value, place in item.outputs if place is output] if isinstance(item, Fused) else []
        if isinstance(item, Fused) and values:
            others = tuple(x for x in item.outputs if kept or x[1] is not output)
            ending.items[i] = replace(item, outputs=(*others, (values[0], ending.result)))
            return True
    return False


# ---- memory -----------------------------------------------------------------------------------------------


def offsets(needs: Sequence[tuple[int, int, int]]) -> tuple[list[int], int]:
    """Return where each of (size, first, last) begins, and how much they take: at no time do two lie on one another.

    Examples
    --------
    >>> offsets([(10, 0, 1), (4, 1, 2), (6, 2, 3)])
    ([0, 10, 0], 14)
    """
    places = [0] * len(needs)
    done: list[int] = []
    for i in sorted(range(len(needs)), key=lambda i: -needs[i][0]):
        size, first, last = needs[i]
        beside = [j for j in done if needs[j][1] <= last and first <= needs[j][2]]
        for begin, end in sorted((places[j], places[j] + needs[j][0]) for j in beside):
            if places[i] + size <= begin:
                break
            places[i] = max(places[i], end)
        done.append(i)
    return places, max((places[i] + needs[i][0] for i in done), default=0)


class Arrays:
    """The arrays of a step on the device: what lies where."""

    def __init__(self, layout: Layout, ending: Ending, home: Home, moving: dict[int, tuple[Slot, Any]]) -> None:
        self._layout, self._moving = layout, moving
        self.slots = {key: home.leaves[i] for key, i in ending.slots.items()}
        self.slots |= {key: first for key, (_, first) in moving.items()}
        self.vectors = {key: home.flats[i] for key, i in ending.vectors.items()}
        for vector in layout.vectors:
            if id(vector) in self.vectors:
                self._cut(vector, self.vectors[id(vector)])

    def place(self, items: Sequence[Call | Fused], empty: Any, xp: Namespace) -> None:
        """Find memory for all that has none, in one block that `empty` gives, and look at it as views do."""
        needs: dict[int, list[Any]] = {}
        for i, item in enumerate(items):
            for slot in () if is_view(item) else (*item.outs, *item.slots):
                unit = self._layout.places.get(id(slot.root), (slot.root, 0))[0]
                if id(unit) not in self.slots and id(unit) not in self.vectors:
                    needs.setdefault(id(unit), [unit, i, i])[2] = i
        sizes = [-(-_bytes(unit) // ALIGNMENT) * ALIGNMENT for unit, _, _ in needs.values()]
        places, total = offsets([(n, a, b) for n, (_, a, b) in zip(sizes, needs.values(), strict=True)])
        block = empty((max(1, total),), np.dtype("uint8"))
        for place, (unit, _, _) in zip(places, needs.values(), strict=True):
            piece = block[place : place + _bytes(unit)]
            if isinstance(unit, Slot):
                self.slots[id(unit)] = shaped(piece.view(unit.form.dtype)[: unit.form.size], unit.form)
            else:
                self.vectors[id(unit)] = flat = piece.view(unit.dtype)
                self._cut(unit, flat)
        for item in items:
            if isinstance(item, Call) and is_view(item):
                self.slots.update(results(item, self.of, xp))

    def of(self, place: Any) -> Any:
        """Return the array in a place; what is no place is itself."""
        if isinstance(place, Part):
            first, last = place.span
            return self.vectors[id(place.vector)][first:last]
        return self.slots[id(place)] if isinstance(place, Slot) else place

    def operand(self, place: Any) -> Operand:
        """Return what a kernel must know of the array in a place."""
        moves = isinstance(place, Slot) and id(place.root) in self._moving
        return Operand(form_of(place), place.root.form.size if moves else 0)

    def _cut(self, vector: Any, flat: Any) -> None:
        self.slots |= {id(slot): x for slot, x in zip(vector.members, cut(flat, vector), strict=True)}


def _bytes(unit: Any) -> int:
    return int(
        max(1, unit.form.size * unit.form.dtype.itemsize if isinstance(unit, Slot) else unit.size * unit.dtype.itemsize)
    )
