"""`search`: train a network with many settings, on the folds of a cross-validation, from several seeds."""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

from xpnet.backend import Backend, resolve
from xpnet.backend.mapped import is_mapped
from xpnet.checks import whole
from xpnet.data import Table
from xpnet.training.batches.expansion import Expansion
from xpnet.training.model import Trainable
from xpnet.training.optimizing.clipping import Clipping
from xpnet.training.optimizing.optimizer import Optimizer
from xpnet.training.runs.search_results import SearchResults
from xpnet.training.runs.settings.grid import Setting, settings_of
from xpnet.training.runs.settings.recipe import Recipe, known_names, recipe
from xpnet.training.runs.trials.executing import Keep, run_groups
from xpnet.training.runs.trials.folds import check_folds
from xpnet.training.runs.trials.groups import Job, groups_of, size_for
from xpnet.training.runs.trials.identity import identity
from xpnet.training.runs.trials.results_file import ResultsFile
from xpnet.training.runs.trials.rows import as_array, read
from xpnet.training.runs.trials.running import Plan, forget, ignoring_divergence, run_group
from xpnet.training.runs.trials.scores import score_for
from xpnet.training.runs.trials.trial import Trial
from xpnet.training.steps.arguments import check_network
from xpnet.training.watching.stopping import Stopping

Progress = Callable[[Sequence[Trial], int, int], None]


