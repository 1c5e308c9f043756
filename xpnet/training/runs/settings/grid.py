"""The settings that a grid stands for: all combinations of its axes, or random draws from them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import product
from math import prod
from random import Random
from typing import Any, TypeAlias

from xpnet.checks import whole

Setting: TypeAlias = dict[str, Any]
Axis: TypeAlias = tuple[Any, ...] | Callable[[float], Any]


def settings_of(grid: Any, draws: int | None, seed: int, known: Collection[str]) -> list[Setting]:
    """Return the settings of a grid, in order: the last axis changes fastest.

    Parameters
    ----------
    grid : mapping, or sequence of mappings
        Values or a distribution by name.  Of several grids the settings follow one another; a draw takes one of them.
    draws : int or None
        How many settings are drawn at random; None takes all combinations.  From values only, no combination is drawn
        twice.
    seed : int
        Of the draws.  More draws begin with the same settings if there is a distribution.
    known : collection of str
        The names that an axis may have.

    Examples
    --------
    >>> settings_of({"eta": [0.1, 0.5], "l2": [0, 5]}, None, 0, {"eta", "l2"})
    [{'eta': 0.1, 'l2': 0}, {'eta': 0.1, 'l2': 5}, {'eta': 0.5, 'l2': 0}, {'eta': 0.5, 'l2': 5}]
    """
    grids = [_checked(each, known) for each in _several(grid)]
    open_ended = [name for axes in grids for name, axis in axes.items() if callable(axis)]
    if draws is None:
        if open_ended:
            raise ValueError(f"draws must say how many settings to draw, since {open_ended[0]} has a distribution")
        settings = [setting for axes in grids for setting in _combinations(axes)]
    else:
        draws, seed = whole("draws", draws, 1), whole("draw_seed", seed, 0)
        settings = _drawn(grids, draws, seed) if open_ended else _sampled(grids, draws, seed)
    return settings


def in_words(setting: Setting) -> str:
    """Return a setting as text.

    Examples
    --------
    >>> in_words({"eta": 0.5, "hidden": (30, 10), "optimizer": "adam"})
    'eta=0.5 hidden=30x10 optimizer=adam'
    """
    return " ".join(f"{name}={value_in_words(value)}" for name, value in setting.items()) or "as given"


def value_in_words(value: Any) -> str:
    """Return a value of a setting as text: numbers with six digits, sizes of layers with a cross between them."""
    if isinstance(value, bool | int | str) or value is None:
        return str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple | list):
        return "x".join(map(value_in_words, value)) or "0"
    if hasattr(value, "sizes") and hasattr(value, "hidden"):  # a network
        return "/".join(["-".join(map(str, value.sizes)), *dict.fromkeys(f.name for f in value.hidden)])
    return str(getattr(value, "name", value))


def _several(grid: Any) -> list[Any]:
    if isinstance(grid, Mapping):
        return [grid]
    if isinstance(grid, str) or not isinstance(grid, Iterable):
        raise TypeError(f"grid must be a mapping of names to values, or several of them, got {type(grid).__name__}")
    grids = list(grid)
    if not grids:
        raise ValueError("grid must hold at least one mapping, got none")
    return grids


def _checked(grid: Any, known: Collection[str]) -> dict[str, Axis]:
    if not isinstance(grid, Mapping):
        raise TypeError(f"grid must be a mapping of names to values, or several of them, got a {type(grid).__name__}")
    for name in grid:
        if name not in known:
            near = get_close_matches(str(name), list(known), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(f"grid must name {', '.join(sorted(known))}, got {name!r}{hint}")
    return {name: _axis(name, values) for name, values in grid.items()}


def _axis(name: str, values: Any) -> Axis:
    """Return a distribution as its quantile function, values as a tuple."""
    if hasattr(values, "ppf"):  # of SciPy
        discrete = hasattr(values.dist, "pmf") if hasattr(values, "dist") else hasattr(values, "pmf")
        return lambda u: (int if discrete else float)(values.ppf(u))
    if callable(values) and not isinstance(values, Iterable):
        return values
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise TypeError(f"grid must have several values or a distribution for {name}, got {values!r}")
    axis = tuple(plain_value(value) for value in values)
    if not axis:
        raise ValueError(f"grid must have at least one value for {name}, got none")
    repeated = next((value for i, value in enumerate(axis) if value in axis[:i]), None)
    if repeated is not None:
        raise ValueError(f"grid must have values that differ for {name}, got {value_in_words(repeated)} twice")
    return axis


def plain_value(value: Any) -> Any:
    """Return a number of NumPy's as one of Python's, a list or an array as a tuple, and anything else as it is."""
    if isinstance(value, list | tuple):
        return tuple(map(plain_value, value))
    if hasattr(value, "tolist"):
        value = value.tolist()
        return tuple(value) if isinstance(value, list) else value
    return value


def _combinations(axes: dict[str, Any]) -> Iterator[Setting]:
    for values in product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def _sampled(grids: list[dict[str, Any]], draws: int, seed: int) -> list[Setting]:
    """Return `draws` of all combinations, none of them twice; the list of all is never made."""
    sizes = [prod(map(len, axes.values())) for axes in grids]
    if draws > sum(sizes):
        raise ValueError(f"draws must be at most the number of settings {sum(sizes)}, got {draws}")
    settings = []
    for place in sorted(_without_repetition(draws, sum(sizes), seed)):
        number, rest = 0, place
        while rest >= sizes[number]:
            number, rest = number + 1, rest - sizes[number]
        settings.append(_numbered(grids[number], rest))
    return settings


def _without_repetition(k: int, n: int, seed: int) -> set[int]:
    """Return k of the numbers below n, by Floyd's algorithm; only `random` gives equal numbers on every Python."""
    rng, chosen = Random(f"{seed}/settings"), set[int]()
    for last in range(n - k, n):
        number = int(rng.random() * (last + 1))
        chosen.add(last if number in chosen else number)
    return chosen


def _numbered(axes: dict[str, Any], number: int) -> Setting:
    """Return the setting with this number in the order of `_combinations`."""
    setting: Setting = {}
    for name, axis in reversed(axes.items()):
        number, place = divmod(number, len(axis))
        setting[name] = axis[place]
    return {name: setting[name] for name in axes}


def _drawn(grids: list[dict[str, Axis]], draws: int, seed: int) -> list[Setting]:
    """Return settings whose axes are drawn independently; each has random numbers of its own."""
    settings = []
    for i in range(draws):
        axes = grids[int(_share(seed, "grid", i) * len(grids))]
        settings.append({name: _at(axis, _share(seed, f"axis {name}", i)) for name, axis in axes.items()})
    return settings


def _at(axis: Axis, u: float) -> Any:
    return plain_value(axis(u)) if callable(axis) else axis[int(u * len(axis))]


def _share(seed: int, what: str, i: int) -> float:
    """Return a number that is uniformly distributed in [0, 1): the same on every machine."""
    return Random(f"{seed}/{what}/{i}").random()
