"""One call of every public function of linalg, for the tests that hold all of them to one rule."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from xpnet import linalg


class Call(NamedTuple):
    """A call of one function with one or two data arguments, (..., 4, 3) each.

    Attributes
    ----------
    run : callable
        Takes the data, and maybe `s`, a factor by which the data are larger than `A` and `B`.
    data : int
        How many data arguments there are.
    settled : callable
        Makes of the results, on the host, what does not depend on the signs that a library chooses.
    degrees : tuple
        The results for data s times as large are s^degree times as large; None is not to be compared, since it may
        leave the range.  The last one holds for all that follow.
    """

    run: Callable[..., Any]
    data: int = 1
    settled: Callable[..., Any] = lambda *found: found
    degrees: tuple[int | None, ...] = (1,)


def product(u, s, vh):
    return ((u * s[..., None, :]) @ vh, s)


def first(a, n):
    return a[..., : min(n, a.shape[-1])]


def span(q):
    return (q @ q.conj().T,)


A = np.asarray([[4, 1, -2], [1, 3, 0], [-1, 2, 5], [2, 0, 1]])
B = np.asarray([[1, 2, 0], [-3, 1, 1], [0, 2, 4], [5, -1, 2]])
W = np.asarray([0.5, 1.0, 2.0])
ORDERS = (None, 0, 1, 2, 2.5, 3, -1, np.inf, -np.inf)
METHODS = ("cgs2", "mgs2", "block", "householder")

CALLS: dict[str, Call] = {
    "append_columns": Call(
        lambda a: linalg.append_columns(linalg.gram_schmidt(first(a, 2)), a[..., min(2, a.shape[-1]) :]),
        degrees=(0, 1, 0),
    ),
    "column_space": Call(lambda a: linalg.column_space(a), settled=span, degrees=(0,)),
    "complete_basis": Call(lambda a: linalg.complete_basis(linalg.gram_schmidt(a).q), degrees=(0,)),
    "cond": Call(lambda a: (linalg.cond(a), linalg.cond(a[..., :3, :], 1)), degrees=(0,)),
    "dual_norm": Call(lambda a: tuple(linalg.dual_norm(a, p, (-2, -1)) for p in ("fro", 1, 2, "nuc", np.inf))),
    "effective_rank": Call(lambda a: linalg.effective_rank(a), degrees=(0,)),
    "flip_signs": Call(lambda a: linalg.flip_signs(linalg.svd(a, False, flip=False)), degrees=(0, 1, 0)),
    "gram_schmidt": Call(
        lambda a: (linalg.gram_schmidt(a, inner=[1, 2, 3, 4]), *(linalg.gram_schmidt(a, method=m) for m in METHODS)),
        degrees=(0, 1, 0, 0) * 5,
    ),
    "hard_threshold": Call(lambda a, s=1.0: linalg.hard_threshold(a, s * W)),
    "is_orthonormal": Call(
        lambda a: (linalg.is_orthonormal(linalg.gram_schmidt(a).q), linalg.is_orthonormal(a)), degrees=(0,)
    ),
    "ky_fan_dual_norm": Call(lambda a: linalg.ky_fan_dual_norm(a, 2)),
    "ky_fan_norm": Call(lambda a: linalg.ky_fan_norm(a, 2)),
    "l21_norm": Call(lambda a: linalg.l21_norm(a, group_axis=-1)),
    "low_rank": Call(lambda a: linalg.low_rank(a, 2), degrees=(1, 0, 1)),
    "lpq_norm": Call(lambda a: linalg.lpq_norm(a, 3, 1.5, group_axis=-2)),
    "lstsq": Call(lambda a, b: linalg.lstsq(a, b), 2, degrees=(0, None, 0, 1)),
    "matrix_norm": Call(lambda a: tuple(linalg.matrix_norm(a, ord=p) for p in ("fro", "nuc", 1, 2, -2, -np.inf))),
    "matrix_rank": Call(lambda a, s=1.0: (linalg.matrix_rank(a), linalg.matrix_rank(a, tol=3.0 * s)), degrees=(0,)),
    "max_norm": Call(lambda a: linalg.max_norm(a)),
    "norm": Call(lambda a: tuple(linalg.norm(a, p, axis=-2) for p in ORDERS), degrees=(1, 0, 1)),
    "null_space": Call(lambda a: linalg.null_space(a[..., -2:, :] if a.shape[-2] else a), settled=span, degrees=(0,)),
    "orthogonality_loss": Call(lambda a: linalg.orthogonality_loss(a), degrees=(None,)),
    "pca": Call(
        lambda a: (linalg.pca(a), linalg.pca(a).transform(a), linalg.pca(a, 2).whiten(a), linalg.pca(a, 2).zca(a)),
        degrees=(1, 0, 1, None, 0, 0, 1, 0),
    ),
    "pinv": Call(lambda a: linalg.pinv(a), degrees=(-1,)),
    "polar": Call(lambda a: (linalg.polar(a), linalg.polar(a, "left")), degrees=(0, 1, 0, 1)),
    "procrustes": Call(lambda a, b: linalg.procrustes(a, b), 2, degrees=(0, None)),
    "project": Call(lambda x, q, s=1.0: linalg.project(x, q if s == 1.0 else q / s), 2),
    "project_box": Call(lambda a, s=1.0: linalg.project_box(a, -s, s * W)),
    "project_l0": Call(lambda a: linalg.project_l0(a, 2, axis=-2)),
    "project_l1": Call(lambda a, s=1.0: linalg.project_l1(a, s * W, axis=-2)),
    "project_l2": Call(lambda a, s=1.0: linalg.project_l2(a, s * W, axis=-2)),
    "project_l21": Call(lambda a, s=1.0: linalg.project_l21(a, 3.0 * s)),
    "project_linf": Call(lambda a, s=1.0: linalg.project_linf(a, s * W, axis=-2)),
    "project_nuclear": Call(lambda a, s=1.0: linalg.project_nuclear(a, 3.0 * s)),
    "project_simplex": Call(lambda a, s=1.0: linalg.project_simplex(a, s)),
    "project_spectral": Call(lambda a, s=1.0: linalg.project_spectral(a, 3.0 * s)),
    "prox_l0": Call(lambda a: linalg.prox_l0(a, W, axis=-2), degrees=(None,)),
    "prox_l1": Call(lambda a, s=1.0: linalg.prox_l1(a, s * W, axis=-2)),
    "prox_l2": Call(lambda a, s=1.0: linalg.prox_l2(a, s * W, axis=-2)),
    "prox_l21": Call(lambda a, s=1.0: linalg.prox_l21(a, s)),
    "prox_linf": Call(lambda a, s=1.0: linalg.prox_linf(a, s * W, axis=-2)),
    "prox_nuclear": Call(lambda a, s=1.0: linalg.prox_nuclear(a, s)),
    "prox_spectral": Call(lambda a, s=1.0: linalg.prox_spectral(a, s)),
    "prox_squared_l2": Call(lambda a: linalg.prox_squared_l2(a, W, axis=-2)),
    "qr": Call(lambda a: linalg.qr(a), settled=lambda q, r: (abs(q), abs(r)), degrees=(0, 1)),
    "randomized_svd": Call(lambda a: linalg.randomized_svd(a, 2, oversampling=1)[:3], settled=product),
    "schatten_norm": Call(lambda a: linalg.schatten_norm(a, 3)),
    "soft_threshold": Call(lambda a, s=1.0: linalg.soft_threshold(a, s * W)),
    "spectral_error": Call(lambda a: linalg.spectral_error(a, linalg.truncated_svd(a, 1))),
    "stable_rank": Call(lambda a: linalg.stable_rank(a), degrees=(0,)),
    "subspace_angles": Call(lambda a, b: linalg.subspace_angles(first(a, 2), first(b, 1)), 2, degrees=(0,)),
    "svd": Call(lambda a: linalg.svd(a, False), degrees=(0, 1, 0)),
    "svdvals": Call(lambda a: linalg.svdvals(a)),
    "truncated_svd": Call(lambda a: linalg.truncated_svd(a, 2), degrees=(0, 1, 0)),
    "vector_norm": Call(lambda a: (linalg.vector_norm(a, axis=-1, weights=W), linalg.vector_norm(a, ord=3, axis=-1))),
}
NO_ARRAYS = {"conjugate_exponent"}


def public_functions() -> set[str]:
    return {name for name in linalg.__all__ if not inspect.isclass(getattr(linalg, name))}
