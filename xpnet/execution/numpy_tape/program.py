"""A recorded step becomes a compiled program: NumPy calls on buffers that are allocated once.

The program is Python source (`TapeProgram.source`): a loop over the steps with one line for each operation, and an
inner loop over blocks for neighboring operations on flat vectors.
"""

from itertools import count, groupby
from typing import Any

import numpy as np

from xpnet.execution.numpy_tape.buffers import BLOCK, Buffers, assign
from xpnet.execution.numpy_tape.numpy_calls import as_array, lines, ufunc_line
from xpnet.execution.recording.calls import Call, Layout, Value, run_call
from xpnet.execution.recording.carry import CarryMemory, leaf_order
from xpnet.execution.recording.flat import FlatCall, FlatRecording, VectorPart, flatten
from xpnet.execution.recording.memory import Pool
from xpnet.execution.recording.recording import Recording
from xpnet.execution.recording.writable import can_write


class TapeProgram:
    """The program of one recording.  A call takes the leaves of the inputs and an array for the outputs."""

    def __init__(self, recording: Recording, pool: Pool, memory: CarryMemory | None = None) -> None:
        flattened = flatten(recording)
        if memory is not None and leaf_order(recording, flattened) != memory.order:
            flattened = FlatRecording([*recording.calls])
        self.memory = CarryMemory(recording, flattened, pool) if memory is None else memory
        writer = _Writer(recording, flattened, assign(recording, flattened, self.memory, pool))
        self.source = writer.source()
        self._run = writer.compiled(self.source)
        self.output = recording.output.layout if isinstance(recording.output, Value) else Layout.of(recording.output)

    def __call__(self, inputs: list[Any], outputs: Any) -> None:
        """Run a step for each entry of the inputs, on the carry in `memory`."""
        # a row of outputs must be an array, so that the program can write to it
        self._run(*inputs, outputs if self.output.ndim else outputs[:, None])


