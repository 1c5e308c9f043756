"""The check of a network's inputs, done once at the public border."""

from typing import Any

from xpnet.backend import Array, Backend, holds, namespace
from xpnet.backend.mapped import is_mapped
from xpnet.nn.checking.rows import refuse_nonfinite


def check_inputs(x: Any, n_in: int, backend: Backend) -> Array:
    """Return `x` on `backend`, shape (..., m, n_in), or raise an error that says what is wrong.

    Integers stay integers: images of bytes are converted batch by batch.  On NumPy an array that is mapped from a file
    stays in the file, in any floating dtype.

    Raises
    ------
    TypeError
        If `x` does not hold real numbers.
    ValueError
        If its shape does not fit, it is empty, or holds NaN or infinity (the message names the row).
    """
    stays = backend.name == "numpy" and is_mapped(x) and holds(x, "real floating")
    return _checked(backend.xp.asarray(x) if stays else backend.asarray(x, name="x"), n_in, backend)


def floating_inputs(x: Any, n_in: int, backend: Backend) -> Array:
    """Return `x` on `backend` in its dtype, to compute with at once; the errors are those of `check_inputs`."""
    x = _checked(backend.asarray(x, name="x"), n_in, backend)
    return x if x.dtype == backend.dtype else namespace(x).astype(x, backend.dtype)


def _checked(x: Array, n_in: int, backend: Backend) -> Array:
    if x.ndim < 2 or x.shape[-1] != n_in:
        raise ValueError(f"x must have shape (m, {n_in}), got {tuple(x.shape)}")
    if x.shape[-2] == 0:
        raise ValueError(f"x must hold at least one example, got shape {tuple(x.shape)}")
    refuse_nonfinite(x, "x", backend)
    return x
