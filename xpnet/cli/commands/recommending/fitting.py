"""``xpnet recommend fit``: fit to a part of the ratings, test on the others, and save."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xpnet.backend import Backend
from xpnet.cli.commands.processes import sharing
from xpnet.cli.commands.recommending.testing import digest, figures_of, split_ratings, table
from xpnet.cli.commands.train import backend_line, choose_backend
from xpnet.cli.outputs import Output, check_outputs
from xpnet.cli.terminal import shown
from xpnet.data import FormatError
from xpnet.recommend import (
    ALS,
    BiasModel,
    ImplicitALS,
    MatrixFactorization,
    Ratings,
    Recommender,
    SoftImpute,
    is_ours,
    load_ratings,
    save,
)
from xpnet.recommend.algorithms.observed import check_size
from xpnet.training.parallel import Parallel

# the flags that a model takes, and the settings of the library that they set
SETTINGS = {
    "als": {"factors": "k", "lam": "lam", "iterations": "iterations"},
    "soft-impute": {"factors": "k", "lam": "lam"},
    "implicit": {"factors": "k", "lam": "lam", "alpha": "alpha", "iterations": "iterations"},
    "factorization": {"factors": "k", "lam": "l2", "iterations": "epochs"},
    "bias": {},
}
MODELS = {"als": ALS, "soft-impute": SoftImpute, "implicit": ImplicitALS, "factorization": MatrixFactorization}
SHARED = ("als", "implicit")  # whose blocks several processes solve
FLAGS = {"factors": "--factors", "lam": "--lambda", "alpha": "--alpha", "iterations": "--iterations"}


def fit(options: argparse.Namespace) -> int:
    """Fit to a part of the ratings, test on the others, and save."""
    model, out = _model(options), Path(options.out)
    if out.suffix != ".npz":
        raise ValueError(f"the name of the file must end in .npz, got {out}")
    check_outputs([Output("-o", out, is_ours)], [options.ratings], force=options.force)
    with sharing(options) as parallel:
        return _fit(options, model, out, parallel)


def _fit(options: argparse.Namespace, model: Any, out: Path, parallel: Parallel | None) -> int:
    """Fit, test and save; of several processes, only the first one tests and saves."""
    backend = choose_backend(options)
    columns = {name: getattr(options, name) for name in ("user", "item", "rating", "time", "duplicates")}
    columns |= {"rating": None} if options.clicks else {}
    ratings = load_ratings(options.ratings, **columns)
    _check_size(options.ratings, ratings, backend)
    split = {"fraction": options.test, "seed": options.seed, "by time": options.time is not None}
    train, test = split_ratings(ratings, split)
    _announce(options, backend, train, test)
    progress = {} if options.quiet or isinstance(model, BiasModel) else {"progress": _progress(options, model)}
    shared = {} if parallel is None else {"parallel": parallel}
    found = model.fit(train, backend, **progress, **shared)
    if parallel is not None and parallel.rank > 0:
        return 0
    figures = figures_of(found, test)  # what can fail comes before the file is written
    save(out, found, note={"model": options.model, "columns": columns, "split": split | {"digest": digest(ratings)}})
    _report(options, found, figures)
    return 0


def _model(options: argparse.Namespace) -> Any:
    if not 0.0 < options.test < 1.0:
        options.usage_error(f"--test must lie between 0 and 1, both excluded, got {options.test}")
    if options.clicks and options.model != "implicit":
        options.usage_error(f"--clicks is for implicit; {options.model} is fitted to ratings")
    if options.distributed and options.model not in SHARED:
        options.usage_error(f"--distributed is for {' and '.join(SHARED)}; {options.model} is fitted in one process")
    settings = {}
    for flag, word in FLAGS.items():
        if getattr(options, flag) is None:
            continue
        if flag not in SETTINGS[options.model]:
            takers = ", ".join(name for name, known in SETTINGS.items() if flag in known)
            options.usage_error(f"{word} is for {takers}; {options.model} takes none")
        settings[SETTINGS[options.model][flag]] = getattr(options, flag)
    return MODELS[options.model](seed=options.seed, **settings) if options.model in MODELS else BiasModel()


def _check_size(path: str, ratings: Ratings, backend: Backend) -> None:
    """Refuse ratings that are too large, those of the test part included."""
    try:
        check_size(ratings.values, backend)
    except ValueError as error:
        raise FormatError(f"{path}: {error}") from error


def _announce(options: argparse.Namespace, backend: Backend, train: Ratings, test: Ratings) -> None:
    facts = {"train": train.n, "test": test.n, "users": train.n_users, "items": train.n_items}
    if options.json:
        print(json.dumps({"event": "start", **backend.info(), **facts}), flush=True)
        return
    print(backend_line(options, backend))
    if not options.quiet:
        latest = " (the latest)" if options.time else ""
        print(
            f"ratings  {train.n} to train on, {test.n} to test on{latest}; {train.n_users} users, {train.n_items} items"
        )


def _progress(options: argparse.Namespace, model: Any) -> Callable[[Any], None]:
    """Return what prints the records of a fit: points of a path of lambdas, objectives, or epochs."""
    count = 0

    def tell(record: Any) -> None:
        nonlocal count
        count += 1
        event = _event(record, count, getattr(model, "iterations", None))
        if options.json:
            print(json.dumps({name: x for name, x in event.items() if x is not None}), flush=True)
        else:
            print(_line(event), flush=True)

    return tell


def _event(record: Any, count: int, most: int | None) -> dict[str, Any]:
    if isinstance(record, float):
        return {"event": "iteration", "iteration": count, "of": most, "objective": record}
    if hasattr(record, "lam"):
        facts = {"lambda": record.lam, "rank": record.rank, "steps": record.steps, "objective": record.objective}
        return {"event": "fit" if record.validation is None else "path", **facts, "validation": record.validation}
    return {"event": "epoch", "epoch": record.epoch, "cost": record.cost}


def _line(event: dict[str, Any]) -> str:
    """Return an event as a line of text."""
    match event["event"]:
        case "iteration":
            return f"iteration {event['iteration']}/{event['of']}  objective {event['objective']:.6g}"
        case "epoch":
            return f"epoch {event['epoch']}  cost {event['cost']:.4f}"
    line = f"{event['event']:8} lambda {event['lambda']:.4g}  rank {event['rank']}  {event['steps']} steps"
    line += f"  objective {event['objective']:.6g}"
    return line if event["validation"] is None else f"{line}  validation RMSE {event['validation']:.4f}"


def _report(options: argparse.Namespace, found: Recommender, figures: dict[str, Any]) -> None:
    k, rank = found.factors.p.shape[-1], getattr((None, *found.history)[-1], "rank", None)
    if options.json:
        facts = {"model": options.model, "factors": k, "lambda": found.lam}
        facts |= {} if rank is None else {"rank": rank}
        print(json.dumps({"event": "end", **facts, **figures}))
        return
    if not options.quiet:
        chosen = (
            ", chosen on a validation part" if options.lam is None and options.model in ("als", "soft-impute") else ""
        )
        size = f", rank {rank} of {k} factors" if rank is not None else f", {k} factors" if k else ""
        print(f"model    {options.model}" + (f"{size}, lambda {found.lam:.4g}{chosen}" if k else ""))
    for rows in figures.values():
        print(table(rows))
    if not options.quiet:
        print(f"saved    {shown(options.out)}")
