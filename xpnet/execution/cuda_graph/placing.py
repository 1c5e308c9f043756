"""Memory of a captured step: where each value of its kernels and products lies on the device.

The carry has fixed memory; a new carry value is written over the old one once the old one is dead.  All other values
share one block of memory, in which live values never overlap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend import Namespace
from xpnet.execution.cuda_graph.cublas import matrix
from xpnet.execution.fused.fusion import Fused, can_fuse, copy_operation, layout_of, values_of
from xpnet.execution.fused.kernels import Operand
from xpnet.execution.recording.calls import Call, Layout, Value, run_call
from xpnet.execution.recording.carry import CarryMemory, clear_gaps, member_views, plan_carry
from xpnet.execution.recording.flat import FlatRecording, Vector, VectorPart
from xpnet.execution.recording.memory import shaped
from xpnet.execution.recording.recording import Recording
from xpnet.execution.recording.writable import can_write

ALIGNMENT = 256  # bytes, as for CUDA's allocations; for operands that start elsewhere cuBLAS takes slower kernels


def insert_copies(recording: Recording) -> Recording:
    """Return the recording with a copy before each operation that cannot read an argument where it lies.

    Only kernels can read inputs, whose address changes with the step.  cuBLAS can read only some layouts of matrices,
    and only factors of the result's dtype; a stack of them is whole, or one matrix for all.
    """
    input_ids, copies, calls = {id(value) for value in recording.inputs}, dict[Any, Value](), list[Call]()

    def copied(x: Any, needed: Layout | None) -> Any:
        """Return the argument itself, or a copy with the layout that the operation needs."""
        is_input = isinstance(x, Value) and id(x.root) in input_ids
        if needed is None and not is_input:
            return x
        layout = needed or layout_of(x).contiguous()
        key = id(x), layout.shape, layout.dtype
        if key not in copies:
            copies[key] = new = Value(layout)
            new.call = Call("astype", (x, layout.dtype), {}, (new,))
            calls.append(new.call)
        return copies[key]

    for call in recording.calls:
        if not can_fuse(call) and not is_view(call):
            is_product = call.name == "matmul" and can_write(call)
            needed = [_needed_factor(x, call.outs[0].layout) if is_product else None for x in call.args]
            call.args = tuple(copied(x, layout) for x, layout in zip(call.args, needed, strict=True))
        calls.append(call)
    return recording._replace(calls=calls)


def _needed_factor(x: Any, out: Layout) -> Layout | None:
    """Return the layout that cuBLAS needs of a factor of this product, or None if it can read the factor as it lies."""
    layout, stack = layout_of(x), out.shape[:-2]
    is_whole = prod(layout.shape[:-2]) in (1, prod(stack))
    if is_whole and layout.dtype == out.dtype and matrix(layout) is not None:
        return None
    lines = layout.shape[:-2] if is_whole else stack
    return Layout((*lines, *layout.shape[-2:]), out.dtype, ()).contiguous()


def is_view(item: Call | Fused) -> bool:
    """Return whether an item only creates a view of memory."""
    return isinstance(item, Call) and item.outs[0].base is not None


# ---- the carry and the output -----------------------------------------------------------------------------


class PlacedResults(NamedTuple):
    """The items with the copies at the end, and the values and vectors that lie in the memory of the carry."""

    items: list[Call | Fused]
    result: Value  # where the output is written: its address changes with the step
    leaves: dict[int, int]  # id of a value -> index of the leaf of the carry
    vectors: dict[int, int]  # id of a vector -> index of the flat vector of the carry


def place_results(recording: Recording, flattened: FlatRecording, items: Sequence[Call | Fused]) -> PlacedResults:
    """Return the items that also write the new carry and the output: directly, or by copies at the end."""
    last = {id(value.root): i for i, item in enumerate(items) if not is_view(item) for value in item.needs}
    last |= {id(x.root): len(items) for x in (*recording.new_carry, recording.output) if isinstance(x, Value)}

    def can_place(old: Value, new: Value) -> bool:
        return new.base is None and new.layout == old.layout

    plan = plan_carry(recording, flattened, items, last, _is_aligned, can_place)
    result = Value(layout_of(recording.output).contiguous())
    placed = PlacedResults([*items], result, plan.leaves, plan.vectors)
    copies = [(recording.carry[i], new) for i, new in plan.copies]
    placed.items.extend(_last_copies(recording, placed, copies))
    return placed


def _is_aligned(item: Call | Fused, old: Value, new: Value) -> bool:
    """Return whether an item reads each element of `old` only where it writes the same element of `new`."""
    if not isinstance(item, Fused):
        return False
    (target,) = (place for _, place in item.outputs if any(value is new for value in values_of(place)))
    reads = [x for x in item.inputs if any(value.root is old for value in values_of(x.place))]
    return all(x.role == "broadcast" and _are_alike(x.place, target, old) for x in reads)


def _are_alike(read: Any, written: Value | VectorPart, old: Value) -> bool:
    if isinstance(read, VectorPart) or isinstance(written, VectorPart):
        return isinstance(read, VectorPart) and isinstance(written, VectorPart) and read.span == written.span
    return read is old and read.layout == written.layout


def _last_copies(recording: Recording, placed: PlacedResults, copies: list[tuple[Value, Any]]) -> Iterator[Fused]:
    """Yield the copies at the end; values of the old carry are copied aside before the first leaf is overwritten."""
    carried, sources = {id(value) for value in recording.carry}, []
    for old, new in copies:
        if isinstance(new, Value) and id(new.root) in carried:
            aside = Value(new.layout.contiguous())
            yield copy_operation(new, aside)
            sources.append((old, aside))
        else:
            sources.append((old, new))
    if not _write_output(recording, placed):
        yield copy_operation(recording.output, placed.result)
    for old, source in sources:
        leaf = Value(old.layout)
        placed.leaves[id(leaf)] = placed.leaves[id(old)]
        yield copy_operation(source, leaf)


def _write_output(recording: Recording, placed: PlacedResults) -> bool:
    """Let the kernel that computes the output also write `placed.result`; return whether there is such a kernel."""
    output, read = recording.output, {id(value.root) for item in placed.items for value in item.needs}
    is_read = id(output) in read | {id(x.root) for x in recording.new_carry if isinstance(x, Value)}
    for i, item in enumerate(placed.items):
        written = [local for local, place in item.outputs if place is output] if isinstance(item, Fused) else []
        if isinstance(item, Fused) and written:
            others = tuple(x for x in item.outputs if is_read or x[1] is not output)
            placed.items[i] = replace(item, outputs=(*others, (written[0], placed.result)))
            return True
    return False


# ---- memory -----------------------------------------------------------------------------------------------


def offsets(needs: Sequence[tuple[int, int, int]]) -> tuple[list[int], int]:
    """Return the offset of each (size, first, last), and the total size: live values never overlap.

    Examples
    --------
    >>> offsets([(10, 0, 1), (4, 1, 2), (6, 2, 3)])
    ([0, 10, 0], 14)
    """
    starts = [0] * len(needs)
    done: list[int] = []
    for i in sorted(range(len(needs)), key=lambda i: -needs[i][0]):
        size, first, last = needs[i]
        live_together = [j for j in done if needs[j][1] <= last and first <= needs[j][2]]
        for begin, end in sorted((starts[j], starts[j] + needs[j][0]) for j in live_together):
            if starts[i] + size <= begin:
                break
            starts[i] = max(starts[i], end)
        done.append(i)
    return starts, max((starts[i] + needs[i][0] for i in done), default=0)


class Arrays:
    """The arrays of a step on the device, by the id of the value or vector that they hold."""

    def __init__(
        self,
        flattened: FlatRecording,
        placed: PlacedResults,
        memory: CarryMemory,
        per_step: dict[int, tuple[Value, Any]],
    ) -> None:
        self._flattened, self._per_step = flattened, per_step
        self.arrays = {key: memory.leaves[i] for key, i in placed.leaves.items()}
        self.arrays |= {key: first for key, (_, first) in per_step.items()}
        self.vectors = {key: memory.flats[i] for key, i in placed.vectors.items()}
        for vector in flattened.vectors:
            if id(vector) in self.vectors:
                self._add_members(vector, self.vectors[id(vector)])

    def allocate(self, items: Sequence[Call | Fused], empty: Any, xp: Namespace) -> None:
        """Allocate one block with `empty` for all values and vectors without memory, and create the views."""
        lifetimes: dict[int, list[Any]] = {}  # id -> the value or vector, the first and the last item that use it
        for i, item in enumerate(items):
            for value in () if is_view(item) else (*item.outs, *item.needs):
                owner = self._flattened.positions.get(id(value.root), (value.root, 0))[0]
                if id(owner) not in self.arrays and id(owner) not in self.vectors:
                    lifetimes.setdefault(id(owner), [owner, i, i])[2] = i
        sizes = [-(-_bytes(owner) // ALIGNMENT) * ALIGNMENT for owner, _, _ in lifetimes.values()]
        for lifetime in lifetimes.values():
            if isinstance(lifetime[0], Vector) and lifetime[0].has_gaps:  # nothing else may write to the gaps
                lifetime[1:] = 0, len(items)
        starts, total = offsets([(n, a, b) for n, (_, a, b) in zip(sizes, lifetimes.values(), strict=True)])
        block = empty((max(1, total),), np.dtype("uint8"))
        for start, (owner, _, _) in zip(starts, lifetimes.values(), strict=True):
            piece = block[start : start + _bytes(owner)]
            if isinstance(owner, Value):
                self.arrays[id(owner)] = shaped(piece.view(owner.layout.dtype)[: owner.layout.size], owner.layout)
            else:
                self.vectors[id(owner)] = flat = piece.view(owner.dtype)
                clear_gaps(flat, owner)
                self._add_members(owner, flat)
        for item in items:
            if isinstance(item, Call) and is_view(item):
                self.arrays.update(run_call(item, self.of, xp))

    def of(self, place: Any) -> Any:
        """Return the array of a place; a constant array is its own place."""
        if isinstance(place, VectorPart):
            first, last = place.span
            return self.vectors[id(place.vector)][first:last]
        return self.arrays[id(place)] if isinstance(place, Value) else place

    def operand(self, place: Any) -> Operand:
        """Return the layout of a place and how it advances with the step, for a kernel."""
        moves = isinstance(place, Value) and id(place.root) in self._per_step
        return Operand(layout_of(place), place.root.layout.size if moves else 0)

    def _add_members(self, vector: Vector, flat: Any) -> None:
        self.arrays |= {id(value): x for value, x in zip(vector.members, member_views(flat, vector), strict=True)}


def _bytes(owner: Value | Vector) -> int:
    size, dtype = (owner.size, owner.dtype) if isinstance(owner, Vector) else (owner.layout.size, owner.layout.dtype)
    return max(1, size * int(dtype.itemsize))
