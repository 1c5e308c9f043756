"""Flat vectors: one operation updates all parameters that have the same update rule.

An optimizer's rule is recorded for each layer.  If the leaves of a carry (weights and biases) come from the same
elementwise operations, the leaves become parts of one contiguous vector, and the operations become one operation on
that vector.  Each element goes through the same arithmetic, so every bit stays the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate, takewhile
from typing import Any, NamedTuple

from xpnet.execution.recording.calls import Call, Value
from xpnet.execution.recording.recording import Recording
from xpnet.execution.recording.writable import is_elementwise


@dataclass(eq=False, slots=True)
class Vector:
    """Values that are neighbors in memory; member i starts at element ``starts[i]``.

    Each member starts at a multiple of `alignment` bytes, so there may be a gap after a member.  Operations on the
    vector also compute the gaps, but nothing reads a member there.
    """

    members: tuple[Value, ...]
    alignment: int = 1
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        unit = max(1, self.alignment // int(self.dtype.itemsize))  # elements
        sizes = (-(-value.layout.size // unit) * unit for value in self.members)
        self.starts = [0, *accumulate(sizes)]

    @property
    def has_gaps(self) -> bool:
        """Whether some memory of the vector belongs to no member."""
        return self.size > sum(value.layout.size for value in self.members)

    @property
    def size(self) -> int:
        """Number of elements, those of the gaps included."""
        return self.starts[-1]

    @property
    def dtype(self) -> Any:
        """The dtype of its members."""
        return self.members[0].layout.dtype


class VectorPart(NamedTuple):
    """Neighboring members of a vector, from `first` up to `last`."""

    vector: Vector
    first: int = 0
    last: int | None = None

    @property
    def span(self) -> tuple[int, int]:
        """The offsets of its first element and of its end, in elements."""
        last = len(self.vector.members) if self.last is None else self.last
        return self.vector.starts[self.first], self.vector.starts[last]


class FlatCall(NamedTuple):
    """One elementwise operation on parts of vectors; its other arguments are numbers or 0-d values."""

    name: str
    args: tuple[Any, ...]
    out: VectorPart
    outs: tuple[Value, ...]  # the members that it computes

    @property
    def needs(self) -> list[Value]:
        """The values that it reads."""
        inside = [value for part in self.args if isinstance(part, VectorPart) for value in members(part)]
        return [*inside, *(x for x in self.args if isinstance(x, Value))]


@dataclass
class FlatRecording:
    """A recording with its flat vectors: the operations in order, and the position of each value in its vector."""

    items: list[Call | FlatCall]
    vectors: list[Vector] = field(default_factory=list)
    positions: dict[int, tuple[Vector, int]] = field(default_factory=dict)  # id of a value -> its vector, its index
    carried: list[tuple[Vector, Vector]] = field(default_factory=list)  # the carry's vectors before and after the step


def flatten(recording: Recording, alignment: int = 1) -> FlatRecording:
    """Return the recording with flat operations where possible; the other operations stay as they were.

    Each member of a vector starts at a multiple of `alignment` bytes.
    """
    flattened = _Flattening(recording, alignment).result()
    items = _in_order(flattened.items)
    return (
        FlatRecording([*recording.calls])
        if items is None
        else FlatRecording(items, flattened.vectors, flattened.positions, flattened.carried)
    )


class _Flattening:
    def __init__(self, recording: Recording, alignment: int) -> None:
        self.recording, self.alignment = recording, alignment
        self.flat: list[FlatCall] = []
        self.flattened = FlatRecording([])

    def result(self) -> FlatRecording:
        families = self._families()
        for before, after in families:
            self._register(Vector(before, self.alignment))
            self._register(Vector(after, self.alignment))
        for before, after in families:
            vector = self.flattened.positions[id(after[0])][0]
            self.flattened.carried.append((self.flattened.positions[id(before[0])][0], vector))
            self._compute(VectorPart(vector))
        computed_flat = {id(value) for flat in self.flat for value in flat.outs}
        calls = [call for call in self.recording.calls if id(call.outs[0]) not in computed_flat]
        self.flattened.items = [*calls, *self.flat]
        return self.flattened

    def _families(self) -> list[tuple[tuple[Value, ...], tuple[Value, ...]]]:
        """Return groups of old and new leaves, shaped like the parameters: the parameters, then each optimizer slot.

        The carry may have more leaves after them, a sum over the steps for example: they stay as they are.
        """
        befores, afters, n = self.recording.carry, self.recording.new_carry, self.recording.n_parameters
        if n < 2 or len({value.layout.dtype for value in befores[:n]}) > 1:
            return []
        kinds = [(value.layout.shape, value.layout.dtype) for value in befores]
        firsts = list(takewhile(lambda k: kinds[k : k + n] == kinds[:n], range(0, len(befores), n)))
        last = firsts[-1] + n
        usable = all(isinstance(x, Value) and x.call and not x.base and _is_contiguous(x) for x in afters[:last])
        if not usable or len(set(map(id, afters))) < len(afters):
            return []
        order = sorted(range(n), key=lambda i: self._kind(afters[i]))
        return [(tuple(befores[k + i] for i in order), tuple(afters[k + i] for i in order)) for k in firsts]

    def _kind(self, value: Value, depth: int = 8) -> str:
        """Return a key that sorts leaves by how they are computed: weights come before biases."""
        if value.call is None or depth == 0:
            return "given"
        if not is_elementwise(value.call.name):
            return value.call.name
        inner = [self._kind(x, depth - 1) for x in value.call.args if isinstance(x, Value) and _is_like(x, value)]
        return f"{value.call.name}({','.join(inner)})"

    def _register(self, vector: Vector) -> None:
        """Store the position of each member of a vector.  A value lies in one vector."""
        self.flattened.vectors.append(vector)
        for i, value in enumerate(vector.members):
            self.flattened.positions[id(value)] = (vector, i)

    def _known(self, members: tuple[Value, ...]) -> VectorPart | None:
        """Return the part that consists of these values, or None if they are not neighbors in a vector."""
        vector, first = self.flattened.positions.get(id(members[0]), (None, 0))
        last = first + len(members)
        if vector is None or _ids(vector.members[first:last]) != _ids(members):
            return None
        return VectorPart(vector, first, last)

    def _part(self, members: tuple[Value, ...]) -> VectorPart:
        """Return the part that holds these values: one that exists, or the whole of a new vector."""
        known = self._known(members)
        if known is not None:
            return known
        vector = Vector(members, self.alignment)
        self._register(vector)
        self._compute(VectorPart(vector))
        return VectorPart(vector, 0, len(members))

    def _compute(self, part: VectorPart) -> None:
        """Add flat operations that compute a part: one for each run of members that come from the same operation."""
        inside = members(part)
        for first, last in _runs([self._signature(value) for value in inside]):
            run = inside[first:last]
            if len(run) < 2 or not self._signature(run[0]) or not self._may_join(run):
                continue
            out = VectorPart(part.vector, part.first + first, part.first + last)
            calls = [value.call for value in run]
            args = tuple(
                self._part(column) if _is_like(column[0], run[0]) else column[0]
                for column in zip(*(call.args for call in calls if call), strict=True)
            )
            self.flat.append(FlatCall(calls[0].name if calls[0] else "", args, out, run))

    def _may_join(self, run: tuple[Value, ...]) -> bool:
        """Return whether the arguments at each position form a part, or can form a new vector.

        A value has one place, so no value is in two new vectors, or twice in one.
        """
        calls = [value.call for value in run if value.call]
        columns = [c for c in zip(*(call.args for call in calls), strict=True) if _is_like(c[0], run[0])]
        computed = {id(value) for flat in self.flat for value in flat.outs}
        new = {_ids(column): column for column in columns if self._known(column) is None}.values()
        inside = _ids(x for column in new for x in column)
        return (
            not any(id(x) in computed for x in run)
            and len(set(inside)) == len(inside)
            and all(map(self._may_be_neighbors, new))
        )

    def _may_be_neighbors(self, values: tuple[Value, ...]) -> bool:
        """Return whether the values can form a new vector: each is computed, lies nowhere yet, and occurs once."""
        free = all(
            x.call and not x.base and id(x) not in self.flattened.positions and x is not self.recording.output
            for x in values
        )
        return free and len(set(_ids(values))) == len(values)

    def _signature(self, value: Value) -> Any:
        """Return a key that is equal for values that one flat operation can compute, or None if none can."""
        call = value.call
        if call is None or value.base or call.kwargs or not is_elementwise(call.name) or not _is_contiguous(value):
            return None
        shared: list[Any] = []
        for x in call.args:
            if isinstance(x, Value) and _is_like(x, value):
                if x.base is not None or not _is_contiguous(x):
                    return None  # it has no place of its own in a vector
                shared.append("own")
            elif isinstance(x, Value) and x.layout.ndim == 0:
                shared.append(id(x))
            elif isinstance(x, bool | int | float):
                shared.append((type(x), repr(x)))
            else:
                return None
        return (call.name, *shared) if "own" in shared else None


def _is_contiguous(value: Value) -> bool:
    return value.layout.is_contiguous


def _is_like(x: Any, value: Value) -> bool:
    return isinstance(x, Value) and x.layout.shape == value.layout.shape and x.layout.dtype == value.layout.dtype


def _ids(values: Iterable[Value]) -> tuple[int, ...]:
    return tuple(map(id, values))


def members(part: VectorPart) -> tuple[Value, ...]:
    """Return the values in a part."""
    return part.vector.members[part.first : part.last]


def _runs(signatures: list[Any]) -> list[tuple[int, int]]:
    """Return the first index and the end of each run of equal entries."""
    edges = [i for i in range(1, len(signatures)) if signatures[i] != signatures[i - 1]]
    return list(zip([0, *edges], [*edges, len(signatures)], strict=True))


def _in_order(items: list[Call | FlatCall]) -> list[Call | FlatCall] | None:
    """Return the items in an order in which each comes after what it reads; None if there is no such order."""
    producer = {id(value): i for i, item in enumerate(items) for value in item.outs}
    done: set[int] = set()
    ordered: list[Call | FlatCall] = []
    waiting = list(range(len(items)))
    while waiting:
        ready = next(
            (
                i
                for i in waiting
                if all(producer.get(id(x), i) in done or producer.get(id(x)) is None for x in items[i].needs)
            ),
            None,
        )
        if ready is None:
            return None
        waiting.remove(ready)
        done.add(ready)
        ordered.append(items[ready])
    return ordered
