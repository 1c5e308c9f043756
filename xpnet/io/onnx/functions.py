"""The functions of the array API on the values of a graph: those that a prediction calls."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from xpnet.io.onnx.graph import Value

Function = Callable[..., Value]


def _one(op: str, f: Callable[..., Any]) -> Function:
    """Return the function of one value that an operator computes."""
    return lambda x: x.graph.apply(op, f, x)


def _several(op: str, f: Callable[..., Any]) -> Function:
    """Return the function of several values or numbers that an operator computes."""

    def function(*given: Any) -> Value:
        graph = next(x.graph for x in given if isinstance(x, Value))
        return graph.apply(op, f, *given)

    return function


def _reduction(op: str, f: Callable[..., Any]) -> Function:
    """Return a reduction over one axis."""

    def function(x: Value, *, axis: int, keepdims: bool = False) -> Value:
        axes = [_from_front(x, axis)]
        return x.graph.apply(op, lambda a: f(a, axis=axis, keepdims=keepdims), x, axes=axes, keepdims=int(keepdims))

    return function


def _from_front(x: Value, axis: int) -> int:
    """Return an axis as a number from 0; for -1 onnxruntime before 1.32 gives an empty batch a wrong shape."""
    return axis % x.ndim


def _sum(x: Value, *, axis: int, keepdims: bool = False) -> Value:
    axes = x.graph.constant([_from_front(x, axis)], np.int64)  # an operand, of this reduction only
    return x.graph.apply(
        "ReduceSum", lambda a, _: np.sum(a, axis=axis, keepdims=keepdims), x, axes, keepdims=int(keepdims)
    )


def _argmax(x: Value, *, axis: int) -> Value:
    return x.graph.apply("ArgMax", lambda a: np.argmax(a, axis=axis), x, axis=_from_front(x, axis), keepdims=0)


def _concat(values: Sequence[Value], *, axis: int) -> Value:
    if len(values) == 1:
        return values[0]
    return values[0].graph.apply(
        "Concat", lambda *given: np.concatenate(given, axis), *values, axis=_from_front(values[0], axis)
    )


def _astype(x: Value, dtype: Any) -> Value:
    if x.dtype == dtype:
        return x
    return x.graph.apply("Cast", lambda a: a.astype(dtype), x, to=np.dtype(dtype))


def _full(shape: tuple[int, ...], value: float, *, dtype: Any, device: Any) -> Value:
    """Return a constant; the device of a value is its graph."""
    constant: Value = device.constant(np.full(shape, value, dtype))
    return constant


def _ones_like(x: Value) -> Value:
    """Return ones for a batch of one row, which broadcast."""
    return x.graph.constant(np.ones_like(x.example))


def _expm1(x: Value) -> Value:
    """Return exp(x) - 1 without cancellation: tanh(x/2) is (exp(x) - 1) / (exp(x) + 1)."""
    return functions.tanh(0.5 * x) * (functions.exp(x) + 1.0)


def _log1p(x: Value) -> Value:
    """Return ln(1 + x): the rounding of u = 1 + x cancels in ln(u) / (u - 1), which is flat near 1 (W. Kahan)."""
    u = 1.0 + x
    return functions.where(u == 1.0, x, functions.log(u) * (x / (u - 1.0)))


functions: Any = SimpleNamespace(
    int32=np.int32,
    int64=np.int64,
    abs=_one("Abs", np.abs),
    argmax=_argmax,
    astype=_astype,
    concat=_concat,
    exp=_one("Exp", np.exp),
    expm1=_expm1,
    floor=_one("Floor", np.floor),
    full=_full,
    isnan=_one("IsNaN", np.isnan),
    log=_one("Log", np.log),
    log1p=_log1p,
    max=_reduction("ReduceMax", np.max),
    maximum=_several("Max", np.maximum),
    mean=_reduction("ReduceMean", np.mean),
    minimum=_several("Min", np.minimum),
    ones_like=_ones_like,
    sum=_sum,
    tanh=_one("Tanh", np.tanh),
    where=_several("Where", np.where),
)
