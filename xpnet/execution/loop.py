"""The plain executor: call the step, again and again.  It works everywhere and is what the others must equal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from xpnet.backend import Array, namespace
from xpnet.trees import leaves, rebuild

Carry = TypeVar("Carry")
Step: TypeAlias = Callable[[Any, Any], tuple[Any, Array]]


def run(step: Callable[[Carry, Any], tuple[Carry, Array]], carry: Carry, inputs: Any) -> tuple[Carry, Array]:
    """Return what is left of `carry` after one step for each entry of `inputs`, and what the steps put out.

    Parameters
    ----------
    step : callable
        ``step(carry, input) -> (carry, output)``: pure, of fixed shapes, and never looking at a value.
    carry : tree of arrays
        What each step hands to the next, such as parameters and optimizer state.
    inputs : tree of arrays, shape (steps, ...)
        Step i is given ``inputs[i]``, leaf by leaf.

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
    """`run` for one step, as an executor."""

    step: Step
    way: str = "step by step"

    def __call__(self, carry: Any, inputs: Any) -> tuple[Any, Array]:
        """Return what `run` returns."""
        return run(self.step, carry, inputs)
