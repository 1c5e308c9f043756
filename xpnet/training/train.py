"""`train`: checks its arguments once, moves them to the device, and runs the loop."""

import warnings
from collections.abc import Sequence
from typing import Any

from xpnet.backend import Array, Backend, quiet, resolve, to_numpy
from xpnet.checks import number, whole
from xpnet.data.tables.frames import feature_names
from xpnet.execution import limited, threads_for
from xpnet.training.arguments import (
    check_callbacks,
    check_class_weight,
    check_clip,
    check_expansion,
    check_labels,
    check_network,
    check_optimizer,
    check_parameters,
    check_stopping,
)
from xpnet.training.batches.batches import Data, check_pair, place
from xpnet.training.batches.expansion import Expansion
from xpnet.training.batches.weights import weigh
from xpnet.training.loop import fit
from xpnet.training.model import Trainable
from xpnet.training.optimizing.clipping import Clipping
from xpnet.training.optimizing.optimizer import Optimizer
from xpnet.training.result import Result
from xpnet.training.steps.settings import Settings
from xpnet.training.watching.callbacks import Callback, TrainingInfo
from xpnet.training.watching.stopping import Stopping


def train(
    network: Trainable,
    data: tuple[Any, Any],
    *,
    validation: tuple[Any, Any] | None = None,
    epochs: int = 30,
    batch_size: int | None = 10,
    optimizer: Optimizer | str | None = None,
    l2: Any = 0.0,
    l1: Any = 0.0,
    max_norm: float | None = None,
    clip: Clipping | None = None,
    expand: Expansion | None = None,
    class_weight: Any = None,
    sample_weight: Any = None,
    stopping: Stopping | None = None,
    callbacks: Sequence[Callback] = (),
    parameters: Any = None,
    seed: int = 0,
    backend: str | Backend | None = None,
    stream: bool = False,
    interrupt: str = "raise",
) -> Result:
    """Train a network by mini-batch gradient descent.

    Parameters
    ----------
    network : Network
        Or anything else with the methods of `xpnet.training.Trainable`.
    data : (x, y)
        Examples x, shape (n, n_in), and integer labels (n,) or targets (n, n_out), in any library.  The names of a
        pandas or polars frame's columns are remembered: the result finds them in other frames, whatever their order.
        Labels may also be text or booleans, in a list, an array or a column: they are numbered in sorted order, and
        the result predicts them.
    validation : (x, y), optional
        Examples that are only measured, after each epoch.  They choose `Result.best_parameters`.
    epochs : int
        Passes over the data.
    batch_size : int or None
        Examples a step: 1 is one by one, None the full batch; a number above n counts as n.
    optimizer : Optimizer or str, optional
        For example ``adam(0.01)``, or a name of `xpnet.training.OPTIMIZERS`.  Default: ``sgd(eta=0.5)``.
    l2, l1 : float
        Penalties ``l2/(2n) sum w^2`` and ``l1/n sum |w|``, n the number of examples; biases are not penalized.
    max_norm : float, optional
        Limit on the Euclidean norm of the weights into each neuron.
    clip : callable, optional
        A function that shortens large gradients (penalties included): ``clip_norm(5.0)`` or ``clip_value(1.0)``.
    expand : Expansion, optional
        How far the images of each mini-batch are shifted, turned and bent.
    class_weight : "balanced", mapping or sequence, optional
        How much each class counts: by label (others count 1), one for each class, or inversely to the number of its
        examples (to the sum of their weights, if they have some).
    sample_weight : array, shape (n,), optional
        How much each example counts, in cost, accuracy and gradient.  Their mean is scaled to 1, so that only ratios
        matter.  In a full batch, weight 2 has the effect of the row given twice, also for penalties and "balanced".
    stopping : callable, optional
        A stopping rule, such as ``no_improvement(10)``.
    callbacks : sequence of Callback
    parameters : tuple of Layer, optional
        Initial parameters.  Default: ``network.initialize(backend, seed)``.
    seed : int
        Determines the initial weights, the order of the examples and the dropout, on every backend.
    backend : str or Backend, optional
        Default: the library of the data, else that of `xpnet.backend.get`.
    stream : bool
        Leave x on the host, and move rows to the device when they are needed; a thread reads them ahead.  A
        memory-mapped x (``numpy.load(path, mmap_mode="r")``) is always streamed.
    interrupt : {"raise", "return"}
        What KeyboardInterrupt (Ctrl-C, or a notebook's stop button) does once the first epoch has begun: it is raised,
        or the complete epochs are returned as a Result with ``stopped_by="interrupted"``.

    Returns
    -------
    Result

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense; the message names it.
    BackendError
        If the backend cannot be used.

    Warns
    -----
    RuntimeWarning
        If training diverged: the cost or a parameter is no longer finite.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.asarray([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> y = np.asarray([0, 1, 1, 0])
    >>> from xpnet import Network, sgd
    >>> result = train(Network([2, 8, 1]), (x, y), epochs=500, batch_size=None, optimizer=sgd(eta=5.0))
    >>> result.predict(x)
    array([0, 1, 1, 0], dtype=int32)
    """
    network = check_network(network)
    seed, epochs = whole("seed", seed, 0), whole("epochs", epochs, 0)
    if interrupt not in ("raise", "return"):
        raise ValueError(f"interrupt must be one of raise, return, got {interrupt!r}")
    x, y = check_pair("data", data)
    features = feature_names(data[0])
    y, classes = check_labels(network, y)
    chosen = resolve(backend, x=x, y=y)
    # numbers that overflow end training as "diverged"; NumPy need not warn or raise too
    with quiet():
        watched_pair = None if validation is None else _watched(network, validation, features, classes)
        examples, watched = _placed(network, x, y, watched_pair, chosen, stream)
        start = network.initialize(chosen, seed)
        start = start if parameters is None else check_parameters(parameters, start, network, chosen)
        examples = weigh(network, examples, check_class_weight(class_weight, classes), sample_weight, chosen)
    settings = Settings(
        epochs=epochs,
        batch_size=examples.n if batch_size is None else min(whole("batch_size", batch_size, 1), examples.n),
        optimizer=check_optimizer(optimizer),
        l1=number("l1", l1),
        l2=number("l2", l2),
        seed=seed,
        clip=check_clip(clip),
        expand=check_expansion(expand, examples.x.shape[1]),
        max_norm=None if max_norm is None else number("max_norm", max_norm, above=True),
        stopping=check_stopping(stopping),
        callbacks=check_callbacks(callbacks),
    )
    for callback in settings.callbacks:
        callback.start(TrainingInfo(network, chosen, examples.n, settings.batch_size, epochs))
    threads = threads_for(chosen, network.largest_product * settings.batch_size)
    with quiet(), chosen.active(), limited(threads):
        outcome = fit(network, start, examples, watched, settings, chosen, keep=interrupt == "return")
    outcome = outcome._replace(execution=_in_words(outcome.execution, threads))
    result = Result(network, *outcome, features=features, classes=classes)
    if result.advice:
        warnings.warn(
            f"training {result.stopped_by} in epoch {len(result.history)}: {result.advice}",
            RuntimeWarning,
            stacklevel=2,
        )
    for callback in settings.callbacks:
        callback.end(result)
    return result


