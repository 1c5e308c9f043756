"""The parameters of a factorization, with penalties and a limit on norms that keep the factors small.  Biases are free.

With n ratings, and (p_f; q_f) the f-th columns of p and q, one below the other:
``l2/(2n) (|P|^2 + |Q|^2) + l1/n sum_f |(p_f; q_f)|``.
"""

from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, namespace, of, plain_array, to_numpy

EXACT = 2**24  # from here on float32 skips whole numbers


class BiasedFactors(NamedTuple):
    """Factors and biases of each user and each item; their gradients have the same form."""

    p: Array  # (n_users, k)
    q: Array  # (n_items, k)
    user: Array  # (n_users,)
    item: Array  # (n_items,)


def random_factors(n_users: int, n_items: int, k: int, backend: Backend, seed: int | None = None) -> BiasedFactors:
    """Return normal factors of standard deviation 0.1 and biases of 0; one seed gives one start on every backend."""
    rng = backend.rng(seed)
    p, q = (backend.asarray(0.1 * rng.standard_normal((n, k))) for n in (n_users, n_items))
    return BiasedFactors(p, q, backend.full((n_users,)), backend.full((n_items,)))


def check_factors(parameters: BiasedFactors, n_users: int, n_items: int, k: int) -> None:
    """Refuse parameters of another kind or shape."""
    if not isinstance(parameters, BiasedFactors):
        raise TypeError(f"parameters must be BiasedFactors, got {type(parameters).__name__}")
    shapes = ((n_users, k), (n_items, k), (n_users,), (n_items,))
    for name, x, shape in zip(BiasedFactors._fields, parameters, shapes, strict=True):
        if tuple(x.shape) != shape:
            raise ValueError(f"parameters.{name} must have shape {shape}, got {tuple(x.shape)}")


def check_pairs(x: Any, n_users: int, n_items: int, backend: Backend) -> Array:
    """Return the row numbers (user, item), shape (n, 2), as int32 on `backend`, or refuse what is wrong with them."""
    host = to_numpy(plain_array(x, "x"))
    if host.dtype.kind not in "iu":
        raise TypeError(f"x must hold whole row numbers of users and items, got dtype {host.dtype}")
    if host.ndim != 2 or host.shape[-1] != 2 or not host.shape[0]:
        raise ValueError(f"x must have shape (n, 2) with n at least 1, got {host.shape}")
    for column, (name, n) in enumerate((("users", n_users), ("items", n_items))):
        if n > EXACT and backend.dtype_name == "float32":
            raise ValueError(f"n_{name} must be at most {EXACT} in float32, got {n}: use float64")
        wrong = (host[:, column] < 0) | (host[:, column] >= n)
        if wrong.any():
            row = int(wrong.argmax())
            raise ValueError(f"x must hold {name} between 0 and {n - 1}, got {host[row, column]} in row {row}")
    return backend.asarray(host.astype("int32"))


def penalize(
    gradients: BiasedFactors, parameters: BiasedFactors, n: float, l1: float = 0.0, l2: float = 0.0
) -> BiasedFactors:
    """Return the gradients with those of the penalties added; where a whole column is 0, its l1 part is 0.

    Examples
    --------
    >>> import numpy as np
    >>> one = BiasedFactors(np.asarray([[3.0, 0.0]]), np.asarray([[4.0, 0.0]]), np.zeros(1), np.zeros(1))
    >>> zero = BiasedFactors(*map(np.zeros_like, one))
    >>> penalize(zero, one, n=2, l1=20.0, l2=2.0).q
    array([[12.,  0.]])
    """
    pull: Any = l2 / n
    if l1 != 0.0:
        pull = pull + (l1 / n) / column_norms(parameters)  # (k,)
    return gradients._replace(p=gradients.p + pull * parameters.p, q=gradients.q + pull * parameters.q)


def column_norms(parameters: BiasedFactors) -> Array:
    """Return the norm of each factor's column over users and items, (k,), with 1 in place of 0."""
    xp, (p, q, *_) = namespace(parameters.p), parameters
    norms = xp.sqrt(xp.sum(p * p, axis=0) + xp.sum(q * q, axis=0))
    return xp.where(norms > 0.0, norms, xp.ones_like(norms))


def constrain(parameters: BiasedFactors, max_norm: float) -> BiasedFactors:
    """Return the parameters with each row of p and q shortened to a norm of at most `max_norm`.

    References
    ----------
    Lee et al., NIPS 2010, section 3 (the max-norm by projection).
    """
    return parameters._replace(p=shorten(parameters.p, max_norm), q=shorten(parameters.q, max_norm))


def sums_by_row(rows: Array, values: Array, n: int) -> Array:
    """Return, for each of n rows, the sum of the `values`, (m, k), that `rows`, (m,), assigns to it: (n, k).

    Sorted by row, these are differences of running sums, which are kept in float64 where the device has it.
    """
    xp, home = namespace(values), of(values)
    order = xp.argsort(rows, stable=True)
    known = xp.__array_namespace_info__().dtypes(device=home.device, kind="real floating")
    running = xp.cumulative_sum(
        xp.take(values, order, axis=0), axis=0, dtype=known.get("float64", values.dtype), include_initial=True
    )  # (m + 1, k)
    starts = xp.searchsorted(xp.take(rows, order), xp.arange(n + 1, dtype=rows.dtype, device=home.device))
    running = xp.take(running, starts, axis=0)
    return xp.astype(running[1:, :] - running[:-1, :], values.dtype)


def shorten(w: Array, limit: float) -> Array:
    """Return the rows of `w`, each shortened to a norm of at most `limit`."""
    xp = namespace(w)
    norms = xp.sqrt(xp.sum(w * w, axis=-1, keepdims=True))
    return w * (limit / xp.maximum(norms, limit))
