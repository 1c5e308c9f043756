"""Groups: fused operations on NumPy.  NumPy calls them one after another; a compiled loop runs them at once.

A value inside a group that nothing else reads lies in a scratch array.  If the group is large, NumPy computes it in
blocks of the first axis, so that the scratch arrays stay in the cache.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any

from xpnet.execution.fused.fusion import Fused, Local, layout_of
from xpnet.execution.numpy_tape.numpy_calls import wants_room
from xpnet.execution.recording.calls import Call, Layout, Value
from xpnet.execution.recording.flat import VectorPart
from xpnet.execution.recording.memory import Pool
from xpnet.execution.recording.writable import may_overwrite

BLOCK = 2**17  # elements in one block: a few such blocks fit in the cache of a core


@dataclass(eq=False, slots=True)
class Group:
    """A fused operation as calls.  `values` has an entry for each local: a value, or a constant array."""

    fused: Fused
    values: list[Any]
    calls: list[Call]
    last: dict[int, int] = field(default_factory=dict)  # id of a value -> index of the last call that reads it

    @classmethod
    def of(cls, fused: Fused) -> "Group":
        """Return the calls of a fused operation."""
        values = [Value(layout_of(x.place)) if isinstance(x.place, VectorPart) else x.place for x in fused.inputs]
        written = {local: place for local, place in fused.outputs if isinstance(place, Value)}
        calls: list[Call] = []
        for i, operation in enumerate(fused.operations, len(values)):
            result = written.get(Local(i)) or Value(operation.layout)
            args = tuple(values[x] if isinstance(x, Local) else x for x in operation.args)
            calls.append(Call(operation.name, args, {}, (result,)))
            values.append(result)
        last = {id(value): k for k, call in enumerate(calls) for value in call.needs}
        return cls(fused, values, calls, last)

    @property
    def needs(self) -> list[Value]:
        """The values outside the group that it reads."""
        return self.fused.needs

    @property
    def outs(self) -> list[Value]:
        """The values outside the group that it writes."""
        return self.fused.outs

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.fused.shape)

    @property
    def inputs(self) -> Iterator[tuple[Any, Any]]:
        """The places that it reads, with what stands for them among the values."""
        return zip((x.place for x in self.fused.inputs), self.values, strict=False)

    @property
    def outputs(self) -> Iterator[tuple[Any, Value]]:
        """The places that it writes, with their values."""
        return ((place, self.values[local]) for local, place in self.fused.outputs)

    @property
    def inner(self) -> list[tuple[int, Value]]:
        """The values that nothing outside reads, and the index of the call that computes each."""
        written = {id(value) for _, value in self.outputs}
        return [(k, call.outs[0]) for k, call in enumerate(self.calls) if id(call.outs[0]) not in written]

    def may_write_over(self, given: Any, result: Value) -> bool:
        """Return whether the group may write `result` into the memory of an input, whose last reader it is.

        Each element must be read where it is written, and by no call after the one that computes the result.
        """
        computed = next(k for k, call in enumerate(self.calls) if call.outs[0] is result)
        if not isinstance(given, Value) or given.layout != result.layout or self._is_read_otherwise(given):
            return False
        last = self.last[id(given)]
        return last < computed or (last == computed and _overwrites(self.calls[computed], given))

    def _is_read_otherwise(self, given: Value) -> bool:
        """Return whether the group also reads a view of the value."""
        return any(x is not given and isinstance(x, Value) and x.root is given.root for _, x in self.inputs)

    @property
    def rows(self) -> int:
        """How many rows of the first axis a block has; all of them if the group is small."""
        n = self.fused.shape[0] if self.fused.shape else 1
        return n if self.size <= BLOCK else max(1, min(n, BLOCK * n // self.size))

    def is_cut(self, layout: Layout) -> bool:
        """Return whether a block has only some rows of an array with this layout."""
        shape = self.fused.shape
        return 0 < layout.ndim == len(shape) and layout.shape[0] == shape[0]


def scratch_arrays(group: Group, arrays: dict[int, Any], pool: Pool, rows: int) -> dict[int, Any]:
    """Return arrays for the values inside a group, by id; `arrays` has those of its inputs and outputs.

    A value takes the array of the result that its last reader computes, if it may be written over there; else any
    scratch array that is free meanwhile, or a new one.  They are given back to the pool: other items may use them.
    """
    uses = _Uses(group, arrays)
    taken: list[Any] = []
    found: dict[int, Any] = {}
    for k, value in reversed(group.inner):
        last = group.last[id(value)]
        result = group.calls[last].outs[0]
        array = found.get(id(result), arrays.get(id(result)))
        if array is None or result.layout != value.layout or not uses.may_share(array, k, value):
            shape = (rows, *value.layout.shape[1:]) if value.layout.ndim else ()
            fits = (x for x in taken if (x.shape, x.dtype) == (shape, value.layout.dtype))
            array = next((x for x in fits if uses.is_free(x, k, last)), None)
            if array is None:
                taken.append(array := pool.like(value.layout._replace(shape=shape)))
        uses.add(array, k, last, value)
        found[id(value)] = array
    for array in taken:
        pool.give_back(array)
    return found


class _Uses:
    """When the arrays of a group are in use: from the call that writes a value to the last call that reads it."""

    def __init__(self, group: Group, arrays: dict[int, Any]) -> None:
        self.calls, self.last = group.calls, group.last
        self.of: dict[int, list[tuple[int, int, Value]]] = {}  # by the address of an array
        for _, value in group.inputs:
            if isinstance(value, Value) and id(value) in arrays:
                self.add(arrays[id(value)], -1, group.last[id(value)], value)

    def add(self, array: Any, first: int, last: int, value: Value) -> None:
        """Note that an array holds a value."""
        self.of.setdefault(_address(array), []).append((first, last, value))

    def is_free(self, array: Any, first: int, last: int) -> bool:
        """Return whether no call from `first` to `last` uses the array."""
        return all(end < first or last < start for start, end, _ in self.of.get(_address(array), []))

    def may_share(self, array: Any, first: int, value: Value) -> bool:
        """Return whether a value, computed by call `first`, may lie in the array of its last reader's result."""
        last = self.last[id(value)]
        if not _overwrites(self.calls[last], value):
            return False
        return all(
            end < first or last <= start or (end == first and self._is_overwritten(first, old, value))
            for start, end, old in self.of.get(_address(array), [])
        )

    def _is_overwritten(self, call: int, old: Value, new: Value) -> bool:
        return old.layout == new.layout and _overwrites(self.calls[call], old)


def _overwrites(call: Call, value: Value) -> bool:
    """Return whether a call of NumPy should write its result over an argument."""
    return may_overwrite(call, value) and not wants_room(call)


def _address(array: Any) -> int:
    return int(array.ctypes.data)
