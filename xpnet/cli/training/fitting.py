"""From the options of ``xpnet train`` to trained networks: one, one for each of several seeds, or an ensemble."""

import argparse
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend import Backend
from xpnet.cli.printing.progress import Bar, Json, Lines
from xpnet.cli.training.preparing import Prepared
from xpnet.cli.training.resuming import checkpoint_of
from xpnet.data import Dataset, Scaling, member_folds
from xpnet.io import Errors, Model
from xpnet.io.models.runs import mean_record
from xpnet.nn import COSTS, Activation, Network, linear
from xpnet.report.film import Film
from xpnet.tabular.members import splits_of, train_members
from xpnet.tabular.recipe import ends_of_cycles, scheduled
from xpnet.training import OPTIMIZERS, Callback, Optimizer, Result, TrainingInfo, clip_norm, train
from xpnet.training.parallel import Parallel
from xpnet.training.watching.stopping import no_improvement
from xpnet.trees import stacked


class Fitted(NamedTuple):
    """Trained networks: their models and results, in the order of their seeds."""

    models: tuple[Model, ...]
    results: tuple[Result, ...]
    errors: Errors | None = None  # of a regression, on the rows that its members watched
    film: Any = None  # of the training, plain JSON, if it was asked for

    @property
    def ensemble(self) -> Model:
        """All of them as one model; a single network stays one."""
        together = self.models[0] if len(self.models) == 1 else Model.ensemble(self.models)
        return replace(together, errors=self.errors)

    @property
    def sound(self) -> "Fitted":
        """Those that did not diverge, and have an epoch if others have some."""
        best = max((len(result.history) for result in self.results), default=0)
        kept = [
            i
            for i, result in enumerate(self.results)
            if result.stopped_by != "diverged" and (len(result.history) or not best)
        ]
        return self._replace(models=tuple(self.models[i] for i in kept), results=tuple(self.results[i] for i in kept))


def fit(
    prepared: Prepared,
    network: Network,
    described: dict[str, Any],
    backend: Backend,
    start: Model | None = None,
    parallel: Parallel | None = None,
) -> Fitted:
    """Train what the settled options ask for, with the parameters of `start` at the beginning, if it is given.

    Several processes train one network; the first one shows its progress.
    """
    options, parts, preprocessing = prepared.options, prepared.parts, prepared.preprocessing
    targets = start.targets if start else _targets_of(network, parts.train)

    def pair(part: Dataset) -> tuple[Any, Any]:
        return preprocessing.apply(part.x, dtype=backend.dtype_name), _scaled(part, targets)

    named = (preprocessing, parts.train.classes, described, targets, parts.train.features)
    film = None
    if options.film:
        film = Film(Model(network, network.initialize(backend), *named), parts.train.x, parts.train.y)
    k = options.seeds or options.members
    seeds = range(options.seed, options.seed + k)
    how = {**training_options(options), "backend": backend, "interrupt": "return"}
    how["checkpoint"] = checkpoint_of(options)
    how["validation"] = None if parts.validation is None else pair(parts.validation)
    progress = _progress(options)
    callbacks = [each for each in (progress, film) if each is not None]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*diverged", RuntimeWarning)  # told by this command
            if options.folds is None and k == 1 and not options.scaled:
                first = network.initialize(backend, seeds[0], options.scheme)
                how |= {"optimizer": optimizer_of(options, network, parts.train.n), "parameters": first}
                how |= {"callbacks": callbacks, "parallel": parallel}
                results = [train(network, pair(parts.train), seed=seeds[0], **how)]
                layers, errors, runs = [results[0].best_parameters], None, [results[0].run]
            else:
                splits = None if options.folds is None else _splits(prepared, described)
                rows = [parts.train.n] * k if splits is None else [len(own) for own, _ in splits]
                how |= {"splits": splits, "optimizer": [optimizer_of(options, network, n) for n in rows]}
                how["watch"] = _watch(callbacks, TrainingInfo(network, backend, sum(rows), 0, options.epochs))
                how |= {"seeds": seeds, "scheme": options.scheme, "scaled": options.scaled}
                how["start"] = None if start is None else stacked(each.parameters for each in start.members)
                how["together"] = not options.seeds
                how["ends"] = ends_of_cycles(options.epochs) if options.schedule == "restarts" else ()
                members = train_members(network, pair(parts.train), **how)
                results, layers = list(members.results), list(members.layers)
                errors, runs = members.errors(splits, parts.train.y, targets), list(members.runs)
    finally:
        if isinstance(progress, Bar):
            progress.close()
    named = (preprocessing, parts.train.classes, described, targets, parts.train.features)
    models = (Model(network, each, *named, runs=(run,)) for each, run in zip(layers, runs, strict=True))
    return Fitted(tuple(models), tuple(results), errors, None if film is None else film.to_json())


