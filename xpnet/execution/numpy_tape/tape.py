"""The executor for NumPy: the step is recorded once and replayed on fixed buffers, bit for bit the same."""

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
    """Runs one step many times; see `xpnet.execution.loop.run` for what a call takes and gives.

    The carry that a call returns lies in the tape's own memory and changes with the next call.  The arrays that a call
    is given are never written to.  A step that cannot be recorded is called step by step, with a warning.
    """

    def __init__(self, step: loop.Step) -> None:
        self.step = step
        self._reason: str | None = None  # why the step cannot be recorded
        self._pool, self._programs = Pool(), dict[Any, TapeProgram]()
        self._memory: CarryMemory | None = None

    @property
    def way(self) -> str:
        """How the step is run, in words."""
        return "recorded and replayed" if self._reason is None else f"step by step: {self._reason}"

    @property
    def sources(self) -> list[str]:
        """The programs that the step has become, one for each shape of the inputs."""
        return [program.source for program in self._programs.values()]

    def __call__(self, carry: Any, inputs: Any) -> tuple[Any, Array]:
        """Return what is left of `carry` after one step for each entry of `inputs`, and what the steps put out."""
        program = None if self._reason else self._program(carry, inputs)
        if program is None:
            return loop.run(self.step, carry, inputs)
        given = leaves(inputs)
        for leaf, x in zip(program.memory.leaves, leaves(carry), strict=True):
            if x is not leaf:
                np.copyto(leaf, x)
        outputs = np.empty((given[0].shape[0], *program.output.shape), program.output.dtype)
        program(given, outputs)
        return rebuild(carry, iter(program.memory.leaves)), outputs

    def _program(self, carry: Any, inputs: Any) -> TapeProgram | None:
        key = tuple((x.shape[1:], x.dtype, x.strides[1:]) for x in leaves(inputs))
        if key not in self._programs:
            try:
                recording = record_step(self.step, carry, inputs)
            except UnrecordableError as why:
                self._reason = str(why)
                warnings.warn(f"training runs step by step, slower: {why}", RuntimeWarning, stacklevel=4)
                return None
            self._programs[key] = TapeProgram(recording, self._pool, self._memory)
            self._memory = self._programs[key].memory
        return self._programs[key]
