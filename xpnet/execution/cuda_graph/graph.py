"""The executor for CuPy: the step is recorded once, fused, and replayed as a captured CUDA graph.

The host launches a graph and does nothing else: a counter on the device says which step it is, and kernels read the
inputs of that step and write its output where the counter points.  Not run on a GPU; on a device of stand-ins it gives
the plain loop's bits.
"""

import warnings
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from xpnet.backend import Array, of
from xpnet.execution import loop
from xpnet.execution.cuda_graph.device import CupyDevice, Device, Launch
from xpnet.execution.cuda_graph.placing import Arrays, insert_copies, is_view, place_results
from xpnet.execution.fused.fusion import Fused, Input, Local, Operation, fuse, layout_of
from xpnet.execution.fused.kernels import Kernel, Operand
from xpnet.execution.recording.calls import Call, Value
from xpnet.execution.recording.carry import CarryMemory, leaf_order
from xpnet.execution.recording.flat import FlatRecording, flatten
from xpnet.execution.recording.memory import Pool
from xpnet.execution.recording.recorder import UnrecordableError
from xpnet.execution.recording.recording import Recording, record_step
from xpnet.execution.recording.writable import REDUCTIONS, can_write
from xpnet.trees import leaves, rebuild

UNROLLED = 32  # steps in the larger graph: shares a launch among them; more are dearer to capture. Not measured


class Graph:
    """Runs one step many times; see `xpnet.execution.loop.run` for what a call takes and gives.

    The carry that a call returns lies in the graph's own memory and changes with the next call; the outputs are the
    caller's.  Each shape of inputs, such as a short last batch, has a graph of its own.  A step that cannot be recorded
    or captured is called step by step, with a warning.

    Parameters
    ----------
    step : callable
        As for `xpnet.execution.run`.
    open_device : callable, optional
        Returns the device to capture on; CuPy's by default.
    """

    def __init__(self, step: loop.Step, open_device: Callable[[], Device] = CupyDevice) -> None:
        self.step, self._open = step, open_device
        self._reason: str | None = None  # why the step cannot be captured
        self._device: Device | None = None
        self._programs = dict[Any, GraphProgram]()
        self._memory: CarryMemory | None = None

    @property
    def way(self) -> str:
        """How the step is run, in words."""
        return "captured as a CUDA graph" if self._reason is None else f"step by step: {self._reason}"

    def __call__(self, carry: Any, inputs: Any) -> tuple[Any, Array]:
        """Return what is left of `carry` after one step for each entry of `inputs`, and what the steps put out."""
        program = None if self._reason else self._program(carry, inputs)
        if program is None:
            return loop.run(self.step, carry, inputs)
        program.load_carry(leaves(carry))
        outputs = program.run(leaves(inputs))
        return rebuild(carry, iter(program.memory.leaves)), outputs

    def _program(self, carry: Any, inputs: Any) -> "GraphProgram | None":
        key = tuple((x.shape[1:], x.dtype) for x in leaves(inputs))
        if key not in self._programs:
            try:
                self._programs[key] = self._capture_program(
                    record_step(self.step, carry, inputs), leaves(carry), leaves(inputs)
                )
            except UnrecordableError as why:
                self._reason = str(why)
                warnings.warn(f"training runs step by step, slower: {why}", RuntimeWarning, stacklevel=4)
        return self._programs.get(key)

    def _capture_program(self, recording: Recording, carry: list[Any], inputs: list[Any]) -> "GraphProgram":
        """Return the program for inputs of this shape.  One step is tried, and the carry left as it was."""
        try:
            device = self._device = self._device or self._open()
            before = [device.empty(tuple(x.shape), x.dtype) for x in carry]
            for copy, x in zip(before, carry, strict=True):
                device.copy(copy, x)
            steps = int(inputs[0].shape[0])
            program = GraphProgram(recording, steps, device, of(inputs[0]).xp, self._memory)
            self._memory = program.memory
            program.load_carry(before)
            try:
                program.capture([x[:1, ...] for x in inputs])
            finally:
                program.load_carry(before)
        except UnrecordableError:
            raise
        except Exception as error:  # whatever CUDA or CuPy says: nothing is lost yet, and the plain loop can run
            raise UnrecordableError(f"it could not be captured ({type(error).__name__}: {error})") from error
        return program


