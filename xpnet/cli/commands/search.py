"""``xpnet search``: read the data, train with every setting on every fold, and tell which is best."""

import argparse
import json
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from xpnet.cli.commands.train import backend_line, choose_backend
from xpnet.cli.inputs.parts import fingerprint
from xpnet.cli.inputs.sources import preprocessing_for
from xpnet.cli.outputs import Output, check_outputs
from xpnet.cli.parsing.again import words_again
from xpnet.cli.parsing.search_axes import axis, flags
from xpnet.cli.printing.progress import SearchBar, SearchJson, SearchLines
from xpnet.cli.terminal import command, shown
from xpnet.cli.training.fitting import network_of, optimizer_of, training_options
from xpnet.cli.training.preparing import describe, n_inputs, prepare, stem_of
from xpnet.data import Dataset, Encoding, Scaling, grouped_folds, time_folds
from xpnet.nn import Network
from xpnet.training import OPTIMIZERS, SearchResults, search
from xpnet.training.runs.settings.grid import in_words, value_in_words
from xpnet.training.runs.trials.results_file import is_results_file

WRITER = "xpnet search"
MOST = 20  # settings in the table
TIMED = ("eta", "optimizer", "epochs", "batch_size", "stopping")  # axes by which numbers of steps or rates differ


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    options.data = options.data or "digits"
    if options.validation is not None:
        options.usage_error("--validation is for xpnet train; a search validates on --folds")
    if options.scheme is not None:
        options.usage_error("--scheme is for xpnet train; a search begins with scaled weights")
    grid = _grid(options)
    described = describe(options)
    out = Path(options.out or f"xpnet-{stem_of(described)}-search.jsonl")
    _check_output(options, out)
    backend = choose_backend(options)
    if not options.json:
        print(backend_line(options, backend))
    asked = options
    options, parts, preprocessing, _, _, by = prepare(options, described, backend)
    options.schedule = _schedule(options, asked, grid)
    network = network_of(options, parts.train, n_inputs(preprocessing, parts.train))
    if not (options.quiet or options.json):
        rest = f"; the {parts.test.n} rows of the test part are not looked at" if parts.test else ""
        print(
            f"data     {shown(parts.train.name)}: {parts.train.n} rows to search on{rest}",
            f"results  {shown(out)}",
            sep="\n",
        )
    grid = _with_optimizers(options, asked.eta, grid, network)
    folds = _folds(options, by, described)
    found = _search(options, network, parts.train, described, grid, folds, backend, out)
    _report(options, asked, found, out)
    return 0


def _grid(options: argparse.Namespace) -> dict[str, Any]:
    grid: dict[str, Any] = {}
    try:
        for word in options.grid:
            name, values = axis(word)
            if name in grid:
                raise ValueError(f"grid must name each axis once, got {name} twice")
            grid[name] = values
    except (TypeError, ValueError) as error:
        options.usage_error(f"argument --grid: {str(error).removeprefix('grid ')}")
    return grid


def _schedule(options: argparse.Namespace, asked: argparse.Namespace, grid: dict[str, Any]) -> str:
    """Return how the learning rate goes on: it can fall to 0 only if all networks take the same number of steps."""
    axes = [f"--grid {name.replace('_', '-')}" for name in TIMED if name in grid]
    axes += ["--early-stopping"] * (options.early_stopping is not None)
    if axes and asked.schedule in ("cosine", "restarts"):
        options.usage_error(f"--schedule {asked.schedule} needs networks with equal steps: leave out {axes[0]}")
    return "constant" if axes else str(options.schedule)


def _with_optimizers(
    options: argparse.Namespace, eta: float | None, grid: dict[str, Any], network: Network
) -> dict[str, Any]:
    """Return the axes with optimizers in the place of names: with --eta, or else its default, as in ``xpnet train``."""
    names = grid.get("optimizer", [])
    unknown = next((name for name in names if name not in OPTIMIZERS), None)
    if unknown is not None:
        options.usage_error(f"argument --grid: optimizer must be one of {', '.join(OPTIMIZERS)}, got {unknown!r}")
    made = [
        optimizer_of(argparse.Namespace(**{**vars(options), "optimizer": name, "eta": eta}), network, 1)
        for name in names
    ]
    return {**grid, "optimizer": made} if made else grid


def _check_output(options: argparse.Namespace, out: Path) -> None:
    check_outputs([Output("-o", out, is_results_file, WRITER)], [options.data], force=options.force)
    exists = out.is_file() and out.stat().st_size > 0
    if options.resume and options.force:
        options.usage_error("--resume goes on with a file and --force begins it anew: leave one out")
    if options.resume and not exists:
        raise FileNotFoundError(f"-o must be the file of an earlier search to go on with --resume, got none at {out}")
    if options.force and exists:
        out.write_bytes(b"")


def _folds(options: argparse.Namespace, by: Any, described: dict[str, Any]) -> Any:
    """Return the folds: a number, or those by group or time if the test part was split so."""
    if by is None:
        return options.folds
    try:
        if described["split"]["kind"] == "time":
            return time_folds(by, options.folds)
        return grouped_folds(np.unique(by, return_inverse=True)[1], options.folds, described["split"]["seed"])
    except ValueError as error:
        raise ValueError(str(error).replace("k must", "folds must", 1)) from error


