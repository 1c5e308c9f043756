"""Alternating least squares: all items' factors are solved for fixed users, then all users' for fixed items."""

from collections.abc import Callable
from math import inf

from xpnet.backend import Array, Backend, is_linalg_error, namespace, quiet
from xpnet.recommend.algorithms.observed import Observed
from xpnet.recommend.algorithms.problems import Factors, Problem
from xpnet.recommend.algorithms.systems import Systems, approach, solve


def random_factors(observed: Observed, k: int, backend: Backend, seed: int = 0, size: float = 1.0) -> Factors:
    """Return random factors, the same on every backend, whose products are small beside values of `size`."""
    rng, deviation = backend.rng(seed), 0.1 * size**0.5
    p, q = (backend.asarray(deviation * rng.standard_normal((n, k))) for n in observed.shape)
    return Factors(p, q)


def improved(problem: Problem, factors: Factors, steps: int | None = None) -> Factors:
    """Return the factors after one iteration: all items given the users, then all users given the items.

    So each user's factors are those that the items' factors determine, as for a newcomer.

    Parameters
    ----------
    problem : Problem
        `Explicit` or `Implicit`.
    factors : Factors
    steps : int, optional
        Steps of conjugate gradients from the last factors.  Default: each half of the iteration is exact.
    """
    q = _solved(problem.of_items(factors.p), factors.q, steps)
    return Factors(_solved(problem.of_users(q), factors.p, steps), q)


def descended(
    problem: Problem,
    factors: Factors,
    iterations: int,
    tol: float,
    steps: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Factors, tuple[float, ...]]:
    """Return the factors after the iterations, and the objective after each.

    Iterations end when the objective falls by no more than `tol` of itself.  After conjugate gradients, the users'
    factors are solved once more, exactly: a newcomer with a user's ratings gets that user's factors.

    Raises
    ------
    ValueError
        If the objective rises or is not finite.  Exact steps never raise it, so lambda is too small for the precision
        in rows with fewer ratings than factors.
    """
    xp = namespace(factors.p)
    rounding = 100.0 * float(xp.finfo(factors.p.dtype).eps) * problem.value(Factors(*(0.0 * x for x in factors)))
    seen: list[float] = []
    for _ in range(iterations):
        factors, now = _changed(problem, factors, lambda last: improved(problem, last, steps))
        if seen and now > 1.001 * seen[-1] + rounding:
            raise _too_small(problem, factors)
        seen.append(now)
        if progress:
            progress(now)
        if len(seen) > 1 and seen[-2] - seen[-1] <= tol * seen[-1]:
            break
    if steps is not None:
        factors, _ = _changed(problem, factors, lambda last: last._replace(p=solve(problem.of_users(last.q))))
    return factors, tuple(seen)


def refitted(problem: Problem, factors: Factors, iterations: int) -> Factors:
    """Return factors that are near already, fitted to changed ratings: all users for fixed items, then iterations.

    So users who are new are folded in first, and items who are new are fitted by the first iteration.
    """
    factors, _ = _changed(problem, factors, lambda last: last._replace(p=solve(problem.of_users(last.q))))
    for _ in range(iterations):
        factors, _ = _changed(problem, factors, lambda last: improved(problem, last))
    return factors


def check_lambda(observed: Observed, factors: Factors, lam: float) -> None:
    """Refuse a lambda below rounding if some row has fewer ratings than factors: only lambda makes it solvable."""
    xp, k = namespace(factors.p), factors.p.shape[-1]
    eps = float(xp.finfo(factors.p.dtype).eps)
    for x, plan in ((factors.q, observed.by_user), (factors.p, observed.by_item)):
        least = eps * float(xp.max(xp.sum(x * x, axis=-1)))
        if lam < least and bool(xp.any((plan.lengths > 0.0) & (plan.lengths < k))):
            raise ValueError(f"lam must be at least {least:.1e} for these ratings in {x.dtype}, got {lam}")


def _changed(problem: Problem, factors: Factors, change: Callable[[Factors], Factors]) -> tuple[Factors, float]:
    """Return the changed factors and their objective; refuse a lambda for which a system is singular."""
    with quiet():
        try:
            factors = change(factors)
        except Exception as error:
            if not is_linalg_error(error):
                raise
            raise _too_small(problem, factors) from error
        now = problem.value(factors)
    if not now < inf:
        raise _too_small(problem, factors)
    return factors, now


def _too_small(problem: Problem, factors: Factors) -> ValueError:
    return ValueError(f"lam must be larger for these ratings in {factors.p.dtype}, got {problem.lam}: the fit diverges")


def _solved(systems: Systems, last: Array, steps: int | None) -> Array:
    return solve(systems) if steps is None else approach(systems, last, steps)
