"""Choose the executor that runs a step: the fastest one for its array library.  Only that one is imported."""

import os
from typing import Any, Protocol

from xpnet.backend import Array
from xpnet.execution.loop import Loop, Step

VARIABLE = "XPNET_GENERIC"


class Executor(Protocol):
    """Runs a step for many inputs and returns what `xpnet.execution.run` returns.

    The next call may overwrite the carry that a call returns: copy what you want to keep.
    """

    @property
    def way(self) -> str:
        """How it runs the step, in words for `Result.execution`."""

    def __call__(self, carry: Any, inputs: Any) -> tuple[Any, Array]:
        """Run one step for each entry of `inputs`; return the last carry and the stacked outputs."""


def executor(step: Step, library: str, steps: int | None = None) -> Executor:
    """Return the executor that runs `step` on arrays of `library`.

    NumPy runs a compiled program (`Tape`), CuPy a captured CUDA graph (`Graph`), JAX a compiled scan (`Scan`).  The
    other libraries call the step in a loop (`Loop`).  If the environment variable ``XPNET_GENERIC`` has any value
    except "" and "0", all libraries use the loop.  `xpnet.execution.run` describes the arguments and results of a step.

    `steps` is how many steps are expected in all calls together, if that is known.  NumPy runs a few steps by the loop.
    Its program compiles loops by Numba, where it is installed, if that pays in so many steps; ``XPNET_FAST=0`` turns
    this off, ``XPNET_FAST=1`` compiles all loops at once.  Results do not depend on it.

    Parameters
    ----------
    step : callable
        As for `xpnet.execution.run`.
    library : str
        The name of the library: ``"numpy"``, ``"cupy"``, ``"jax"``, ``"torch"`` or ``"array_api_strict"``.
    steps : int, optional
        How many steps are expected in all calls together, if that is known.

    Examples
    --------
    >>> import numpy as np
    >>> steps = executor(lambda carry, x: ((carry[0] + x,), 2 * x), "numpy")
    >>> steps((np.asarray(0.0),), np.asarray([1.0, 2.0, 3.0]))
    ((array(6.),), array([2., 4., 6.]))
    """
    if os.environ.get(VARIABLE, "0") not in ("", "0"):
        return Loop(step)
    match library:
        case "numpy":
            from xpnet.execution.numpy_tape.tape import Tape

            return Tape(step, steps)
        case "cupy":
            from xpnet.execution.cuda_graph.graph import Graph

            return Graph(step)
        case "jax":
            from xpnet.execution.scan import Scan

            return Scan(step)
        case _:
            return Loop(step)
