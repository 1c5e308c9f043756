"""C, the language of the kernels for CUDA and, in tests, for a CPU."""

from math import isinf, isnan
from typing import Any

import numpy as np

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
_FORMS = {"choose": "({} ? {} : {})", "both": "({} && {})", "either": "({} || {})", "no": "!{}"}


class C:
    """Writes expressions in C; they are converted to the type of the variable that they are assigned to."""

    @staticmethod
    def cast(text: str, dtype: Any) -> str:
        """Return the expression that converts to a dtype."""
        return f"({type_of(dtype)}){text}"

    @staticmethod
    def literal(number: Any, dtype: Any) -> str:
        """Return a number of a dtype, exactly."""
        if dtype.kind == "f":
            with np.errstate(over="ignore"):
                value = float(dtype.type(number))
            suffix = "f" if dtype == "float32" else ""
            text = "NOT_A_NUMBER" if isnan(value) else "INFINITE" if isinf(value) else f"{value.hex()}{suffix}"
            text = f"-{text}" if value < 0 and isinf(value) else text
            return f"(({type_of(dtype)})({text}))"
        return f"(({type_of(dtype)}){int(number)}LL)"

    @staticmethod
    def unsigned(text: str, dtype: Any) -> str:
        """Return a term in the unsigned type of its size: C defines overflow for unsigned types only."""
        return f"({type_of(dtype, unsigned=True)}){text}"

    @staticmethod
    def form(name: str, parts: list[str], dtype: Any) -> str:
        """Return "choose", "both", "either", "no" or the call of a function."""
        if name == "call":
            return f"{parts[0]}{'f' if dtype == 'float32' else ''}({', '.join(parts[1:])})"
        return _FORMS[name].format(*parts)


def type_of(dtype: Any, *, unsigned: bool = False) -> str:
    """Return the C type of a dtype, or the unsigned C type of its size."""
    name = np.dtype(dtype).name
    name = name if not unsigned or name.startswith(("u", "f", "b")) else f"u{name}"
    if name not in TYPES:
        raise UnsupportedOperationError(f"kernels cannot compute in {name}")
    return TYPES[name]
