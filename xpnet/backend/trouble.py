"""What libraries do in numerical trouble, and where one of them differs from the others.

Import these names from `xpnet.backend`.
"""

from contextlib import AbstractContextManager

import numpy as np

from xpnet.backend.libraries import Array, StandIn, library_of, namespace


def quiet() -> AbstractContextManager[None]:
    """Return a context in which NumPy does not warn of overflow, underflow or division by zero.

    It is for computations that expect them and correct the result; the other libraries never warn.

    Examples
    --------
    >>> with quiet():
    ...     print(np.asarray(1.0) / np.asarray(0.0))
    inf
    """
    return np.errstate(all="ignore")


def is_look_free(x: Array) -> bool:
    """Return whether Python can read a value of `x` without waiting for a device or breaking a compiler.

    If it can, an algorithm may test values and skip work; if not, it does the work and selects from the results.

    Parameters
    ----------
    x : Array
        An array of any library.

    Examples
    --------
    >>> is_look_free(np.zeros(3))
    True
    """
    match None if isinstance(x, StandIn) else library_of(x):
        case "numpy" | "array_api_strict":
            return True
        case "torch":
            return bool(x.device.type == "cpu")
        case _:
            return False


def all_true(conditions: Array) -> bool | None:
    """Return whether all `conditions` are true, or None where a compiler traces the function and no value exists yet.

    A check of values refuses what is False, and lets None pass: inside ``jax.jit`` values cannot be checked.

    Parameters
    ----------
    conditions : Array
        Booleans, of any library and shape.

    Examples
    --------
    >>> all_true(np.asarray([True, False]))
    False
    """
    try:
        return bool(namespace(conditions).all(conditions))
    except TypeError as error:  # the names of JAX's errors of a value that is not known yet
        if type(error).__name__ in ("TracerBoolConversionError", "ConcretizationTypeError"):
            return None
        raise


def vecdot(x: Array, y: Array) -> Array:
    """Return the inner products of two arrays along their last axis, the first one conjugated.

    It is the standard's function, but on CuPy, where that multiplies a stack of matrices of one row and one column.

    Parameters
    ----------
    x, y : Array, shape (..., n)
        Their leading axes must broadcast.

    Examples
    --------
    >>> import numpy as np
    >>> vecdot(np.asarray([[1.0, 2.0], [3.0, 4.0]]), np.asarray([1.0, 10.0]))
    array([21., 43.])
    """
    xp = namespace(x)
    if library_of(x) != "cupy":
        return xp.vecdot(x, y)
    return xp.sum((xp.conj(x) if xp.isdtype(x.dtype, "complex floating") else x) * y, axis=-1)


def is_linalg_error(error: Exception) -> bool:
    """Return whether `error` is a library's error for a failed factorization.

    Parameters
    ----------
    error : Exception
        What a library raised.

    Examples
    --------
    >>> is_linalg_error(np.linalg.LinAlgError("SVD did not converge")), is_linalg_error(ValueError("no"))
    (True, False)
    """
    return "LinAlgError" in type(error).__name__