class _Writer:
    """Writes the source of a program, and holds the objects that its names stand for."""

    def __init__(self, recording: Recording, flattened: FlatRecording, buffers: Buffers) -> None:
        self.recording, self.flattened, self.buffers = recording, flattened, buffers
        self.objects: dict[str, Any] = {}  # name -> object that the program is compiled with
        self.names: dict[int, str] = {}  # id of an object -> its name
        self.numbers = count()
        self.references: list[Any] = []  # keeps objects alive, so that no other object gets their id
        self.inputs = [f"x{i}" for i in range(len(recording.inputs))]

    def source(self) -> str:
        """Return the source of the program."""
        first_lines, stacked = [], []
        for value, name in zip(self.recording.inputs, self.inputs, strict=True):
            if value.layout.ndim:
                self.names[id(value)] = name
            else:  # the loop gives NumPy scalars: copy them into a 0-d array
                self.buffers.arrays[id(value)] = buffer = np.empty((), value.layout.dtype)
                first_lines.append(f"{self.named(buffer, 'n')}[()] = {name}")
            stacked.append(f"{name}s")
        body = [*first_lines, *self._items(), *self._last_copies()]
        parameters = ", ".join([*stacked, "outputs"])
        loop = f"for {', '.join([*self.inputs, 'output'])} in zip({parameters}):"
        return "\n".join([f"def steps({parameters}):", f"    {loop}", *(f"        {line}" for line in body)])

    def compiled(self, source: str) -> Any:
        """Return the compiled program; its names are variables of an enclosing function, which are fast to look up."""
        inner = "\n".join(f"    {line}" for line in source.splitlines())
        namespace: dict[str, Any] = {}
        exec(f"def make({', '.join(self.objects)}):\n{inner}\n    return steps\n", namespace)
        return namespace["make"](**self.objects)

    # ---- operations ---------------------------------------------------------------------------------------

    def _items(self) -> list[str]:
        written: list[str] = []
        numbered = zip(self.buffers.sections, self.flattened.items, strict=True)
        for _, run in groupby(numbered, key=lambda pair: pair[0]):
            items = [item for _, item in run]
            flats = [item for item in items if isinstance(item, FlatCall)]
            written += self._section(flats) if flats else [line for x in items for line in self._call(x)]
        return written

    def _call(self, call: Any) -> list[str]:
        value = call.outs[0]
        if value.base is not None:
            return self._view(call)
        if value is self.recording.output and can_write(call) and value.layout.is_contiguous and value.layout.ndim:
            self.names[id(value)] = "output"
        if id(value) in self.buffers.arrays and not can_write(call):  # a member of a vector
            temporary = Value(value.layout)
            plain_call = lines(Call(call.name, call.args, call.kwargs, (temporary,)), self.name, None)
            return [*plain_call, f"{self.name(np.copyto)}({self.name(value)}, {self.name(temporary)})"]
        has_buffer = id(value) in self.buffers.arrays or self.names.get(id(value)) == "output"
        out = self.name(value) if has_buffer and can_write(call) else None
        return lines(call, self.name, out, disjoint=self._is_disjoint(call))

    def _is_disjoint(self, call: Call) -> bool:
        """Return whether it is certain that no argument shares memory with the result."""
        arrays = [self.buffers.arrays.get(id(x)) for x in (call.outs[0], *call.needs)]
        result, *args = arrays
        if self.names.get(id(call.outs[0])) == "output":
            return all(x is not None for x in args)
        return all(x is not None and not np.may_share_memory(x, result) for x in args)

    def _view(self, call: Call) -> list[str]:
        """Create a view now if its base has a fixed buffer; else write the line that creates it in each step."""
        if all(id(x) in self.buffers.arrays for x in call.needs):
            arrays = self.buffers.arrays
            arrays.update(run_call(call, lambda x: arrays[id(x)] if isinstance(x, Value) else x, np))
            return []
        return lines(call, self.name, None)

    def _section(self, flats: list[FlatCall]) -> list[str]:
        """Return the lines of flat operations, in a loop over blocks if the vectors are longer than one block."""
        arguments = [x for flat in flats for x in (*flat.args, flat.out)]
        parts = {(id(x.vector), x.span): x for x in arguments if isinstance(x, VectorPart)}
        names = {key: f"p{next(self.numbers)}" for key in parts}
        first, last = flats[0].out.span
        size = last - first
        blocks = [
            tuple(self._piece(part, start, min(start + BLOCK, size)) for part in parts.values())
            for start in range(0, size, BLOCK)
        ]
        body = []
        for flat in flats:
            dtype, out = flat.out.vector.dtype, names[id(flat.out.vector), flat.out.span]
            args = [
                names[id(x.vector), x.span] if isinstance(x, VectorPart) else self.name(as_array(x, dtype))
                for x in flat.args
            ]
            body.append(ufunc_line(flat.name, args, self.name, out))
        if len(blocks) == 1:
            self.objects.update(zip(names.values(), blocks[0], strict=True))
            return body
        pieces = ", ".join(names.values())
        return [f"for {pieces} in {self.named(blocks, 'blocks')}:", *(f"    {line}" for line in body)]

    def _piece(self, part: VectorPart, start: int, stop: int) -> Any:
        block = self.buffers.blocks.get(id(part.vector))
        if block is not None:
            return block[: stop - start]
        first = part.span[0]
        return self.buffers.vectors[id(part.vector)][first + start : first + stop]

    def _last_copies(self) -> list[str]:
        """Return the lines that copy new carry values; values of the old carry are copied aside first."""
        copy, old_carry = self.name(np.copyto), {id(value) for value in self.recording.carry}
        aside, copies = [], []
        for i, (leaf, value) in enumerate(self.buffers.copies):
            name = self.name(value)
            if isinstance(value, Value) and id(value.root) in old_carry:
                aside.append(f"aside{i} = {name}.copy()")
                name = f"aside{i}"
            copies.append(f"{copy}({self.named(leaf, 'c')}, {name})")
        if self.names.get(id(self.recording.output)) != "output":
            aside.append(f"{copy}(output, {self.name(self.recording.output)})")
        return aside + copies

    # ---- names --------------------------------------------------------------------------------------------

    def name(self, x: Any) -> str:
        """Return the name of `x` in the program, or its literal."""
        if isinstance(x, Value):
            if id(x) in self.buffers.arrays:
                return self.named(self.buffers.arrays[id(x)], "v")
            return self.names.setdefault(id(x), f"t{len(self.names)}")
        if isinstance(x, tuple | list):
            inside = ", ".join(map(self.name, x))
            return f"({inside},)" if isinstance(x, tuple) else f"[{inside}]"
        if isinstance(x, slice):
            return f"slice({self.name(x.start)}, {self.name(x.stop)}, {self.name(x.step)})"
        if x is None or x is Ellipsis or isinstance(x, bool | int | str):
            return repr(x)
        owner = getattr(getattr(x, "__self__", None), "__name__", "")  # for methods: add.reduce is named add_reduce
        return self.named(x, f"{owner}_{x.__name__}" if owner else getattr(x, "__name__", "c"))

    def named(self, x: Any, stem: str) -> str:
        """Return the name of an object that the program is compiled with."""
        if id(x) not in self.names:
            plain = stem if stem.isidentifier() else "c"
            name = plain if plain not in self.objects and callable(x) else f"{plain}{len(self.objects)}"
            self.names[id(x)] = name
            self.objects[name] = x
            self.references.append(x)
        return self.names[id(x)]