def _splits(prepared: Prepared, described: dict[str, Any]) -> list[Any] | None:
    """Return the rows that each network trains on and those that it watches, by group or time if that is the split.

    None if there is nothing to watch.
    """
    options, train, kind = prepared.options, prepared.parts.train, described["split"]["kind"]
    if prepared.by is not None:
        how: dict[str, Any] = {"groups" if kind == "group" else "times": prepared.by}
    elif kind == "ordered":
        how = {"times": np.arange(train.n)}
    else:
        how = {"labels": None if train.classes is None else train.y}
    k = options.seeds or options.members
    if options.seeds:  # single networks, each as it would be trained alone with its seed
        found = [member_folds(train.n, options.folds, options.seed + i, **how)[:1] for i in range(k)]
        return [folds[0] for folds in found] if all(found) else None
    return splits_of(member_folds(train.n, options.folds, options.seed, **how), k)


def training_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments of `train`, and of `search`, that are options of both commands."""
    return {
        "epochs": options.epochs,
        "batch_size": batch_size_of(options.batch_size),
        "l2": options.l2,
        "l1": options.l1,
        "max_norm": options.max_norm,
        "clip": None if options.clip_norm is None else clip_norm(options.clip_norm),
        "class_weight": options.class_weight,
        "stopping": None if options.early_stopping is None else no_improvement(options.early_stopping),
    }


def _targets_of(network: Network, train: Dataset) -> Scaling | None:
    """Return how the values of a regression are scaled for training, or None."""
    standardized = not network.classifies and network.cost.may_standardize
    return Scaling.standardize(train.y[:, None]) if standardized else None  # type: ignore[index]


def _scaled(part: Dataset, targets: Scaling | None) -> Any:
    return part.y if targets is None or part.y is None else targets.apply(part.y[:, None], dtype="float64")


def _progress(options: argparse.Namespace) -> Callback | None:
    if options.json:
        return Json()
    if options.quiet:
        return None
    return Bar() if sys.stdout.isatty() else Lines()


def _watch(callbacks: Sequence[Callback], plan: TrainingInfo) -> Any:
    """Return what tells these the means over the networks after each epoch, and their parameters; None of none."""
    if not callbacks:
        return None
    for each in callbacks:
        each.start(plan)

    def watch(records: Any, parameters: Any) -> None:
        for each in callbacks:
            each.epoch(mean_record(list(records.values())), parameters)

    return watch


def network_of(options: argparse.Namespace, train: Dataset, n_in: int) -> Network:
    """Return the network that the options describe, for the training part and its number of encoded inputs."""
    hidden = [] if options.hidden == [0] else options.hidden
    regression = train.classes is None
    output, cost = _regression(options) if regression else (options.output, options.cost or "cross_entropy")
    sizes = [n_in, *hidden, len(train.classes or (1,))]
    network = Network(sizes, hidden=options.activation, output=output, cost=cost, dropout=options.dropout)
    if not (regression or network.classifies):
        options.usage_error(f"--cost {cost} gives values, not classes: add --output sigmoid, or take another --cost")
    return network


def _regression(options: argparse.Namespace) -> tuple[Activation, str]:
    """Return the output and the cost of a regression: a linear output where the cost takes one, else its own."""
    if options.output is not None or options.class_weight is not None:
        options.usage_error("a regression has its cost's output and no classes: leave out --output, --class-weight")
    outputs = {name: linear if cost.accepts(linear) else cost.output for name, cost in COSTS.items()}
    usable = [name for name, output in outputs.items() if output.threshold is None]
    name = options.cost or "quadratic"
    if name not in usable:
        options.usage_error(f"--cost of a regression must be one of {', '.join(usable)}, got {name}")
    return outputs[name], name


def with_scaled_batch(options: argparse.Namespace, network: Network, processes: int) -> argparse.Namespace:
    """Return settled options with mini-batch and learning rate multiplied by the number of processes: the linear rule.

    References
    ----------
    Goyal et al., arXiv:1706.02677, section 2.1.
    """
    full = batch_size_of(options.batch_size) is None
    if full or options.optimizer not in ("sgd", "momentum"):
        got = "--batch-size full" if full else options.optimizer
        options.usage_error(f"--scale-batch is the linear rule, for mini-batches of sgd and momentum, got {got}")
    more = {"batch_size": str(processes * int(options.batch_size)), "eta": processes * _eta_of(options, network)}
    return argparse.Namespace(**{**vars(options), **more})


def _eta_of(options: argparse.Namespace, network: Network) -> float:
    """Return the learning rate of the options, or the default one."""
    if options.eta is not None:
        return float(options.eta)
    if options.optimizer == "sgd" and not network.classifies:
        return 0.05  # an error of a linear output is not bounded by 1
    return float(OPTIMIZERS[options.optimizer]().settings["eta"])


def optimizer_of(options: argparse.Namespace, network: Network, n: int) -> Optimizer:
    """Return the optimizer that the options name, for n training rows."""
    eta = _eta_of(options, network)
    batch = min(n, batch_size_of(options.batch_size) or n)
    return scheduled(options.optimizer, eta, options.schedule, options.epochs * ceil(n / batch))


def batch_size_of(given: str) -> int | None:
    """Return the argument of --batch-size as a number, or None for the full batch."""
    if given == "full":
        return None
    try:
        return int(given)
    except ValueError:
        raise ValueError(f"--batch-size must be a whole number or full, got {given!r}") from None
