"""One call of every public function of linalg, for the tests that hold all of them to one rule."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from xpnet import linalg


class Call(NamedTuple):
    """A call of one function with one or two data arguments, (4, 3) each.

    `settled` makes of the results, on the host, what does not depend on the signs that a library chooses.
    """

    run: Callable[..., Any]
    data: int = 1
    settled: Callable[..., Any] = lambda *found: found


def gap_of(u, s, vh, *errors):
    return (u * s[..., None, :] @ vh, s)


def span(q):
    return (q @ q.conj().T,)


A = np.asarray([[4, 1, -2], [1, 3, 0], [-1, 2, 5], [2, 0, 1]])
B = np.asarray([[1, 2, 0], [-3, 1, 1], [0, 2, 4], [5, -1, 2]])
W = np.asarray([0.5, 1.0, 2.0])

CALLS: dict[str, Call] = {
    "append_columns": Call(lambda a: linalg.append_columns(linalg.gram_schmidt(a[:, :2]), a[:, 2:])),
    "column_space": Call(lambda a: linalg.column_space(a), settled=span),
    "complete_basis": Call(lambda a: linalg.complete_basis(linalg.gram_schmidt(a).q), settled=span),
    "cond": Call(lambda a: (linalg.cond(a), linalg.cond(a[:3, :], 1))),
    "dual_norm": Call(lambda a: tuple(linalg.dual_norm(a, p) for p in (None, 1, 2, "nuc", np.inf))),
    "effective_rank": Call(lambda a: linalg.effective_rank(a)),
    "flip_signs": Call(lambda a: linalg.flip_signs(linalg.svd(a, False, flip=False))),
    "gram_schmidt": Call(
        lambda a: (linalg.gram_schmidt(a, inner=[1.0, 2.0, 3.0, 4.0]), *map_methods(a)),
    ),
    "hard_threshold": Call(lambda a: linalg.hard_threshold(a, W)),
    "is_orthonormal": Call(lambda a: (linalg.is_orthonormal(linalg.gram_schmidt(a).q), linalg.is_orthonormal(a))),
    "ky_fan_dual_norm": Call(lambda a: linalg.ky_fan_dual_norm(a, 2)),
    "ky_fan_norm": Call(lambda a: linalg.ky_fan_norm(a, 2)),
    "l21_norm": Call(lambda a: linalg.l21_norm(a, group_axis=-1)),
    "low_rank": Call(lambda a: linalg.low_rank(a, 2)),
    "lpq_norm": Call(lambda a: linalg.lpq_norm(a, 3, 1.5, group_axis=-2)),
    "lstsq": Call(lambda a, b: (linalg.lstsq(a, b), linalg.lstsq(a, b[:, 0])), 2),
    "matrix_norm": Call(lambda a: tuple(linalg.matrix_norm(a, ord=p) for p in ("fro", "nuc", 1, 2, -2, -np.inf))),
    "matrix_rank": Call(lambda a: (linalg.matrix_rank(a), linalg.matrix_rank(a[None, ...], tol=[100.0]))),
    "max_norm": Call(lambda a: linalg.max_norm(a)),
    "norm": Call(lambda a: tuple(linalg.norm(a, p, axis=0) for p in (None, 0, 1, 2, 2.5, 3, -1, np.inf, -np.inf))),
    "null_space": Call(lambda a: linalg.null_space(a.T), settled=span),
    "orthogonality_loss": Call(lambda a: linalg.orthogonality_loss(a)),
    "pca": Call(lambda a: (linalg.pca(a), linalg.pca(a).transform(a), linalg.pca(a, 2).whiten(a, 0.5))),
    "pinv": Call(lambda a: linalg.pinv(a)),
    "polar": Call(lambda a: (linalg.polar(a), linalg.polar(a, "left"))),
    "procrustes": Call(lambda a, b: linalg.procrustes(a, b), 2),
    "project": Call(lambda x, q: (linalg.project(x, q), linalg.project(x[:, 0], q)), 2),
    "project_box": Call(lambda a: linalg.project_box(a, -1.0, W)),
    "project_l0": Call(lambda a: linalg.project_l0(a, 2, axis=0)),
    "project_l1": Call(lambda a: linalg.project_l1(a, W, axis=0)),
    "project_l2": Call(lambda a: linalg.project_l2(a, W, axis=0)),
    "project_l21": Call(lambda a: linalg.project_l21(a, 3.0)),
    "project_linf": Call(lambda a: linalg.project_linf(a, W, axis=0)),
    "project_nuclear": Call(lambda a: linalg.project_nuclear(a, 3.0)),
    "project_simplex": Call(lambda a: linalg.project_simplex(a)),
    "project_spectral": Call(lambda a: linalg.project_spectral(a, 3.0)),
    "prox_l0": Call(lambda a: linalg.prox_l0(a, W, axis=0)),
    "prox_l1": Call(lambda a: linalg.prox_l1(a, W, axis=0)),
    "prox_l2": Call(lambda a: linalg.prox_l2(a, W, axis=0)),
    "prox_l21": Call(lambda a: linalg.prox_l21(a, 1.0)),
    "prox_linf": Call(lambda a: linalg.prox_linf(a, W, axis=0)),
    "prox_nuclear": Call(lambda a: linalg.prox_nuclear(a, 1.0)),
    "prox_spectral": Call(lambda a: linalg.prox_spectral(a, 1.0)),
    "prox_squared_l2": Call(lambda a: linalg.prox_squared_l2(a, W, axis=0)),
    "qr": Call(lambda a: linalg.qr(a), settled=lambda q, r: (q @ r, abs(r))),
    "randomized_svd": Call(lambda a: linalg.randomized_svd(a, 2, oversampling=1)[:3], settled=gap_of),
    "schatten_norm": Call(lambda a: linalg.schatten_norm(a, 3)),
    "soft_threshold": Call(lambda a: linalg.soft_threshold(a, W)),
    "spectral_error": Call(lambda a: linalg.spectral_error(a, linalg.truncated_svd(a, 1))),
    "stable_rank": Call(lambda a: linalg.stable_rank(a)),
    "subspace_angles": Call(lambda a, b: linalg.subspace_angles(a[:, :2], b[:, :1]), 2),
    "svd": Call(lambda a: linalg.svd(a, False)),
    "svdvals": Call(lambda a: linalg.svdvals(a)),
    "truncated_svd": Call(lambda a: linalg.truncated_svd(a, 2)),
    "vector_norm": Call(lambda a: (linalg.vector_norm(a, axis=-1, weights=W), linalg.vector_norm(a, ord=3))),
}
NO_ARRAYS = {"conjugate_exponent"}


def map_methods(a):
    return tuple(linalg.gram_schmidt(a, method=name) for name in ("cgs2", "mgs2", "block", "householder"))


def public_functions() -> set[str]:
    return {name for name in linalg.__all__ if not inspect.isclass(getattr(linalg, name))}
