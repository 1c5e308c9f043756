"""Flat vectors: where parameters that are moved alike lie one behind the other, one operation moves them all.

An optimizer's rule is recorded layer by layer.  Where the leaves of a carry (weights and biases) end in the same
elementwise operations, these are put together into operations on vectors of which the leaves are parts.  It is the same
arithmetic on the same numbers: not a bit changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from xpnet.execution.calls import METHODS, Call, Slot
from xpnet.execution.record import Recording


@dataclass(eq=False, slots=True)
class Vector:
    """Places one behind the other: parts begin where `starts` says."""

    members: tuple[Slot, ...]
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        sizes = [slot.form.size for slot in self.members]
        self.starts = [sum(sizes[:i]) for i in range(len(sizes) + 1)]

    @property
    def size(self) -> int:
        """Numbers in it."""
        return self.starts[-1]

    @property
    def dtype(self) -> Any:
        """What its numbers are."""
        return self.members[0].form.dtype


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
    outs: tuple[Slot, ...]  # the members that it computes

    @property
    def slots(self) -> list[Slot]:
        """The slots that must be there before."""
        inside = [slot for part in self.args if isinstance(part, Part) for slot in members(part)]
        return [*inside, *(x for x in self.args if isinstance(x, Slot))]


@dataclass
class Layout:
    """A recording with its flat vectors: what is done, in order, and which slots lie where in which vector."""

    items: list[Call | FlatCall]
    vectors: list[Vector] = field(default_factory=list)
    places: dict[int, tuple[Vector, int]] = field(default_factory=dict)  # id of a slot -> its vector, and which member
    carried: list[tuple[Vector, Vector]] = field(default_factory=list)  # the carry's vectors: before, and after


def lay_out(recording: Recording) -> Layout:
    """Return the recording with flat operations where there can be any, the rest as it was."""
    layout = _Lifting(recording).result()
    items = _in_order(layout.items)
    return Layout([*recording.calls]) if items is None else Layout(items, layout.vectors, layout.places, layout.carried)


class _Lifting:
    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.flat: list[FlatCall] = []
        self.layout = Layout([])
        self.known: dict[tuple[int, ...], Part] = {}

    def result(self) -> Layout:
        families = self._families()
        for before, after in families:
            self._name(Vector(before))
            self._name(Vector(after))
        for before, after in families:
            vector = self.known[_ids(after)].vector
            self.layout.carried.append((self.known[_ids(before)].vector, vector))
            self._compute(Part(vector))
        lifted = {id(slot) for flat in self.flat for slot in flat.outs}
        calls = [call for call in self.recording.calls if id(call.outs[0]) not in lifted]
        self.layout.items = [*calls, *self.flat]
        return self.layout

    def _families(self) -> list[tuple[tuple[Slot, ...], tuple[Slot, ...]]]:
        """Return the leaves of the carry, before and after, in runs shaped like the first entry: parameters, slots."""
        befores, afters, n = self.recording.carry, self.recording.carried, self.recording.leading
        if n < 2 or len(befores) % n:
            return []
        shapes = [slot.form.shape for slot in befores]
        if shapes != shapes[:n] * (len(befores) // n) or len({slot.form.dtype for slot in befores}) > 1:
            return []
        fresh = [id(x) for x in afters]
        usable = all(isinstance(x, Slot) and x.call and not x.base and _is_plain(x) for x in afters)
        if not usable or len(set(fresh)) < len(fresh):
            return []
        order = sorted(range(n), key=lambda i: self._kind(afters[i]))
        return [
            (tuple(befores[k + i] for i in order), tuple(afters[k + i] for i in order))
            for k in range(0, len(befores), n)
        ]

    def _kind(self, slot: Slot, depth: int = 8) -> str:
        """Return what tells leaves that are computed alike from others: weights come before biases."""
        if slot.call is None or depth == 0:
            return "given"
        if not is_elementwise(slot.call.name):
            return slot.call.name
        inner = [self._kind(x, depth - 1) for x in slot.call.args if isinstance(x, Slot) and _is_like(x, slot)]
        return f"{slot.call.name}({','.join(inner)})"

    def _name(self, vector: Vector) -> None:
        """Note where the members of a vector lie, for whoever asks for all of them or for a few neighbours."""
        self.layout.vectors.append(vector)
        n = len(vector.members)
        for i, slot in enumerate(vector.members):
            self.layout.places[id(slot)] = (vector, i)
            for j in range(i + 1, n + 1):
                self.known[_ids(vector.members[i:j])] = Part(vector, i, j)

    def _part(self, members: tuple[Slot, ...]) -> Part:
        """Return the part where these slots will be: one that there is, or that of a new vector."""
        if _ids(members) in self.known:
            return self.known[_ids(members)]
        vector = Vector(members)
        self._name(vector)
        self._compute(Part(vector))
        return self.known[_ids(members)]

    def _compute(self, part: Part) -> None:
        """Compute a part by one operation if its members come from the same one, else run by run, else one by one."""
        inside = members(part)
        for first, last in _runs([self._signature(slot) for slot in inside]):
            run = inside[first:last]
            if len(run) < 2 or not self._signature(run[0]) or not self._may_join(run):
                continue
            out = Part(part.vector, part.first + first, part.first + last)
            calls = [slot.call for slot in run]
            args = tuple(
                self._part(column) if _is_like(column[0], run[0]) else column[0]
                for column in zip(*(call.args for call in calls if call), strict=True)
            )
            self.flat.append(FlatCall(calls[0].name if calls[0] else "", args, out, run))

    def _may_join(self, run: tuple[Slot, ...]) -> bool:
        """Return whether each column of arguments is a part already, or can become one."""
        calls = [slot.call for slot in run if slot.call]
        columns = [c for c in zip(*(call.args for call in calls), strict=True) if _is_like(c[0], run[0])]
        computed = {id(slot) for flat in self.flat for slot in flat.outs}
        return not any(id(x) in computed for x in run) and all(
            _ids(column) in self.known
            or all(x.call and id(x) not in self.layout.places and x is not self.recording.output for x in column)
            for column in columns
        )

    def _signature(self, slot: Slot) -> Any:
        """Return what must be equal for slots to be computed together, or None if they cannot be."""
        call = slot.call
        if call is None or slot.base or call.kwargs or not is_elementwise(call.name) or not _is_plain(slot):
            return None
        shared: list[Any] = []
        for x in call.args:
            if isinstance(x, Slot) and _is_like(x, slot):
                shared.append("own" if x.base is None and _is_plain(x) else id(x))
            elif isinstance(x, Slot) and x.form.ndim == 0:
                shared.append(id(x))
            elif isinstance(x, bool | int | float):
                shared.append((type(x), repr(x)))
            else:
                return None
        return (call.name, *shared) if "own" in shared else None


def is_elementwise(name: str) -> bool:
    """Return whether a function gives one number for each number, so that it may write where it reads."""
    f = getattr(np, name, None)
    return name not in METHODS and isinstance(f, np.ufunc) and f.signature is None and f.nout == 1


def _is_plain(slot: Slot) -> bool:
    return slot.form.is_plain


def _is_like(x: Any, slot: Slot) -> bool:
    return isinstance(x, Slot) and x.form.shape == slot.form.shape and x.form.dtype == slot.form.dtype


def _ids(slots: Iterable[Slot]) -> tuple[int, ...]:
    return tuple(map(id, slots))


def members(part: Part) -> tuple[Slot, ...]:
    """Return the slots that lie in a part."""
    return part.vector.members[part.first : part.last]


def _runs(signatures: list[Any]) -> list[tuple[int, int]]:
    """Return where runs of equal entries begin and end."""
    edges = [i for i in range(1, len(signatures)) if signatures[i] != signatures[i - 1]]
    return list(zip([0, *edges], [*edges, len(signatures)], strict=True))


def _in_order(items: list[Call | FlatCall]) -> list[Call | FlatCall] | None:
    """Return the items so that each comes after what it needs, as recorded where possible; None if there is no way."""
    maker = {id(slot): i for i, item in enumerate(items) for slot in item.outs}
    done: set[int] = set()
    ordered: list[Call | FlatCall] = []
    waiting = list(range(len(items)))
    while waiting:
        ready = next(
            (
                i
                for i in waiting
                if all(maker.get(id(s), i) in done or maker.get(id(s)) is None for s in items[i].slots)
            ),
            None,
        )
        if ready is None:
            return None
        waiting.remove(ready)
        done.add(ready)
        ordered.append(items[ready])
    return ordered