def search(
    network: Trainable | Sequence[Trainable],
    data: Any,
    grid: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    folds: Any = 5,
    seeds: int | Sequence[int] = 1,
    draws: int | None = None,
    draw_seed: int = 0,
    fold_seed: int = 0,
    score: str | Callable[[Any, Any], Any] | None = None,
    preprocessing: Callable[[Any], Any] | None = None,
    targets: Callable[[Any], Any] | None = None,
    epochs: int = 30,
    batch_size: int | None = 10,
    optimizer: Optimizer | str | None = None,
    l2: float = 0.0,
    l1: float = 0.0,
    max_norm: float | None = None,
    clip: Clipping | None = None,
    expand: Expansion | None = None,
    class_weight: Any = None,
    sample_weight: Any = None,
    stopping: Stopping | None = None,
    keep: str = "cost",
    backend: str | Backend | None = None,
    executor: Executor | None = None,
    at_once: int | None = None,
    path: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    interrupt: str = "raise",
) -> SearchResults:
    """Train a network with many settings, and compare them by cross-validation.

    Each setting is trained on every fold from every seed.  Networks of one shape are trained together in one stack.

    Parameters
    ----------
    network : Network, or sequence of Network
        What the settings change; several networks are one more axis, ``network``.
    data : (x, y), or a function that returns them
        As for `train`.  A function is called once in each process: hand it to an executor when the data are large.
    grid : mapping, or sequence of mappings
        Values, or a distribution (`xpnet.training.distributions`, or one of SciPy's), by name: ``hidden`` (the size of
        the hidden layer, a tuple of sizes, or 0), ``activation``, ``dropout``, ``output`` and ``cost`` of the network;
        ``optimizer`` and its settings (``eta``, ``mu``, …); ``l1``, ``l2``, ``epochs``, ``batch_size``, ``max_norm``,
        ``clip``, ``expand``, ``class_weight``, ``stopping`` and ``keep`` of `train`.  Of several grids the settings
        follow one another.
    folds : int, sequence of pairs, or an object with `split`
        How many folds (stratified for classes); pairs (training rows, validation rows), such as those of
        `xpnet.data.grouped_folds`; or a splitter of scikit-learn's.
    seeds : int or sequence of int
        Of the weights, the order of the examples and the dropout; a number k stands for 0 … k - 1.
    draws : int, optional
        How many settings are drawn from the grid at random.  Default: all combinations.
    draw_seed, fold_seed : int
        Of the draws, and of the folds if `folds` is a number.
    score : str or callable, optional
        ``"accuracy"`` (the default for classes), ``"cost"`` (the default for values), ``"rmse"``, or a function of the
        targets and predictions of the validation rows, of which a larger value is better.
    preprocessing : callable, optional
        ``preprocessing(x_train)`` returns an object with `apply`: `xpnet.data.Scaling.standardize`, for example.  It
        sees the training rows of each fold only, and is applied to all rows of that fold.  The network gets as many
        inputs as it makes.
    targets : callable, optional
        The same for the targets of a regression, a column (n, 1); it must return a `Scaling`.  Predictions are scaled
        back before they are scored by ``"rmse"`` or a function.
    epochs, batch_size, optimizer, l2, l1, max_norm, clip, expand, class_weight, sample_weight, stopping, keep
        As for `train`, where a setting says nothing.  With a stopping rule, a network is scored after its best epoch;
        since the validation rows choose it, such scores are a little too good.
    backend : str or Backend, optional
        As for `train`.
    executor : concurrent.futures.Executor, optional
        Runs the groups of networks: processes, ``mpi4py.futures``, a Dask client's executor.  It stays open.
        Default: one after another, here.
    at_once : int, optional
        The most networks in a group.  Default: 64, and with an executor several groups for each worker.
    path : path, optional
        Keeps finished trials, a JSON object a line.  If the file exists, the search goes on where it ended.
    progress : callable, optional
        ``progress(trials, done, total)`` is called first with what `path` held, then after each group with its trials.
    interrupt : {"raise", "return"}
        What KeyboardInterrupt does: it is raised (`path` keeps what has finished), or what has finished is returned.

    Returns
    -------
    SearchResults
        The same, seconds aside, however the groups were run and whether or not the search was interrupted.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense: an unknown name, an axis without values, more folds than rows of a class; or if
        `path` holds another search.  Errors of a setting name it.
    FormatError
        If `path` is another file, or a damaged one.
    BackendError
        If the backend cannot be used.

    Examples
    --------
    >>> import xpnet
    >>> digits = xpnet.data.load_digits()
    >>> data = digits.x[:500], digits.y[:500]
    >>> grid = {"eta": [0.1, 0.5], "hidden": [0, 20]}
    >>> found = xpnet.search(
    ...     xpnet.Network([64, 10]), data, grid, folds=3, epochs=3, preprocessing=xpnet.data.Scaling.standardize
    ... )
    >>> [row.trials for row in found]
    [3, 3, 3, 3]
    >>> network, arguments = found.recipe()
    >>> arguments["optimizer"] == xpnet.sgd(found.best.setting["eta"])
    True
    """
    if interrupt not in ("raise", "return"):
        raise ValueError(f"interrupt must be one of raise, return, got {interrupt!r}")
    if executor is not None and not hasattr(executor, "submit"):
        raise TypeError(f"executor must be a concurrent.futures.Executor, got {type(executor).__name__}")
    fixed = {
        "optimizer": optimizer,
        "l1": l1,
        "l2": l2,
        "epochs": epochs,
        "batch_size": batch_size,
        "max_norm": max_norm,
        "clip": clip,
        "expand": expand,
        "class_weight": class_weight,
        "stopping": stopping,
        "keep": keep,
    }
    base, settings = _settings(network, grid, draws, draw_seed, fixed)
    recipes = [recipe(base, fixed, setting) for setting in settings]
    x, y = read(data)
    _check_data(base, x, y, preprocessing, targets)
    plan = Plan(
        key=secrets.token_hex(8),
        data=data if callable(data) and executor is not None else (x, y),
        folds=check_folds(folds, base, x, y, whole("fold_seed", fold_seed, 0)),
        score=score_for(score, [each.network for each in recipes]),
        preprocessing=_fit("preprocessing", preprocessing),
        targets=_fit("targets", targets),
        sample_weight=None if sample_weight is None else _weights(sample_weight, int(x.shape[0])),
        backend=resolve(backend, x=x, y=y),
    )
    chosen = _seeds(seeds)
    jobs = [Job(i, f, s) for i in range(len(settings)) for f in range(len(plan.folds)) for s in chosen]
    file = None
    if path is not None:
        file = ResultsFile(path, identity(plan, (x, y), settings, chosen, {"network": base, **fixed}))
    finished = _Finished(file, progress, len(jobs))
    left = [job for job in jobs if job not in finished.trials]
    try:
        _run(plan, left, recipes, settings, finished.keep, executor, at_once)
    except KeyboardInterrupt:
        if interrupt == "raise":
            raise
    return SearchResults(
        settings=tuple(settings),
        trials=tuple(finished.trials[job] for job in jobs if job in finished.trials),
        score=plan.score,
        sizes=tuple((len(training), len(watched)) for training, watched in plan.folds),
        seeds=chosen,
        recipes=tuple(recipes),
    )


