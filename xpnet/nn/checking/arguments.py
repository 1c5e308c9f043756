"""Checks of the arguments of a network; names are looked up."""

from collections.abc import Iterable, Sequence
from operator import index
from typing import Any

from xpnet.checks import is_number
from xpnet.nn.activations import ACTIVATIONS, Activation


def check_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    """Return neurons per layer, inputs first."""
    try:
        checked = tuple(index(n) for n in sizes)
    except TypeError:
        raise TypeError(f"sizes must be a sequence of integers, got {sizes!r}") from None
    if len(checked) < 2 or min(checked) < 1:
        raise ValueError(f"sizes must name two or more layers of at least one neuron, got {list(checked)}")
    return checked


def look_up(given: Any, table: dict[str, Any], kind: type, name: str) -> Any:
    """Return `given`, or the entry of `table` with that name."""
    if isinstance(given, kind):
        return given
    if not isinstance(given, str):
        raise TypeError(f"{name} must be a name or an instance of {kind.__name__}, got {given!r}")
    if given not in table:
        raise ValueError(f"{name} must be one of {', '.join(table)}, got {given!r}")
    return table[given]


def check_hidden(hidden: Any, n: int) -> tuple[Activation, ...]:
    """Return the activations of n hidden layers."""
    several = isinstance(hidden, Iterable) and not isinstance(hidden, str | Activation)
    fs = tuple(look_up(f, ACTIVATIONS, Activation, "hidden") for f in (hidden if several else [hidden] * n))
    if len(fs) != n:
        raise ValueError(f"hidden must name one activation or {n}, one for each hidden layer, got {len(fs)}")
    for f in fs:
        if not f.elementwise:
            raise ValueError(f"hidden must be elementwise, got {f.name!r}")
    return fs


def check_output(output: Activation, cost: Any, labels: str) -> None:
    """Refuse an output that the cost is not made for, or that cannot tell several labels."""
    if not cost.accepts(output):
        allowed = ", ".join(f.name for f in cost.outputs) or "an elementwise, differentiable activation"
        links = [f.link for f in cost.outputs if f.link]
        own = f" (one of your own says link={links[0]!r})" if links and output.link is None else ""
        raise ValueError(f"output must be {allowed} for cost {cost.name!r}, got {output.name!r}{own}")
    if labels not in ("one", "several"):
        raise ValueError(f"labels must be 'one' or 'several', got {labels!r}")
    if labels == "several" and (output.threshold is None or not output.elementwise):
        raise ValueError(f"labels must be 'one' for output {output.name!r}; several need sigmoid, or one like it")


def check_rates(dropout: Any, n: int) -> tuple[float, ...]:
    """Return the dropout of the inputs and of n hidden layers; one number is for the hidden layers only."""
    one = is_number(dropout)
    given = [dropout] if one else dropout
    if isinstance(given, str) or not isinstance(given, Iterable) or not all(map(is_number, given := tuple(given))):
        raise TypeError(f"dropout must be a number, or one for the inputs and each hidden layer, got {dropout!r}")
    if not all(0.0 <= rate < 1.0 for rate in given):
        raise ValueError(f"dropout must be at least 0 and below 1, got {dropout!r}")
    rates = (0.0, *[float(dropout)] * n) if one else tuple(map(float, given))
    if len(rates) != n + 1:
        raise ValueError(f"dropout must be one rate or {n + 1}, for the inputs and each hidden layer, got {len(rates)}")
    return rates
