"""How NumPy runs one recorded operation: a line of Python that writes into a buffer if NumPy can.

Each line gives the same bits as the plain call; tests/execution proves it.
"""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np

from xpnet.execution.recording.calls import Call, Value, function
from xpnet.execution.recording.writable import is_elementwise

Name = Callable[[Any], str]  # returns the name of a value, a constant or a function in the program

_REDUCE = {
    name: ufunc.reduce
    for name, ufunc in {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}.items()
}
# elements: up to this size, first copying the row into the result is faster than broadcasting
COPY_FIRST_UP_TO = 2**14
JOINS = {"concat": np.concatenate, "stack": np.stack}


def spread_first(call: Call) -> Value | None:
    """Return the row or column that a small operation should copy into the whole result first, or None."""
    layout, arrays = call.outs[0].layout, [x for x in call.args if isinstance(x, Value)]
    if len(arrays) != 2 or len(call.args) != 2 or not is_elementwise(call.name) or layout.size > COPY_FIRST_UP_TO:
        return None
    if any(x.layout.dtype != layout.dtype or x.layout.ndim == 0 for x in arrays):
        return None
    whole = [x.layout.shape == layout.shape for x in arrays]
    return arrays[whole.index(False)] if sum(whole) == 1 else None


def wants_room(call: Call) -> bool:
    """Return whether NumPy is faster if the result does not lie in the memory of an argument.

    It would copy a row over the argument first, or takes three times as long because the result is one number.
    """
    return spread_first(call) is not None or call.outs[0].layout.size == 1


def lines(call: Call, name: Name, out: str | None, *, disjoint: bool = False) -> list[str]:
    """Return the lines that run `call`; they write the result to `out`, or else to new variables.

    `disjoint` says that no argument shares memory with the result.
    """
    if out is None:
        targets = ", ".join(name(value) for value in call.outs) + ("," if call.several else "")
        return [f"{targets} = {name(function(call.name, np))}({_listed(call, name)})"]
    first = name(call.args[0]) if call.name not in JOINS else ""
    match call.name:
        case "where":
            copy = name(np.copyto)
            condition, chosen, other = map(name, call.args)
            first_copy = [] if other == out else [f"{copy}({out}, {other})"]
            return [*first_copy, f"{copy}({out}, {chosen}, where={condition})"]
        case "sum" | "prod" | "max" | "min":
            axis, keepdims = call.kwargs.get("axis"), call.kwargs.get("keepdims", False)
            return [f"{name(_REDUCE[call.name])}({first}, {axis}, None, {out}, {keepdims})"]
        case "take":  # with "wrap" NumPy writes directly into the buffer; for valid rows all modes are the same
            return [f"{first}.take({name(call.args[1])}, {call.kwargs['axis']}, {out}, 'wrap')"]
        case "matmul" if all(_is_for_blas(_layout(x)) for x in call.args) or _is_inner_product(call):
            return [f"{name(np.dot)}({first}, {name(call.args[1])}, {out})"]  # the same BLAS call with less overhead
        case "astype":
            return [f"{name(np.copyto)}({out}, {first}, 'unsafe')"]
        case "concat" | "stack":
            return [f"{name(JOINS[call.name])}({name(call.args[0])}, {call.kwargs.get('axis', 0)}, {out})"]
        case _ if disjoint and (row := spread_first(call)):
            args = [out if x is row else name(x) for x in call.args]
            return [f"{out}[...] = {name(row)}", ufunc_line(call.name, args, name, out)]
        case _:
            scalars_as = call.outs[0].layout.dtype if call.name not in COMPARISONS else _compared_dtype(call)
            return [ufunc_line(call.name, [name(as_array(x, scalars_as)) for x in call.args], name, out)]


COMPARISONS = {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"}


def ufunc_line(ufunc: str, args: list[str], name: Name, out: str) -> str:
    """Return the line that calls a ufunc on arguments with these names."""
    target = f"out={out}" if ufunc in ("maximum", "minimum") else out  # NumPy 2.4 takes it by keyword only
    return f"{name(getattr(np, ufunc))}({', '.join([*args, target])})"


def as_array(x: Any, dtype: Any) -> Any:
    """Return a Python number as a 0-d array of `dtype`, so that NumPy need not convert it in every step."""
    kinds = {"f": (int, float), "i": (int,), "u": (int,)}.get(np.dtype(dtype).kind, ())
    return np.asarray(x, dtype=dtype) if isinstance(x, kinds) and not isinstance(x, bool | np.generic) else x


def _is_for_blas(layout: Any) -> bool:
    """Return whether every version of NumPy passes this matrix to the BLAS without a copy, in `matmul` and `dot`."""
    if layout.ndim != 2 or min(layout.shape) < 2 or np.dtype(layout.dtype).kind != "f":
        return False
    size = np.dtype(layout.dtype).itemsize
    return any(
        near == size and far % size == 0 and far >= n * size
        for (n, near), (_, far) in permutations(zip(layout.shape, layout.strides, strict=True))
    )


def _is_inner_product(call: Call) -> bool:
    """Return whether `matmul` and `dot` give these arguments, a row times a column, to the same BLAS function."""
    row, column = (_layout(x) for x in call.args)
    n, size = row.shape[-1], np.dtype(row.dtype).itemsize
    is_product = (row.shape, column.shape) == ((1, n), (n, 1)) and row.dtype == column.dtype
    return is_product and np.dtype(row.dtype).kind == "f" and row.strides[1] == column.strides[0] == size


def _compared_dtype(call: Call) -> Any:
    return next(_layout(x).dtype for x in call.args if isinstance(x, Value | np.ndarray))


def _listed(call: Call, name: Name) -> str:
    return ", ".join([*map(name, call.args), *(f"{k}={name(v)}" for k, v in call.kwargs.items())])


def _layout(x: Any) -> Any:
    return x.layout if isinstance(x, Value) else x
