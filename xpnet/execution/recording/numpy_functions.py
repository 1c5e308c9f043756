"""Which of NumPy's functions a recording can hold, and by what name.

A user's own function may call NumPy on a stand-in.  A function gets a name only if it is known to be pure and the
shape of its result depends on shapes alone.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np

# ufuncs whose NumPy name differs from the standard's; fused kernels know the standard's names
STANDARD = {
    "absolute": "abs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "conjugate": "conj",
    "invert": "bitwise_invert",
    "left_shift": "bitwise_left_shift",
    "power": "pow",
    "right_shift": "bitwise_right_shift",
}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


PURE = _names("""
    all amax amin any argmax argmin argsort around astype average broadcast_to clip concatenate copy cross cumprod
    cumsum cumulative_prod cumulative_sum diag diagonal diff dot einsum empty_like expand_dims flip full_like hstack
    inner matrix_transpose max mean median min moveaxis nan_to_num nanmax nanmean nanmin nansum ndim ones_like outer
    prod ptp ravel repeat reshape result_type roll round searchsorted select shape size sort split squeeze stack std
    sum swapaxes take take_along_axis tensordot tile trace transpose tril triu unstack var vdot vstack where zeros_like
    linalg.cholesky linalg.det linalg.inv linalg.matrix_norm linalg.norm linalg.solve linalg.vector_norm
""")
# array methods with the same arguments as the function of the same name
ARRAY_METHODS = _names("all any argmax argmin astype clip cumsum max mean min prod round std sum var")


def ufunc_name(ufunc: Any) -> str | None:
    """Return the name under which a ufunc is recorded, or None if it is not one of NumPy's with a single result.

    Examples
    --------
    >>> ufunc_name(np.absolute), ufunc_name(np.frompyfunc(abs, 1, 1))
    ('abs', None)
    """
    name = STANDARD.get(ufunc.__name__, ufunc.__name__)
    return name if ufunc.nout == 1 and getattr(np, name, None) is ufunc else None


def function_name(f: Callable[..., Any]) -> str | None:
    """Return the name under which one of NumPy's other functions is recorded, or None if it cannot be.

    Examples
    --------
    >>> function_name(np.linalg.norm), function_name(np.nonzero)
    ('linalg.norm', None)
    """
    library, _, module = str(getattr(f, "__module__", "")).partition(".")
    name = f"{module}.{f.__name__}".lstrip(".")
    return name if library == "numpy" and name in PURE and attrgetter(name)(np) is f else None
