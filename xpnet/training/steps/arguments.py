"""Checks of the arguments of `train` that are not numbers; an error says what the argument must be."""

from collections.abc import Iterable
from inspect import isclass, isfunction
from typing import Any

from xpnet.backend import Backend, detached, library_of
from xpnet.checks import number, whole
from xpnet.training.batches.expansion import Expansion
from xpnet.training.model import Trainable
from xpnet.training.optimizing.clipping import Clipping
from xpnet.training.optimizing.optimizer import Optimizer
from xpnet.training.optimizing.optimizers import OPTIMIZERS, sgd
from xpnet.training.steps.settings import Settings
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


def check_settings(
    n: int,
    n_in: int,
    *,
    epochs: Any,
    batch_size: Any,
    optimizer: Any,
    l1: Any,
    l2: Any,
    seed: Any,
    clip: Any,
    expand: Any,
    max_norm: Any,
    stopping: Any,
    keep: Any,
    classifies: bool,
    callbacks: Any,
    shards: Any,
) -> Settings:
    """Return how to train on n examples of n_in inputs."""
    size = n if batch_size is None else min(whole("batch_size", batch_size, 1), n)
    return Settings(
        epochs=whole("epochs", epochs, 0),
        batch_size=size,
        optimizer=check_optimizer(optimizer),
        l1=number("l1", l1),
        l2=number("l2", l2),
        seed=whole("seed", seed, 0),
        clip=check_clip(clip),
        expand=check_expansion(expand, n_in),
        max_norm=None if max_norm is None else number("max_norm", max_norm, above=True),
        stopping=check_stopping(stopping),
        callbacks=check_callbacks(callbacks),
        keep=check_keep(keep, classifies),
        shards=whole("shards", shards, 1, size),
    )


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
    for name, h in optimizer.settings.items():
        if getattr(h, "shape", ()):
            told = f"an array of shape {tuple(h.shape)}"
            raise ValueError(f"optimizer must have one number as {name} for one network, got {told}; see train_many")
    return optimizer


def check_keep(keep: Any, classifies: bool) -> str:
    """Return the argument `keep`."""
    if keep not in ("cost", "accuracy"):
        raise ValueError(f"keep must be one of cost, accuracy, got {keep!r}")
    if keep == "accuracy" and not classifies:
        raise ValueError("keep must be cost for outputs that are values, got accuracy")
    return str(keep)


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
