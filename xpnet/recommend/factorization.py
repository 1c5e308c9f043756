"""Matrix factorization by mini-batches: a model for `xpnet.training.train`, beside the networks.

``rating = mean + b_u + b_i + p_u . q_i``.  The cost of an example is half its squared error.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from xpnet.backend import Array, Backend, get, namespace, vecdot
from xpnet.backend import of as backend_of
from xpnet.checks import whole
from xpnet.nn.checking.targets import check_targets
from xpnet.recommend.algorithms import biased_factors
from xpnet.recommend.algorithms.biased_factors import (
    BiasedFactors,
    check_factors,
    check_pairs,
    random_factors,
    sums_by_row,
)

PENALTIES = {"frobenius": ("l2",), "l21": ("l1", "l2"), "max_norm": ()}  # and the strengths that each one takes


@dataclass(frozen=True)
class FactorModel:
    """A matrix factorization with biases: a description without parameters, as `xpnet.Network` is.

    Parameters
    ----------
    n_users, n_items : int
    k : int
        Factors.
    mean : float
        The rating of a user and an item of which nothing is known.
    penalty : {"frobenius", "l21", "max_norm"}
        What the strengths given to `train` weigh, with n ratings and (p_f; q_f) the f-th columns of p and q, one
        below the other.  ``"frobenius"``: ``l2/(2n) (|P|^2 + |Q|^2)``.  ``"l21"``: that and
        ``l1/n sum_f |(p_f; q_f)|``, which makes factors that explain little fade as a whole.  ``"max_norm"``:
        neither.  Whatever the penalty, ``max_norm`` keeps each row of p and q within a ball.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense.

    Notes
    -----
    With the Frobenius penalty this is the factored form of the nuclear norm, with ``max_norm`` the factored form of
    the max-norm.  Biases are free.

    References
    ----------
    Koren, Bell and Volinsky, doi:10.1109/MC.2009.263, equation 5; Srebro, Rennie and Jaakkola, NIPS 2004; Yuan and
    Lin, doi:10.1111/j.1467-9868.2005.00532.x (groups).

    Examples
    --------
    >>> import numpy as np
    >>> model = FactorModel(n_users=2, n_items=3, k=1, mean=3.0)
    >>> given = BiasedFactors(*map(np.asarray, ([[1.0], [2.0]], [[0.5], [0.0], [1.0]], [0.0, -1.0], [0.0, 0.0, 0.5])))
    >>> model.predict(given, [[0, 0], [1, 2]])
    array([3.5, 4.5])
    """

    n_users: int
    n_items: int
    k: int
    mean: float = 0.0
    penalty: str = "frobenius"

    def __post_init__(self) -> None:
        for name in ("n_users", "n_items", "k"):
            whole(name, getattr(self, name), 1, None if name == "k" else 2**31 - 1)
        if isinstance(self.mean, str | bool) or not hasattr(self.mean, "__float__"):
            raise TypeError(f"mean must be a number, got {self.mean!r}")
        if not isfinite(self.mean):
            raise ValueError(f"mean must be finite, got {self.mean}")
        object.__setattr__(self, "mean", float(self.mean))  # NumPy's float64 would widen float32 arrays
        if self.penalty not in PENALTIES:
            raise ValueError(f"penalty must be one of {', '.join(PENALTIES)}, got {self.penalty!r}")

    # ---- properties ---------------------------------------------------------------------------------------

    @property
    def trainable(self) -> bool:
        """True: there are gradients."""
        return True

    @property
    def classifies(self) -> bool:
        """False: ratings are values."""
        return False

    @property
    def n_classes(self) -> int:
        """0: there are none."""
        return 0

    @property
    def footprint(self) -> int:
        """The numbers that a step holds for an example beside its inputs: the factors, the estimate and the target."""
        return 2 * self.k + 2

    @property
    def largest_product(self) -> float:
        """0: a step is sums and scalar products of rows."""
        return 0.0

    # ---- predictions --------------------------------------------------------------------------------------

    def initialize(self, backend: str | Backend | None = None, seed: int | None = None) -> BiasedFactors:
        """Return normal factors of standard deviation 0.1 and biases of 0; a seed gives the same on every backend."""
        return random_factors(self.n_users, self.n_items, self.k, get(backend), seed)

    def feedforward(self, parameters: BiasedFactors, x: Any) -> Array:
        """Return the ratings expected, shape (m, 1), for `x`, rows (user, item) of shape (m, 2)."""
        self.check(parameters)
        return self.outputs(parameters, check_pairs(x, self.n_users, self.n_items, backend_of(parameters.p)))

    def predict(self, parameters: BiasedFactors, x: Any) -> Array:
        """Return the ratings expected, shape (m,), for `x`, rows (user, item) of shape (m, 2)."""
        return self.decide(self.feedforward(parameters, x))

    # ---- training -------------------------------------------------------------------------------------------

    def check(self, parameters: BiasedFactors) -> None:
        """Refuse parameters that do not fit this model."""
        check_factors(parameters, self.n_users, self.n_items, self.k)

    def examples(self, x: Any, y: Any, backend: Backend) -> tuple[Array, Array]:
        """Return x, row numbers (n, 2) of users and items, and the ratings y, (n, 1), checked and on `backend`."""
        x = check_pairs(x, self.n_users, self.n_items, backend)
        return x, check_targets(y, [(x.shape[0], 1)], False, backend)

    def targets(self, y: Array, dtype: object) -> Array:
        """Return checked ratings."""
        return namespace(y).astype(y, dtype, copy=False)

    def class_numbers(self, y: Array) -> Array | None:
        """Return None: there are no labels."""
        return None

    def masks(self, places: Array, keys: Callable[[int], tuple[int, int]], dtype: object) -> tuple[()]:
        """Return (): there is no dropout."""
        return ()

    def backward(
        self,
        parameters: BiasedFactors,
        x: Array,
        y: Array,
        masks: tuple[Array | None, ...] = (),
        weights: Array | None = None,
    ) -> tuple[BiasedFactors, Array]:
        """Return the gradients of the mean half squared error of one mini-batch, and the ratings expected, (m, 1).

        Notes
        -----
        With the error e = z - y of each of m ratings, ``dp_u = 1/m sum e q_i`` and ``db_u = 1/m sum e`` over the
        ratings of u; likewise for items.
        """
        xp = namespace(x)
        users, items, p, q, z = self._forward(parameters, x)
        error = (z - y) / x.shape[0]
        error = error if weights is None else error * weights[:, None]
        of_user = sums_by_row(users, xp.concat([error * q, error], axis=-1), self.n_users)  # (n_users, k + 1)
        of_item = sums_by_row(items, xp.concat([error * p, error], axis=-1), self.n_items)
        return BiasedFactors(of_user[:, :-1], of_item[:, :-1], of_user[:, -1], of_item[:, -1]), z

    def outputs(self, parameters: BiasedFactors, x: Array) -> Array:
        """Return the ratings expected, (m, 1), for checked rows (user, item)."""
        return self._forward(parameters, x)[-1]

    def measure(self, z: Array, y: Array) -> tuple[Array, Array | None]:
        """Return half the squared error of each example, (..., m)."""
        error = (z - y)[..., 0]
        return 0.5 * error * error, None

    def decide(self, a: Array) -> Array:
        """Return the values (..., m) of outputs (..., m, 1)."""
        return a[..., 0]

    def penalize(
        self, gradients: BiasedFactors, parameters: BiasedFactors, n: float, l1: Any, l2: Any
    ) -> BiasedFactors:
        """Return the gradients with those of the penalty added.

        Raises
        ------
        ValueError
            If the penalty does not take a strength that is not 0.
        """
        for name, strength in (("l1", l1), ("l2", l2)):
            if strength != 0.0 and name not in PENALTIES[self.penalty]:
                raise ValueError(f"{name} must be 0 for penalty {self.penalty!r}, got {strength}")
        return biased_factors.penalize(gradients, parameters, n, l1, l2)

    def constrain(self, parameters: BiasedFactors, max_norm: float) -> BiasedFactors:
        """Return the parameters with each row of p and q shortened to a norm of at most `max_norm`."""
        return biased_factors.constrain(parameters, max_norm)

    # ---- helpers ------------------------------------------------------------------------------------------

    def _forward(self, parameters: BiasedFactors, x: Array) -> tuple[Array, Array, Array, Array, Array]:
        """Return users and items, (m,), their factors, (m, k), and the estimates, (m, 1), of checked rows."""
        xp = namespace(x)
        rows = xp.astype(x, xp.int32)  # a step gives them as floating numbers
        users, items = rows[:, 0], rows[:, 1]
        p, q = xp.take(parameters.p, users, axis=0), xp.take(parameters.q, items, axis=0)
        biases = xp.take(parameters.user, users) + xp.take(parameters.item, items)
        return users, items, p, q, (self.mean + biases + vecdot(p, q))[:, None]
