"""The executor for NumPy records the step once and compiles it to a program on fixed buffers.

The program gives exactly the plain loop's results.
"""

import warnings
from typing import Any

import numpy as np

from xpnet.backend import Array
from xpnet.execution import loop
from xpnet.execution.numpy_tape.numba_compiler import wanted
from xpnet.execution.numpy_tape.program import TapeProgram
from xpnet.execution.recording.carry import CarryMemory
from xpnet.execution.recording.memory import Pool
from xpnet.execution.recording.recorder import UnrecordableError
from xpnet.execution.recording.recording import record_step
from xpnet.trees import leaves, rebuild

# A run of unknown length is expected to go on for this part of what it has run: then the time of the compiler is at
# most a tenth of the run, even if it stops at once.
GOES_ON = 0.4
# A program of its own is worth its while from so many steps on: to record a step takes as long as the plain loop loses
# in some ten steps.
WORTH_RECORDING = 8


class Tape:
    """Runs one step many times; a call takes and returns what `xpnet.execution.loop.run` does.

    The carry that a call returns lies in the tape's memory, and the next call overwrites it.  A call never writes
    to its arguments.  If the step cannot be recorded, the plain loop runs it, with a warning.

    Parameters
    ----------
    step : callable
        As for `xpnet.execution.run`.
    steps : int, optional
        How many steps are expected in all calls together; by default that depends on how many have been run.  It
        decides only whether recording and compiling are worth their while, never a result.
    """

    def __init__(self, step: loop.Step, steps: int | None = None) -> None:
        self.step, self.expected = step, steps
        self._done = dict[Any, int]()  # steps that each program has run
        self._unrecorded = dict[Any, int]()  # steps of layouts that have no program yet
        self._reason: str | None = None  # why the step cannot be recorded
        self._pool, self._programs = Pool(), dict[Any, TapeProgram]()
        self._memories: dict[Any, CarryMemory] = {}  # one for each layout of the carry

    @property
    def way(self) -> str:
        """How the step is run, in words."""
        if self._reason is not None:
            return f"plain loop: {self._reason}"
        if self._is_short:
            return "plain loop: the steps are too few to be compiled"
        loops = any(program.loops for program in self._programs.values())
        return "compiled NumPy program" + (" with loops by Numba" if loops else "")

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
        if all(x.flags.aligned for x in input_leaves):
            program.compile_loops(self._ahead(program, len(input_leaves[0])))
        outputs = np.empty((input_leaves[0].shape[0], *program.output.shape), program.output.dtype)
        program(input_leaves, outputs)
        return rebuild(carry, iter(program.memory.leaves)), outputs

    def _ahead(self, program: TapeProgram, steps: int) -> float:
        """Return how many steps the program may be expected to run from now on, of which it runs `steps` now."""
        before = self._done.get(id(program), 0)
        self._done[id(program)] = before + steps
        if self.expected is None:
            return max(steps, GOES_ON * before)
        share = (before + steps) / sum(self._done.values())
        return max(steps, self.expected * share - before)

    def _program(self, carry: Any, inputs: Any) -> TapeProgram | None:
        carried = tuple((x.shape, x.dtype) for x in leaves(carry))
        key = carried, tuple((x.shape[1:], x.dtype, x.strides[1:], x.flags.aligned) for x in leaves(inputs))
        if key not in self._programs:
            if self._is_short or (self._programs and self._is_rare(key, len(leaves(inputs)[0]))):
                return None
            try:
                recording = record_step(self.step, carry, inputs)
            except UnrecordableError as why:
                self._reason = str(why)
                warnings.warn(f"training runs step by step, slower: {why}", RuntimeWarning, stacklevel=4)
                return None
            self._programs[key] = TapeProgram(recording, self._pool, self._memories.get(carried))
            self._memories[carried] = self._programs[key].memory
        return self._programs[key]

    @property
    def _is_short(self) -> bool:
        return self.expected is not None and self.expected < WORTH_RECORDING and not wanted()

    def _is_rare(self, key: Any, steps: int) -> bool:
        """Return whether a layout is too rare to be recorded, these steps included."""
        self._unrecorded[key] = self._unrecorded.get(key, 0) + steps
        return self._unrecorded[key] < WORTH_RECORDING
