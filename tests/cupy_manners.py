"""NumPy's linear algebra with CuPy's manners: nothing is refused because of its numbers, and solve does not broadcast.

CuPy does not look at what cuSOLVER reports, since that would wait for the device: a factorization that failed gives
whatever lies in memory.  Read from CuPy's source, 14.0.1 to 14.2 (`cupy/linalg/_decomposition.py`, `_solve.py`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

# what may stand in a Cholesky factor from the pivot on that is not positive
FAILURES = ("the rest updated", "the rest as given", "nan")


def cholesky(a: Any, failure: str) -> Any:
    """Return the lower Cholesky factor of each matrix, up to the first pivot that is not positive."""
    a = np.asarray(a)
    stacked = [_cholesky(x, failure) for x in a.reshape(-1, *a.shape[-2:])]
    return np.stack(stacked).reshape(a.shape) if stacked else a


def _cholesky(a: Any, failure: str) -> Any:
    lower, n = np.tril(a), len(a)
    for k in range(n):
        pivot = lower[k, k].real
        if not pivot > 0.0:
            if failure == "the rest as given":
                lower[k:, k:] = np.tril(a)[k:, k:]
            if failure == "nan":
                lower[k, k] = np.nan
            return lower
        lower[k, k] = pivot  # what is imaginary there counts for nothing
        lower[k:, k] /= pivot**0.5
        below = lower[k + 1 :, k, None]
        lower[k + 1 :, k + 1 :] -= np.tril(below @ below.conj().T)
    return lower


def solve(a: Any, b: Any, real: Callable[..., Any]) -> Any:
    """Return what solves ``a x = b`` for matrices of one shape of stacks; of a singular one, no numbers."""
    if np.ndim(b) == 1:
        b = np.broadcast_to(b, a.shape[:-1])
    elif a.shape[:-1] != b.shape[:-1]:
        raise ValueError("a must have (..., M, M) shape and b must have (..., M, K) for multidimensional b")
    try:
        return real(a, b)
    except np.linalg.LinAlgError:
        return np.full(b.shape, np.nan, np.result_type(a, b))


def inv(a: Any, real: Callable[..., Any]) -> Any:
    """Return the inverse, or of a singular matrix no numbers."""
    try:
        return real(a)
    except np.linalg.LinAlgError:
        return np.full_like(a, np.inf)


@contextmanager
def cupy_manners(failure: str = FAILURES[0]) -> Iterator[None]:
    """Give NumPy's linear algebra CuPy's manners in a ``with`` block."""
    real_solve, real_inv = np.linalg.solve, np.linalg.inv
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np.linalg, "cholesky", lambda a: cholesky(a, failure))
        patch.setattr(np.linalg, "solve", lambda a, b: solve(a, b, real_solve))
        patch.setattr(np.linalg, "inv", lambda a: inv(a, real_inv))
        yield
