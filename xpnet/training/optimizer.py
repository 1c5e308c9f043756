"""What an optimizer is: from gradients to the next parameters.

An optimizer is a pair of pure functions.  Its rule is written once for one array w with gradient g, and its state is
a value: the number of steps taken, and arrays shaped like the parameters.  Hyper-parameters are numbers, or arrays of
shape (k,), one value for each network of a stack; `eta` may also be a schedule, a function of the step (0, 1, 2, …).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, NamedTuple, TypeAlias

from xpnet.backend import Array, namespace
from xpnet.trees import expand, leaves, map_arrays, rebuild

Rule: TypeAlias = Callable[..., tuple[Array, ...]]  # rule(w, g, *slots, t=..., eta=..., ...) -> (w, *slots)


BELOW_ONE = ("mu", "beta1", "beta2", "rho")  # how slowly something forgets


class OptimizerState(NamedTuple):
    """What an optimizer remembers between steps."""

    t: int  # steps taken
    slots: tuple[Any, ...]  # each shaped like the parameters


@dataclass(frozen=True)
class Optimizer:
    """How parameters move: a state before the first step (`init`), and one step (`update`), both pure.

    Made by `sgd` and the others of `xpnet.training.optimizers`.

    Attributes
    ----------
    name : str
    settings : mapping
        Hyper-parameters by name; `eta` is always among them.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet import sgd
    >>> optimizer = sgd(eta=0.5)
    >>> w = (np.asarray([1.0, 2.0]),)
    >>> w, state = optimizer.update((np.asarray([1.0, -1.0]),), optimizer.init(w), w)
    >>> w, state.t
    ((array([0.5, 2.5]),), 1)
    """

    name: str
    rule: Rule = field(repr=False)
    n_slots: int = field(repr=False)
    settings: Mapping[str, Any]

    def init(self, parameters: Any) -> OptimizerState:
        """Return the state before the first step."""
        zeros = map_arrays(lambda w: namespace(w).zeros_like(w), parameters)
        return OptimizerState(0, (zeros,) * self.n_slots)

    def update(self, gradients: Any, state: OptimizerState, parameters: Any) -> tuple[Any, OptimizerState]:
        """Return the parameters after one step, and the state after it."""
        settings = {**self.settings, "eta": self.eta(state.t), "t": state.t + 1}
        stacked = any(hasattr(h, "shape") for h in settings.values())
        moved = [
            self.rule(w, g, *slots, **({k: expand(h, w) for k, h in settings.items()} if stacked else settings))
            for w, g, *slots in zip(leaves(parameters), leaves(gradients), *map(leaves, state.slots), strict=True)
        ]
        new, *slots = (rebuild(parameters, iter(column)) for column in zip(*moved, strict=True))
        return new, OptimizerState(state.t + 1, tuple(slots))

    def eta(self, t: int) -> Any:
        """Return the learning rate of the step after `t` steps."""
        eta = self.settings["eta"]
        return eta(t) if callable(eta) else eta

    def scaled(self, factor: float) -> "Optimizer":
        """Return this optimizer with its learning rate multiplied by `factor`."""
        if factor == 1.0:
            return self
        eta = self.settings["eta"]
        changed = (lambda t: factor * eta(t)) if callable(eta) else factor * eta
        return replace(self, settings={**self.settings, "eta": changed})


def make_optimizer(name: str, rule: Rule, n_slots: int, **settings: Any) -> Optimizer:
    """Return the optimizer with this rule, its hyper-parameters checked.

    Parameters
    ----------
    name : str
    rule : callable
        ``rule(w, g, *slots, t, **settings) -> (w, *slots)`` for one array, t = 1, 2, …
    n_slots : int
        Arrays like w that the rule remembers; they begin as zeros.
    **settings : number, Array of shape (k,), or schedule (eta only)
    """
    for setting, h in settings.items():
        if hasattr(h, "shape") or (setting == "eta" and callable(h)):
            continue
        if not isinstance(h, int | float) or isinstance(h, bool):
            raise TypeError(f"{setting} must be a number, an array or (eta) a schedule, got {h!r}")
        high = 1.0 if setting in BELOW_ONE else float("inf")
        if not (isfinite(h) and 0.0 <= h < high):
            limit = " and below 1" if high == 1.0 else ""
            raise ValueError(f"{setting} must be finite, at least 0{limit}, got {h}")
    return Optimizer(name, rule, n_slots, settings)
