"""Principal components: the directions of largest variance, and data scaled to equal variance in all of them."""

from math import sqrt
from typing import Any, NamedTuple

from xpnet.backend import Array, namespace, quiet
from xpnet.checks import whole
from xpnet.linalg.arguments import adjoint, as_inexact, limits, real_backend
from xpnet.linalg.factorizations.svd import moderate_finite, svd
from xpnet.linalg.precision import promotes
from xpnet.linalg.resizing import REFINEMENTS


class PCA(NamedTuple):
    """Principal components of data, and the transformations that they define.

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
    components: Array  # (..., k, n), orthonormal rows, by falling variance
    singular_values: Array  # (..., k), of the centered data
    explained_variance: Array  # (..., k), singular_values^2 / (m - 1)
    explained_variance_ratio: Array  # (..., k), fractions of the total variance
    n_samples: int  # m, the rows that were given

    def transform(self, x: Any) -> Array:
        """Return the coordinates of the rows of `x`, (..., m, n), along the components: (..., m, k)."""
        return _coordinates(x, self.mean, self.components)

    def inverse_transform(self, scores: Any) -> Array:
        """Return the rows, (..., m, n), that have these coordinates, (..., m, k)."""
        return _rows(scores, self.components, self.mean)

    def whiten(self, x: Any, epsilon: float = 0.0) -> Array:
        """Return `transform` with each coordinate scaled to variance 1: (..., m, k).

        `epsilon` is added to every variance, so that directions of little but noise stay small.  Directions without
        variance become 0.
        """
        if not epsilon >= 0.0:
            raise ValueError(f"epsilon must be at least 0, got {epsilon}")
        return _whitened(x, self, epsilon)

    def zca(self, x: Any, epsilon: float = 0.0) -> Array:
        """Return whitened rows rotated back, which are as close to the centered `x` as white rows can be.

        References
        ----------
        Bell and Sejnowski, doi:10.1016/S0042-6989(97)00121-1.
        """
        return _rows(self.whiten(x, epsilon), self.components, 0.0 * self.mean)


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
    The largest entry of a component is positive.  A direction in which the rows differ by no more than the rounding
    of their mean has a singular value of 0.  A variance too large for the dtype is infinite; the ratios are right.

    References
    ----------
    Jolliffe, Principal Component Analysis, 2nd edition, sections 1.1 and 3.5.

    Examples
    --------
    >>> pca([[0.0, 1.0], [4.0, 1.0]]).explained_variance
    array([8., 0.])
    """
    x = as_inexact(x, "x")
    return _pca(x, k, limits(namespace(x), x.dtype)[0])


@promotes("x")
def _pca(x: Array, k: int | None, eps: float) -> PCA:
    """Return the principal components of rows that were rounded to `eps` times their size."""
    x, unit = moderate_finite(x, "x")
    xp, (m, n) = namespace(x), x.shape[-2:]
    if m < 2 or n < 1:
        raise ValueError(f"x must have at least two rows and one column, got shape {tuple(x.shape)}")
    k = whole("k", min(m, n) if k is None else k, 1, min(m, n))
    mean = xp.mean(x, axis=-2, keepdims=True)
    for _ in range(REFINEMENTS):  # a long sum has a larger rounding error than the mean may have
        mean = mean + xp.mean(x - mean, axis=-2, keepdims=True)
    v, s = _directions(x - mean, mean, eps)
    top = xp.max(s, axis=-1, keepdims=True)
    shares = (s / xp.where(top > 0.0, top, xp.ones_like(top))) ** 2
    total = xp.sum(shares, axis=-1, keepdims=True)
    ratios = shares / xp.where(total > 0.0, total, xp.ones_like(total))
    with quiet():
        s, mean = s[..., :k] * unit[..., 0], mean * unit
        return PCA(mean, adjoint(v[..., :k]), s, s * s / (m - 1), ratios[..., :k], m)


def _directions(centered: Array, mean: Array, eps: float) -> tuple[Array, Array]:
    """Return the principal directions as columns, and the singular values.

    Singular values that may be only rounding are set to 0.  Rounding moves the rows by about `eps` times their mean,
    in each column.
    """
    xp = namespace(centered)
    v, s, _ = svd(adjoint(centered), full_matrices=False)  # the sign rule is applied to the components, not to the data
    blur = xp.sqrt(xp.sum(xp.abs(v * adjoint(mean)) ** 2, axis=-2))  # (..., k)
    s = xp.where(s > 4.0 * eps * sqrt(centered.shape[-2]) * blur, s, xp.zeros_like(s))
    falling = xp.argsort(-s, axis=-1)
    order = xp.broadcast_to(falling[..., None, :], v.shape)
    return xp.take_along_axis(v, order, axis=-1), xp.take_along_axis(s, falling, axis=-1)


@promotes("x", "mean", "components")
def _coordinates(x: Array, mean: Array, components: Array) -> Array:
    return (x - mean) @ adjoint(components)


@promotes("scores", "components", "mean")
def _rows(scores: Array, components: Array, mean: Array) -> Array:
    return scores @ components + mean


@promotes("x")
def _whitened(x: Array, found: PCA, epsilon: float) -> Array:
    y = found.transform(x)
    xp, home = namespace(y), real_backend(y)
    s = home.asarray(found.singular_values)[..., None, :]  # (..., 1, k)
    deviations = xp.hypot(s / sqrt(found.n_samples - 1), xp.full_like(s, sqrt(epsilon)))
    noise = limits(xp, y.dtype)[0] * found.components.shape[-1]
    counts = s > noise * xp.max(s, axis=-1, keepdims=True)
    return xp.where(counts, y / xp.where(counts, deviations, xp.ones_like(deviations)), xp.zeros_like(y))