def _run(
    plan: Plan,
    jobs: Sequence[Job],
    recipes: Sequence[Recipe],
    settings: Sequence[Setting],
    keep: Keep,
    executor: Executor | None,
    at_once: int | None,
) -> None:
    size = size_for(executor, len(jobs)) if at_once is None else whole("at_once", at_once, 1)
    groups = groups_of(recipes, jobs, size, by_fold=plan.by_fold)
    try:
        with ignoring_divergence():
            run_groups(groups, partial(run_group, plan), keep, settings, executor)
    finally:
        forget()


class _Finished:
    """The trials that have finished, by setting, fold and seed: kept in the file, and told to `progress`."""

    def __init__(self, file: ResultsFile | None, progress: Progress | None, total: int) -> None:
        self.file, self.progress, self.total = file, progress, total
        self.trials = {trial.place: trial for trial in (file.finished if file else ())}
        self._tell(list(self.trials.values()))

    def keep(self, trials: list[Trial]) -> None:
        """Add the trials of a group."""
        if self.file:
            self.file.append(trials)
        self.trials.update((trial.place, trial) for trial in trials)
        self._tell(trials)

    def _tell(self, trials: list[Trial]) -> None:
        if self.progress:
            self.progress(trials, len(self.trials), self.total)


def _settings(
    network: Any, grid: Any, draws: int | None, draw_seed: int, fixed: Mapping[str, Any]
) -> tuple[Trainable, list[Setting]]:
    """Return the network that settings change, and the settings; several networks are an axis."""
    known = known_names(fixed["optimizer"])
    if not isinstance(network, list | tuple):
        return check_network(network), settings_of(grid, draws, draw_seed, known)
    if not network:
        raise ValueError("network must be a Network or several, got none")
    networks = [check_network(each) for each in network]
    grids = [grid] if isinstance(grid, Mapping) else list(grid)
    return networks[0], settings_of([{"network": networks, **each} for each in grids], draws, draw_seed, known)


def _check_data(network: Trainable, x: Any, y: Any, preprocessing: Any, targets: Any) -> None:
    if isinstance(x, Table) and preprocessing is None:
        raise TypeError("preprocessing must say how a table of columns becomes numbers, as Encoding.fit does, got none")
    if is_mapped(x) and preprocessing is None:
        raise ValueError("data must lie in memory to be searched on: pass np.array(x) instead of a mapped file")
    if targets is not None and (network.classifies or (y.ndim == 2 and y.shape[1] > 1)):
        kind = "classes" if network.classifies else f"{y.shape[1]} outputs"
        raise ValueError(f"targets must be left out but for a regression with one output, got {kind}")


def _weights(given: Any, n: int) -> Any:
    weights = as_array("sample_weight", given)
    if tuple(weights.shape) != (n,):
        raise ValueError(f"sample_weight must have shape ({n},), a weight for each row, got {tuple(weights.shape)}")
    return weights


def _seeds(seeds: Any) -> tuple[int, ...]:
    if isinstance(seeds, str) or not hasattr(seeds, "__iter__"):
        return tuple(range(whole("seeds", seeds, 1)))
    chosen = tuple(whole("seeds", seed, 0) for seed in seeds)
    if not chosen or len(set(chosen)) < len(chosen):
        raise ValueError(f"seeds must be at least one and differ, got {list(chosen)}")
    return chosen


def _fit(name: str, given: Any) -> Any:
    if given is not None and not callable(given):
        raise TypeError(
            f"{name} must be a function of training rows, such as Scaling.standardize, got {type(given).__name__}"
        )
    return given
