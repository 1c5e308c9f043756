"""The plain executor calls the step in a loop.  It works on every library, and the other executors must equal it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from xpnet.backend import Array, namespace
from xpnet.trees import leaves, rebuild

Carry = TypeVar("Carry")
Step: TypeAlias = Callable[[Any, Any], tuple[Any, Array]]


def run(step: Callable[[Carry, Any], tuple[Carry, Array]], carry: Carry, inputs: Any) -> tuple[Carry, Array]:
    """Run one step for each entry of `inputs`; return the last carry and the stacked outputs.

    Parameters
    ----------
    step : callable
        ``step(carry, input) -> (carry, output)``: a pure function with fixed shapes that never reads a value.
    carry : tree of arrays
        What one step passes to the next, such as parameters and optimizer state.
    inputs : tree of arrays, shape (steps, ...)
        Step i gets ``inputs[i]`` of each leaf.

    Returns
    -------
    carry : tree of arrays
    outputs : Array, shape (steps, ...)

    Examples
    --------
    >>> import numpy as np
    >>> run(lambda total, x: (total + x, 2 * x), np.asarray(0.0), np.asarray([1.0, 2.0, 3.0]))
    (np.float64(6.0), array([2., 4., 6.]))
    """
    xp = namespace(*leaves(inputs)[:1])
    outputs = []
    for entry in zip(*(xp.unstack(x) for x in leaves(inputs)), strict=True):
        carry, output = step(carry, rebuild(inputs, iter(entry)))
        outputs.append(output)
    return carry, xp.stack(outputs)


@dataclass(frozen=True)
class Loop:
    """The executor that calls `run`."""

    step: Step
    way: str = "plain loop"

    def __call__(self, carry: Any, inputs: Any) -> tuple[Any, Array]:
        """Return what `run` returns."""
        return run(self.step, carry, inputs)
