"""Checks of the arguments of `train` that are not numbers; an error says what the argument must be."""

from collections.abc import Iterable, Mapping
from inspect import isclass, isfunction
from typing import Any

from xpnet.backend import Backend, detached, library_of
from xpnet.data.preparing.class_numbers import number_classes, written
from xpnet.data.tables.columns import listing
from xpnet.training.batches.expansion import Expansion
from xpnet.training.model import Trainable
from xpnet.training.optimizing.clipping import Clipping
from xpnet.training.optimizing.optimizer import Optimizer
from xpnet.training.optimizing.optimizers import OPTIMIZERS, sgd
from xpnet.training.watching.callbacks import Callback
from xpnet.training.watching.stopping import Stopping
from xpnet.trees import leaves, map_arrays

CALLED = ("every", "start", "epoch", "steps", "end")  # what training asks of a callback


def check_network(network: Any) -> Trainable:
    """Return the argument `network`."""
    if not hasattr(network, "trainable") or isclass(network):
        raise TypeError(f"network must be a Network, got {_told(network)}{_instead(network, 'network')}")
    if not network.trainable:
        raise ValueError("network must be differentiable to train, got a step activation")
    model: Trainable = network
    return model


def check_labels(
    network: Trainable, y: Any, classes: tuple[Any, ...] | None = None, name: str = "y"
) -> tuple[Any, tuple[Any, ...] | None]:
    """Return labels that are text or booleans as class numbers, with the classes; other labels and None as they are."""
    numbers, found = number_classes(y, classes, name)
    if found is None:
        return numbers, None
    if not network.classifies:
        raise TypeError(f"{name} must hold numbers for a network that gives values, got labels such as {found[0]!r}")
    if len(found) != network.n_classes:
        raise ValueError(
            f"{name} must hold {network.n_classes} classes, as many as the network tells apart, "
            f"got {len(found)}: {listing(written(found))}"
        )
    return numbers, found


def check_class_weight(class_weight: Any, classes: tuple[Any, ...] | None) -> Any:
    """Return the argument `class_weight` by class number, if it is a mapping and the labels are text or booleans."""
    if classes is None or not isinstance(class_weight, Mapping):
        return class_weight
    unknown = [label for label in class_weight if label not in classes]
    if unknown:
        raise ValueError(f"class_weight must name labels of y ({listing(written(classes))}), got {unknown[0]!r}")
    return {classes.index(label): weight for label, weight in class_weight.items()}


def check_optimizer(optimizer: Any) -> Optimizer:
    """Return the argument `optimizer`, which may be a name."""
    if optimizer is None:
        return sgd()
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZERS:
            raise ValueError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, got {optimizer!r}")
        return OPTIMIZERS[optimizer]()
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be an Optimizer, such as adam(0.01), or its name, got {_told(optimizer)}")
    return optimizer


def check_stopping(stopping: Any) -> Stopping | None:
    """Return the argument `stopping`."""
    if stopping is not None and (not callable(stopping) or isclass(stopping) or _is_maker(stopping)):
        raise TypeError(f"stopping must be a stopping rule, such as no_improvement(10), got {_told(stopping)}")
    return stopping


def check_clip(clip: Any) -> Clipping | None:
    """Return the argument `clip`."""
    if clip is not None and (not callable(clip) or isclass(clip) or _is_maker(clip)):
        raise TypeError(f"clip must be a clipping, such as clip_norm(5.0), got {_told(clip)}")
    return clip


def check_expansion(expand: Any, n_in: int) -> Expansion | None:
    """Return the argument `expand`, for images of n_in pixels."""
    if expand is not None and not isinstance(expand, Expansion):
        raise TypeError(f"expand must be an Expansion, got {_told(expand)}")
    if expand is not None and expand.side**2 != n_in:
        raise ValueError(f"expand must have side * side = {n_in} pixels, got side {expand.side}")
    return expand


def check_callbacks(callbacks: Any) -> tuple[Callback, ...]:
    """Return the argument `callbacks`."""
    if isinstance(callbacks, Callback) or not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a sequence of Callback, got {_told(callbacks)}")
    given = tuple(callbacks)
    for i, callback in enumerate(given):
        if isclass(callback) or not all(hasattr(callback, name) for name in CALLED):
            raise TypeError(f"callbacks must be a sequence of Callback, got {_told(callback)} in place {i}")
    return given


def check_parameters(parameters: Any, like: Any, network: Trainable, backend: Backend) -> Any:
    """Return the argument `parameters` on `backend`, in its dtype; `like` are parameters that fit."""
    if not _is_like(parameters, like):
        told = _told(parameters) + _instead(parameters, "parameters")
        raise TypeError(f"parameters must be {_told(like)}, as network.initialize() returns, got {told}")
    placed = map_arrays(lambda w: _placed(w, backend), parameters)
    network.check(placed)
    for w, expected in zip(leaves(placed), leaves(like), strict=True):
        if w.shape != expected.shape:
            raise ValueError(f"parameters must have the shapes of one network's, got {tuple(w.shape)}, a stack")
    return placed


def _is_like(tree: Any, other: Any) -> bool:
    """Return whether two trees have the same branches, whatever the leaves are."""
    if not isinstance(other, tuple):
        return not isinstance(tree, tuple | list)
    return type(tree) is type(other) and len(tree) == len(other) and all(map(_is_like, tree, other))


def _placed(w: Any, backend: Backend) -> Any:
    if library_of(w) is None:
        raise TypeError(f"parameters must hold arrays, got {_told(w)}")
    return backend.asarray(detached(w), backend.dtype, name="parameters")


def _is_maker(f: Any) -> bool:
    """Return whether this is a function that makes a rule, such as `no_improvement`, and not the rule."""
    return isfunction(f) and not f.__name__.startswith("_") and f.__module__.startswith("xpnet.training.")


def _instead(given: Any, name: str) -> str:
    return f"; pass its .{name}" if hasattr(given, name) and not isclass(given) else ""


def _told(given: Any) -> str:
    """Return what an argument is, in a few words: a result's repr would fill the screen."""
    if isclass(given) or isfunction(given):
        return f"{'the class' if isclass(given) else 'the function'} {given.__name__}"
    if isinstance(given, bool | int | float | str):
        return repr(given)
    inside = f" of {len(given)} {type(given[0]).__name__}" if type(given) in (tuple, list) and given else ""
    return f"a {type(given).__name__}{inside}"
