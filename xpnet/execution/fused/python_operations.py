"""Python, the language of the loops that Numba compiles, and which operations have NumPy's bits there."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from xpnet.execution.fused.fusion import Local, Operation, is_array, layout_of, target_of
from xpnet.execution.fused.operations import COMPARISONS, DTYPES, expression
from xpnet.execution.recording.calls import Call, Layout
from xpnet.execution.recording.flat import FlatCall
from xpnet.execution.recording.recorder import UnsupportedOperationError

# rounded as IEEE 754 says, or not rounded: equal to the last bit on every processor
EXACT = COMPARISONS | {
    *("where", "astype", "positive", "negative", "abs", "sign", "square", "sqrt", "reciprocal"),
    *("add", "subtract", "multiply", "divide", "floor", "ceil", "trunc", "isnan", "isfinite", "isinf"),
    *("logical_and", "logical_or", "logical_not", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_invert"),
    *("bitwise_left_shift", "bitwise_right_shift", "maximum", "minimum"),
}
# dtypes to which processors convert a number out of range alike, in every loop
_CASTS = {"float32", "float64", "bool", "int32", "int64"}
_FORMS = {"choose": "({1} if {0} else {2})", "both": "({0} and {1})", "either": "({0} or {1})", "no": "(not {0})"}


class Python:
    """Writes expressions in Python, with NumPy's types: in Numba, int32 + int32 would be int64."""

    @staticmethod
    def cast(text: str, dtype: Any) -> str:
        """Return the expression that converts to a dtype."""
        return f"({text} != 0)" if dtype.kind == "b" else f"{type_of(dtype)}({text})"

    @staticmethod
    def literal(number: Any, dtype: Any) -> str:
        """Return a number of a dtype, exactly."""
        if dtype.kind == "b":
            return repr(bool(number))
        if dtype.kind != "f":
            return f"{type_of(dtype)}({int(number)})"
        with np.errstate(over="ignore"):
            return f"{type_of(dtype)}({float(dtype.type(number))!r})"

    @staticmethod
    def unsigned(text: str, dtype: Any) -> str:  # noqa: ARG004
        """Return a term of integer arithmetic: LLVM's integers wrap around."""
        return text

    @staticmethod
    def form(name: str, parts: list[str], dtype: Any) -> str:  # noqa: ARG004
        """Return "choose", "both", "either", "no" or the call of a function of NumPy's."""
        return f"np.{parts[0]}({', '.join(parts[1:])})" if name == "call" else _FORMS[name].format(*parts)


def type_of(dtype: Any) -> str:
    """Return the name of Numba's type for a dtype."""
    name = np.dtype(dtype).name
    if name not in DTYPES or not np.dtype(dtype).isnative:
        raise UnsupportedOperationError(f"compiled loops cannot compute in {name}")
    return "boolean" if name == "bool" else name


def has_equal_bits(item: Call | FlatCall) -> bool:
    """Return whether a compiled loop gives NumPy's bits for this operation."""
    if item.name not in EXACT:
        return False
    args = tuple(_Array(layout_of(x).dtype) if is_array(x) else (type(x), x) for x in item.args)
    return _has_equal_bits(item.name, args, layout_of(target_of(item)).dtype)


class _Array(NamedTuple):
    """An argument that is an array: only its dtype matters."""

    dtype: Any


@lru_cache(1000)
def _has_equal_bits(name: str, args: tuple[Any, ...], result: Any) -> bool:
    """Return the answer for arguments that are arrays, or numbers and dtypes with their types."""
    dtypes = [x.dtype for x in args if isinstance(x, _Array)]
    locals_ = (Local(i) for i in range(len(dtypes)))
    given = tuple(next(locals_) if isinstance(x, _Array) else x[1] for x in args)
    operation = Operation(name, given, Layout((), result, ()))
    if _is_open(operation, dtypes):
        return False
    try:
        for dtype in (*dtypes, result):
            type_of(dtype)
        expression(operation, dtypes, Python())
    except UnsupportedOperationError:
        return False
    return True


def _is_open(operation: Operation, dtypes: list[Any]) -> bool:
    """Return whether C leaves open what NumPy's result is: which of two zeros is larger, and numbers out of range."""
    result = operation.layout.dtype
    if operation.name in ("maximum", "minimum"):
        return result.kind == "f" and not any(isinstance(x, int | float) and x != 0 for x in _numbers(operation))
    return operation.name == "astype" and dtypes[0].kind == "f" and result.name not in _CASTS


def _numbers(operation: Operation) -> list[Any]:
    return [x for x in operation.args if not isinstance(x, Local)]
