"""`train`: checks its arguments once, moves them to the device, and runs the loop."""

import os
import warnings
from collections.abc import Sequence
from typing import Any

from xpnet.backend import Backend, quiet
from xpnet.checks import whole
from xpnet.execution import limited, threads_for
from xpnet.training.batches.examples import check_class_weight, read_examples
from xpnet.training.batches.expansion import Expansion
from xpnet.training.batches.weights import weigh
from xpnet.training.loop import fit
from xpnet.training.model import Trainable
from xpnet.training.optimizing.clipping import Clipping
from xpnet.training.optimizing.optimizer import Optimizer
from xpnet.training.parallel.parallel import Parallel
from xpnet.training.parallel.parts import agree, check_parallel, own_rows
from xpnet.training.resuming.checkpoint import Checkpoint, check_checkpoint, keeper_of, threads_of
from xpnet.training.steps.arguments import check_network, check_parameters, check_settings
from xpnet.training.steps.described import described_settings
from xpnet.training.watching.callbacks import Callback, TrainingInfo
from xpnet.training.watching.result import Result
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
    keep: str = "cost",
    callbacks: Sequence[Callback] = (),
    parameters: Any = None,
    seed: int = 0,
    backend: str | Backend | None = None,
    stream: bool = False,
    interrupt: str = "raise",
    shards: int = 1,
    parallel: Parallel | None = None,
    checkpoint: Checkpoint | str | os.PathLike[str] | None = None,
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
    keep : {"cost", "accuracy"}, optional
        Which measure of the validation set chooses `Result.best_parameters`, and what stopping rules watch unless they
        are told otherwise.  The cost falls as long as probabilities get better; the accuracy, which is for classes
        only, often goes on rising a little while the network gets too sure of its answers.
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
    shards : int
        How many parts each mini-batch is computed in, one after another; their gradients are summed in order before
        the update (gradient accumulation).  Memory holds the activations of one part.  At most `batch_size`.
    parallel : Parallel, optional
        Who computes the parts at the same time: `xpnet.training.parallel.threads`, `mpi` or `nccl`.  The gradients of
        all parts are summed before each update.
    checkpoint : Checkpoint or path, optional
        A folder in which the state of the training is written every minute, or as a `Checkpoint` says.  If it holds
        the state of this training already, training goes on from there, and ends where it would have ended.  The
        number of epochs and the stopping rule may be others than before.

    Returns
    -------
    Result

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense; the message names it.  If the checkpoint is that of another training.
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
    seed = whole("seed", seed, 0)
    if interrupt not in ("raise", "return"):
        raise ValueError(f"interrupt must be one of raise, return, got {interrupt!r}")
    parallel = check_parallel(parallel, shards)
    examples = read_examples(network, data, validation, backend, stream, parallel.place)
    chosen, watched = examples.backend, own_rows(examples.watched, parallel)
    # numbers that overflow end training as "diverged"; NumPy need not warn or raise too
    with quiet():
        start = network.initialize(chosen, seed)
        start = start if parameters is None else check_parameters(parameters, start, network, chosen)
        by_class = check_class_weight(class_weight, examples.classes)
        weighed = weigh(network, examples.data, by_class, sample_weight, chosen)
    settings = check_settings(
        weighed.n,
        weighed.x.shape[1],
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        l1=l1,
        l2=l2,
        seed=seed,
        clip=clip,
        expand=expand,
        max_norm=max_norm,
        stopping=stopping,
        keep=keep,
        classifies=network.classifies,
        callbacks=callbacks,
        shards=shards,
    )
    for callback in settings.callbacks:
        callback.start(TrainingInfo(network, chosen, weighed.n, settings.batch_size, settings.epochs))
    threads = parallel.blas_threads(threads_for(chosen, network.largest_product * settings.batch_size))
    kept = check_checkpoint(checkpoint)
    if kept is not None and threads is not None and not chosen.options.get("threads"):
        threads = threads_of(kept) or threads
    # processes that are interrupted would not end with the same epoch
    keep_epochs = interrupt == "return" and parallel.size == 1
    with quiet(), chosen.active(), limited(threads), parallel.together():
        what = network, start, weighed, examples.watched, settings, chosen
        if parallel.size > 1:
            agree(parallel, *what)
        keeper = None if kept is None else keeper_of(kept, what, parallel, threads)
        outcome = fit(
            network, start, weighed, watched, settings, chosen, keep=keep_epochs, parallel=parallel, keeper=keeper
        )
    outcome = outcome._replace(execution=in_words(outcome.execution, threads))
    told = described_settings(
        settings, chosen, weighed.n, class_weight=class_weight, weighted=sample_weight is not None
    )
    result = Result(network, *outcome, features=examples.features, classes=examples.classes, settings=told)
    if result.advice:
        warnings.warn(
            f"training {result.stopped_by} in epoch {len(result.history)}: {result.advice}",
            RuntimeWarning,
            stacklevel=2,
        )
    for callback in settings.callbacks:
        callback.end(result)
    return result


def in_words(way: str, threads: int | None) -> str:
    """Return how the steps were run, with the number of threads where xpnet chose it."""
    return way if threads is None else f"{way}, {threads} BLAS thread{'s' if threads > 1 else ''}"
