"""Which executor runs a step: the fastest that its array library has.  It is imported when it is chosen."""

import os
from typing import Any, Protocol

from xpnet.backend import Array
from xpnet.execution.loop import Loop, Step

VARIABLE = "XPNET_GENERIC"


class Executor(Protocol):
    """Runs a step for many inputs, and gives what `xpnet.execution.run` gives.

    The carry that a call returns may lie in memory that the next call writes to: copy what is to stay.
    """

    @property
    def way(self) -> str:
        """How it runs the step, in words."""

    def __call__(self, carry: Any, inputs: Any) -> tuple[Any, Array]:
        """Return what is left of `carry` after one step for each entry of `inputs`, and what the steps put out."""


def executor(step: Step, library: str) -> Executor:
    """Return what runs `step` on arrays of `library`.

    NumPy replays a recording (`tape`), CuPy a captured graph (`graph`), JAX scans (`scan`), the others call the step
    (`loop`); with the environment variable ``XPNET_GENERIC`` set to 1 all of them do.  The step takes and gives what
    `xpnet.execution.run` says.

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

            return Tape(step)
        case "cupy":
            from xpnet.execution.cuda_graph.graph import Graph

            return Graph(step)
        case "jax":
            from xpnet.execution.scan import Scan

            return Scan(step)
        case _:
            return Loop(step)