@dataclass(frozen=True, repr=False)
class Rows:
    """What `search` takes for a preprocessing: fitted to rows of a table that are given by their numbers, (m, 1)."""

    described: dict[str, Any]
    whole: Dataset
    digest: str
    fitted: Scaling | Encoding | None = None

    def __call__(self, rows: Any) -> "Rows":
        """Return what ``xpnet train`` would fit to these rows."""
        fitted = preprocessing_for(self.described, self.whole.take(rows[:, 0]))
        return Rows(self.described, self.whole, self.digest, fitted)

    def apply(self, rows: Any, *, dtype: str = "float32") -> Any:
        """Return these rows as the network takes them."""
        assert self.fitted is not None
        return self.fitted.apply(self.whole.take(rows[:, 0]).x, dtype=dtype)

    def __repr__(self) -> str:
        """Return what tells it from other ones in a results file."""
        return f"rows {self.digest}, impute {self.described['impute']}, categorical {self.described['categorical']}"


def _search(
    options: argparse.Namespace,
    network: Network,
    train: Dataset,
    described: dict[str, Any],
    grid: dict[str, Any],
    folds: Any,
    backend: Any,
    out: Path,
) -> SearchResults:
    if described["source"] in ("digits", "mnist"):  # divided by a number, whatever the rows
        x, preprocessing = preprocessing_for(described, train).apply(train.x, dtype=backend.dtype_name), None
    else:
        x, preprocessing = np.arange(train.n)[:, None], Rows(described, train, fingerprint(train))
    progress = _progress(options)
    try:
        with _executor(options.workers) as executor:
            return search(
                network,
                (x, train.y),
                grid,
                folds=folds,
                fold_seed=described["split"]["seed"],
                preprocessing=preprocessing,
                backend=backend,
                executor=executor,
                path=out,
                progress=progress,
                **_arguments(options, network, train.n - train.n // max(2, options.folds)),
            )
    except KeyboardInterrupt:
        if progress.total:
            kept = f"{progress.done} of {progress.total} networks are in {shown(out)}"
            print(f"xpnet: {kept}; the same command goes on", file=sys.stderr)
        raise
    finally:
        if isinstance(progress, SearchBar):
            progress.close()


def _arguments(options: argparse.Namespace, network: Network, n: int) -> dict[str, Any]:
    """Return the arguments of `search` that are options, for this network and n rows to train on."""
    scaled = not network.classifies and network.cost.may_standardize
    return {
        "seeds": range(options.seed, options.seed + options.seeds),
        "draws": options.random,
        "draw_seed": options.seed,
        "score": options.score or ("rmse" if scaled else None),
        "targets": Scaling.standardize if scaled else None,
        "optimizer": optimizer_of(options, network, n),
        **training_options(options),
    }


@contextmanager
def _executor(workers: int) -> Iterator[Executor | None]:
    if workers == 1:
        yield None
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        yield executor


def _progress(options: argparse.Namespace) -> SearchLines | SearchJson | SearchBar:
    if options.json:
        return SearchJson()
    if options.quiet:
        return SearchLines(quiet=True)
    return SearchBar() if sys.stdout.isatty() else SearchLines()


def _report(options: argparse.Namespace, asked: argparse.Namespace, found: SearchResults, out: Path) -> None:
    best, near = found.best, found.within_one_error
    if options.json:
        for record, row in zip(found.records(), found, strict=True):
            print(json.dumps({"event": "setting", **_plain(record), "rank": found.ranking.index(row) + 1}))
        end: dict[str, Any] = {"best": best.number, "mean": best.mean, "spread": best.spread, "error": best.error}
        numbers = [row.number for row in near]
        end |= {"within_one_error": numbers, "file": str(out)}
        print(json.dumps({"event": "end", "score": found.score.name, **end}))
        return
    if not options.quiet:
        print(f"\n{found.table(MOST)}\n")
    print(_best_line(found))
    if options.quiet:
        return
    print(f"within one standard error of it: {len(near)} of {len(found)} settings")
    words = _train_command(asked, found, options.schedule)
    print(f"\nsaved to {shown(out)}; {len(found.trials)} networks")
    if words:
        print(f"try next, to train with the best setting and to test it:\n  {command('train', *words)}")


def _best_line(found: SearchResults) -> str:
    best = found.best
    each = f" of {len(found.seeds)} seeds each" if len(found.seeds) > 1 else ""
    over = f"{len(found.sizes)} folds{each}"
    error = "" if best.error is None else f" ± {found.in_words(best.error)} (standard error over {over})"
    spread = "" if best.spread is None else f", spread {found.in_words(best.spread)}"
    return f"best     {in_words(best.setting)}: {found.score.name} {found.in_words(best.mean)}{error}{spread}"


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    plain = (bool, int, float, str, list, tuple, type(None))
    return {name: value if isinstance(value, plain) else value_in_words(value) for name, value in record.items()}


# options that are no flags of ``xpnet train``, or mean something else there
OF_SEARCH = (
    *("grid", "random", "folds", "seeds", "score", "workers", "early_stopping", "resume"),
    *("out", "force", "quiet", "json"),
)


def _train_command(options: argparse.Namespace, found: SearchResults, schedule: str) -> list[Any] | None:
    """Return the words of ``xpnet train`` with the best setting and the other flags of this search."""
    best, (_, arguments) = found.best, found.recipe()
    # all rows train the final network: it stops after as many epochs as the folds chose
    stops = found.recipes[best.number].shared["stopping"] is not None
    setting = {name: value for name, value in best.setting.items() if name != "stopping"}
    chosen = flags(setting | ({"epochs": arguments["epochs"]} if stops else {}))
    if chosen is None:
        return None
    by_axis = {"clip_norm" if name == "clip" else name for name in setting} | ({"epochs"} if stops else set())
    words = words_again(options, {*OF_SEARCH, *by_axis})
    if options.target is not None and options.schedule is None and schedule == "constant":
        words += ["--schedule", schedule]
    return [*words, *chosen]
