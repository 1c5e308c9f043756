"""Principal components: the directions in which data vary most, and data made to vary equally in all of them."""

from typing import Any, NamedTuple

from xpnet.backend import Array, namespace
from xpnet.checks import whole
from xpnet.linalg.arguments import adjoint, finite_matrix, limits
from xpnet.linalg.factorizations.svd import svd


class PCA(NamedTuple):
    """Principal components of data, with what they do to rows.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.asarray([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    >>> found = pca(x, 1)
    >>> (found.components * 5**0.5).round(12), float(found.explained_variance_ratio[0].round(12))
    (array([[1., 2.]]), 1.0)
    >>> found.inverse_transform(found.transform(x)).round(12) + 0.0
    array([[0., 0.],
           [1., 2.],
           [2., 4.],
           [3., 6.]])
    """

    mean: Array  # (..., 1, n)
    components: Array  # (..., k, n), orthonormal rows, the one of most variance first
    singular_values: Array  # (..., k), of the centered data
    explained_variance: Array  # (..., k), singular_values^2 / (m - 1)
    explained_variance_ratio: Array  # (..., k), in parts of the whole variance

    def transform(self, x: Array) -> Array:
        """Return the coordinates of the rows of `x`, (..., m, n), along the components: (..., m, k)."""
        return (x - self.mean) @ adjoint(self.components)

    def inverse_transform(self, scores: Array) -> Array:
        """Return the rows, (..., m, n), that have these coordinates, (..., m, k)."""
        return scores @ self.components + self.mean

    def whiten(self, x: Array, epsilon: float = 0.0) -> Array:
        """Return `transform` with each coordinate scaled to variance 1: (..., m, k).

        `epsilon` is added to every variance, so that directions of little but noise stay small; directions of no
        variance at all become 0.
        """
        return self.transform(x) * self._scales(epsilon)

    def zca(self, x: Array, epsilon: float = 0.0) -> Array:
        """Return whitened rows turned back, so that they stay as near to the centered `x` as whitening allows.

        References
        ----------
        Bell and Sejnowski, doi:10.1016/S0042-6989(97)00121-1.
        """
        return self.whiten(x, epsilon) @ self.components

    def _scales(self, epsilon: float) -> Array:
        xp, variances = namespace(self.mean), self.explained_variance
        if not epsilon >= 0.0:
            raise ValueError(f"epsilon must be at least 0, got {epsilon}")
        noise = limits(xp, variances.dtype)[0] * self.components.shape[-1]
        counts = self.singular_values > noise * self.singular_values[..., :1]
        scales = 1.0 / xp.sqrt(xp.where(counts, variances + epsilon, xp.ones_like(variances)))
        return xp.where(counts, scales, xp.zeros_like(scales))[..., None, :]


def pca(x: Any, k: int | None = None) -> PCA:
    """Return the principal components of the rows of `x`.

    Parameters
    ----------
    x : Array, shape (..., m, n)
        Examples as rows, two or more.
    k : int, optional
        How many components, from 1 to min(m, n).  Default: all.

    Raises
    ------
    ValueError
        If there are fewer than two rows, `k` is out of range, or `x` is not finite.

    Notes
    -----
    From the singular value decomposition of the centered rows, so that no digits are lost in a covariance matrix.
    The largest entry of a component is positive.

    References
    ----------
    Jolliffe, Principal Component Analysis, 2nd edition, sections 1.1 and 3.5.

    Examples
    --------
    >>> pca([[0.0, 1.0], [4.0, 1.0]]).explained_variance
    array([8., 0.])
    """
    x = finite_matrix(x, "x")
    xp, (m, n) = namespace(x), x.shape[-2:]
    if m < 2 or n < 1:
        raise ValueError(f"x must have at least two rows and one column, got shape {tuple(x.shape)}")
    k = whole("k", min(m, n) if k is None else k, 1, min(m, n))
    mean = xp.mean(x, axis=-2, keepdims=True)
    v, s, _ = svd(adjoint(x - mean), full_matrices=False)  # signs are settled in the components, not in the data
    variances = s * s / (m - 1)
    total = xp.sum(variances, axis=-1, keepdims=True)
    ratios = variances / xp.where(total > 0.0, total, xp.ones_like(total))
    return PCA(mean, adjoint(v[..., :k]), s[..., :k], variances[..., :k], ratios[..., :k])
