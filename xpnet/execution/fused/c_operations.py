"""The C text of one elementwise operation, in the precision that NumPy uses for it."""

from math import isinf, isnan
from typing import Any

import numpy as np

from xpnet.execution.fused.fusion import Local, Operation
from xpnet.execution.recording.recorder import UnsupportedOperationError

TYPES = {
    "bool": "bool",
    "int8": "signed char",
    "uint8": "unsigned char",
    "int16": "short",
    "uint16": "unsigned short",
    "int32": "int",
    "uint32": "unsigned int",
    "int64": "long long",
    "uint64": "unsigned long long",
    "float32": "float",
    "float64": "double",
}

# functions that have the same name in C and in the array API
FUNCTIONS = [
    *("sqrt", "exp", "expm1", "log", "log1p", "log2", "log10", "floor", "ceil", "trunc"),
    *("sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan"),
]
# keys are names of the array API; {0} and {1} are arguments, {f} is the suffix of C's functions for float32
ANY = {
    "where": "{0} ? {1} : {2}",
    "astype": "{0}",
    "equal": "{0} == {1}",
    "not_equal": "{0} != {1}",
    "less": "{0} < {1}",
    "less_equal": "{0} <= {1}",
    "greater": "{0} > {1}",
    "greater_equal": "{0} >= {1}",
    "logical_and": "{0} && {1}",
    "logical_or": "{0} || {1}",
    "logical_not": "!{0}",
    "positive": "{0}",
    "maximum": "{0} >= {1} || {0} != {0} ? {0} : {1}",  # as in NumPy, the result is NaN if an argument is NaN
    "minimum": "{0} <= {1} || {0} != {0} ? {0} : {1}",
    "sign": "{0} > 0 ? 1 : {0} < 0 ? -1 : {0} == 0 ? 0 : {0}",
}
FLOATING = {
    "add": "{0} + {1}",
    "subtract": "{0} - {1}",
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "negative": "-{0}",
    "square": "{0} * {0}",
    "reciprocal": "1 / {0}",
    "abs": "fabs{f}({0})",
    "isnan": "{0} != {0}",
    "isfinite": "{0} - {0} == 0",
    "isinf": "{0} == {0} && {0} - {0} != 0",
    "pow": "pow{f}({0}, {1})",
    "power": "pow{f}({0}, {1})",
} | {name: name + "{f}({0})" for name in FUNCTIONS}
# {t} is the type, {u} the unsigned type of its size: overflow wraps around, which C defines for unsigned types only
INTEGER = {
    "add": "({t})(({u}){0} + ({u}){1})",
    "subtract": "({t})(({u}){0} - ({u}){1})",
    "multiply": "({t})(({u}){0} * ({u}){1})",
    "square": "({t})(({u}){0} * ({u}){0})",
    "negative": "({t})(0 - ({u}){0})",
    "abs": "{0} < 0 ? ({t})(0 - ({u}){0}) : {0}",
    "bitwise_and": "{0} & {1}",
    "bitwise_or": "{0} | {1}",
    "bitwise_xor": "{0} ^ {1}",
    "bitwise_invert": "~{0}",
}
BOOL = {
    "add": "{0} || {1}",
    "multiply": "{0} && {1}",
    "bitwise_and": "{0} && {1}",
    "bitwise_or": "{0} || {1}",
    "bitwise_xor": "{0} != {1}",
    "bitwise_invert": "!{0}",
}


def expression(operation: Operation, dtypes: list[Any]) -> str:
    """Return the C expression of an operation on variables v0, v1, … of these dtypes.

    Raises
    ------
    UnsupportedOperationError
        If the operation cannot be written in C.
    """
    given = [dtypes[x] if isinstance(x, Local) else x for x in operation.args]
    types = _types(operation, given)
    args = [
        (f"v{x}" if dtypes[x] == t else f"({type_of(t)})v{x}") if isinstance(x, Local) else _literal(x, t)
        for x, t in zip(operation.args, types, strict=False)
    ]
    kind = np.dtype(types[-1]).kind
    templates = ANY | {"f": FLOATING, "i": INTEGER, "u": INTEGER, "b": BOOL}.get(kind, {})
    if operation.name not in templates:
        raise UnsupportedOperationError(f"{operation.name} cannot run in a kernel on {types[-1]}")
    names = {
        "t": type_of(types[-1]),
        "u": type_of(types[-1], unsigned=True),
        "f": "f" if types[-1] == "float32" else "",
    }
    return templates[operation.name].format(*args, **names)


def _types(operation: Operation, given: list[Any]) -> list[Any]:
    """Return the dtype to which NumPy casts each argument: arrays decide, Python numbers follow."""
    result = operation.layout.dtype
    match operation.name:
        case "astype":
            return [given[0]]
        case "where":
            return [np.dtype(bool), result, result]
    requested = [x if isinstance(x, np.dtype) else _weak(x) for x in given]
    return list(getattr(np, operation.name).resolve_dtypes((*requested, None))[:-1])


def _weak(x: Any) -> Any:
    return x.dtype if isinstance(x, np.generic) else np.dtype(bool) if isinstance(x, bool) else type(x)


def _literal(x: Any, dtype: Any) -> str:
    """Return a number as an exact C literal."""
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            number = float(dtype.type(x))
        suffix = "f" if dtype == "float32" else ""
        text = "NOT_A_NUMBER" if isnan(number) else "INFINITE" if isinf(number) else f"{number.hex()}{suffix}"
        text = f"-{text}" if number < 0 and isinf(number) else text
        return f"(({type_of(dtype)})({text}))"
    return f"(({type_of(dtype)}){int(x)}LL)"


def type_of(dtype: Any, *, unsigned: bool = False) -> str:
    """Return the C type of a dtype, or the unsigned C type of its size."""
    name = np.dtype(dtype).name
    name = name if not unsigned or name.startswith(("u", "f", "b")) else f"u{name}"
    if name not in TYPES:
        raise UnsupportedOperationError(f"kernels cannot compute in {name}")
    return TYPES[name]
