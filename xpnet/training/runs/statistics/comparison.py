"""A paired comparison of two settings."""

from collections.abc import Sequence
from math import copysign, inf, sqrt
from statistics import fmean
from typing import NamedTuple

from xpnet.training.runs.statistics.spread import Replicates
from xpnet.training.runs.statistics.student import two_sided_p

CAVEAT = {
    "folds": "folds share most of their training rows; the test corrects for that approximately (Nadeau and Bengio), "
    "so take a p near the limit for no evidence",
    "seeds": "on one split the test is about seeds only: another choice of rows may reverse the difference",
}
CHOSEN = "if one of the two was chosen because it was the best of many, p is too small"


class Comparison(NamedTuple):
    """The difference of two settings on the same folds and seeds.

    Attributes
    ----------
    first, second : int
        The settings; differences are those of the first minus the second.
    difference : float
        The mean of the differences.
    error : float
        Its standard error; of folds it is corrected for the training rows that they share.
    t : float
        ``difference / error``.
    degrees : int
        Degrees of freedom.
    p : float
        How likely a difference at least as large would be if the two settings were equally good (two-sided).
    differences : tuple of float
        On each fold, seeds averaged; with a single fold, for each seed.
    kind : str
        ``"folds"`` or ``"seeds"``: what the differences vary over.
    """

    first: int
    second: int
    difference: float
    error: float
    t: float
    degrees: int
    p: float
    differences: tuple[float, ...]
    kind: str

    @property
    def caveat(self) -> str:
        """What the test does not say."""
        return f"{CAVEAT[self.kind]}; {CHOSEN}"

    def __str__(self) -> str:
        return (
            f"setting {self.first} minus setting {self.second}: {self.difference:+.4g} ± {self.error:.2g} "
            f"(standard error over {len(self.differences)} {self.kind}), t = {self.t:.2f}, p = {self.p:.3g}\n"
            f"  {self.caveat}"
        )


def compare(
    first: int, second: int, one: Replicates, other: Replicates, sizes: Sequence[tuple[int, int]]
) -> Comparison:
    """Return the paired comparison of two settings.

    Parameters
    ----------
    first, second : int
        Their numbers.
    one, other : Replicates
    sizes : sequence of (int, int)
        The numbers of training and validation rows of each fold.

    Notes
    -----
    With n differences of variance s^2, the squared standard error is ``s^2 (1/n + n_validation / n_training)`` for
    folds, and ``s^2 / n`` for seeds.

    References
    ----------
    Nadeau and Bengio, Machine Learning 52 (2003), doi:10.1023/A:1024068626366; for cross-validation Bouckaert and
    Frank (2004), doi:10.1007/978-3-540-24775-3_3.
    """
    differences = tuple(a - b for a, b in zip(one.values, other.values, strict=True))
    n = len(differences)
    spread = Replicates(one.kind, differences).spread
    if spread is None:
        raise ValueError("folds or seeds must be at least two to compare settings, got one of each")
    shared = fmean(validation / training for training, validation in sizes) if one.kind == "folds" else 0.0
    difference, error = fmean(differences), spread * sqrt(1.0 / n + shared)
    t = _ratio(difference, error)
    return Comparison(first, second, difference, error, t, n - 1, two_sided_p(t, n - 1), differences, one.kind)


def _ratio(difference: float, error: float) -> float:
    if not difference:
        return 0.0
    return difference / error if error else copysign(inf, difference)  # all differences are equal
