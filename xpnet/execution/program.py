"""A recorded step as a program: straight-line NumPy on buffers that are made once.

The program is Python (`Program.source`) that reads as what it does: one line an operation, one loop over the steps,
and an inner loop over blocks where operations on flat vectors follow one another.
"""

from itertools import count, groupby
from typing import Any

import numpy as np

from xpnet.execution.buffers import BLOCK, Buffers, Home, assign, leaf_order
from xpnet.execution.calls import Call, Form, Slot, results
from xpnet.execution.memory import Pool
from xpnet.execution.numpy_calls import as_array, can_write, lines, ufunc_line
from xpnet.execution.record import Recording
from xpnet.execution.vectors import FlatCall, Layout, Part, lay_out


class Program:
    """What one recording became.  Call it with the leaves of the inputs of many steps, and where outputs go."""

    def __init__(self, recording: Recording, pool: Pool, home: Home | None = None) -> None:
        layout = lay_out(recording)
        if home is not None and leaf_order(recording, layout) != home.order:
            layout = Layout([*recording.calls])
        self.home = Home(recording, layout, pool) if home is None else home
        writer = _Writer(recording, layout, assign(recording, layout, self.home, pool))
        self.source = writer.source()
        self._run = writer.compiled(self.source)
        self.output = recording.output.form if isinstance(recording.output, Slot) else Form.of(recording.output)

    def __call__(self, inputs: list[Any], outputs: Any) -> None:
        """Run a step for each entry of the inputs, on the carry that is at home."""
        self._run(*inputs, outputs if self.output.ndim else outputs[:, None])  # a row must be an array to be written to


