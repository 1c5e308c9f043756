"""A recorded step becomes a compiled program: NumPy calls on buffers that are allocated once.

The program is Python source (`TapeProgram.source`): a loop over the steps with one line for each operation.  A group of
elementwise operations is a line for each of them, in a loop over blocks if it is large, or one call of a compiled loop.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from xpnet.execution.fused.fusion import Fused, fuse
from xpnet.execution.fused.loops import View
from xpnet.execution.fused.python_operations import has_equal_bits
from xpnet.execution.numpy_tape.buffers import Buffers, Item, assign, is_put_out
from xpnet.execution.numpy_tape.compiling import Candidates, CompiledLoop, fixed_view, views_of_steps
from xpnet.execution.numpy_tape.groups import Group
from xpnet.execution.numpy_tape.numba_compiler import compiled, is_warm, may_compile, wanted
from xpnet.execution.numpy_tape.numpy_calls import lines
from xpnet.execution.numpy_tape.workers import run_in_parts
from xpnet.execution.recording.calls import Call, Layout, Value
from xpnet.execution.recording.carry import CarryMemory, leaf_order
from xpnet.execution.recording.flat import FlatRecording, flatten
from xpnet.execution.recording.memory import Pool
from xpnet.execution.recording.recording import Recording
from xpnet.execution.recording.splitting import split
from xpnet.execution.recording.writable import can_write


class TapeProgram:
    """The program of one recording.  A call takes the leaves of the inputs and an array for the outputs."""

    def __init__(self, recording: Recording, pool: Pool, memory: CarryMemory | None = None) -> None:
        flattened = split(flatten(recording)) if may_compile() else flatten(recording)
        if memory is not None and leaf_order(recording, flattened) != memory.order:
            flattened = FlatRecording([*recording.calls])
        self.memory = CarryMemory(recording, flattened, pool) if memory is None else memory
        fused = fuse(recording, flattened, has_equal_bits)
        items: list[Item] = [Group.of(x) if isinstance(x, Fused) else x for x in fused]
        buffers = assign(recording, flattened, items, self.memory, pool)
        self.output = recording.output.layout if isinstance(recording.output, Value) else Layout.of(recording.output)
        self._parts = recording, items, buffers
        self._candidates: Candidates | None = None
        self.loops: dict[int, CompiledLoop] = {}  # id of a group -> the compiled loop that runs it
        self._write()

    def _write(self) -> None:
        writer = _Writer(*self._parts, self.loops)
        self.source = writer.source()
        self._run = writer.compiled(self.source)

    def compile_loops(self, steps: float) -> None:
        """Compile the groups for which that pays in so many steps, and use them from now on."""
        if not may_compile():
            return
        chosen = []
        if self._candidates is None:
            self._candidates = Candidates.of(*self._parts)
            chosen = self._candidates.take_known() if is_warm() else []
        waiting = len(self._candidates.waiting)
        chosen += self._candidates.take(waiting) if wanted() else self._candidates.paying(steps, warm=is_warm())
        for candidate in chosen:
            loop = candidate.loop()
            if (run := compiled(loop, releases=candidate.releases)) is not None:
                self.loops[id(candidate.group)] = CompiledLoop(candidate, loop, run)
        if chosen:
            self._write()

    def __call__(self, inputs: list[Any], outputs: Any) -> None:
        """Run a step for each entry of the inputs, on the carry in `memory`."""
        # a row of outputs must be an array, so that the program can write to it
        self._run(*inputs, outputs if self.output.ndim else outputs[:, None])


class _Writer:
    """Writes the source of a program, and holds the objects that its names stand for."""

    def __init__(
        self,
        recording: Recording,
        items: Sequence[Item],
        buffers: Buffers,
        loops: Mapping[int, CompiledLoop],
    ) -> None:
        self.recording, self.items, self.buffers, self.loops = recording, items, buffers, loops
        self.objects: dict[str, Any] = {}  # name -> object that the program is compiled with
        self.names: dict[int, str] = {}  # id of an object -> its name
        self.numbers = count()
        self.references: list[Any] = []  # keeps objects alive, so that no other object gets their id
        self.inputs = [f"x{i}" for i in range(len(recording.inputs))]
        self.moving: dict[str, str] = {}  # names of views that change with the step -> the views of all steps

    def source(self) -> str:
        """Return the source of the program."""
        first_lines = []
        for value, name in zip(self.recording.inputs, self.inputs, strict=True):
            if value.layout.ndim:
                self.names[id(value)] = name
            else:
                first_lines.append(f"{self.named(self.buffers.arrays[id(value)], 'n')}[()] = {name}")
        body = [*first_lines, *(line for item in self.items for line in self._item(item)), *self._last_copies()]
        parameters = ", ".join([*(f"{name}s" for name in self.inputs), "outputs"])
        names, stacked = [*self.inputs, "output", *self.moving], [parameters, *self.moving.values()]
        loop = f"for {', '.join(names)} in zip({', '.join(stacked)}):"
        return "\n".join([f"def steps({parameters}):", f"    {loop}", *(f"        {line}" for line in body)])

    def compiled(self, source: str) -> Any:
        """Return the compiled program; its names are variables of an enclosing function, which are fast to look up."""
        inner = "\n".join(f"    {line}" for line in source.splitlines())
        namespace: dict[str, Any] = {}
        exec(f"def make({', '.join(self.objects)}):\n{inner}\n    return steps\n", namespace)
        return namespace["make"](**self.objects)

    # ---- operations ---------------------------------------------------------------------------------------

    def _item(self, item: Item) -> list[str]:
        if isinstance(item, Call):
            return self._call(item)
        if id(item) in self.loops:
            return self._loop(self.loops[id(item)])
        whole = item.fused.shape[0] if item.fused.shape else 1
        if self.buffers.rows[id(item)] < whole:
            return self._blocks(item, whole, self.buffers.rows[id(item)])
        return [line for call in item.calls for line in self._call(call)]

    def _call(self, call: Call) -> list[str]:
        value = call.outs[0]
        if value.base is not None:
            return [] if id(value) in self.buffers.arrays else lines(call, self.name, None)
        if can_write(call):
            self._put_out(value)
        if id(value) in self.buffers.arrays and not can_write(call):  # a member of a vector
            temporary = Value(value.layout)
            plain_call = lines(Call(call.name, call.args, call.kwargs, (temporary,)), self.name, None)
            return [*plain_call, f"{self.name(np.copyto)}({self.name(value)}, {self.name(temporary)})"]
        has_buffer = id(value) in self.buffers.arrays or self.names.get(id(value)) == "output"
        out = self.name(value) if has_buffer and can_write(call) else None
        return lines(call, self.name, out, disjoint=self._is_disjoint(call))

    def _put_out(self, value: Value) -> None:
        """Let a value be written into the row of outputs, if it is the output and does not lie in the carry."""
        if is_put_out(self.recording, value) and id(value) not in self.buffers.arrays:
            self.names[id(value)] = "output"

    def _is_disjoint(self, call: Call) -> bool:
        """Return whether it is certain that no argument shares memory with the result."""
        arrays = [self.buffers.arrays.get(id(x)) for x in (call.outs[0], *call.needs)]
        result, *args = arrays
        if self.names.get(id(call.outs[0])) == "output":
            return all(x is not None for x in args)
        return all(x is not None and not np.may_share_memory(x, result) for x in args)

    def _loop(self, compiled_loop: CompiledLoop) -> list[str]:
        """Return the line that runs a group as a compiled loop."""
        (group, sources), (_, views, length), run = compiled_loop
        for _, value in group.outputs:
            self._put_out(value)
        name, what = self.named(run, "loop"), ", ".join(call.name for call in group.calls)
        args = ", ".join(self._view(sources[view.array], view) for view in views)
        parts = compiled_loop.candidate.parts
        if parts == 1:
            return [f"{name}({args}, 0, {length})  # {what}"]
        return [f"{self.name(run_in_parts)}({name}, ({args},), {length}, {parts})  # {what}"]

    def _view(self, source: Any, view: View) -> str:
        """Return the name of an array as a loop sees it."""
        if not isinstance(source, Value):
            return self.named(fixed_view(source, view), "a")
        name = self.names[id(source)]
        if (source.layout.shape, source.layout.strides) == (view.shape, view.strides):
            return name
        stacked = "outputs" if name == "output" else f"{name}s"
        seen = f"{self.name(views_of_steps)}({stacked}, {view.shape}, {view.strides})"
        return next((k for k, v in self.moving.items() if v == seen), None) or self._add_moving(name, seen)

    def _add_moving(self, name: str, seen: str) -> str:
        new = f"{name}_{len(self.moving)}"
        self.moving[new] = seen
        return new

    def _blocks(self, group: Group, whole: int, rows: int) -> list[str]:
        """Return the lines of a large group: a loop over blocks, in which each name stands for a part of an array."""
        values = {id(x): x for call in group.calls for x in (*call.args, *call.outs) if isinstance(x, Value)}
        cut = [x for x in values.values() if group.is_cut(x.layout)]
        names = {id(x): f"p{next(self.numbers)}" for x in cut}
        arrays = [self.buffers.arrays[id(x)] for x in cut]
        blocks = [
            tuple(_rows(x, start, min(start + rows, whole), whole) for x in arrays) for start in range(0, whole, rows)
        ]

        def name(x: Any) -> str:
            return names[id(x)] if id(x) in names else self.name(x)

        body = [line for call in group.calls for line in lines(call, name, name(call.outs[0]))]
        return [
            f"for {', '.join(names.values())} in {self.named(blocks, 'blocks')}:",
            *(f"    {line}" for line in body),
        ]

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


def _rows(array: Any, start: int, stop: int, whole: int) -> Any:
    """Return a block of an array of the whole group, or of a scratch array, which has only the rows of one block."""
    return array[start:stop] if array.shape[0] == whole else array[: stop - start]
