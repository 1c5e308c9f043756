"""The rows of a search: read, taken by number, and told from others by a digest."""

import hashlib
from typing import Any

from xpnet.backend import Array, library_of, namespace, of, to_numpy
from xpnet.data import Table
from xpnet.data.tables.frames import as_plain
from xpnet.training.batches.batches import check_pair

BYTES_AT_ONCE = 2**26


def read(data: Any) -> tuple[Any, Any]:
    """Return x and y of the argument `data`, or of what it returns if it is a function: as arrays, or x as a table."""
    given = data() if callable(data) else data
    if isinstance(given, tuple | list) and len(given) == 2 and isinstance(given[0], Table):
        x, y = given[0], as_array("y", given[1])
    else:
        x, y = (as_array(name, each) for name, each in zip("xy", check_pair("data", given), strict=True))
    if x.ndim != 2 or not x.shape[0]:
        raise ValueError(f"x must have shape (n, n_in) with at least a row, got {tuple(x.shape)}")
    if y.ndim not in (1, 2) or y.shape[0] != x.shape[0]:
        raise ValueError(f"y must have a label or targets for each of the {x.shape[0]} rows, got {tuple(y.shape)}")
    return x, y


def as_array(name: str, given: Any) -> Any:
    """Return an argument as an array: a list or a column of a frame is one of NumPy's."""
    plain = as_plain(name, given)
    return plain if library_of(plain) else to_numpy(plain)


def taken(x: Array, rows: Any) -> Array:
    """Return some rows of an array, in its library; their numbers are on the host."""
    if library_of(x) == "numpy":
        return x[rows]
    return namespace(x).take(x, of(x).asarray(rows), axis=0)


def digest_of(*arrays: Any) -> str:
    """Return a digest of arrays: equal only for equal dtypes, shapes and values; None is allowed.

    Examples
    --------
    >>> import numpy as np
    >>> digest_of(np.arange(3)) == digest_of(np.arange(3)), digest_of(np.arange(3)) == digest_of(np.arange(3.0))
    (True, False)
    """
    digest = hashlib.sha256()
    for given in arrays:
        if given is None:
            digest.update(b"none;")
            continue
        if isinstance(given, Table):
            digest.update(given.digest().encode())
            continue
        digest.update(f"{given.dtype} {tuple(given.shape)};".encode())
        size = max(1, int(given.shape[0]))
        step = max(1, BYTES_AT_ONCE // max(1, 8 * given.size // size)) if given.ndim else 1
        for start in range(0, size, step):
            part = to_numpy(given[start : start + step, ...])
            # not the bytes of cells: those are addresses
            digest.update(repr(part.tolist()).encode() if part.dtype.kind == "O" else part.tobytes())
    return digest.hexdigest()
