"""Flat vectors: where parameters that are moved alike lie one behind the other, one operation moves them all.

An optimizer's rule is recorded layer by layer.  Where the leaves of a carry (weights and biases) end in the same
elementwise operations, these are put together into operations on vectors of which the leaves are parts.  It is the same
arithmetic on the same numbers: not a bit changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from xpnet.execution.recording.calls import Call, Value
from xpnet.execution.recording.recording import Recording
from xpnet.execution.recording.writable import is_elementwise


@dataclass(eq=False, slots=True)
class Vector:
    """Places one behind the other: parts begin where `starts` says."""

    members: tuple[Value, ...]
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        sizes = [value.layout.size for value in self.members]
        self.starts = [sum(sizes[:i]) for i in range(len(sizes) + 1)]

    @property
    def size(self) -> int:
        """Numbers in it."""
        return self.starts[-1]

    @property
    def dtype(self) -> Any:
        """What its numbers are."""
        return self.members[0].layout.dtype


class Part(NamedTuple):
    """Some neighbouring members of a vector."""

    vector: Vector
    first: int = 0
    last: int | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Where it begins and ends, in numbers."""
        last = len(self.vector.members) if self.last is None else self.last
        return self.vector.starts[self.first], self.vector.starts[last]


class FlatCall(NamedTuple):
    """One elementwise operation on parts of vectors; other arguments are numbers, or 0-d slots."""

    name: str
    args: tuple[Any, ...]
    out: Part
    outs: tuple[Value, ...]  # the members that it computes

    @property
    def needs(self) -> list[Value]:
        """The slots that must be there before."""
        inside = [value for part in self.args if isinstance(part, Part) for value in members(part)]
        return [*inside, *(x for x in self.args if isinstance(x, Value))]


@dataclass
class FlatRecording:
    """A recording with its flat vectors: what is done, in order, and which slots lie where in which vector."""

    items: list[Call | FlatCall]
    vectors: list[Vector] = field(default_factory=list)
    places: dict[int, tuple[Vector, int]] = field(default_factory=dict)  # id of a slot -> its vector, and which member
    carried: list[tuple[Vector, Vector]] = field(default_factory=list)  # the carry's vectors: before, and after


def flatten(recording: Recording) -> FlatRecording:
    """Return the recording with flat operations where there can be any, the rest as it was."""
    flattened = _Lifting(recording).result()
    items = _in_order(flattened.items)
    return (
        FlatRecording([*recording.calls])
        if items is None
        else FlatRecording(items, flattened.vectors, flattened.places, flattened.carried)
    )