class _Writer:
    """Writes the program, and keeps what its names stand for."""

    def __init__(self, recording: Recording, layout: Layout, buffers: Buffers) -> None:
        self.recording, self.layout, self.buffers = recording, layout, buffers
        self.objects: dict[str, Any] = {}  # what is known by name when the program begins
        self.names: dict[int, str] = {}  # by identity
        self.numbers = count()
        self.kept: list[Any] = []  # so that identities stay what they are
        self.inputs = [f"x{i}" for i in range(len(recording.inputs))]

    def source(self) -> str:
        """Return the whole program."""
        begin, entries = [], []
        for slot, name in zip(self.recording.inputs, self.inputs, strict=True):
            if slot.form.ndim:
                self.names[id(slot)] = name
            else:  # a number of the step: put where the operations look for it
                self.buffers.slots[id(slot)] = buffer = np.empty((), slot.form.dtype)
                begin.append(f"{self.named(buffer, 'n')}[()] = {name}")
            entries.append(f"{name}s")
        body = [*begin, *self._items(), *self._ends()]
        given = ", ".join([*entries, "outputs"])
        loop = f"for {', '.join([*self.inputs, 'output'])} in zip({given}):"
        return "\n".join([f"def steps({given}):", f"    {loop}", *(f"        {line}" for line in body)])

    def compiled(self, source: str) -> Any:
        """Return the program as a function, its names bound as those of an enclosing function: the fastest there is."""
        inner = "\n".join(f"    {line}" for line in source.splitlines())
        made: dict[str, Any] = {}
        exec(f"def make({', '.join(self.objects)}):\n{inner}\n    return steps\n", made)
        return made["make"](**self.objects)

    # ---- operations ---------------------------------------------------------------------------------------

    def _items(self) -> list[str]:
        written: list[str] = []
        numbered = zip(self.buffers.sections, self.layout.items, strict=True)
        for _, run in groupby(numbered, key=lambda pair: pair[0]):
            items = [item for _, item in run]
            flats = [item for item in items if isinstance(item, FlatCall)]
            written += self._section(flats) if flats else [line for x in items for line in self._call(x)]
        return written

    def _call(self, call: Any) -> list[str]:
        slot = call.outs[0]
        if slot.base is not None:
            return self._view(call)
        if slot is self.recording.output and can_write(call) and slot.form.is_plain and slot.form.ndim:
            self.names[id(slot)] = "output"
        if id(slot) in self.buffers.slots and not can_write(call):  # a member of a vector
            made = lines(Call(call.name, call.args, call.kwargs, (_fresh := Slot(slot.form),)), self.name, None)
            return [*made, f"{self.name(np.copyto)}({self.name(slot)}, {self.name(_fresh)})"]
        known = id(slot) in self.buffers.slots or self.names.get(id(slot)) == "output"
        return lines(call, self.name, self.name(slot) if known and can_write(call) else None, apart=self._apart(call))

    def _apart(self, call: Call) -> bool:
        """Return whether no argument lies where the result is written, as far as is known."""
        places = [self.buffers.slots.get(id(x)) for x in (call.outs[0], *call.slots)]
        given = places[1:]
        if self.names.get(id(call.outs[0])) == "output":
            return all(place is not None for place in given)
        return all(place is not None and not np.may_share_memory(place, places[0]) for place in given)

    def _view(self, call: Call) -> list[str]:
        """Make a view now if what it looks at never moves, else have it made in each step."""
        if all(id(x) in self.buffers.slots for x in call.slots):
            slots = self.buffers.slots
            slots.update(results(call, lambda x: slots[id(x)] if isinstance(x, Slot) else x, np))
            return []
        return lines(call, self.name, None)

    def _section(self, flats: list[FlatCall]) -> list[str]:
        """Write flat operations, block by block."""
        parts = {(id(p.vector), p.span): p for flat in flats for p in (*flat.args, flat.out) if isinstance(p, Part)}
        names = {key: f"p{next(self.numbers)}" for key in parts}
        n = next(iter(parts.values())).span
        size = n[1] - n[0]
        blocks = [
            tuple(self._piece(part, start, min(start + BLOCK, size)) for part in parts.values())
            for start in range(0, size, BLOCK)
        ]
        body = []
        for flat in flats:
            given = [
                names[id(x.vector), x.span] if isinstance(x, Part) else self.name(as_array(x, flat.out.vector.dtype))
                for x in flat.args
            ]
            out = names[id(flat.out.vector), flat.out.span]
            body.append(ufunc_line(flat.name, given, self.name, out))
        if len(blocks) == 1:
            self.objects.update(zip(names.values(), blocks[0], strict=True))
            return body
        pieces = ", ".join(names.values())
        return [f"for {pieces} in {self.named(blocks, 'blocks')}:", *(f"    {line}" for line in body)]

    def _piece(self, part: Part, start: int, stop: int) -> Any:
        block = self.buffers.blocks.get(id(part.vector))
        if block is not None:
            return block[: stop - start]
        first = part.span[0]
        return self.buffers.vectors[id(part.vector)][first + start : first + stop]

    def _ends(self) -> list[str]:
        """Copy what could not be written where it belongs: what is read from the carry itself goes aside first."""
        copy, given = self.name(np.copyto), {id(slot) for slot in self.recording.carry}
        aside, ends = [], []
        for i, (leaf, value) in enumerate(self.buffers.copied):
            name = self.name(value)
            if isinstance(value, Slot) and id(value.root) in given:
                aside.append(f"aside{i} = {name}.copy()")
                name = f"aside{i}"
            ends.append(f"{copy}({self.named(leaf, 'c')}, {name})")
        if self.names.get(id(self.recording.output)) != "output":
            aside.append(f"{copy}(output, {self.name(self.recording.output)})")
        return aside + ends

    # ---- names --------------------------------------------------------------------------------------------

    def name(self, x: Any) -> str:
        """Return what `x` is called in the program, or how it is written."""
        if isinstance(x, Slot):
            if id(x) in self.buffers.slots:
                return self.named(self.buffers.slots[id(x)], "v")
            return self.names.setdefault(id(x), f"t{len(self.names)}")
        if isinstance(x, tuple | list):
            inside = ", ".join(map(self.name, x))
            return f"({inside},)" if isinstance(x, tuple) else f"[{inside}]"
        if isinstance(x, slice):
            return f"slice({self.name(x.start)}, {self.name(x.stop)}, {self.name(x.step)})"
        if x is None or x is Ellipsis or isinstance(x, bool | int | str):
            return repr(x)
        owner = getattr(getattr(x, "__self__", None), "__name__", "")  # of a method: add.reduce is add_reduce
        return self.named(x, f"{owner}_{x.__name__}" if owner else getattr(x, "__name__", "c"))

    def named(self, x: Any, stem: str) -> str:
        """Return the name of an object that the program is given."""
        if id(x) not in self.names:
            plain = stem if stem.isidentifier() else "c"
            name = plain if plain not in self.objects and callable(x) else f"{plain}{len(self.objects)}"
            self.names[id(x)] = name
            self.objects[name] = x
            self.kept.append(x)
        return self.names[id(x)]
