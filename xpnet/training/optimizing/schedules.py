"""Schedules: how the learning rate changes with the step, counted from 0.

A schedule is a function of the step, given to an optimizer in place of a number: ``sgd(eta=step(0.5, every=100))``.
Steps are mini-batches, not epochs: an epoch has ``ceil(n / batch_size)`` of them.
"""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from xpnet.backend import namespace

Schedule: TypeAlias = Callable[[Any], Any]


def constant(eta: float) -> Schedule:
    """Return the schedule that stays at `eta`.

    Examples
    --------
    >>> constant(0.1)(1000)
    0.1
    """
    _check(eta=eta)
    return lambda _: eta


def step(eta: float, every: int, factor: float = 0.1) -> Schedule:
    """Return the schedule that multiplies by `factor` after every `every` steps.

    Examples
    --------
    >>> [round(step(0.1, every=3)(t), 6) for t in range(7)]
    [0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001]
    """
    _check(eta=eta, every=every, factor=factor)
    return lambda t: eta * factor ** (t // every)


def exponential(eta: float, factor: float, every: float = 1) -> Schedule:
    """Return the schedule ``eta * factor^(t / every)``.

    Examples
    --------
    >>> round(exponential(0.05, 0.96, every=10)(5), 6)
    0.04899
    """
    _check(eta=eta, every=every, factor=factor)
    return lambda t: eta * factor ** (t / every)


def cosine(eta: float, steps: int, least: float = 0.0, *, repeat: bool = False) -> Schedule:
    """Return half a cosine from `eta` down to `least` in `steps` steps.

    Parameters
    ----------
    eta, least : float
    steps : int
    repeat : bool, optional
        Whether it rises again after that, as PyTorch's does; else it stays at `least`, as Keras's.

    References
    ----------
    Loshchilov and Hutter, arXiv:1608.03983, equation 5.

    Examples
    --------
    >>> [round(cosine(0.1, 4, least=0.01)(t), 4) for t in range(6)]
    [0.1, 0.0868, 0.055, 0.0232, 0.01, 0.01]
    """
    _check(eta=eta, steps=steps, least=least)
    return lambda t: least + 0.5 * (eta - least) * (1.0 + _cos(math.pi / steps * (t if repeat else _min(t, steps))))


def inverse_scaling(eta: float, power: float = 0.5, every: float = 1) -> Schedule:
    """Return the schedule ``eta / (1 + t / every)^power``.

    With ``every=1`` it is scikit-learn's ``invscaling``; with ``power=1`` Keras's inverse time decay.

    Examples
    --------
    >>> [round(inverse_scaling(0.1)(t), 4) for t in (0, 3, 8)]
    [0.1, 0.05, 0.0333]
    """
    _check(eta=eta, power=power, every=every)
    return lambda t: eta / (1.0 + t / every) ** power


def warm_up(schedule: Schedule | float, steps: int, start: float = 0.0) -> Schedule:
    """Return `schedule` multiplied by a factor that rises evenly from `start` to 1 in `steps` steps.

    Examples
    --------
    >>> [round(warm_up(0.1, 4, start=0.25)(t), 5) for t in range(6)]
    [0.025, 0.04375, 0.0625, 0.08125, 0.1, 0.1]
    """
    _check(steps=steps, start=start)
    inner = schedule if callable(schedule) else constant(schedule)
    return lambda t: inner(t) * (start + (1.0 - start) * _min(t, steps) / steps)


def _cos(x: Any) -> Any:
    return namespace(x).cos(x) if hasattr(x, "shape") else math.cos(x)


def _min(t: Any, steps: int) -> Any:
    return namespace(t).minimum(t, steps) if hasattr(t, "shape") else min(t, steps)


def _check(**settings: Any) -> None:
    for name, value in settings.items():
        positive = name in ("every", "steps", "factor")
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise TypeError(f"{name} must be a number, got {value!r}")
        if not math.isfinite(value) or value < 0 or (positive and value == 0):
            raise ValueError(f"{name} must be finite and {'above' if positive else 'at least'} 0, got {value}")
