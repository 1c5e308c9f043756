"""Norms, Gram-Schmidt, singular values, and the proximal operators by which norms regularize.

Every function takes arrays of any library, and answers in their library, on their device, in their precision::

    norms            norm vector_norm matrix_norm schatten_norm ky_fan_norm l21_norm lpq_norm max_norm
    dual norms       dual_norm ky_fan_dual_norm conjugate_exponent
    factorizations   svd svdvals flip_signs qr polar
    orthonormal      gram_schmidt append_columns complete_basis project orthogonality_loss is_orthonormal
    low rank         truncated_svd low_rank randomized_svd spectral_error pca
    solving          lstsq pinv procrustes
    ranks            matrix_rank stable_rank effective_rank cond
    subspaces        column_space null_space subspace_angles
    proximal         soft_threshold hard_threshold prox_l0 prox_l1 prox_l2 prox_squared_l2 prox_linf prox_l21
                     prox_nuclear prox_spectral
    projections      project_l0 project_l1 project_l2 project_linf project_simplex project_box project_l21
                     project_nuclear project_spectral
"""

from xpnet.linalg.factorizations.qr import QR, qr
from xpnet.linalg.factorizations.svd import SVD, flip_signs, svd, svdvals
from xpnet.linalg.low_rank.pca import PCA, pca
from xpnet.linalg.low_rank.randomized import RandomizedSVD, randomized_svd, spectral_error
from xpnet.linalg.low_rank.truncation import LowRank, low_rank, truncated_svd
from xpnet.linalg.norms.dual_norms import conjugate_exponent, dual_norm, ky_fan_dual_norm
from xpnet.linalg.norms.group_norms import l21_norm, lpq_norm, max_norm
from xpnet.linalg.norms.matrix_norms import ky_fan_norm, matrix_norm, schatten_norm
from xpnet.linalg.norms.norm import norm
from xpnet.linalg.norms.vector_norms import vector_norm
from xpnet.linalg.orthogonal.basis import complete_basis, is_orthonormal, orthogonality_loss, project
from xpnet.linalg.orthogonal.gram_schmidt import GramSchmidt, append_columns, gram_schmidt
from xpnet.linalg.proximal.matrix_proximal import (
    project_l21,
    project_nuclear,
    project_spectral,
    prox_l21,
    prox_nuclear,
    prox_spectral,
)
from xpnet.linalg.proximal.projections import (
    project_box,
    project_l0,
    project_l1,
    project_l2,
    project_linf,
    project_simplex,
)
from xpnet.linalg.proximal.vector_proximal import (
    hard_threshold,
    prox_l0,
    prox_l1,
    prox_l2,
    prox_linf,
    prox_squared_l2,
    soft_threshold,
)
from xpnet.linalg.solving.polar import Polar, Procrustes, polar, procrustes
from xpnet.linalg.solving.rank import cond, effective_rank, matrix_rank, stable_rank
from xpnet.linalg.solving.solve import LeastSquares, lstsq, pinv
from xpnet.linalg.solving.subspaces import column_space, null_space, subspace_angles

__all__ = [
    "PCA",
    "QR",
    "SVD",
    "GramSchmidt",
    "LeastSquares",
    "LowRank",
    "Polar",
    "Procrustes",
    "RandomizedSVD",
    "append_columns",
    "column_space",
    "complete_basis",
    "cond",
    "conjugate_exponent",
    "dual_norm",
    "effective_rank",
    "flip_signs",
    "gram_schmidt",
    "hard_threshold",
    "is_orthonormal",
    "ky_fan_dual_norm",
    "ky_fan_norm",
    "l21_norm",
    "low_rank",
    "lpq_norm",
    "lstsq",
    "matrix_norm",
    "matrix_rank",
    "max_norm",
    "norm",
    "null_space",
    "orthogonality_loss",
    "pca",
    "pinv",
    "polar",
    "procrustes",
    "project",
    "project_box",
    "project_l0",
    "project_l1",
    "project_l2",
    "project_l21",
    "project_linf",
    "project_nuclear",
    "project_simplex",
    "project_spectral",
    "prox_l0",
    "prox_l1",
    "prox_l2",
    "prox_l21",
    "prox_linf",
    "prox_nuclear",
    "prox_spectral",
    "prox_squared_l2",
    "qr",
    "randomized_svd",
    "schatten_norm",
    "soft_threshold",
    "spectral_error",
    "stable_rank",
    "subspace_angles",
    "svd",
    "svdvals",
    "truncated_svd",
    "vector_norm",
]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