class _Lifting:
    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.flat: list[FlatCall] = []
        self.flattened = FlatRecording([])

    def result(self) -> FlatRecording:
        families = self._families()
        for before, after in families:
            self._name(Vector(before))
            self._name(Vector(after))
        for before, after in families:
            vector = self.flattened.places[id(after[0])][0]
            self.flattened.carried.append((self.flattened.places[id(before[0])][0], vector))
            self._compute(Part(vector))
        lifted = {id(value) for flat in self.flat for value in flat.outs}
        calls = [call for call in self.recording.calls if id(call.outs[0]) not in lifted]
        self.flattened.items = [*calls, *self.flat]
        return self.flattened

    def _families(self) -> list[tuple[tuple[Value, ...], tuple[Value, ...]]]:
        """Return the leaves of the carry, before and after, in runs shaped like the first entry: parameters, slots."""
        befores, afters, n = self.recording.carry, self.recording.carried, self.recording.leading
        if n < 2 or len(befores) % n:
            return []
        shapes = [value.layout.shape for value in befores]
        if shapes != shapes[:n] * (len(befores) // n) or len({value.layout.dtype for value in befores}) > 1:
            return []
        fresh = [id(x) for x in afters]
        usable = all(isinstance(x, Value) and x.call and not x.base and _is_plain(x) for x in afters)
        if not usable or len(set(fresh)) < len(fresh):
            return []
        order = sorted(range(n), key=lambda i: self._kind(afters[i]))
        return [
            (tuple(befores[k + i] for i in order), tuple(afters[k + i] for i in order))
            for k in range(0, len(befores), n)
        ]

    def _kind(self, value: Value, depth: int = 8) -> str:
        """Return what tells leaves that are computed alike from others: weights come before biases."""
        if value.call is None or depth == 0:
            return "given"
        if not is_elementwise(value.call.name):
            return value.call.name
        inner = [self._kind(x, depth - 1) for x in value.call.args if isinstance(x, Value) and _is_like(x, value)]
        return f"{value.call.name}({','.join(inner)})"

    def _name(self, vector: Vector) -> None:
        """Note where the members of a vector lie.  A value lies in one vector."""
        self.flattened.vectors.append(vector)
        for i, value in enumerate(vector.members):
            self.flattened.places[id(value)] = (vector, i)

    def _known(self, members: tuple[Value, ...]) -> Part | None:
        """Return the part that consists of these values, or None if they are not neighbours in a vector."""
        vector, first = self.flattened.places.get(id(members[0]), (None, 0))
        last = first + len(members)
        if vector is None or _ids(vector.members[first:last]) != _ids(members):
            return None
        return Part(vector, first, last)

    def _part(self, members: tuple[Value, ...]) -> Part:
        """Return the part where these slots will be: one that there is, or that of a new vector."""
        known = self._known(members)
        if known is not None:
            return known
        vector = Vector(members)
        self._name(vector)
        self._compute(Part(vector))
        return Part(vector, 0, len(members))

    def _compute(self, part: Part) -> None:
        """Compute a part by one operation if its members come from the same one, else run by run, else one by one."""
        inside = members(part)
        for first, last in _runs([self._signature(value) for value in inside]):
            run = inside[first:last]
            if len(run) < 2 or not self._signature(run[0]) or not self._may_join(run):
                continue
            out = Part(part.vector, part.first + first, part.first + last)
            calls = [value.call for value in run]
            args = tuple(
                self._part(column) if _is_like(column[0], run[0]) else column[0]
                for column in zip(*(call.args for call in calls if call), strict=True)
            )
            self.flat.append(FlatCall(calls[0].name if calls[0] else "", args, out, run))

    def _may_join(self, run: tuple[Value, ...]) -> bool:
        """Return whether each column of arguments is a part already, or can become one."""
        calls = [value.call for value in run if value.call]
        columns = [c for c in zip(*(call.args for call in calls), strict=True) if _is_like(c[0], run[0])]
        computed = {id(value) for flat in self.flat for value in flat.outs}
        return not any(id(x) in computed for x in run) and all(
            self._known(column) is not None
            or all(x.call and id(x) not in self.flattened.places and x is not self.recording.output for x in column)
            for column in columns
        )

    def _signature(self, value: Value) -> Any:
        """Return what must be equal for slots to be computed together, or None if they cannot be."""
        call = value.call
        if call is None or value.base or call.kwargs or not is_elementwise(call.name) or not _is_plain(value):
            return None
        shared: list[Any] = []
        for x in call.args:
            if isinstance(x, Value) and _is_like(x, value):
                shared.append("own" if x.base is None and _is_plain(x) else id(x))
            elif isinstance(x, Value) and x.layout.ndim == 0:
                shared.append(id(x))
            elif isinstance(x, bool | int | float):
                shared.append((type(x), repr(x)))
            else:
                return None
        return (call.name, *shared) if "own" in shared else None


def _is_plain(value: Value) -> bool:
    return value.layout.is_plain


def _is_like(x: Any, value: Value) -> bool:
    return isinstance(x, Value) and x.layout.shape == value.layout.shape and x.layout.dtype == value.layout.dtype


def _ids(values: Iterable[Value]) -> tuple[int, ...]:
    return tuple(map(id, values))


def members(part: Part) -> tuple[Value, ...]:
    """Return the slots that lie in a part."""
    return part.vector.members[part.first : part.last]


def _runs(signatures: list[Any]) -> list[tuple[int, int]]:
    """Return where runs of equal entries begin and end."""
    edges = [i for i in range(1, len(signatures)) if signatures[i] != signatures[i - 1]]
    return list(zip([0, *edges], [*edges, len(signatures)], strict=True))


def _in_order(items: list[Call | FlatCall]) -> list[Call | FlatCall] | None:
    """Return the items so that each comes after what it needs, as recorded where possible; None if there is no way."""
    maker = {id(value): i for i, item in enumerate(items) for value in item.outs}
    done: set[int] = set()
    ordered: list[Call | FlatCall] = []
    waiting = list(range(len(items)))
    while waiting:
        ready = next(
            (
                i
                for i in waiting
                if all(maker.get(id(s), i) in done or maker.get(id(s)) is None for s in items[i].needs)
            ),
            None,
        )
        if ready is None:
            return None
        waiting.remove(ready)
        done.add(ready)
        ordered.append(items[ready])
    return ordered
