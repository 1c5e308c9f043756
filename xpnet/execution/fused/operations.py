"""The elementwise operations that a kernel can compute: one table for all targets, CUDA, C and Numba.

An entry of the table is a text or a form of texts.  Texts hold what C and Python write alike: ``{0} + {1}``.  A form,
such as ``("choose", condition, a, b)``, is what they write differently; the target's `Language` writes it.
"""

from typing import Any, Protocol, TypeAlias

import numpy as np

from xpnet.execution.fused.fusion import Local, Operation
from xpnet.execution.recording.recorder import UnsupportedOperationError

Tree: TypeAlias = str | tuple[Any, ...]


class Language(Protocol):
    """How a target writes what C and Python write differently."""

    def cast(self, text: str, dtype: Any) -> str:
        """Return the expression that converts to a dtype."""

    def literal(self, number: Any, dtype: Any) -> str:
        """Return a number of a dtype, exactly."""

    def unsigned(self, text: str, dtype: Any) -> str:
        """Return a factor or term of integer arithmetic, so that overflow wraps around."""

    def form(self, name: str, parts: list[str], dtype: Any) -> str:
        """Return "choose", "both", "either", "no" or the call of a function ("call", name, ...)."""


DTYPES = frozenset({"bool", "float32", "float64", *(f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64))})
# functions that have the same name in C and in the array API
FUNCTIONS = [
    *("sqrt", "exp", "expm1", "log", "log1p", "log2", "log10", "floor", "ceil", "trunc"),
    *("sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan"),
]
# keys are names of the array API.  {0}, {1}: arguments; {u0}, {u1}: arguments of arithmetic that wraps around; {zero},
# {one}, {minus}: numbers of the arguments' dtype
ANY: dict[str, Tree] = {
    "where": ("choose", "{0}", "{1}", "{2}"),
    "astype": "{0}",
    "equal": "{0} == {1}",
    "not_equal": "{0} != {1}",
    "less": "{0} < {1}",
    "less_equal": "{0} <= {1}",
    "greater": "{0} > {1}",
    "greater_equal": "{0} >= {1}",
    "logical_and": ("both", "{0}", "{1}"),
    "logical_or": ("either", "{0}", "{1}"),
    "logical_not": ("no", "{0}"),
    "positive": "{0}",
    # as in NumPy, the result is NaN if an argument is NaN
    "maximum": ("choose", ("either", "{0} >= {1}", "{0} != {0}"), "{0}", "{1}"),
    "minimum": ("choose", ("either", "{0} <= {1}", "{0} != {0}"), "{0}", "{1}"),
    "sign": (
        "choose",
        "{0} > {zero}",
        "{one}",
        ("choose", "{0} < {zero}", "{minus}", ("choose", "{0} == {zero}", "{zero}", "{0}")),
    ),
}
FLOATING: dict[str, Tree] = {
    "add": "{0} + {1}",
    "subtract": "{0} - {1}",
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "negative": "-{0}",
    "square": "{0} * {0}",
    "reciprocal": "{one} / {0}",
    "abs": ("call", "fabs", "{0}"),
    "isnan": "{0} != {0}",
    "isfinite": "{0} - {0} == {zero}",
    "isinf": ("both", "{0} == {0}", "{0} - {0} != {zero}"),
    "pow": ("call", "pow", "{0}", "{1}"),
    "power": ("call", "pow", "{0}", "{1}"),
    **{name: ("call", name, "{0}") for name in FUNCTIONS},
}
INTEGER: dict[str, Tree] = {
    "add": "{u0} + {u1}",
    "subtract": "{u0} - {u1}",
    "multiply": "{u0} * {u1}",
    "square": "{u0} * {u0}",
    "negative": "{zero} - {u0}",
    "abs": ("choose", "{0} < {zero}", "{zero} - {u0}", "{0}"),
    "bitwise_and": "{0} & {1}",
    "bitwise_or": "{0} | {1}",
    "bitwise_xor": "{0} ^ {1}",
    "bitwise_invert": "~{0}",
}
SHIFTS: dict[str, Tree] = {  # by a Python number that is less than the number of bits
    "bitwise_left_shift": "{u0} << {1}",
    "bitwise_right_shift": "{0} >> {1}",
}
BOOL: dict[str, Tree] = {
    "add": ("either", "{0}", "{1}"),
    "multiply": ("both", "{0}", "{1}"),
    "bitwise_and": ("both", "{0}", "{1}"),
    "bitwise_or": ("either", "{0}", "{1}"),
    "bitwise_xor": "{0} != {1}",
    "bitwise_invert": ("no", "{0}"),
}
COMPARISONS = frozenset({"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"})


def expression(operation: Operation, dtypes: list[Any], language: Language) -> str:
    """Return the expression of an operation on variables v0, v1, … of these dtypes, in the precision that NumPy uses.

    Raises
    ------
    UnsupportedOperationError
        If no kernel can compute the operation.
    """
    types = argument_types(operation, dtypes)
    tree = _entry(operation, types[-1])
    args = [
        _variable(x, dtypes[x], t, language) if isinstance(x, Local) else language.literal(x, t)
        for x, t in zip(operation.args, types, strict=False)
    ]
    names = {f"u{i}": language.unsigned(x, types[-1]) for i, x in enumerate(args)}
    if types[-1].kind != "b":
        names |= {
            name: language.literal(number, types[-1]) for name, number in {"zero": 0, "one": 1, "minus": -1}.items()
        }
    return _written(tree, args, names, types[-1], language)


def argument_types(operation: Operation, dtypes: list[Any]) -> list[Any]:
    """Return the dtype to which NumPy casts each argument: arrays decide, Python numbers follow."""
    given = [dtypes[x] if isinstance(x, Local) else x for x in operation.args]
    result = operation.layout.dtype
    match operation.name:
        case "astype":
            return [given[0]]
        case "where":
            return [np.dtype(bool), result, result]
    requested = [x if isinstance(x, np.dtype) else _weak(x) for x in given]
    types = list(getattr(np, operation.name).resolve_dtypes((*requested, None))[:-1])
    if len(set(types)) > 1:  # NumPy compares int64 with uint64, each in its own dtype
        raise UnsupportedOperationError(f"{operation.name} cannot run in a kernel on {types[0]} and {types[1]}")
    return types


def _entry(operation: Operation, dtype: Any) -> Tree:
    tables = ANY | {"f": FLOATING, "i": INTEGER, "u": INTEGER, "b": BOOL}.get(dtype.kind, {})
    if dtype.kind in "iu" and operation.name in SHIFTS and _is_short(operation.args[1], dtype):
        return SHIFTS[operation.name]
    if operation.name not in tables:
        raise UnsupportedOperationError(f"{operation.name} cannot run in a kernel on {dtype}")
    return tables[operation.name]


def _is_short(shift: Any, dtype: Any) -> bool:
    return type(shift) is int and 0 <= shift < 8 * int(dtype.itemsize)


def _weak(x: Any) -> Any:
    return x.dtype if isinstance(x, np.generic) else np.dtype(bool) if isinstance(x, bool) else type(x)


def _variable(local: Local, dtype: Any, needed: Any, language: Language) -> str:
    return f"v{local}" if dtype == needed else language.cast(f"v{local}", needed)


def _written(tree: Tree, args: list[str], names: dict[str, str], dtype: Any, language: Language) -> str:
    """Return the text of a tree whose arguments have these texts."""
    if isinstance(tree, str):
        return tree.format(*args, **names)
    form, *parts = tree
    return language.form(form, [_written(part, args, names, dtype, language) for part in parts], dtype)
