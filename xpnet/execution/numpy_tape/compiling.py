"""Which groups of a program to compile: those whose time in the steps to come pays for the compiler."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from xpnet.execution.fused.fusion import layout_of
from xpnet.execution.fused.loops import FusedLoop, View, loop_of
from xpnet.execution.numpy_tape.buffers import Buffers, Item, is_put_out
from xpnet.execution.numpy_tape.groups import BLOCK, Group
from xpnet.execution.numpy_tape.numba_compiler import is_known
from xpnet.execution.recording.calls import Value
from xpnet.execution.recording.recording import Recording

# microseconds, measured with float32; only their order of magnitude matters
CALL, ELEMENT = 0.35, 1e-4  # a call of NumPy, and an element of it
LOOP_CALL, LOOP_ELEMENT = 0.25, 3e-5  # a call of a compiled loop, and an element of an operation
CACHED, UNCACHED = 1e-5, 1e-4  # an element of an array that a loop reads or writes, in a small and a large group
START, COMPILE = 0.8e6, 0.12e6  # importing Numba and its first loop; each loop
MARGIN = 2  # the time that is saved must be so many times the time of the compiler
RELEASE = 5.0  # microseconds of a compiled loop in which other threads of Python may run
PART = 100.0  # microseconds of a compiled loop that are worth a thread


class Candidate(NamedTuple):
    """A group that can be compiled, with the arrays of its inputs and outputs; a value if it changes with the step."""

    group: Group
    sources: list[Any]

    @property
    def loop_time(self) -> float:
        """Microseconds that the compiled loop takes, roughly."""
        work = len(self.group.calls) * LOOP_ELEMENT
        work += len(self.sources) * (CACHED if self.group.size <= BLOCK else UNCACHED)
        return LOOP_CALL + self.group.size * work

    @property
    def saving(self) -> float:
        """Microseconds that the compiled loop saves in a step, roughly."""
        return len(self.group.calls) * (CALL + self.group.size * ELEMENT) - self.loop_time

    @property
    def parts(self) -> int:
        """How many threads are worth their while."""
        return max(1, int(self.loop_time / PART))

    @property
    def releases(self) -> bool:
        """Whether other threads of Python may run meanwhile."""
        return self.loop_time > RELEASE

    def loop(self) -> FusedLoop:
        """Return the loop; an array that it reads and writes is passed once."""
        first: dict[Any, int] = {}
        same = [first.setdefault(_identity(x), i) for i, x in enumerate(self.sources)]
        return loop_of(self.group.fused, [layout_of(x) for x in self.sources], same)


class CompiledLoop(NamedTuple):
    """A group, its loop, and the machine code of the loop."""

    candidate: Candidate
    loop: FusedLoop
    run: Callable[..., None]


@dataclass
class Candidates:
    """The groups of a program that can be compiled and are not, those that save most first."""

    waiting: list[Candidate]
    least: float = 0.0  # steps from which something pays

    @classmethod
    def of(cls, recording: Recording, items: Sequence[Item], buffers: Buffers) -> "Candidates":
        """Return the groups of which every array is fixed, an input of the step or its output."""
        found = (_candidate(recording, item, buffers) for item in items if isinstance(item, Group))
        return cls(sorted((x for x in found if x is not None), key=lambda x: -x.saving))

    def paying(self, steps: float, *, warm: bool) -> list[Candidate]:
        """Take and return the groups to compile before so many steps; `warm` says that the compiler has started."""
        if steps < self.least:
            return []
        costs = [MARGIN * ((0.0 if warm else START) + COMPILE * (k + 1)) for k in range(len(self.waiting))]
        savings = list(accumulate(x.saving for x in self.waiting))
        self.least = min((cost / max(each, 1e-9) for cost, each in zip(costs, savings, strict=True)), default=np.inf)
        gains = [steps * each - cost for cost, each in zip(costs, savings, strict=True)]
        best = max(range(len(gains)), key=gains.__getitem__, default=-1)
        return self.take(best + 1) if gains and gains[best] > 0 else []

    def take(self, n: int) -> list[Candidate]:
        """Take and return the first n groups."""
        taken, self.waiting, self.least = self.waiting[:n], self.waiting[n:], 0.0
        return taken

    def take_known(self) -> list[Candidate]:
        """Take and return the groups whose loops are compiled already."""
        known = [is_known(x.loop(), releases=x.releases) for x in self.waiting]
        taken = [x for x, yes in zip(self.waiting, known, strict=True) if yes]
        self.waiting = [x for x, yes in zip(self.waiting, known, strict=True) if not yes]
        return taken


def _candidate(recording: Recording, group: Group, buffers: Buffers) -> Candidate | None:
    places = [*group.inputs, *group.outputs]
    moving = {id(x) for x in recording.inputs if x.layout.ndim}
    sources = [_source(recording, place, value, buffers, moving) for place, value in places]
    if any(x is None for x in sources):
        return None
    return Candidate(group, sources)


def _source(recording: Recording, place: Any, value: Any, buffers: Buffers, moving: set[int]) -> Any:
    """Return the array of a place, its value if the array changes with the step, or None if it is made anew."""
    if isinstance(value, Value):
        array = buffers.arrays.get(id(value))
        if array is None:
            return value if id(place) in moving or is_put_out(recording, value) else None
        value = array
    return value if value.flags.aligned else None


def _identity(source: Any) -> Any:
    if isinstance(source, Value):
        return id(source)
    return source.ctypes.data, source.shape, source.strides, source.dtype


def fixed_view(array: Any, view: View) -> Any:
    """Return an array as its loop sees it."""
    return np.lib.stride_tricks.as_strided(array, view.shape, view.strides)


def views_of_steps(stacked: Any, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """Return the entries of all steps as a loop sees them: the first axis is the step."""
    return np.lib.stride_tricks.as_strided(stacked, (len(stacked), *shape), (stacked.strides[0], *strides))
