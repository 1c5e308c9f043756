"""Arguments of which each network has its own: lists of one length, or one value for all."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from xpnet.backend import to_numpy
from xpnet.checks import whole
from xpnet.training.optimizing.optimizer import Optimizer, check_setting


def spread_out(**arguments: Any) -> tuple[int, dict[str, list[Any]]]:
    """Return the number of networks, and for each argument a list with a value for each network.

    Parameters
    ----------
    **arguments
        A list, a tuple, an iterator or an array (k, ...) holds one value for each network; anything else is for all of
        them.  ``seeds`` may be a whole number k, ``splits`` must hold one for each; an optimizer whose settings are
        arrays (k,) becomes k optimizers.

    Raises
    ------
    TypeError, ValueError
        If there is no list, lists differ in length, or one is empty.

    Examples
    --------
    >>> spread_out(seeds=2, l2=0.5)
    (2, {'seeds': [0, 1], 'l2': [0.5, 0.5]})
    """
    found = {name: _listed(name, value) for name, value in arguments.items()}
    lengths = {name: len(values) for name, values in found.items() if values is not None}
    if not lengths:
        others = ", ".join(name for name in arguments if name != "seeds")
        raise ValueError(f"seeds must say how many networks to train, or one of {others} must be a list")
    first, k = next(iter(lengths.items()))
    for name, length in lengths.items():
        if length != k:
            raise ValueError(f"{name} must hold a value for each network, {k} as {first} says, got {length}")
    if k == 0:
        raise ValueError(f"{first} must hold at least one network, got none")
    return k, {name: [arguments[name]] * k if values is None else values for name, values in found.items()}


def _listed(name: str, value: Any) -> list[Any] | None:
    """Return the values of the networks, or None if there is one for all."""
    if name == "seeds" and value is not None and not _is_list(value):
        return list(range(whole("seeds", value, 1)))
    if name == "splits" and value is not None and not _is_list(value):
        told = value if isinstance(value, str | int | float) else f"a {type(value).__name__}"
        raise TypeError(f"splits must be a sequence of pairs (training rows, validation rows), got {told}")
    if isinstance(value, Optimizer):
        return _optimizers(value)
    return list(to_numpy(value).tolist() if hasattr(value, "shape") else value) if _is_list(value) else None


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple | range | Iterator) or bool(getattr(value, "shape", ()))


def _optimizers(optimizer: Optimizer) -> list[Optimizer] | None:
    """Return an optimizer for each network if settings are arrays, else None."""
    settings: Mapping[str, Any] = optimizer.settings
    arrays = {name: _numbers(name, h) for name, h in settings.items() if getattr(h, "shape", ())}
    if not arrays:
        return None
    k = len(next(iter(arrays.values())))
    for name, values in arrays.items():
        if len(values) != k:
            raise ValueError(f"{name} must hold {k} values, as {next(iter(arrays))} does, got {len(values)}")
    return [
        replace(optimizer, settings={**settings, **{name: values[i] for name, values in arrays.items()}})
        for i in range(k)
    ]


def _numbers(name: str, h: Any) -> list[float]:
    """Return the values of a setting that is an array (k,), each checked as a single number is."""
    values = to_numpy(h)
    if values.ndim != 1:
        raise ValueError(f"{name} must be a number or hold one for each network, shape (k,), got shape {values.shape}")
    return [check_setting(f"{name}[{i}]", name, value) for i, value in enumerate(values.tolist())]
