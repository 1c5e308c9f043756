"""Fusion: several elementwise operations become one, whose intermediate values need no memory.

Elementwise operations of one shape can share one loop.  The order of the operations is built from the end of the
step: each operation comes as late as its readers allow, so that many operations of one shape become neighbors.  The
arithmetic is unchanged: each element goes through the same operations, in the same order and precision.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from xpnet.execution.recording.calls import Call, Layout, Value, function
from xpnet.execution.recording.flat import FlatCall, FlatRecording, VectorPart, members
from xpnet.execution.recording.recording import Recording
from xpnet.execution.recording.writable import is_elementwise

Place: TypeAlias = Any  # where data lie: a Value, a VectorPart, or a constant array


class Local(int):
    """A variable inside a fused operation: its index, first the inputs, then the results of the operations."""

    __slots__ = ()


class Input(NamedTuple):
    """An array that a fused operation reads.

    Its role says how: a "broadcast" input is broadcast to the shape as in NumPy; "rows" has one element for each index
    of the first axis; a "table" is read at the index that another input gives.
    """

    place: Place
    role: str = "broadcast"


class Operation(NamedTuple):
    """One elementwise operation on locals, numbers or a dtype; `layout` is that of its result."""

    name: str
    args: tuple[Any, ...]
    layout: Layout


@dataclass(eq=False, slots=True)
class Fused:
    """Elementwise operations that run in one loop over the elements of `shape`."""

    shape: tuple[int, ...]
    inputs: tuple[Input, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[tuple[Local, Value | VectorPart], ...]  # the results that are written, and where

    @property
    def needs(self) -> list[Value]:
        """The values that it reads."""
        return [value for x in self.inputs for value in values_of(x.place)]

    @property
    def outs(self) -> list[Value]:
        """The values that it writes."""
        return [value for _, place in self.outputs for value in values_of(place)]


Item: TypeAlias = Call | FlatCall | Fused


def fuse(
    recording: Recording, flattened: FlatRecording, suits: Callable[[Call | FlatCall], bool] | None = None
) -> list[Call | Fused]:
    """Return the items with elementwise operations fused, in an order in which each comes after what it reads.

    A target that cannot compute all of them says by `suits` which ones it can; the others stay as they are, or alone.
    """
    ends = {id(x) for x in (*recording.new_carry, recording.output) if isinstance(x, Value)}
    fusible = [can_fuse(item) and (suits is None or suits(item)) for item in flattened.items]
    return _Fusing(flattened.items, fusible, ends).result()


def copy_operation(source: Place, target: Value) -> Fused:
    """Return the operation that broadcasts `source` to the shape of `target` and copies it there."""
    cast = Operation("astype", (Local(0), target.layout.dtype), target.layout)
    return Fused(target.layout.shape, (Input(source),), (cast,), ((Local(1), target),))


def evaluate_on_numpy(fused: Fused, inputs: Sequence[Any]) -> list[Any]:
    """Return the outputs for arrays of the inputs, computed with NumPy; a kernel must equal them."""
    values = list(inputs)
    for operation in fused.operations:
        args = [values[x] if isinstance(x, Local) else x for x in operation.args]
        match operation.name:
            case "astype":
                values.append(np.asarray(args[0]).astype(operation.layout.dtype))
            case "take":
                values.append(np.take(args[0], args[1], axis=0))
            case "take_along_axis":
                values.append(np.take_along_axis(args[0], args[1], axis=-1))
            case name:
                values.append(function(name, np)(*args))
    return [values[i] for i, _ in fused.outputs]


def layout_of(place: Place) -> Layout:
    """Return the layout of a place."""
    if isinstance(place, Value):
        return place.layout
    if isinstance(place, VectorPart):
        first, last = place.span
        dtype = np.dtype(place.vector.dtype)
        return Layout((last - first,), dtype, (dtype.itemsize,))
    layout = Layout.of(place)
    return layout._replace(strides=tuple(place.strides)) if hasattr(place, "strides") else layout


# ---- what can be fused ------------------------------------------------------------------------------------


def can_fuse(item: Item) -> bool:
    """Return whether an item computes each element of its result from one element of each argument."""
    if not isinstance(item, Call):
        return isinstance(item, FlatCall)
    if item.several or item.outs[0].base is not None:
        return False
    arrays, options = [x for x in item.args if is_array(x)], dict(item.kwargs)
    match item.name:
        case "where":
            return not options and len(item.args) == 3
        case "astype":
            return set(options) <= {"copy"} and len(item.args) == 2
        case "take":
            axis = options.pop("axis", 0 if layout_of(item.args[0]).ndim == 1 else None)
            return not options and axis == 0 and len(arrays) == 2 and layout_of(arrays[1]).ndim == 1
        case "take_along_axis":
            return options == {"axis": -1} and len(arrays) == 2
        case "power":
            return not options
        case _:
            return not options and is_elementwise(item.name)


def _reads(item: Call | FlatCall) -> list[Input]:
    """Return the arrays that an operation reads, with their roles."""
    arrays = [x for x in item.args if is_array(x)]
    match item.name:
        case "take":
            return [Input(arrays[0], "table"), Input(arrays[1], "rows")]
        case "take_along_axis":
            return [Input(arrays[0], "table"), Input(arrays[1])]
        case _:
            return [Input(x) for x in arrays]


def is_array(x: Any) -> bool:
    """Return whether an argument is a value, a part of a vector or a constant array."""
    if isinstance(x, Value | VectorPart):
        return True
    return hasattr(x, "shape") and hasattr(x, "dtype") and not isinstance(x, np.generic | type)


def target_of(item: Call | FlatCall) -> Value | VectorPart:
    """Return where the result of an operation lies."""
    return item.out if isinstance(item, FlatCall) else item.outs[0]


def values_of(place: Place) -> tuple[Value, ...]:
    """Return the values in a place; a constant array has none."""
    if isinstance(place, VectorPart):
        return members(place)
    return (place,) if isinstance(place, Value) else ()


def _key(place: Place) -> Any:
    return (id(place.vector), place.span) if isinstance(place, VectorPart) else id(place)


# ---- fusing -----------------------------------------------------------------------------------------------


class _Fusing:
    def __init__(self, items: Sequence[Call | FlatCall], fusible: list[bool], ends: set[int]) -> None:
        self.items, self.fusible, self.ends = items, fusible, ends
        self.shapes = [layout_of(target_of(item)).shape for item in items]
        self.remaining = dict.fromkeys(reversed(range(len(items))))  # items that are not in the new order yet
        self.consumers: dict[int, list[int]] = defaultdict(list)
        for i, item in enumerate(items):
            for value in item.needs:
                self.consumers[id(value)].append(i)
        self.readers = [{j for value in item.outs for j in self.consumers[id(value)]} for item in items]

    def result(self) -> list[Call | Fused]:
        backwards: list[Call | Fused] = []
        while self.remaining:
            alone = (i for i in self.remaining if not self.fusible[i] and self._may_join(i, []))
            i = next(alone, None)
            group = self._group() if i is None else [i]
            for k in group:
                del self.remaining[k]
            item = self.items[group[0]]
            backwards.append(item if i is not None and isinstance(item, Call) else self._fused(sorted(group)))
        return backwards[::-1]

    def _group(self) -> list[int]:
        """Return the remaining operations of one shape that can come last, fused."""
        group: list[int] = []
        while True:
            joining = (
                i
                for i in self.remaining
                if self.fusible[i] and i not in group and self._fits(i, group) and self._may_join(i, group)
            )
            i = next(joining, None)
            if i is None:
                return group
            group.append(i)

    def _fits(self, i: int, group: list[int]) -> bool:
        return not group or self.shapes[i] == self.shapes[group[0]]

    def _may_join(self, i: int, group: list[int]) -> bool:
        """Return whether each reader of item i is ordered already, or is in the group and reads it elementwise."""
        readers = [j for j in self.readers[i] if j in self.remaining]
        return all(j in group for j in readers) and all(
            self._reads_elementwise(self.items[j], self.items[i]) for j in readers
        )

    @staticmethod
    def _reads_elementwise(consumer: Call | FlatCall, producer: Call | FlatCall) -> bool:
        target, results = target_of(producer), {id(value) for value in producer.outs}
        touching = [x for x in _reads(consumer) if any(id(value) in results for value in values_of(x.place))]
        return all(_key(x.place) == _key(target) and x.role != "table" for x in touching)

    def _fused(self, group: list[int]) -> Fused:
        items = [self.items[i] for i in group]
        computed = {_key(target_of(item)) for item in items}
        inputs = list(dict.fromkeys((_key(x.place), x.role) for item in items for x in _reads(item)))
        by_key = {(_key(x.place), x.role): x for item in items for x in _reads(item)}
        read = [by_key[key] for key in inputs if key[0] not in computed]
        values = {(_key(x.place), x.role): Local(i) for i, x in enumerate(read)}
        results = {_key(target_of(item)): Local(len(read) + i) for i, item in enumerate(items)}
        operations = tuple(self._operation(item, values, results) for item in items)
        outputs = tuple(
            (results[_key(target_of(item))], target_of(item)) for item in items if self._is_needed(item, group)
        )
        return Fused(layout_of(target_of(items[0])).shape, tuple(read), operations, outputs)

    @staticmethod
    def _operation(item: Call | FlatCall, values: dict[Any, Local], results: dict[Any, Local]) -> Operation:
        roles = iter(_reads(item))

        def argument(x: Any) -> Any:
            if not is_array(x):
                return x
            key = _key(x)
            return results[key] if key in results else values[key, next(r.role for r in roles if _key(r.place) == key)]

        return Operation(item.name, tuple(map(argument, item.args)), layout_of(target_of(item)))

    def _is_needed(self, item: Call | FlatCall, group: list[int]) -> bool:
        """Return whether an item outside the group, the carry or the output reads the result."""
        return any(id(s) in self.ends or any(j not in group for j in self.consumers[id(s)]) for s in item.outs)
