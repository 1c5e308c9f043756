"""How large the errors of a regression are on rows that it was not trained on: what intervals are made of."""

import math
from dataclasses import dataclass
from typing import Any

from xpnet.backend import get
from xpnet.checks import number

MOST = 1000  # sizes that a model file holds


@dataclass(frozen=True)
class Errors:
    """The sizes of n errors of predictions, absolute and in the unit of the data, as at most 1000 sorted numbers.

    Attributes
    ----------
    n : int
        How many errors there were.
    sizes : tuple of float, length k
        Number j, from 0, is the ceil((j + 1) n / k)-th smallest error.

    Raises
    ------
    ValueError
        If the sizes are none, more than n, not finite, below 0 or not sorted.

    Notes
    -----
    An interval of coverage c reaches from the prediction as far as the ceil((n + 1) c)-th smallest error: split
    conformal prediction.  If the rows of the errors and a new row are exchangeable (drawn from one source, in any
    order), and the model saw none of them, the interval holds the new value with a probability of at least c, whatever
    the model and the noise.  It is a promise about the mean over all rows, not about each kind of row: all intervals
    are equally wide.  Out-of-fold errors promise 2c - 1 at least (Barber et al., theorem 1), and about c in practice.

    References
    ----------
    Lei et al., doi:10.1080/01621459.2017.1307116, theorem 2.2; Barber et al., doi:10.1214/20-AOS1965.

    Examples
    --------
    >>> errors = Errors.of([0.3, -0.1, 0.2, 0.4])
    >>> errors.sizes, errors.quantile(0.5)
    ((0.1, 0.2, 0.3, 0.4), 0.3)
    """

    n: int
    sizes: tuple[float, ...]

    def __post_init__(self) -> None:
        k = len(self.sizes)
        if not 1 <= k <= self.n:
            raise ValueError(f"sizes must be 1 to n = {self.n}, got {k}")
        if not all(math.isfinite(size) and size >= 0.0 for size in self.sizes) or list(self.sizes) != sorted(
            self.sizes
        ):
            raise ValueError("sizes must be finite, at least 0 and sorted")

    @classmethod
    def of(cls, errors: Any) -> "Errors":
        """Return the sizes of these errors, shape (n,), whatever their signs.

        Raises
        ------
        ValueError
            If there are none, or one is not finite.
        """
        host = get("numpy", dtype="float64")
        x = abs(host.asarray(errors, name="errors"))
        if x.ndim != 1 or not x.shape[0]:
            raise ValueError(f"errors must have shape (n,), at least one, got {x.shape}")
        finite = host.xp.isfinite(x)
        if not finite.all():
            row = int(host.xp.argmin(finite))
            raise ValueError(f"errors must be finite, got {x[row]} in row {row}")
        n, ordered = int(x.shape[0]), host.xp.sort(x).tolist()
        k = min(n, MOST)
        return cls(n, tuple(ordered[-(-(j + 1) * n // k) - 1] for j in range(k)))

    def quantile(self, coverage: float) -> float:
        """Return how far an interval of this coverage reaches from the prediction.

        Raises
        ------
        ValueError
            If `coverage` is not between 0 and 1, or n errors are too few for it.
        """
        coverage = number("coverage", coverage, 0.0, above=True, below=1.0)
        rank = self._rank(self.n, coverage)
        if rank > self.n:
            raise ValueError(f"coverage {coverage:g} must have {_needed(coverage)} errors at least, got {self.n}")
        return self.sizes[-(-rank * len(self.sizes) // self.n) - 1]

    def holds(self, coverage: float) -> bool:
        """Return whether there are errors enough for intervals of this coverage."""
        return self._rank(self.n, coverage) <= self.n

    @staticmethod
    def _rank(n: int, coverage: float) -> int:
        """Return ceil((n + 1) coverage); what is whole but for rounding, such as 10 * 0.9, stays whole."""
        exact = (n + 1) * coverage
        return round(exact) if abs(exact - round(exact)) < 1e-9 * exact else math.ceil(exact)


def _needed(coverage: float) -> int:
    """Return the least n with ceil((n + 1) coverage) <= n."""
    return math.ceil(coverage / (1.0 - coverage) - 1e-9 / (1.0 - coverage))
