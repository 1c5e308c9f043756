"""`TruncatedSVD`: scikit-learn's, by `xpnet.linalg`, on every backend."""

from typing import Any

from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_array, check_random_state
from sklearn.utils.sparsefuncs import mean_variance_axis
from sklearn.utils.validation import check_is_fitted, validate_data

from xpnet.backend import Array, Backend, namespace, of, quiet, to_numpy
from xpnet.checks import whole
from xpnet.estimators.common.estimator import Estimator, floating
from xpnet.estimators.common.placing import check_library, home_of, returned, training_backend
from xpnet.estimators.common.rows import Rows
from xpnet.estimators.common.tasks import begin_fit, with_callbacks
from xpnet.io import Model
from xpnet.linalg import gram_schmidt, randomized_svd, truncated_svd
from xpnet.nn import Layer, Network, Parameters

ALGORITHMS = ("randomized", "arpack")
EXACT_TURNS = 20  # power iterations for a sparse matrix where the exact factors are asked for


class TruncatedSVD(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Estimator):
    """Dimensionality reduction by the leading singular vectors: scikit-learn's parameters and attributes.

    Parameters
    ----------
    n_components : int
        From 1 to the number of columns.
    algorithm : {"randomized", "arpack"}
        A randomized sketch, or the exact decomposition (by LAPACK; the name is scikit-learn's).
    n_iter : int
        Power iterations of the sketch.
    n_oversamples : int
        Directions that the sketch has beyond `n_components`.
    power_iteration_normalizer
        Not used: every half step is orthonormalized.
    random_state : int, RandomState or None
        Gives the sketch.
    tol : float
        Not used: the exact decomposition has no tolerance.
    backend : str, Backend or None
        The library that decomposes; see `MLPClassifier`.

    Attributes
    ----------
    components_ : array, shape (n_components, n_features)
    explained_variance_, explained_variance_ratio_, singular_values_ : array, shape (n_components,)
    n_features_in_, feature_names_in_
        As scikit-learn's.

    Notes
    -----
    A sparse X stays sparse: SciPy multiplies by it, from a sketch also where ``"arpack"`` is asked for, with more power
    iterations.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> svd = TruncatedSVD(n_components=2, algorithm="arpack").fit(load_iris().data)
    >>> svd.explained_variance_ratio_.round(3)
    array([0.529, 0.448])
    """

    def __init__(
        self,
        n_components: Any = 2,
        *,
        algorithm: Any = "randomized",
        n_iter: Any = 5,
        n_oversamples: Any = 10,
        power_iteration_normalizer: Any = "auto",
        random_state: Any = None,
        tol: Any = 0.0,
        backend: Any = None,
    ) -> None:
        self.n_components = n_components
        self.algorithm = algorithm
        self.n_iter = n_iter
        self.n_oversamples = n_oversamples
        self.power_iteration_normalizer = power_iteration_normalizer
        self.random_state = random_state
        self.tol = tol
        self.backend = backend

    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> Any:  # noqa: ARG002
        """Find the components of X, shape (n, n_in); y is ignored.  Return the estimator."""
        self._decompose(X)
        return self

    @with_callbacks
    def fit_transform(self, X: Any, y: Any = None) -> Any:  # noqa: ARG002
        """Find the components of X and return its rows in their basis, shape (n, n_components); y is ignored."""
        return self._decompose(X)

    def transform(self, X: Any) -> Any:
        """Return the rows of X in the basis of the components, shape (m, n_components)."""
        X, backend, home = self._rows_to_predict(X, "components_", "transform")
        return returned(_times(Rows.of(X, backend), backend.asarray(self.components_, backend.dtype).mT), home)

    def inverse_transform(self, X: Any) -> Any:
        """Return the rows, shape (m, n_features), that rows X in the basis of the components stand for."""
        check_is_fitted(self)
        check_library(self, X, self.components_, "inverse_transform")
        backend, home = of(self.components_), home_of(X)
        x = backend.asarray(check_array(X, dtype=floating(X)), backend.dtype)
        return returned(x @ self.components_, home)

    _weights = ("components_",)

    def _as_network(self) -> tuple[Network, Parameters]:
        k, n = (int(length) for length in self.components_.shape)
        b = of(self.components_).full((1, k))
        return Network([n, k], output="linear", cost="quadratic"), (Layer(self.components_, b),)

    def _take(self, model: Model) -> None:
        self.components_ = model.parameters[0].w

    @property
    def _n_features_out(self) -> int:
        return int(self.components_.shape[0])

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's description of what the estimator accepts."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    # ---- helpers ------------------------------------------------------------------------------------------

    def _decompose(self, X: Any) -> Any:
        """Set the fitted attributes; return the rows of X in the basis of the components."""
        given = X
        X = validate_data(self, X, accept_sparse=["csr", "csc"], ensure_min_features=2, dtype=floating(X))
        k = self._check(X.shape)
        task = begin_fit(self, given, None)
        backend, seed = training_backend(self.backend, X), int(check_random_state(self.random_state).randint(2**31 - 1))
        rows = Rows.of(X, backend)
        with quiet(), backend.active():
            s, vh = self._factors(rows, k, seed)
            components = _settled(vh)
            inside = _times(rows, components.mT)
            variance = _variances(inside)
            self.components_, self.singular_values_, self.explained_variance_ = components, s, variance
            self.explained_variance_ratio_ = variance / _total_variance(rows)
        task.close()
        return returned(inside, home_of(X))

    def _factors(self, rows: Rows, k: int, seed: int) -> tuple[Array, Array]:
        """Return the leading k singular values and right singular vectors, (k,) and (k, n_in)."""
        turns, extra = int(self.n_iter), int(self.n_oversamples)
        if rows.sparse:
            return sparse_svd(rows, k, turns if self.algorithm == "randomized" else EXACT_TURNS, extra, seed)
        if self.algorithm == "randomized" and k + extra < min(rows.x.shape):
            found = randomized_svd(rows.x, k, oversampling=extra, power_iterations=turns, seed=seed)
            return found.S, found.Vh
        exact = truncated_svd(rows.x, k)
        return exact.S, exact.Vh

    def _check(self, shape: tuple[int, ...]) -> int:
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f"algorithm must be one of {', '.join(ALGORITHMS)}, got {self.algorithm!r}")
        whole("n_iter", self.n_iter, 0)
        whole("n_oversamples", self.n_oversamples, 1)
        return whole("n_components", self.n_components, 1, min(int(n) for n in shape))