class GraphProgram:
    """What one recording became: kernels on fixed arrays, captured.  `steps` is how many a call takes at once."""

    def __init__(self, recording: Recording, steps: int, device: Device, xp: Any, memory: CarryMemory | None) -> None:
        self.device = device
        if not all(value.layout.is_contiguous for value in (*recording.carry, *recording.inputs)):
            raise UnrecordableError("the carry and the inputs of a step must lie in order, the last axis fastest")
        recording = insert_copies(recording)
        flattened = flatten(recording)
        if memory is not None and leaf_order(recording, flattened) != memory.order:
            flattened = FlatRecording([*recording.calls])
        self.memory = CarryMemory(recording, flattened, _Memory(device)) if memory is None else memory
        placed = place_results(recording, flattened, fuse(recording, flattened))
        self._counter, self._zero = (device.empty((1,), np.dtype("int32")) for _ in range(2))
        per_step = [*recording.inputs, placed.result]
        self._per_step = [device.empty((steps, *value.layout.shape), value.layout.dtype) for value in per_step]
        places = {id(value): (value, x[0, ...]) for value, x in zip(per_step, self._per_step, strict=True)}
        arrays = Arrays(flattened, placed, self.memory, places)
        arrays.allocate(placed.items, device.empty, xp)
        self._launches = [self._launch(item, arrays) for item in placed.items if not is_view(item)]
        self._graphs: list[tuple[int, Any]] = []  # steps in a graph, and the graph; the largest first
        self._references = recording, arrays  # constants of the step, and whatever else the graphs point at

    def load_carry(self, carry: list[Any]) -> None:
        """Copy the leaves of a carry home, if they are not there."""
        for leaf, x in zip(self.memory.leaves, carry, strict=True):
            if x is not leaf:
                self.device.copy(leaf, x)

    def capture(self, inputs: list[Any]) -> None:
        """Run one step as it is, on these inputs, then capture one step, and many if a call may take as many."""
        self._zero[...] = 0
        self._load_inputs(inputs)
        advances = {n: self._advance(n) for n in (min(UNROLLED, len(self._per_step[-1])), 1)}

        def run(steps: int, last: Iterable[Launch]) -> None:
            for ahead in range(steps):
                for launch in self._launches:
                    launch(ahead)
            for advance in last:
                advance(0)

        self.device.warm(partial(run, 1, advances.values()))
        self._graphs = [(n, self.device.capture(partial(run, n, [advance]))) for n, advance in advances.items()]

    def run(self, inputs: list[Any]) -> Any:
        """Run a step for each entry of the inputs, on the carry that is at home; return what they put out."""
        n, most, written = int(inputs[0].shape[0]), len(self._per_step[-1]), self._per_step[-1]
        outputs = self.device.empty((n, *written.shape[1:]), written.dtype)
        for start in range(0, n, most):
            left = min(most, n - start)
            self._load_inputs([x[start : start + left, ...] for x in inputs])
            for size, graph in self._graphs:
                for _ in range(left // size):
                    self.device.launch(graph)
                left %= size
            self.device.copy(outputs[start : start + most], written[: min(most, n - start)])
        return outputs

    def _load_inputs(self, inputs: list[Any]) -> None:
        """Put inputs where the kernels read them, and begin with the first."""
        for place, x in zip(self._per_step[:-1], inputs, strict=True):
            self.device.copy(place[: x.shape[0], ...], x)
        self.device.copy(self._counter, self._zero)

    def _launch(self, item: Call | Fused, arrays: Arrays) -> Launch:
        if isinstance(item, Fused):
            places = [place for _, place in item.outputs]
            reads, writes = [arrays.operand(x.place) for x in item.inputs], [arrays.operand(x) for x in places]
            kernel = Kernel(item, tuple(reads), tuple(writes))
            given = [arrays.of(x.place) for x in item.inputs], [arrays.of(x) for x in places]
            return self.device.kernel(kernel, *given, self._counter)
        if not can_write(item) or item.name not in {"matmul", *REDUCTIONS}:
            raise UnrecordableError(f"{item.name} has no form in a graph")
        x, *others, out = (arrays.of(each) for each in (*item.args, item.outs[0]))
        if item.name == "matmul":
            return self.device.gemm(x, others[0], out)
        return self.device.reduce(item.name, x, item.kwargs.get("axis"), item.kwargs.get("keepdims", False), out)

    def _advance(self, n: int) -> Launch:
        """Return what moves the counter on by n steps."""
        value = Value(layout_of(self._counter))
        add = Operation("add", (Local(0), n), value.layout)
        kernel = Fused((1,), (Input(value),), (add,), ((Local(1), value),))
        known = Kernel(kernel, (Operand(value.layout),), (Operand(value.layout),))
        return self.device.kernel(known, [self._counter], [self._counter], self._counter)


class _Memory(Pool):
    """The device's memory, for what stays."""

    def __init__(self, device: Device) -> None:
        super().__init__()
        self._device = device

    def take(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Return a new array of the device."""
        return self._device.empty(shape, dtype)
