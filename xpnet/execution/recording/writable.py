"""Which recorded operations can write their result into an existing array, and over which argument."""

from typing import Any

import numpy as np

from xpnet.execution.recording.calls import METHODS, Call, Value

REDUCTIONS = frozenset({"sum", "prod", "max", "min"})


def is_elementwise(name: str) -> bool:
    """Return whether a function is elementwise, so that it may write its result over an argument."""
    f = getattr(np, name, None)
    return name not in METHODS and isinstance(f, np.ufunc) and f.signature is None and f.nout == 1


def can_write(call: Call) -> bool:
    """Return whether this operation can write its result into a given array."""
    if call.several or call.outs[0].base is not None:
        return False
    arrays, options = call.args, set(call.kwargs)
    match call.name:
        case "matmul":
            return not options and all(_ndim(x) >= 2 for x in arrays)
        case "where":
            return not options and len(arrays) == 3
        case "sum" | "prod" | "max" | "min":
            return len(arrays) == 1 and options <= {"axis", "keepdims"}
        case "take":
            return len(arrays) == 2 and options == {"axis"} and call.outs[0].layout.is_contiguous
        case "astype":
            return len(arrays) == 2 and options <= {"copy"}
        case "concat" | "stack":
            return len(arrays) == 1 and options <= {"axis"}
        case _:
            return not options and is_elementwise(call.name)


def may_overwrite(call: Call, value: Value) -> bool:
    """Return whether the operation may write its result over this argument of the same layout."""
    if call.name == "where":
        return call.args[2] is value and call.args[0] is not value and call.args[1] is not value
    return is_elementwise(call.name)


def _ndim(x: Any) -> int:
    """Return the number of axes of a value or of a constant array of any library."""
    return int(x.layout.ndim if isinstance(x, Value) else getattr(x, "ndim", 0))
