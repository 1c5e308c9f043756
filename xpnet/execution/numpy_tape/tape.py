"""The executor for NumPy records the step once and compiles it to a program on fixed buffers.

The program gives exactly the plain loop's results.
"""

import warnings
from typing import Any

import numpy as np

from xpnet.backend import Array
from xpnet.execution import loop
from xpnet.execution.numpy_tape.program import TapeProgram
from xpnet.execution.recording.carry import CarryMemory
from xpnet.execution.recording.memory import Pool
from xpnet.execution.recording.recorder import UnrecordableError
from xpnet.execution.recording.recording import record_step
from xpnet.trees import leaves, rebuild


class Tape:
    """Runs one step many times; a call takes and returns what `xpnet.execution.loop.run` does.

    The carry that a call returns lies in the tape's memory, and the next call overwrites it.  A call never writes
    to its arguments.  If the step cannot be recorded, the plain loop runs it, with a warning.
    """

    def __init__(self, step: loop.Step) -> None:
        self.step = step
        self._reason: str | None = None  # why the step cannot be recorded
        self._pool, self._programs = Pool(), dict[Any, TapeProgram]()
        self._memories: dict[Any, CarryMemory] = {}  # one for each layout of the carry

    @property
    def way(self) -> str:
        """How the step is run, in words."""
        return "compiled NumPy program" if self._reason is None else f"plain loop: {self._reason}"

    @property
    def sources(self) -> list[str]:
        """The source of the programs, one for each layout of the inputs."""
        return [program.source for program in self._programs.values()]

    def __call__(self, carry: Any, inputs: Any) -> tuple[Any, Array]:
        """Run one step for each entry of `inputs`; return the last carry and the stacked outputs."""
        program = None if self._reason else self._program(carry, inputs)
        if program is None:
            return loop.run(self.step, carry, inputs)
        input_leaves = leaves(inputs)
        for leaf, x in zip(program.memory.leaves, leaves(carry), strict=True):
            if x is not leaf:
                np.copyto(leaf, x)
        outputs = np.empty((input_leaves[0].shape[0], *program.output.shape), program.output.dtype)
        program(input_leaves, outputs)
        return rebuild(carry, iter(program.memory.leaves)), outputs

    def _program(self, carry: Any, inputs: Any) -> TapeProgram | None:
        carried = tuple((x.shape, x.dtype) for x in leaves(carry))
        key = carried, tuple((x.shape[1:], x.dtype, x.strides[1:]) for x in leaves(inputs))
        if key not in self._programs:
            try:
                recording = record_step(self.step, carry, inputs)
            except UnrecordableError as why:
                self._reason = str(why)
                warnings.warn(f"training runs step by step, slower: {why}", RuntimeWarning, stacklevel=4)
                return None
            self._programs[key] = TapeProgram(recording, self._pool, self._memories.get(carried))
            self._memories[carried] = self._programs[key].memory
        return self._programs[key]
