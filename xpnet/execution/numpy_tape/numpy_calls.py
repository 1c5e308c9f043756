"""How NumPy runs one recorded operation: as a line of Python that writes into a buffer where NumPy can.

Each form gives the bits that the plain call gives; tests/execution holds them to it.
"""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np

from xpnet.execution.recording.calls import Call, Value, function
from xpnet.execution.recording.writable import is_elementwise

Name = Callable[[Any], str]  # how a slot, a constant or a function is called in the program

_REDUCE = {
    name: ufunc.reduce
    for name, ufunc in {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}.items()
}
SPREAD = 2**14  # numbers: up to here NumPy copies a row over a matrix and adds sooner than it adds the row
JOINS = {"concat": np.concatenate, "stack": np.stack}


def spread_first(call: Call) -> Value | None:
    """Return the row or column that is better copied over the whole result before a small operation, or None."""
    layout, arrays = call.outs[0].layout, [x for x in call.args if isinstance(x, Value)]
    if len(arrays) != 2 or len(call.args) != 2 or not is_elementwise(call.name) or layout.size > SPREAD:
        return None
    if any(x.layout.dtype != layout.dtype or x.layout.ndim == 0 for x in arrays):
        return None
    whole = [x.layout.shape == layout.shape for x in arrays]
    return arrays[whole.index(False)] if sum(whole) == 1 else None


def lines(call: Call, name: Name, out: str | None, *, apart: bool = False) -> list[str]:
    """Return the lines that run `call`; with `out` the result is written there, else its slots are named anew.

    `apart` says that no argument lies where the result is written.
    """
    if out is None:
        targets = ", ".join(name(value) for value in call.outs) + ("," if call.several else "")
        return [f"{targets} = {name(function(call.name, np))}({_listed(call, name)})"]
    first = name(call.args[0]) if call.name not in JOINS else ""
    match call.name:
        case "where":
            copy = name(np.copyto)
            condition, chosen, other = map(name, call.args)
            begin = [] if other == out else [f"{copy}({out}, {other})"]
            return [*begin, f"{copy}({out}, {chosen}, where={condition})"]
        case "sum" | "prod" | "max" | "min":
            axis, keepdims = call.kwargs.get("axis"), call.kwargs.get("keepdims", False)
            return [f"{name(_REDUCE[call.name])}({first}, {axis}, None, {out}, {keepdims})"]
        case "take":  # "wrap" has NumPy write straight into the buffer; rows that exist are the same in every mode
            return [f"{first}.take({name(call.args[1])}, {call.kwargs['axis']}, {out}, 'wrap')"]
        case "matmul" if all(_is_for_blas(_form(x)) for x in call.args):
            return [f"{name(np.dot)}({first}, {name(call.args[1])}, {out})"]  # the same BLAS call, sooner
        case "astype":
            return [f"{name(np.copyto)}({out}, {first}, 'unsafe')"]
        case "concat" | "stack":
            return [f"{name(JOINS[call.name])}({name(call.args[0])}, {call.kwargs.get('axis', 0)}, {out})"]
        case _ if apart and (row := spread_first(call)):
            given = [out if x is row else name(x) for x in call.args]
            return [f"{out}[...] = {name(row)}", ufunc_line(call.name, given, name, out)]
        case _:
            scalars_as = call.outs[0].layout.dtype if call.name not in COMPARISONS else _beside(call)
            return [ufunc_line(call.name, [name(as_array(x, scalars_as)) for x in call.args], name, out)]


COMPARISONS = {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"}


def ufunc_line(ufunc: str, given: list[str], name: Name, out: str) -> str:
    """Return the line that calls a ufunc on arguments whose names are given."""
    target = f"out={out}" if ufunc in ("maximum", "minimum") else out  # NumPy 2.4 wants the word there
    return f"{name(getattr(np, ufunc))}({', '.join([*given, target])})"


def as_array(x: Any, dtype: Any) -> Any:
    """Return a Python number as the 0-d array that NumPy makes of it beside arrays of `dtype`, for every step."""
    fits = {"f": (int, float), "i": (int,), "u": (int,)}.get(np.dtype(dtype).kind, ())
    return np.asarray(x, dtype=dtype) if isinstance(x, fits) and not isinstance(x, bool | np.generic) else x


def _is_for_blas(layout: Any) -> bool:
    """Return whether every NumPy hands this matrix to the BLAS as it is, from `matmul` and from `dot`."""
    if layout.ndim != 2 or min(layout.shape) < 2 or np.dtype(layout.dtype).kind != "f":
        return False
    size = np.dtype(layout.dtype).itemsize
    return any(
        near == size and far % size == 0 and far >= n * size
        for (n, near), (_, far) in permutations(zip(layout.shape, layout.strides, strict=True))
    )


def _beside(call: Call) -> Any:
    return next(_form(x).dtype for x in call.args if isinstance(x, Value | np.ndarray))


def _listed(call: Call, name: Name) -> str:
    return ", ".join([*map(name, call.args), *(f"{k}={name(v)}" for k, v in call.kwargs.items())])


def _form(x: Any) -> Any:
    return x.layout if isinstance(x, Value) else x