def _watched(
    network: Trainable, validation: Any, features: tuple[str, ...] | None, classes: tuple[Any, ...] | None
) -> tuple[Any, Any]:
    """Return the pair of the validation, its labels counted in the classes of the training labels."""
    x, y = check_pair("validation", validation, features)
    numbers, found = check_labels(network, y, classes, "validation: y")
    if found != classes:
        kinds = [f"labels such as {each[0]!r}" if each else "numbers" for each in (classes, found)]
        raise TypeError(f"validation: y must hold {kinds[0]}, as y does, got {kinds[1]}")
    return x, numbers


def _placed(
    network: Trainable, x: Any, y: Any, validation: tuple[Any, Any] | None, backend: Backend, stream: bool
) -> tuple[Data, Data | None]:
    """Return the examples, and those of the validation if there is one, on the backend."""
    examples, watched = place(network, x, y, backend, stream), None
    if validation is not None:
        try:
            watched = place(network, *validation, backend, stream)
        except (TypeError, ValueError) as error:
            raise type(error)(f"validation: {error}") from error
    if network.classifies:
        _check_classes("y", examples.y)
        _check_classes("validation: y", None if watched is None else watched.y)
    return examples, watched


def _check_classes(name: str, y: Array | None) -> None:
    host = None if y is None else to_numpy(y)
    if host is not None and host.ndim == 1 and (host == host[0]).all():
        raise ValueError(f"{name} must hold at least two classes to tell apart, got only {host[0]}")


def _in_words(way: str, threads: int | None) -> str:
    return way if threads is None else f"{way}, {threads} BLAS thread{'s' if threads > 1 else ''}"
