"""How long a training will take, told before it starts if it is more than a minute."""

import time
from collections.abc import Callable

from xpnet.backend import Backend
from xpnet.nn import Network

LONG = 1e12  # floating-point operations; fewer take seconds, and are not estimated
OPERATIONS = 6.0  # for each weight and example of a step: forward 2, backward 4
OVERHEAD = 2.0  # times the products: what else a step does; between 1.4 and 2.5 where it was measured
SIDE = 256  # of the matrices whose product is timed
MINUTE = 60.0


def plan_line(
    network: Network,
    n: int,
    epochs: int,
    backend: Backend,
    *,
    fast: bool = False,
    clock: Callable[[], float] = time.perf_counter,
) -> str | None:
    """Return a line with the time that a training will take, or None if it is less than a minute.

    Parameters
    ----------
    network : Network
    n : int
        Examples of an epoch, those of all networks together.
    epochs : int
    backend : Backend
        A few of its matrix products are timed.
    fast : bool
        Whether the fast way is chosen already.
    clock : callable
        Gives seconds.

    Examples
    --------
    >>> from xpnet.backend import get
    >>> plan_line(Network([10, 30, 1]), 1000, 30, get("numpy")) is None
    True
    """
    weights = sum(n_in * n_out for n_in, n_out in zip(network.sizes[:-1], network.sizes[1:], strict=True))
    operations = OPERATIONS * weights * n * epochs
    if operations < LONG:
        return None
    seconds = OVERHEAD * operations / _speed(backend, clock)
    if seconds < MINUTE:
        return None
    shorter = "" if fast else "; --fast gives a first look sooner, --members 1 takes one network"
    return f"plan     about {_in_words(seconds)}{shorter}"


def _speed(backend: Backend, clock: Callable[[], float]) -> float:
    """Return floating-point operations a second of a matrix product: the best of a few."""
    a = backend.full((SIDE, SIDE), 0.5)
    best = float("inf")
    for _ in range(10):
        began = clock()
        a @ a
        backend.synchronize()
        best = min(best, clock() - began)
    return 2.0 * SIDE**3 / max(best, 1e-9)


def _in_words(seconds: float) -> str:
    """Return a time in minutes or hours, roughly.

    Examples
    --------
    >>> _in_words(130.0), _in_words(9000.0)
    ('2 minutes', '2.5 hours')
    """
    if seconds < 90.0 * MINUTE:
        minutes = max(1, round(seconds / MINUTE))
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{seconds / MINUTE / 60.0:.2g} hours"
