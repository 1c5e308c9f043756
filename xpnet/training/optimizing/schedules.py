"""Schedules: how the learning rate changes with the step, counted from 0.

A schedule is a function of the step, given to an optimizer in place of a number: ``sgd(eta=step(0.5, every=100))``.
Steps are mini-batches, not epochs: an epoch has ``ceil(n / batch_size)`` of them.  Each schedule is a formula of the
step t, a number or an array, and of settings; schedules with equal settings are equal.
"""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from xpnet.backend import namespace
from xpnet.checks import number
from xpnet.configured import Configured

Schedule: TypeAlias = Callable[[Any], Any]


def constant(eta: float) -> Schedule:
    """Return the schedule that stays at `eta`.

    Examples
    --------
    >>> constant(0.1)(1000)
    0.1
    """
    return _made(_constant, eta=eta)


def _constant(_: Any, eta: float) -> Any:
    return eta


def step(eta: float, every: int, factor: float = 0.1) -> Schedule:
    """Return the schedule that multiplies by `factor` after every `every` steps.

    Examples
    --------
    >>> [round(step(0.1, every=3)(t), 6) for t in range(7)]
    [0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001]
    """
    return _made(_step, eta=eta, every=every, factor=factor)


def _step(t: Any, eta: float, every: int, factor: float) -> Any:
    return eta * factor ** (t // every)


def exponential(eta: float, factor: float, every: float = 1) -> Schedule:
    """Return the schedule ``eta * factor^(t / every)``.

    Examples
    --------
    >>> round(exponential(0.05, 0.96, every=10)(5), 6)
    0.04899
    """
    return _made(_exponential, eta=eta, factor=factor, every=every)


def _exponential(t: Any, eta: float, factor: float, every: float) -> Any:
    return eta * factor ** (t / every)


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
    return _made(_repeated_cosine if repeat else _cosine, eta=eta, steps=steps, least=least)


def _cosine(t: Any, eta: float, steps: int, least: float) -> Any:
    return _repeated_cosine(_min(t, steps), eta, steps, least)


def _repeated_cosine(t: Any, eta: float, steps: int, least: float) -> Any:
    return least + 0.5 * (eta - least) * (1.0 + _cos(math.pi / steps * t))


def restarts(eta: float, steps: float) -> Schedule:
    """Return half cosines from `eta` down to 0, one after another, each twice as long as the one before.

    After the first 1, 3, 7, 15, … times `steps` steps the rate is 0 and training may stop: what it has learned is then
    as good as a training of that length gives.

    Parameters
    ----------
    eta : float
    steps : float
        Length of the first half cosine.  k of them take ``steps * (2^k - 1)`` steps together.

    References
    ----------
    Loshchilov and Hutter, arXiv:1608.03983, equation 5, with T_mult = 2.

    Examples
    --------
    >>> [round(restarts(0.1, 2)(t), 3) for t in range(7)]
    [0.1, 0.05, 0.1, 0.085, 0.05, 0.015, 0.1]
    """
    return _made(_restarts, eta=eta, steps=steps)


def _restarts(t: Any, eta: float, steps: float) -> Any:
    place = t / steps + 1.0
    cycle = 2.0 ** _floor(_log2(place))
    return 0.5 * eta * (1.0 + _cos(math.pi * (place / cycle - 1.0)))


def one_cycle(eta: float, steps: int, rise: float = 0.3, start: float = 0.04, end: float = 4e-6) -> Schedule:
    """Return one rise to `eta` and one fall to nearly nothing, each half a cosine: the 1cycle policy.

    Parameters
    ----------
    eta : float
        The largest learning rate; it may be larger than a constant rate could be.
    steps : int
        Steps of the whole training: epochs times ``ceil(n / batch_size)``.  After them the rate stays.
    rise : float
        The share of the steps in which the rate rises, 0 to below 1.
    start, end : float
        The first and the last rate, as shares of `eta`.

    Notes
    -----
    These are the numbers of PyTorch's ``OneCycleLR`` with its defaults: ``start`` is 1 / div_factor, ``end`` is
    1 / (div_factor final_div_factor).

    References
    ----------
    Smith and Topin, arXiv:1708.07120.

    Examples
    --------
    >>> [round(one_cycle(0.1, 10)(t), 4) for t in range(11)]
    [0.004, 0.052, 0.1, 0.095, 0.0812, 0.0611, 0.0389, 0.0188, 0.005, 0.0, 0.0]
    """
    number("rise", rise, below=1.0)
    return _made(_one_cycle, eta=eta, steps=steps, rise=rise, start=start, end=end)


def _one_cycle(t: Any, eta: float, steps: int, rise: float, start: float, end: float) -> Any:
    peak = max(0.0, rise * steps - 1.0)
    risen = _half_wave(t, peak) if peak else 1.0
    fallen = _half_wave(t - peak, steps - 1.0 - peak or 1.0)
    return eta * (start + (1.0 - start) * risen) * (1.0 - fallen) + eta * end * fallen


def _half_wave(t: Any, span: float) -> Any:
    """Return half a cosine that rises from 0 at t = 0 to 1 at `span`, and is constant before and after."""
    return 0.5 - 0.5 * _cos(math.pi / span * _min(_max(t, 0.0), span))


def inverse_scaling(eta: float, power: float = 0.5, every: float = 1) -> Schedule:
    """Return the schedule ``eta / (1 + t / every)^power``.

    With ``every=1`` it is scikit-learn's ``invscaling``; with ``power=1`` Keras's inverse time decay.

    Examples
    --------
    >>> [round(inverse_scaling(0.1)(t), 4) for t in (0, 3, 8)]
    [0.1, 0.05, 0.0333]
    """
    return _made(_inverse_scaling, eta=eta, power=power, every=every)


def _inverse_scaling(t: Any, eta: float, power: float, every: float) -> Any:
    return eta / (1.0 + t / every) ** power


def warm_up(schedule: Schedule | float, steps: int, start: float = 0.0) -> Schedule:
    """Return `schedule` multiplied by a factor that rises evenly from `start` to 1 in `steps` steps.

    Examples
    --------
    >>> [round(warm_up(0.1, 4, start=0.25)(t), 5) for t in range(6)]
    [0.025, 0.04375, 0.0625, 0.08125, 0.1, 0.1]
    """
    inner = schedule if callable(schedule) else constant(schedule)
    return _made(_warm_up, steps=steps, start=start, schedule=inner)


def _warm_up(t: Any, steps: int, start: float, schedule: Schedule) -> Any:
    return schedule(t) * (start + (1.0 - start) * _min(t, steps) / steps)


def _cos(x: Any) -> Any:
    return namespace(x).cos(x) if hasattr(x, "shape") else math.cos(x)


def _log2(x: Any) -> Any:
    return namespace(x).log2(x) if hasattr(x, "shape") else math.log2(x)


def _floor(x: Any) -> Any:
    return namespace(x).floor(x) if hasattr(x, "shape") else math.floor(x)


def _min(t: Any, most: float) -> Any:
    return namespace(t).minimum(t, most) if hasattr(t, "shape") else min(t, most)


def _max(t: Any, least: float) -> Any:
    return namespace(t).maximum(t, least) if hasattr(t, "shape") else max(t, least)


def _made(formula: Callable[..., Any], **settings: Any) -> Schedule:
    """Return the schedule of a formula, its settings checked: numbers, or the schedule that it changes."""
    checked = {
        name: value if name == "schedule" else number(name, value, above=name in ("every", "steps", "factor"))
        for name, value in settings.items()
    }
    return Configured.of(formula, **checked)
