"""What a setting means: the network, the optimizer and the arguments of `train` that it changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any

from xpnet.checks import number, whole
from xpnet.nn import Network
from xpnet.training.batches.expansion import Expansion
from xpnet.training.model import Trainable
from xpnet.training.optimizing.optimizer import Optimizer, make_optimizer
from xpnet.training.optimizing.optimizers import OPTIMIZERS
from xpnet.training.runs.settings.grid import Setting, in_words
from xpnet.training.steps.arguments import check_clip, check_keep, check_network, check_optimizer, check_stopping

OF_NETWORK = ("network", "hidden", "activation", "dropout", "output", "cost")
# what may differ within a stack, and what may not
STACKED = ("l1", "l2")
SHARED = ("epochs", "batch_size", "max_norm", "clip", "expand", "class_weight", "stopping", "keep")


@dataclass(frozen=True)
class Recipe:
    """How to train: a network, an optimizer, and the other arguments of `train`.

    Attributes
    ----------
    network : Network
    optimizer : Optimizer
    stacked : mapping
        The arguments in which networks of a stack may differ.
    shared : mapping
        Those in which they may not.
    """

    network: Trainable
    optimizer: Optimizer
    stacked: Mapping[str, Any]
    shared: Mapping[str, Any]

    def stacks_with(self, other: "Recipe") -> bool:
        """Return whether networks of both recipes can be trained in one stack."""
        return self._kind() == other._kind()

    def _kind(self) -> tuple[Any, ...]:
        one, o = self.network, self.optimizer
        shape = (one.sizes, one.hidden, one.output, one.cost, one.labels) if isinstance(one, Network) else one
        return shape, o.name, o.rule, o.n_slots, o.step_numbers, set(o.settings), self.shared

    def with_inputs(self, n_in: int) -> "Recipe":
        """Return this recipe with a network of n_in inputs."""
        if not isinstance(self.network, Network) or self.network.sizes[0] == n_in:
            return self
        return replace(self, network=changed(self.network, n_in=n_in))


def known_names(optimizer: Any) -> set[str]:
    """Return the names that the axes of a grid may have; those of the optimizer's own settings are among them."""
    own = set(optimizer.settings) if isinstance(optimizer, Optimizer) else set()
    settings = {name for make in OPTIMIZERS.values() for name in signature(make).parameters}
    return {*OF_NETWORK, "optimizer", *settings, *own, *STACKED, *SHARED}


def recipe(network: Trainable, fixed: Mapping[str, Any], setting: Setting) -> Recipe:
    """Return the recipe of a setting; `fixed` are the arguments of `train` that hold where it says nothing.

    Examples
    --------
    >>> fixed = {"optimizer": "momentum", **dict.fromkeys(STACKED, 0.0), **dict.fromkeys(SHARED)}
    >>> fixed |= {"epochs": 30, "keep": "cost"}
    >>> made = recipe(Network([64, 30, 10]), fixed, {"hidden": (20, 20), "mu": 0.5, "epochs": 3})
    >>> made.network.sizes, made.optimizer.settings["mu"], made.shared["epochs"]
    ((64, 20, 20, 10), 0.5, 3)
    """
    try:
        return _recipe(network, fixed, setting)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{error}, in the setting {in_words(setting)}" if setting else str(error)) from error


def _recipe(network: Trainable, fixed: Mapping[str, Any], setting: Setting) -> Recipe:
    of_network = {name: setting[name] for name in OF_NETWORK if name in setting}
    network = of_network.pop("network", network)
    if of_network:
        if not isinstance(network, Network):
            raise TypeError(f"network must be a Network to change its {next(iter(of_network))}, got {network!r}")
        network = changed(network, **of_network)
    given = {**fixed, **{name: setting[name] for name in (*STACKED, *SHARED) if name in setting}}
    others = {"optimizer", *OF_NETWORK, *STACKED, *SHARED}
    own = {name: value for name, value in setting.items() if name not in others}
    optimizer = _optimizer(setting.get("optimizer", fixed["optimizer"]), own)
    stacked = {name: number(name, given[name]) for name in STACKED}
    check_keep(given["keep"], check_network(network).classifies)
    return Recipe(network, optimizer, stacked, _shared(given))


def _shared(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that a stack shares, checked as `train` would."""
    checked = {name: given[name] for name in SHARED}
    checked["epochs"] = whole("epochs", given["epochs"], 1)
    for name, check in (("clip", check_clip), ("stopping", check_stopping)):
        check(given[name])
    if given["batch_size"] is not None:
        checked["batch_size"] = whole("batch_size", given["batch_size"], 1)
    if given["max_norm"] is not None:
        checked["max_norm"] = number("max_norm", given["max_norm"], above=True)
    if given["expand"] is not None and not isinstance(given["expand"], Expansion):
        raise TypeError(f"expand must be an Expansion, got {given['expand']!r}")
    return checked


def _optimizer(given: Any, settings: Mapping[str, Any]) -> Optimizer:
    """Return an optimizer with some of its settings changed."""
    base = check_optimizer(given)
    if not settings:
        return base
    unknown = [name for name in settings if name not in base.settings]
    if unknown:
        raise ValueError(
            f"{unknown[0]} must be a setting of the optimizer: {base.name} has {', '.join(base.settings)} "
            "(several grids may have axes of their own)"
        )
    settings = {**base.settings, **settings}
    return make_optimizer(base.name, base.rule, base.n_slots, step_numbers=base.step_numbers, **settings)


def changed(
    network: Network,
    *,
    n_in: int | None = None,
    hidden: Any = None,
    activation: Any = None,
    dropout: Any = None,
    output: Any = None,
    cost: Any = None,
) -> Network:
    """Return a network with other sizes of its hidden layers, other activations, dropout, output or cost.

    Examples
    --------
    >>> changed(Network([64, 30, 10], hidden="tanh"), hidden=(20, 20)).hidden[1].name
    'tanh'
    """
    layers = network.sizes[1:-1] if hidden is None else _layers(hidden)
    same_number = len(layers) == len(network.hidden)
    if activation is None:
        activation = network.hidden if same_number else _one("activation", network.hidden, "sigmoid")
    if dropout is None:
        first, *rest = network.dropout
        dropout = network.dropout if same_number else (first, *[_one("dropout", rest, 0.0)] * len(layers))
    if output is None and (cost is None or network.output != network.cost.output):
        output = network.output
    return Network(
        [network.sizes[0] if n_in is None else n_in, *layers, network.sizes[-1]],
        hidden=activation,
        output=output,
        cost=network.cost if cost is None else cost,
        dropout=dropout,
        labels=network.labels,
    )


def _layers(hidden: Any) -> tuple[int, ...]:
    """Return the sizes of hidden layers; a number is one layer, 0 is none."""
    if not isinstance(hidden, tuple | list):
        size = whole("hidden", hidden, 0)
        return (size,) if size else ()
    return tuple(whole("hidden", size, 1) for size in hidden)


def _one(name: str, values: Sequence[Any], otherwise: Any) -> Any:
    """Return the value that all hidden layers share, for another number of them."""
    if any(value != values[0] for value in values):
        raise ValueError(f"{name} must be an axis too if the number of layers changes, got layers that differ in it")
    return values[0] if values else otherwise
