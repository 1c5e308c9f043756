"""The dtype that a public function computes in, and the one it answers in: one rule for all of linalg.

The arrays that a function names are converted together, to the dtype that they promote to.  Integers and booleans
take the floating dtype of the arrays beside them; where there is none, their device's default.  16-bit numbers are
computed in float32, and the results are rounded to the 16-bit dtype.  Parameters that are not data (thresholds, radii,
weights, tolerances, inner products) take the precision of the data.
"""

from collections.abc import Callable
from functools import cache, wraps
from inspect import signature
from typing import Any, TypeVar

from xpnet.backend import Array, Namespace, library_of, namespace, plain_array, quiet
from xpnet.linalg.arguments import COMPLEX, INEXACT, as_numbers, default_dtype, is_half, is_kind
from xpnet.trees import map_arrays

Function = TypeVar("Function", bound=Callable[..., Any])


def promotes(*names: str) -> Callable[[Function], Function]:
    """Return a decorator that converts the arguments called `names` as the rule above says.

    Examples
    --------
    >>> import numpy as np
    >>> @promotes("a", "b")
    ... def product(a, b):
    ...     return a @ b, a.dtype
    >>> product(np.asarray([300, 400]), b=np.asarray([300.0, 400.0], dtype=np.float16))
    (np.float16(inf), dtype('float32'))
    """

    def decorate(f: Function) -> Function:
        order = tuple(signature(f).parameters)
        alone = names == order[:1]

        @wraps(f)
        def promoted(*args: Any, **kwargs: Any) -> Any:
            if alone and args and _is_ready(args[0], order[0]):  # small arrays need not wait for what follows
                return f(*args, **kwargs)
            arrays = {name: x for name, x in (*zip(order, args, strict=False), *kwargs.items()) if name in names}
            if not arrays:  # the call says what is missing
                return f(*args, **kwargs)
            arrays, half = _together(arrays)
            found = f(
                *(arrays.get(name, x) for name, x in zip(order, args, strict=False)),
                *args[len(order) :],
                **{name: arrays.get(name, x) for name, x in kwargs.items()},
            )
            return found if half is None else _narrowed(found, half)

        return promoted  # type: ignore[return-value]

    return decorate


def _is_ready(x: Any, name: str) -> bool:
    """Return whether an array is computed as it is: no subclass, floating, and of more than 16 bits."""
    return library_of(x) is not None and plain_array(x, name) is x and _is_wide(namespace(x), x.dtype)


@cache
def _is_wide(xp: Namespace, dtype: Any) -> bool:
    return is_kind(xp, dtype, INEXACT) and not is_half(xp, dtype)


def _together(given: dict[str, Any]) -> tuple[dict[str, Array], Any]:
    """Return the arrays in the dtype to compute in, and the 16-bit dtype of the results, or None."""
    arrays = {name: as_numbers(x, name) for name, x in given.items()}
    dtype = common_dtype(**arrays)
    xp = namespace(next(iter(arrays.values())))
    half = is_half(xp, dtype)
    wide = dtype if not half else xp.complex64 if is_kind(xp, dtype, COMPLEX) else xp.float32
    found = {name: x if x.dtype == wide else xp.astype(x, wide) for name, x in arrays.items()}
    return found, dtype if half else None


def common_dtype(**arrays: Array) -> Any:
    """Return the floating dtype that arrays of one library promote to."""
    first, *others = arrays.values()
    xp = namespace(**arrays) if others else namespace(first)
    dtypes = [x.dtype for x in arrays.values() if is_kind(xp, x.dtype, INEXACT)]
    if not dtypes:
        return default_dtype(first)
    return dtypes[0] if len(dtypes) == 1 else xp.result_type(*dtypes)


def _narrowed(found: Any, half: Any) -> Any:
    """Return the results with what is in float32 (or complex64) rounded to the 16-bit dtype."""

    def narrow(y: Any) -> Any:
        if library_of(y) is None:  # a rank is a Python number
            return y
        xp = namespace(y)
        wide = xp.complex64 if is_kind(xp, half, COMPLEX) else xp.float32
        return xp.astype(y, half) if y.dtype == wide else y

    with quiet():  # a result too large for 16 bits is infinite
        return map_arrays(narrow, found)
