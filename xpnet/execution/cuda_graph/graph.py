"""The executor for CuPy records the step once, fuses it, and launches it as a captured CUDA graph.

The host only launches graphs.  A counter on the device holds the index of the step; kernels use it to read the inputs
of that step and to write its output.  This code has not been tested on a GPU yet; on a stand-in device it gives the
same bits as the plain loop.
"""

import warnings
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from xpnet.backend import Array, of
from xpnet.execution import loop
from xpnet.execution.cuda_graph.cublas import product
from xpnet.execution.cuda_graph.device import CupyDevice, Device, Launch
from xpnet.execution.cuda_graph.placing import ALIGNMENT, Arrays, insert_copies, is_view, place_results
from xpnet.execution.fused.fusion import Fused, Input, Local, Operation, fuse, layout_of
from xpnet.execution.fused.kernels import Kernel, Operand
from xpnet.execution.recording.calls import Call, Value
from xpnet.execution.recording.carry import CarryMemory, leaf_order
from xpnet.execution.recording.flat import FlatRecording, flatten
from xpnet.execution.recording.memory import Pool
from xpnet.execution.recording.recorder import UnrecordableError, UnsupportedOperationError
from xpnet.execution.recording.recording import Recording, record_step
from xpnet.execution.recording.writable import REDUCTIONS, can_write
from xpnet.trees import leaves, rebuild

# steps in the larger graph, which share one launch; a larger graph takes longer to capture.  The number 32 has not been
# measured.
UNROLLED = 32


class Graph:
    """Runs one step many times; a call takes and returns what `xpnet.execution.loop.run` does.

    The carry that a call returns lies in the graph's memory, and the next call overwrites it.  The outputs are new
    arrays.  Each shape of inputs, such as a short last batch, has its own graph.  If the step cannot be recorded or
    captured, the plain loop runs it.  `way` says why; a warning does too, unless the operation is known to be
    unsupported.

    Parameters
    ----------
    step : callable
        As for `xpnet.execution.run`.
    open_device : callable, optional
        Returns the device for the graph; by default CuPy's current one.
    """

    def __init__(self, step: loop.Step, open_device: Callable[[], Device] = CupyDevice) -> None:
        self.step, self._open = step, open_device
        self._reason: str | None = None  # why the step cannot be captured
        self._device: Device | None = None
        self._programs = dict[Any, GraphProgram]()
        self._memories: dict[Any, CarryMemory] = {}  # one for each layout of the carry

    @property
    def way(self) -> str:
        """How the step is run, in words."""
        return "captured CUDA graph" if self._reason is None else f"plain loop: {self._reason}"

    def __call__(self, carry: Any, inputs: Any) -> tuple[Any, Array]:
        """Run one step for each entry of `inputs`; return the last carry and the stacked outputs."""
        program = None if self._reason else self._program(carry, inputs)
        if program is None:
            return loop.run(self.step, carry, inputs)
        program.load_carry(leaves(carry))
        outputs = program.run(leaves(inputs))
        return rebuild(carry, iter(program.memory.leaves)), outputs

    def _program(self, carry: Any, inputs: Any) -> "GraphProgram | None":
        key = _layouts(carry), tuple((x.shape[1:], x.dtype) for x in leaves(inputs))
        if key not in self._programs:
            try:
                self._programs[key] = self._capture_program(
                    record_step(self.step, carry, inputs), leaves(carry), leaves(inputs)
                )
            except UnsupportedOperationError as why:  # This operation is known to be unsupported, so no warning.
                self._reason = str(why)
            except UnrecordableError as why:
                self._reason = str(why)
                warnings.warn(f"training runs step by step, slower: {why}", RuntimeWarning, stacklevel=4)
        return self._programs.get(key)

    def _capture_program(self, recording: Recording, carry: list[Any], inputs: list[Any]) -> "GraphProgram":
        """Return the program for inputs of this shape.  One trial step runs; then the carry is restored."""
        try:
            device = self._device = self._device or self._open()
            before = [device.empty(tuple(x.shape), x.dtype) for x in carry]
            for copy, x in zip(before, carry, strict=True):
                device.copy(copy, x)
            steps = int(inputs[0].shape[0])
            carried = _layouts(tuple(carry))
            program = GraphProgram(recording, steps, device, of(inputs[0]).xp, self._memories.get(carried))
            self._memories[carried] = program.memory
            program.load_carry(before)
            try:
                program.capture([x[:1, ...] for x in inputs])
            finally:
                program.load_carry(before)
        except UnrecordableError:
            raise
        except Exception as error:  # of CUDA or CuPy: the carry is unchanged, so the plain loop can run
            raise UnrecordableError(f"it could not be captured ({type(error).__name__}: {error})") from error
        return program


