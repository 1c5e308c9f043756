"""Alternating least squares: all items' factors are solved exactly for fixed users, then all users' for fixed items.

``minimize 1/2 sum (y - p_u . q_i)^2 + lambda/2 (|P|_F^2 + |Q|_F^2)``.  |Z|_* is the minimum of
``1/2 (|P|_F^2 + |Q|_F^2)`` over all Z = P Q^T, so with enough factors the minimum is that of SoftImpute.
"""

from collections.abc import Callable
from math import inf
from typing import NamedTuple

from xpnet.backend import Array, Backend, is_linalg_error, namespace, quiet
from xpnet.recommend.algorithms.observed import Observed
from xpnet.recommend.algorithms.plan import BlockPlan, pairs, ridge


class Factors(NamedTuple):
    """A vector for each user and each item; the inner product of two is an estimate."""

    p: Array  # (n_users, k)
    q: Array  # (n_items, k)

    def predict(self, users: Array, items: Array) -> Array:
        """Return the estimates at row numbers `users` and `items`, (n,)."""
        return pairs(self.p, self.q, users, items)


def random_factors(observed: Observed, k: int, backend: Backend, seed: int = 0, size: float = 1.0) -> Factors:
    """Return random factors, the same on every backend, whose products are small beside values of `size`."""
    rng, deviation = backend.rng(seed), 0.1 * size**0.5
    p, q = (backend.asarray(deviation * rng.standard_normal((n, k))) for n in observed.shape)
    return Factors(p, q)


def improved(observed: Observed, factors: Factors, lam: float, counted: bool = False) -> Factors:
    """Return the factors after one iteration: all items given the users, then all users given the items.

    So each user's factors are those that the items' factors determine, as for a newcomer.

    Parameters
    ----------
    observed : Observed
    factors : Factors
    lam : float
        Above 0.
    counted : bool
        Whether lambda is multiplied by the number of ratings of each row: a weighted trace norm, not the nuclear one.

    References
    ----------
    Srebro, Rennie and Jaakkola, NIPS 2004 (the factored norm); Zhou et al., doi:10.1007/978-3-540-68880-8_32
    (counted).
    """
    q = ridge(observed.by_item, observed.values, factors.p, _penalty(observed.by_item, lam, counted))
    p = ridge(observed.by_user, observed.values, q, _penalty(observed.by_user, lam, counted))
    return Factors(p, q)


def objective(observed: Observed, factors: Factors, lam: float, counted: bool = False) -> float:
    """Return ``1/2 sum (y - p . q)^2 + 1/2 sum lambda_u |p_u|^2 + 1/2 sum lambda_i |q_i|^2``."""
    gaps = observed.values - factors.predict(observed.users, observed.items)
    xp, total = namespace(gaps), 0.0
    for x, plan in ((factors.p, observed.by_user), (factors.q, observed.by_item)):
        total += float(xp.sum(_penalty(plan, lam, counted) * xp.sum(x * x, axis=-1)))
    return 0.5 * (float(xp.sum(gaps * gaps)) + total)


def improved_implicit(observed: Observed, factors: Factors, lam: float, alpha: float) -> Factors:
    """Return the factors after one iteration on implicit feedback: every pair counts, with a weight by its value.

    Notes
    -----
    ``minimize sum over all pairs c (t - p . q)^2 + lambda (|P|^2 + |Q|^2)``, with t = 1 and c = 1 + alpha value for
    observed pairs (values above 0), t = 0 and c = 1 for all others.  The others enter through Q^T Q alone.

    References
    ----------
    Hu, Koren and Volinsky, doi:10.1109/ICDM.2008.22.
    """
    more = alpha * observed.values  # c - 1
    by_user, by_item = observed.by_user, observed.by_item
    q = ridge(by_item, 1.0 + more, factors.p, _penalty(by_item, lam, False), more, factors.p.mT @ factors.p)
    p = ridge(by_user, 1.0 + more, q, _penalty(by_user, lam, False), more, q.mT @ q)
    return Factors(p, q)


def implicit_objective(observed: Observed, factors: Factors, lam: float, alpha: float) -> float:
    """Return the objective of `improved_implicit`; pairs without feedback enter through P^T P and Q^T Q."""
    p, q = factors
    xp, more = namespace(p), alpha * observed.values
    z = factors.predict(observed.users, observed.items)
    everywhere = xp.sum((p.mT @ p) * (q.mT @ q))  # sum of z^2 over all pairs
    there = xp.sum((1.0 + more) * (1.0 - z) ** 2 - z * z)
    return float(everywhere + there + lam * (xp.sum(p * p) + xp.sum(q * q)))


def descended(
    factors: Factors,
    improved: Callable[[Factors], Factors],
    objective: Callable[[Factors], float],
    iterations: int,
    tol: float,
    lam: float,
) -> tuple[Factors, tuple[float, ...]]:
    """Return the factors after the iterations, and the objective after each.

    Iterations end when the objective falls by no more than `tol` of itself.

    Raises
    ------
    ValueError
        If the objective rises or is not finite.  Exact steps never raise it, so lambda is too small for the precision
        in rows with fewer ratings than factors.
    """
    xp = namespace(factors.p)
    rounding = 100.0 * float(xp.finfo(factors.p.dtype).eps) * objective(Factors(*(0.0 * x for x in factors)))
    seen: list[float] = []
    for _ in range(iterations):
        factors, now = _step(factors, improved, objective)
        seen.append(now)
        if not seen[-1] < inf or (len(seen) > 1 and seen[-1] > 1.001 * seen[-2] + rounding):
            raise ValueError(f"lam must be larger for these ratings in {factors.p.dtype}, got {lam}: the fit diverges")
        if len(seen) > 1 and seen[-2] - seen[-1] <= tol * seen[-1]:
            break
    return factors, tuple(seen)


def check_lambda(observed: Observed, factors: Factors, lam: float) -> None:
    """Refuse a lambda below rounding if some row has fewer ratings than factors: only lambda makes it solvable."""
    xp, k = namespace(factors.p), factors.p.shape[-1]
    eps = float(xp.finfo(factors.p.dtype).eps)
    for x, plan in ((factors.q, observed.by_user), (factors.p, observed.by_item)):
        least = eps * float(xp.max(xp.sum(x * x, axis=-1)))
        if lam < least and bool(xp.any((plan.lengths > 0.0) & (plan.lengths < k))):
            raise ValueError(f"lam must be at least {least:.1e} for these ratings in {x.dtype}, got {lam}")


def _step(
    factors: Factors, improved: Callable[[Factors], Factors], objective: Callable[[Factors], float]
) -> tuple[Factors, float]:
    """Return the factors after an iteration and their objective, which is infinite if a system is singular."""
    with quiet():
        try:
            factors = improved(factors)
        except Exception as error:
            if not is_linalg_error(error):
                raise
            return factors, inf
        return factors, objective(factors)


def _penalty(plan: BlockPlan, lam: float, counted: bool) -> Array:
    xp = namespace(plan.lengths)
    return lam * plan.lengths if counted else lam * xp.ones_like(plan.lengths)
