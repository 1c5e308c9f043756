"""Recording a step: the step is called once, with stand-ins, and becomes a list of operations.

The executors (`numpy_tape`, `cuda_graph`) turn the list into programs.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend import Array, of
from xpnet.execution.recording.calls import Call, Value
from xpnet.execution.recording.recorder import Recorder, UnrecordableError, unwrapped
from xpnet.trees import leaves, map_arrays


class Recording(NamedTuple):
    """A step as a list of operations; operations whose results are not used are left out."""

    calls: list[Call]
    carry: list[Value]  # leaves of the carry that the step receives
    inputs: list[Value]  # leaves of its input
    new_carry: list[Any]  # leaves of the carry that it returns: values or constant arrays
    output: Any
    n_parameters: int = 0  # how many leaves the first entry of the carry has: the parameters


def record_step(step: Callable[[Any, Any], tuple[Any, Array]], carry: Any, inputs: Any) -> Recording:
    """Return the operations of `step`, given the first carry and the inputs of many steps.

    Raises
    ------
    UnrecordableError
        If the step looks at a value, or does something that cannot be recorded.
    """
    recorder = Recorder(of(leaves(inputs)[0]))
    given = map_arrays(recorder.given, carry)
    entry = map_arrays(lambda x: recorder.given(x[0, ...]), inputs)
    before, inside = ([x.value for x in leaves(tree)] for tree in (given, entry))
    new_carry, output = _tried(step, given, entry)
    ends = [unwrapped(x) for x in (*leaves(new_carry), output)]
    recorder.check_views(ends)
    return Recording(
        _needed(recorder.calls, ends),
        before,
        inside,
        ends[:-1],
        ends[-1],
        len(leaves(carry[0])) if isinstance(carry, tuple) and carry else 0,
    )


def _tried(step: Callable[[Any, Any], tuple[Any, Array]], carry: Any, entry: Any) -> tuple[Any, Any]:
    """Return the results of the step for stand-ins.  A step that does not accept stand-ins cannot be recorded."""
    try:
        with np.errstate(all="ignore"):
            return step(carry, entry)
    except (TypeError, AttributeError) as error:
        raise UnrecordableError(f"the step takes no stand-ins for arrays: {error}") from error
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise UnrecordableError("the step writes into an array") from error


def _needed(calls: list[Call], ends: list[Any]) -> list[Call]:
    """Return the calls that the ends depend on, in order."""
    wanted, kept = {id(x) for x in ends}, []
    for call in reversed(calls):
        if any(id(out) in wanted for out in call.outs):
            kept.append(call)
            wanted.update(id(value) for value in call.needs)
    return kept[::-1]
