"""`train`: checks what it is given once, moves it to the device, and lets the loop run."""

from collections.abc import Sequence
from typing import Any

from xpnet.backend import Array, Backend, quiet, resolve, to_numpy
from xpnet.checks import whole
from xpnet.data.tables.frames import feature_names
from xpnet.execution import limited, threads_for
from xpnet.training.batches.batches import Data, check_pair, place
from xpnet.training.batches.expansion import Expansion
from xpnet.training.batches.weights import weigh
from xpnet.training.loop import fit
from xpnet.training.model import Trainable
from xpnet.training.optimizing.clipping import Clipping
from xpnet.training.optimizing.optimizer import Optimizer
from xpnet.training.optimizing.optimizers import sgd
from xpnet.training.result import Result
from xpnet.training.steps.settings import Settings
from xpnet.training.watching.callbacks import Callback, TrainingInfo
from xpnet.training.watching.stopping import Stopping
from xpnet.trees import map_arrays


def train(
    network: Trainable,
    data: tuple[Any, Any],
    *,
    validation: tuple[Any, Any] | None = None,
    epochs: int = 30,
    batch_size: int | None = 10,
    optimizer: Optimizer | None = None,
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
    validation : (x, y), optional
        Examples to watch, never learned from.  They choose `Result.best_parameters`.
    epochs : int
        Passes over the data.
    batch_size : int or None
        Examples a step: 1 is one by one, None the full batch; more than n is n.
    optimizer : Optimizer, optional
        Default: ``sgd(eta=0.5)``.
    l2, l1 : float
        Penalties ``l2/(2n) sum w^2`` and ``l1/n sum |w|``, n the number of examples; biases are free.
    max_norm : float, optional
        Limit on the Euclidean norm of the weights into each neuron.
    clip : callable, optional
        What to do with large gradients, penalties included: ``clip_norm(5.0)`` or ``clip_value(1.0)``.
    expand : Expansion, optional
        How far each mini-batch's images are shifted, turned and bent.
    class_weight : "balanced", mapping or sequence, optional
        How much each class counts: by label (others count 1), one for each class, or inversely to their number.
    sample_weight : array, shape (n,), optional
        How much each example counts, in cost, accuracy and gradient.  At full batch a weight of 2 is the row twice.
    stopping : callable, optional
        Such as ``no_improvement(10)``.
    callbacks : sequence of Callback
    parameters : tuple of Layer, optional
        Where to start.  Default: ``network.initialize(backend, seed)``.
    seed : int
        Names the initial weights, the order of the examples and the dropout, on every backend.
    backend : str or Backend, optional
        Default: the library of the data, else that of `xpnet.backend.get`.
    stream : bool
        Leave x on the host and move each mini-batch's rows to the device when they are needed, read ahead in a
        thread.  An x that is memory-mapped (``numpy.load(path, mmap_mode="r")``) always is.
    interrupt : {"raise", "return"}
        What KeyboardInterrupt (Ctrl-C, or a notebook's stop button) does once the first epoch has begun: it is raised,
        or the epochs that were whole are returned as a Result that is ``stopped_by="interrupted"``.

    Returns
    -------
    Result

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense; the message names it.
    BackendError
        If the backend cannot be used.

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
    if not network.trainable:
        raise ValueError("network must be differentiable to train, got a step activation")
    seed, epochs = whole("seed", seed, 0), whole("epochs", epochs, 0)
    if interrupt not in ("raise", "return"):
        raise ValueError(f"interrupt must be one of raise, return, got {interrupt!r}")
    x, y = check_pair("data", data)
    features = feature_names(data[0])
    chosen = resolve(backend, x=x, y=y)
    examples = place(network, x, y, chosen, stream)
    watched = None
    if validation is not None:
        watched = _watched(network, *check_pair("validation", validation, features), chosen, stream)
    if network.classifies:
        _check_classes("y", examples.y)
        _check_classes("validation: y", None if watched is None else watched.y)
    if expand is not None and expand.side**2 != examples.x.shape[1]:
        raise ValueError(f"expand must have side * side = {examples.x.shape[1]} pixels, got side {expand.side}")
    parameters = network.initialize(chosen, seed) if parameters is None else map_arrays(chosen.asarray, parameters)
    network.check(parameters)
    examples = weigh(network, examples, class_weight, sample_weight, chosen)
    settings = Settings(
        epochs=epochs,
        batch_size=examples.n if batch_size is None else min(whole("batch_size", batch_size, 1), examples.n),
        optimizer=sgd() if optimizer is None else optimizer,
        l1=_strength("l1", l1),
        l2=_strength("l2", l2),
        seed=seed,
        clip=clip,
        expand=expand,
        max_norm=None if max_norm is None else _positive("max_norm", max_norm),
        stopping=stopping,
        callbacks=callbacks,
    )
    for callback in callbacks:
        callback.start(TrainingInfo(network, chosen, examples.n, settings.batch_size, epochs))
    threads = threads_for(chosen, network.largest_product * settings.batch_size)
    # numbers that overflow end training as "diverged"; NumPy's warnings would say it a second time
    with quiet(), chosen.active(), limited(threads):
        outcome = fit(network, parameters, examples, watched, settings, chosen, keep=interrupt == "return")
    result = Result(network, *outcome._replace(execution=_in_words(outcome.execution, threads)), features=features)
    for callback in callbacks:
        callback.end(result)
    return result


def _watched(network: Trainable, x: Any, y: Any, backend: Backend, stream: bool) -> Data:
    try:
        return place(network, x, y, backend, stream)
    except (TypeError, ValueError) as error:
        raise type(error)(f"validation: {error}") from error


def _check_classes(name: str, y: Array | None) -> None:
    host = None if y is None else to_numpy(y)
    if host is not None and host.ndim == 1 and (host == host[0]).all():
        raise ValueError(f"{name} must hold at least two classes to tell apart, got only {host[0]}")


def _in_words(way: str, threads: int | None) -> str:
    return way if threads is None else f"{way}, {threads} BLAS thread{'s' if threads > 1 else ''}"


def _positive(name: str, value: Any) -> float:
    if _strength(name, value) == 0.0:
        raise ValueError(f"{name} must be above 0, got {value}")
    return float(value)


def _strength(name: str, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not 0.0 <= value < float("inf"):
        raise ValueError(f"{name} must be finite and at least 0, got {value}")
    return float(value)