class GraphProgram:
    """The graphs of one recording: kernels on fixed arrays.  `steps` is how many steps' inputs the arrays can hold."""

    def __init__(self, recording: Recording, steps: int, device: Device, xp: Any, memory: CarryMemory | None) -> None:
        self.device = device
        if not all(value.layout.is_contiguous for value in (*recording.carry, *recording.inputs)):
            raise UnrecordableError("the carry and the inputs of a step must be C-contiguous")
        recording = insert_copies(recording)
        flattened = flatten(recording, ALIGNMENT)
        if memory is not None and leaf_order(recording, flattened) != memory.order:
            flattened = FlatRecording([*recording.calls])
        self.memory = CarryMemory(recording, flattened, _Memory(device)) if memory is None else memory
        placed = place_results(recording, flattened, fuse(recording, flattened))
        self._counter, self._zero = (device.empty((1,), np.dtype("int32")) for _ in range(2))
        per_step = [*recording.inputs, placed.result]
        self._per_step = [device.empty((steps, *value.layout.shape), value.layout.dtype) for value in per_step]
        first_entries = {id(value): (value, x[0, ...]) for value, x in zip(per_step, self._per_step, strict=True)}
        arrays = Arrays(flattened, placed, self.memory, first_entries)
        arrays.allocate(placed.items, device.empty, xp)
        self._launches = [self._launch(item, arrays) for item in placed.items if not is_view(item)]
        self._graphs: list[tuple[int, Any]] = []  # number of steps in a graph, and the graph; the largest first
        self._references = recording, arrays  # keeps the arrays alive that the graphs read and write

    def load_carry(self, carry: list[Any]) -> None:
        """Copy the leaves of a carry into the graph's memory, unless they lie there already."""
        for leaf, x in zip(self.memory.leaves, carry, strict=True):
            if x is not leaf:
                self.device.copy(leaf, x)

    def capture(self, inputs: list[Any]) -> None:
        """Run one step on these inputs without a graph, then capture a graph of many steps and one of a single step."""
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
        """Run a step for each entry of the inputs, on the carry in `memory`; return the stacked outputs."""
        n, capacity, written = int(inputs[0].shape[0]), len(self._per_step[-1]), self._per_step[-1]
        outputs = self.device.empty((n, *written.shape[1:]), written.dtype)
        for start in range(0, n, capacity):
            left = min(capacity, n - start)
            self._load_inputs([x[start : start + left, ...] for x in inputs])
            for size, graph in self._graphs:
                for _ in range(left // size):
                    self.device.launch(graph)
                left %= size
            self.device.copy(outputs[start : start + capacity], written[: min(capacity, n - start)])
        return outputs

    def _load_inputs(self, inputs: list[Any]) -> None:
        """Copy inputs to where the kernels read them, and set the counter to 0."""
        for array, x in zip(self._per_step[:-1], inputs, strict=True):
            self.device.copy(array[: x.shape[0], ...], x)
        self.device.copy(self._counter, self._zero)

    def _launch(self, item: Call | Fused, arrays: Arrays) -> Launch:
        if isinstance(item, Fused):
            places = [place for _, place in item.outputs]
            reads, writes = [arrays.operand(x.place) for x in item.inputs], [arrays.operand(x) for x in places]
            kernel = Kernel(item, tuple(reads), tuple(writes))
            inputs, outputs = [arrays.of(x.place) for x in item.inputs], [arrays.of(x) for x in places]
            return self.device.kernel(kernel, inputs, outputs, self._counter)
        if not can_write(item) or item.name not in {"matmul", *REDUCTIONS}:
            raise UnsupportedOperationError(f"{item.name} cannot run in a CUDA graph")
        x, *others, out = (arrays.of(each) for each in (*item.args, item.outs[0]))
        if item.name == "matmul":
            layouts = [layout_of(place) for place in (*item.args, item.outs[0])]
            if product(*layouts) is None:
                words = " by ".join(f"{layout.dtype} {layout.shape}" for layout in layouts[:2])
                raise UnsupportedOperationError(f"matmul of {words} cannot run in a CUDA graph")
            return self.device.gemm(x, others[0], out)
        return self.device.reduce(item.name, x, item.kwargs.get("axis"), item.kwargs.get("keepdims", False), out)

    def _advance(self, n: int) -> Launch:
        """Return a function that adds n to the counter."""
        value = Value(layout_of(self._counter))
        add = Operation("add", (Local(0), n), value.layout)
        kernel = Fused((1,), (Input(value),), (add,), ((Local(1), value),))
        described = Kernel(kernel, (Operand(value.layout),), (Operand(value.layout),))
        return self.device.kernel(described, [self._counter], [self._counter], self._counter)


def _layouts(carry: Any) -> Any:
    return tuple((x.shape, x.dtype) for x in leaves(carry))


class _Memory(Pool):
    """Memory of the device for arrays that live as long as the program."""

    def __init__(self, device: Device) -> None:
        super().__init__()
        self._device = device

    def take(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Return a new array of the device."""
        return self._device.empty(shape, dtype)
