"""What an optimizer is: from gradients to the next parameters.

An optimizer is a pair of pure functions.  Its rule is written for one array w with gradient g.  Its state is a value:
the number of steps taken, and arrays shaped like the parameters.  Hyper-parameters are numbers, or arrays of shape
(k,) with one value for each network of a stack; `eta` may also be a schedule, a function of the step (0, 1, 2, …).

Numbers that change from step to step (the learning rate, corrections that depend on t) are called step numbers.  They
are computed on the host for many steps at once (`tabulate`), so that a step does not need to know its number.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, NamedTuple, TypeAlias

from xpnet.backend import Array, Backend, namespace
from xpnet.checks import is_number, number
from xpnet.configured import Configured
from xpnet.trees import expand, leaves, map_arrays, rebuild

Rule: TypeAlias = Callable[..., tuple[Array, ...]]  # rule(w, g, *slots, eta=..., ...) -> (w, *slots)
StepNumbers: TypeAlias = Callable[..., dict[str, Any]]  # step_numbers(t=1, eta=..., ...) -> numbers of the first step

BELOW_ONE = ("mu", "beta1", "beta2", "rho")  # decay factors of running means


class OptimizerState(NamedTuple):
    """What an optimizer keeps between steps."""

    t: int  # steps taken
    slots: tuple[Any, ...]  # each shaped like the parameters


@dataclass(frozen=True)
class Optimizer:
    """How parameters move: a state before the first step (`init`), and one step (`update`), both pure.

    Made by `sgd` and the others of `xpnet.training.optimizers`.

    Attributes
    ----------
    name : str
    rule : callable
        As for `make_optimizer`.
    n_slots : int
        As for `make_optimizer`.
    settings : mapping
        Hyper-parameters by name; `eta` is always among them.
    step_numbers : callable or None
        As for `make_optimizer`.

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
    step_numbers: StepNumbers | None = field(default=None, repr=False)

    def init(self, parameters: Any) -> OptimizerState:
        """Return the state before the first step."""
        zeros = map_arrays(lambda w: namespace(w).zeros_like(w), parameters)
        return OptimizerState(0, (zeros,) * self.n_slots)

    def update(self, gradients: Any, state: OptimizerState, parameters: Any) -> tuple[Any, OptimizerState]:
        """Return the parameters after one step, and the state after it."""
        new, slots = self.move(gradients, state.slots, parameters, self.numbers(state.t))
        return new, OptimizerState(state.t + 1, slots)

    def move(
        self, gradients: Any, slots: tuple[Any, ...], parameters: Any, numbers: Mapping[str, Any]
    ) -> tuple[Any, tuple[Any, ...]]:
        """Return parameters and slots after a step with these step numbers: `update` without the count of steps."""
        settings = {**self.settings, **numbers}
        stacked = any(getattr(h, "shape", ()) for h in settings.values())
        moved = [
            self.rule(w, g, *memory, **({k: expand(h, w) for k, h in settings.items()} if stacked else settings))
            for w, g, *memory in zip(leaves(parameters), leaves(gradients), *map(leaves, slots), strict=True)
        ]
        new, *remembered = (rebuild(parameters, iter(column)) for column in zip(*moved, strict=True))
        return new, tuple(remembered)

    def numbers(self, t: int) -> dict[str, Any]:
        """Return the step numbers of the step after `t` steps: `eta`, and what the rule's `step_numbers` gives."""
        settings = {**self.settings, "eta": self.eta(t)}
        return {"eta": settings["eta"], **(self.step_numbers(t=t + 1, **settings) if self.step_numbers else {})}

    def eta(self, t: int) -> Any:
        """Return the learning rate of the step after `t` steps."""
        eta = self.settings["eta"]
        return _plain(eta(t)) if callable(eta) else eta

    def scaled(self, factor: float) -> "Optimizer":
        """Return this optimizer with its learning rate multiplied by `factor`."""
        if factor == 1.0:
            return self
        eta = self.settings["eta"]
        changed = Configured.of(_scaled, schedule=eta, factor=factor) if callable(eta) else factor * eta
        return replace(self, settings={**self.settings, "eta": changed})


def tabulate(optimizer: Optimizer, t: int, steps: int, backend: Backend) -> tuple[Array, ...]:
    """Return the numbers of the `steps` steps after `t`, each an array whose first axis is the step.

    Their names are those of ``optimizer.numbers(t)``, in that order.
    """
    if optimizer.step_numbers is None and not callable(optimizer.settings["eta"]):
        rows = [optimizer.numbers(t)] * steps
    else:
        rows = [optimizer.numbers(t + i) for i in range(steps)]
    columns = [[_plain(row[name]) for row in rows] for name in rows[0]]
    return tuple(_column(values, backend) for values in columns)


def _column(values: list[Any], backend: Backend) -> Array:
    """Return the numbers of many steps as an array, shape (steps,); shape (steps, k) for a stack."""
    if not any(hasattr(value, "shape") for value in values):
        return backend.asarray([float(value) for value in values])
    return backend.xp.stack([backend.asarray(value) for value in values])


def _plain(value: Any) -> Any:
    """Return a NumPy number or a 0-d array as a Python number, which does not change the dtype of arrays."""
    return float(value) if hasattr(value, "shape") and is_number(value) else value


def _scaled(t: int, schedule: Callable[[int], Any], factor: float) -> Any:
    return factor * _plain(schedule(t))


def make_optimizer(
    name: str, rule: Rule, n_slots: int, *, step_numbers: StepNumbers | None = None, **settings: Any
) -> Optimizer:
    """Return the optimizer with this rule, its hyper-parameters checked.

    Parameters
    ----------
    name : str
    rule : callable
        ``rule(w, g, *slots, **settings) -> (w, *slots)`` for one array.
    n_slots : int
        How many arrays like w the rule keeps between steps; they start as zeros.
    step_numbers : callable, optional
        ``step_numbers(t=t, **settings)`` returns further hyper-parameters of step t = 1, 2, … by name.
    **settings : number, Array of shape (k,), or schedule (eta only)

    Examples
    --------
    >>> plain = make_optimizer("plain", lambda w, g, eta: (w - eta * g,), 0, eta=0.1)
    >>> plain.name, plain.settings["eta"]
    ('plain', 0.1)
    """
    checked = {setting: check_setting(setting, setting, h) for setting, h in settings.items()}
    return Optimizer(name, rule, n_slots, checked, step_numbers)


def check_setting(name: str, setting: str, h: Any) -> Any:
    """Return a value of a setting: a number in its range, an array, or (eta) a schedule; messages call it `name`."""
    if getattr(h, "shape", ()) != () or (setting == "eta" and callable(h)):
        return h
    if not is_number(h):
        raise TypeError(f"{name} must be a number, an array or (eta) a schedule, got {h!r}")
    return number(name, h, below=1.0 if setting in BELOW_ONE else inf)