def sparse_svd(rows: Rows, k: int, turns: int, extra: int, seed: int) -> tuple[Array, Array]:
    """Return the leading k singular values and right singular vectors of a sparse matrix, from a random sketch.

    SciPy multiplies by the sparse matrix on the host; the small dense factors are decomposed on the backend.

    References
    ----------
    Halko, Martinsson and Tropp, doi:10.1137/090771806, algorithms 4.4 and 5.1.
    """
    x, backend = rows.x, rows.backend
    width = min(k + extra, *x.shape)
    sketch = x @ backend.rng(seed).standard_normal((x.shape[1], width)).astype(x.dtype)
    for _ in range(turns):
        sketch = x @ _orthonormal(x.T @ _orthonormal(sketch, backend), backend)
    small = (x.T @ _orthonormal(sketch, backend)).T  # (width, n_in)
    found = truncated_svd(backend.asarray(small, backend.dtype), k)
    return found.S, found.Vh


def _orthonormal(host: Any, backend: Backend) -> Any:
    return to_numpy(gram_schmidt(backend.asarray(host, backend.dtype)).q)


def _settled(vh: Array) -> Array:
    """Return the components with scikit-learn's signs: the entry of largest size in each row is positive."""
    xp = namespace(vh)
    largest = xp.argmax(xp.abs(vh), axis=1)[:, None]
    return vh * xp.where(xp.take_along_axis(vh, largest, axis=1) < 0.0, -xp.ones_like(vh[:, :1]), 1.0)


def _times(rows: Rows, b: Array) -> Array:
    """Return the product of all rows with a dense matrix of the backend."""
    if rows.sparse:
        return rows.backend.asarray(rows.x @ to_numpy(b), rows.backend.dtype)
    return rows.x @ b


def _total_variance(rows: Rows) -> Any:
    if rows.sparse:
        return float(mean_variance_axis(rows.x, axis=0)[1].sum())
    xp = rows.backend.xp
    return xp.sum(_variances(rows.x))


def _variances(x: Any) -> Any:
    """Return the variance of each column."""
    xp = namespace(x)
    return xp.mean((x - xp.mean(x, axis=0, keepdims=True)) ** 2, axis=0)
