"""Student's t distribution."""

from math import exp, inf, isnan, lgamma, log, log1p, nan

ROUNDS = 10_000
TINY = 1e-300
PRECISION = 1e-15


def two_sided_p(t: float, degrees: float) -> float:
    """Return the probability that Student's t is at least |t| from 0.

    Parameters
    ----------
    t : float
    degrees : float
        Degrees of freedom, above 0.

    References
    ----------
    Abramowitz and Stegun, 26.7.1 and 26.5.27: it is the regularized incomplete beta function
    ``I_x(degrees/2, 1/2)`` at ``x = degrees / (degrees + t^2)``.

    Examples
    --------
    >>> round(two_sided_p(2.776445, 4), 6)
    0.05
    """
    if isnan(t):
        return nan
    if t in (inf, -inf):
        return 0.0
    square = t * t
    return _incomplete_beta(degrees / 2.0, 0.5, degrees / (degrees + square), square / (degrees + square))


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Return I_x(a, b); `rest` is 1 - x, without its rounding."""
    if x == 0.0 or rest == 0.0:
        return 0.0 if x == 0.0 else 1.0
    logarithm = log1p(-rest) if rest < 0.5 else log(x)
    other = log1p(-x) if x < 0.5 else log(rest)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * logarithm + b * other)
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _continued_fraction(a, b, x) / a
    return 1.0 - front * _continued_fraction(b, a, rest) / b


def _continued_fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method."""
    c, d = 1.0, 1.0 / _away(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, ROUNDS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for coefficient in (even, odd):
            d = 1.0 / _away(1.0 + coefficient * d)
            c = _away(1.0 + coefficient / c)
            factor = c * d
            value *= factor
        if abs(factor - 1.0) < PRECISION:
            break
    return value


def _away(value: float) -> float:
    """Return a value that may be divided by."""
    return value if abs(value) > TINY else TINY
