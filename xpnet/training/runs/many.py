"""`train_many`: many networks of one shape in one stack, each trained as `train` would train it alone."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from xpnet.backend import Backend, quiet
from xpnet.backend.mapped import is_mapped
from xpnet.checks import whole
from xpnet.execution import limited, threads_for
from xpnet.io.models.history import History
from xpnet.training.batches.batches import Data, borders
from xpnet.training.batches.examples import check_class_weight, read_examples
from xpnet.training.batches.expansion import Expansion
from xpnet.training.batches.weights import check_weights
from xpnet.training.loop import Outcome
from xpnet.training.model import Trainable
from xpnet.training.optimizing.clipping import Clipping
from xpnet.training.optimizing.optimizer import Optimizer
from xpnet.training.parallel.parallel import Parallel
from xpnet.training.parallel.parts import check_processes, gather_outcomes, share_of
from xpnet.training.resuming.checkpoint import Checkpoint, check_checkpoint
from xpnet.training.runs.results import Results
from xpnet.training.runs.stacks.arguments.checks import (
    check_different,
    check_networks,
    check_optimizers,
    check_splits,
    check_start,
    check_watch,
)
from xpnet.training.runs.stacks.arguments.lists import spread_out
from xpnet.training.runs.stacks.arguments.own_functions import check_own_functions
from xpnet.training.runs.stacks.fit import Watch, fit_stack
from xpnet.training.runs.stacks.keeping import stack_keeper
from xpnet.training.runs.stacks.members import Member, Weighing, make_members
from xpnet.training.runs.stacks.sizes import stack_size
from xpnet.training.steps.arguments import check_settings
from xpnet.training.steps.described import described_settings
from xpnet.training.train import in_words
from xpnet.training.watching.result import Result
from xpnet.training.watching.stopping import Stopping
from xpnet.trees import stacked

# of the operations of a product in a stack, where the products of the networks follow one another: a second thread
# gained nothing at 12 million operations each, and on a busy machine it waits; docs/log.md, 2026-11-25
IN_A_STACK = 0.2


def train_many(
    network: Trainable | Sequence[Trainable],
    data: tuple[Any, Any],
    *,
    seeds: int | Sequence[int] | None = None,
    splits: Sequence[tuple[Any, Any]] | None = None,
    validation: tuple[Any, Any] | None = None,
    epochs: int = 30,
    batch_size: int | None = 10,
    optimizer: Optimizer | str | Sequence[Optimizer] | None = None,
    l2: Any = 0.0,
    l1: Any = 0.0,
    max_norm: float | None = None,
    clip: Clipping | None = None,
    expand: Expansion | None = None,
    class_weight: Any = None,
    sample_weight: Any = None,
    stopping: Stopping | None = None,
    keep: str = "cost",
    watch: Watch | None = None,
    parameters: Any = None,
    backend: str | Backend | None = None,
    at_once: int | None = None,
    interrupt: str = "raise",
    shards: int = 1,
    parallel: Parallel | None = None,
    checkpoint: Checkpoint | str | os.PathLike[str] | None = None,
) -> Results:
    """Train k networks of one shape side by side: seeds, folds of a cross-validation, members of an ensemble, settings.

    A step of k small networks costs much less than k steps of one, and each network still ends exactly as it would
    have ended alone.

    Parameters
    ----------
    network : Network, or sequence of k
        In a sequence, the networks may differ in their dropout only.
    data : (x, y)
        As for `xpnet.train`.  All networks read the same arrays; x must lie in memory.
    seeds : int or sequence of k int
        The seed of each network; a number k stands for 0, 1, … k - 1.  Default: 0 for all, if something else differs.
    splits : sequence of k (training rows, validation rows), optional
        Row numbers of x for each network, as `xpnet.data.stratified_folds` and the splitters of scikit-learn give them.
        A row may come several times.  The validation rows may be None.
    validation : (x, y), optional
        What all networks watch, instead of validation rows.
    optimizer : Optimizer or str, or sequence of k Optimizer
        One for all, with numbers or arrays of shape (k,) as settings; or k of the same kind.
    l2, l1 : number, or sequence of k
    watch : callable, optional
        Called after each epoch with the `Record` of each network that still trains, by its number, and with their
        parameters as those of a stack, in the same order.
    parameters : tuple of Layer, arrays of shape (k, ...), optional
        Initial parameters.  Default: those of each network's seed.
    at_once : int, optional
        How many networks train in one stack; the others wait.  Default: as many as the processor's cache holds.
    interrupt : {"raise", "return"}
        With ``"return"``, Ctrl-C ends all networks with their last complete epoch; those that waited have none.
    epochs, batch_size, max_norm, clip, expand, class_weight, sample_weight, stopping, keep, backend, shards
        As for `xpnet.train`, the same for all networks.  The stopping rule looks at each network's own history.
    parallel : Parallel, optional
        `xpnet.training.parallel.mpi`: each process trains some of the networks, and every process gets all results.
    checkpoint : Checkpoint or path, optional
        As for `xpnet.train`; the state of the networks is written after an epoch.

    Returns
    -------
    Results
        One result for each network, in order.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense, lists differ in length, two networks would be the same, or a function of your own
        (activation, cost, clipping, optimizer) mixes the networks of a stack.
    MemoryError
        If the memory is too small for one network.

    Warns
    -----
    RuntimeWarning
        If networks diverged: they leave the stack, the others go on.

    Notes
    -----
    On NumPy each network equals the one trained alone bit for bit; on other libraries up to rounding.  Functions of
    your own get arrays with a leading axis for the networks, (k, m, n) and (k, n_out, n_in): count axes from the end.
    Settings of an optimizer of your own are arrays (k, 1, 1) for its rule where the networks differ in them.

    Examples
    --------
    Four seeds, and the mean and spread of their accuracy:

    >>> import numpy as np
    >>> from xpnet import Network, sgd
    >>> x = np.asarray([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> y = np.asarray([0, 1, 1, 0])
    >>> results = train_many(
    ...     Network([2, 8, 1]), (x, y), seeds=4, epochs=500, batch_size=None, optimizer=sgd(eta=5.0)
    ... )
    >>> results.mean("accuracy"), results.spread("accuracy")
    (1.0, 0.0)

    Four learning rates:

    >>> results = train_many(Network([2, 8, 1]), (x, y), optimizer=sgd(np.asarray([0.01, 0.1, 1.0, 10.0])), epochs=20)
    >>> [result.history[-1].eta for result in results]
    [0.01, 0.1, 1.0, 10.0]
    """
    if interrupt not in ("raise", "return"):
        raise ValueError(f"interrupt must be one of raise, return, got {interrupt!r}")
    check_watch(watch)
    parallel = check_processes(parallel, watch)
    k, own = spread_out(seeds=seeds, network=network, splits=splits, optimizer=optimizer, l1=l1, l2=l2)
    networks, optimizers = check_networks(own["network"]), check_optimizers(own["optimizer"])
    if is_mapped(data[0] if isinstance(data, tuple | list) and data else data):
        raise ValueError("data must lie in memory to train many networks: pass np.array(x) instead of a mapped file")
    examples = read_examples(networks[0], data, validation, backend)
    shared, chosen = examples.data, examples.backend
    pairs = check_splits(own["splits"], shared, networks[0], examples.watched is not None)
    by_row = None if sample_weight is None else check_weights("sample_weight", sample_weight, shared.n)
    weighing = Weighing(check_class_weight(class_weight, examples.classes), by_row)

    common: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "clip": clip,
        "expand": expand,
        "max_norm": max_norm,
        "stopping": stopping,
        "keep": keep,
        "classifies": networks[0].classifies,
        "callbacks": (),
        "shards": shards,
    }
    own_seeds = [0 if seed is None else seed for seed in own["seeds"]]
    differing = zip(pairs, optimizers, own["l1"], own["l2"], own_seeds, strict=True)
    settings = [
        check_settings(len(rows), shared.x.shape[1], optimizer=each, l1=l1, l2=l2, seed=seed, **common)
        for (rows, _), each, l1, l2, seed in differing
    ]
    with quiet():
        members = make_members(networks, settings, pairs, shared, weighing, chosen)
        check_different(members)
        starts = check_start(parameters, members, chosen)
        check_own_functions(members, starts, shared, chosen)
    size = (
        stack_size(members, starts[0], shared.x.shape[1], chosen) if at_once is None else whole("at_once", at_once, 1)
    )
    own_ones = slice(*share_of(k, parallel))
    with parallel.together():
        mine = members[own_ones], starts[own_ones], size, shared, examples.watched, chosen, watch
        state = check_checkpoint(checkpoint)
        outcomes: list[Outcome] = gather_outcomes(parallel, _in_stacks(*mine, interrupt == "return", state), chosen)
    named: dict[str, Any] = {"features": examples.features, "classes": examples.classes}
    others = {"class_weight": class_weight, "weighted": sample_weight is not None}
    notes = [described_settings(member.settings, chosen, member.n, **others) for member in members]
    ended = zip(networks, outcomes, notes, strict=True)
    results = Results(tuple(Result(own, *each, settings=note, **named) for own, each, note in ended))
    diverged = [i for i, result in enumerate(results) if result.stopped_by == "diverged"]
    if diverged:
        told = f"{len(diverged)} of {k} networks diverged (the first is number {diverged[0]})"
        warnings.warn(f"{told}: {results[diverged[0]].advice}", RuntimeWarning, stacklevel=2)
    return results


def _in_stacks(
    members: list[Member],
    starts: list[Any],
    size: int,
    data: Data,
    validation: Data | None,
    backend: Backend,
    watch: Watch | None,
    keep: bool,
    checkpoint: Checkpoint | None,
) -> list[Outcome]:
    """Train the networks in stacks of nearly equal size, one after another.  After an interrupt, no other begins."""
    outcomes: list[Outcome] = []
    for first, last in borders(len(members), -(-len(members) // size)):
        if any(outcome.stopped_by == "interrupted" for outcome in outcomes):
            none = History(keep=members[0].settings.keep)
            outcomes += [Outcome(start, start, none, "interrupted", "") for start in starts[first:last]]
            continue
        stack = stacked(starts[first:last])
        alone = last - first == 1
        product = members[first].model.largest_product * members[first].settings.batch_size
        threads = threads_for(backend, product if alone else IN_A_STACK * product)
        chosen, keeper = members[first:last], None
        if checkpoint is not None:
            own = replace(checkpoint, folder=checkpoint.path / f"networks-{chosen[0].number}-{chosen[-1].number}")
            keeper = stack_keeper(own, chosen, stack, data, validation, backend, threads)
        with quiet(), backend.active(), limited(threads):
            trained = fit_stack(chosen, stack, data, validation, backend, watch=watch, keep=keep, keeper=keeper)
        outcomes += [outcome._replace(execution=in_words(outcome.execution, threads)) for outcome in trained]
    return outcomes
