"""``xpnet recommend``: fit to ratings, test, and list items that a user should like."""

import argparse
import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from xpnet.backend import Backend, to_numpy
from xpnet.cli.commands.train import backend_line, choose_backend
from xpnet.cli.outputs import Output, check_outputs
from xpnet.cli.terminal import shown
from xpnet.data import FormatError
from xpnet.data.ratings.ids import from_word
from xpnet.recommend import (
    ALS,
    BiasModel,
    Ratings,
    Recommender,
    Scored,
    SoftImpute,
    coverage,
    is_ours,
    load,
    load_note,
    load_ratings,
    mae,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    rmse,
    save,
)
from xpnet.recommend.algorithms.observed import check_size

Figures = dict[str, float]
PLACES = 10  # the length of the lists that are tested


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    code: int = {"fit": fit, "evaluate": evaluate, "top": top, "similar": similar}[options.action](options)
    return code


def fit(options: argparse.Namespace) -> int:
    """Fit to a part of the ratings, test on the others, and save."""
    model, out = _model(options), Path(options.out)
    if out.suffix != ".npz":
        raise ValueError(f"the name of the file must end in .npz, got {out}")
    check_outputs([Output("-o", out, is_ours)], [options.ratings], force=options.force)
    backend = choose_backend(options)
    columns = {name: getattr(options, name) for name in ("user", "item", "rating", "duplicates")}
    ratings = load_ratings(options.ratings, **columns)
    _check_size(options.ratings, ratings, backend)
    train, test = ratings.split(options.test, options.seed)
    facts = {"train": train.n, "test": test.n, "users": train.n_users, "items": train.n_items}
    if options.json:
        print(json.dumps({"event": "start", **backend.info(), **facts}), flush=True)
    else:
        print(backend_line(options, backend))
    if not (options.quiet or options.json):
        print(f"ratings  {train.n} to train on, {test.n} to test on; {train.n_users} users, {train.n_items} items")
    found = model.fit(train, backend)
    errors, k = _errors(found, test), found.factors.p.shape[-1]  # what can fail comes before the file is written
    split = {"fraction": options.test, "seed": options.seed, "digest": _digest(ratings)}
    save(out, found, note={"model": options.model, "columns": columns, "split": split})
    if options.json:
        print(json.dumps({"event": "end", "model": options.model, "factors": k, "lambda": found.lam, "test": errors}))
        return 0
    if not options.quiet:
        chosen = ", chosen on a validation part" if options.lam is None else ""
        print(f"model    {options.model}" + (f", {k} factors, lambda {found.lam:.4g}{chosen}" if k else ""))
    print(_table(errors))
    if not options.quiet:
        print(f"saved    {shown(out)}")
    return 0


def evaluate(options: argparse.Namespace) -> int:
    """Test a saved recommender on the ratings that were put aside."""
    backend = choose_backend(options)
    found, test = load(options.model, backend), _test_part(options)
    errors, lists = _errors(found, test), _lists(found, test, options.relevant)
    if options.json:
        print(json.dumps({"rows": test.n, "test": errors, "lists": lists}))
        return 0
    print(backend_line(options, backend), _table(errors), sep="\n")
    if not lists:
        print(f"lists    not tested: no held-out rating is {options.relevant:g} or more")
        return 0
    print(f"lists of {PLACES}, against held-out ratings of {options.relevant:g} or more")
    print(_table(lists))
    return 0


def top(options: argparse.Namespace) -> int:
    """List what a user should like best."""
    found = load(options.model, choose_backend(options))
    user = from_word(found.ratings.user_ids, options.user)
    if found.ratings.numbers([user], found.ratings.item_ids[:1])[0][0] < 0:
        print(f"xpnet: user {options.user!r} is unknown: listed by the items' biases", file=sys.stderr)
    _print_scored(options, found.recommend(user, options.n, seen=options.seen))
    return 0


def similar(options: argparse.Namespace) -> int:
    """List the items most like an item."""
    found = load(options.model, choose_backend(options))
    item = from_word(found.ratings.item_ids, options.item)
    near = found.similar_items(item, found.ratings.n_items)
    others = near.ids != item
    _print_scored(options, Scored(near.ids[others][: options.n], near.scores[others][: options.n]))
    return 0


def _model(options: argparse.Namespace) -> ALS | SoftImpute | BiasModel:
    if not 0.0 < options.test < 1.0:
        options.usage_error(f"--test must lie between 0 and 1, both excluded, got {options.test}")
    if options.model == "bias":
        if options.factors is not None or options.lam is not None:
            options.usage_error("--factors and --lambda are for als and soft-impute; the bias model has neither")
        return BiasModel()
    make = ALS if options.model == "als" else SoftImpute
    size = {} if options.factors is None else {"k": options.factors}
    return make(lam=options.lam, seed=options.seed, **size)


def _check_size(path: str, ratings: Ratings, backend: Backend) -> None:
    """Refuse ratings that are too large, those of the test part included."""
    try:
        check_size(ratings.values, backend)
    except ValueError as error:
        raise FormatError(f"{path}: {error}") from error


def _digest(ratings: Ratings) -> str:
    digest = hashlib.sha256()
    for array in (ratings.users, ratings.items, ratings.values, ratings.user_ids, ratings.item_ids):
        digest.update(f"{array.dtype} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def _test_part(options: argparse.Namespace) -> Ratings:
    note = load_note(options.model)
    if "split" not in note:
        raise ValueError(f"{options.model} was saved from a program, without its test part; use xpnet.recommend.load")
    ratings, split = load_ratings(options.ratings, **note["columns"]), note["split"]
    if _digest(ratings) != split["digest"]:
        raise ValueError(f"{options.ratings} does not hold the ratings that {options.model} was fitted to")
    return ratings.split(split["fraction"], split["seed"])[1]


def _errors(found: Recommender, test: Ratings) -> dict[str, Figures]:
    """Return the errors on the test part: of the model, of its biases alone, and of the mean."""
    p, q = found.factors
    biases = replace(found, factors=found.factors._replace(p=p[:, :0], q=q[:, :0]))
    said = [to_numpy(one.predict_numbers(test.users, test.items)).astype("float64") for one in (found, biases)]
    said.append(np.full(test.n, found.ratings.values.mean()))
    rows = zip(("model", "bias model", "global mean"), said, strict=True)
    return {name: {"rmse": float(rmse(x, test.values)), "mae": float(mae(x, test.values))} for name, x in rows}


def _lists(found: Recommender, test: Ratings, least: float) -> dict[str, Figures]:
    """Return the worth of lists of unseen items, by the model and by popularity; {} if no held-out rating is liked."""
    liked = test.values >= least
    users, n_items = np.unique(test.users[liked]), test.n_items
    if not users.size:
        return {}
    held = [test.items[liked & (test.users == user)] for user in users]
    relevant = np.full((users.size, max(map(len, held))), -1, dtype="int64")
    for row, items in zip(relevant, held, strict=True):
        row[: items.size] = items
    figures = {}
    for name, lists in (("model", found.top_numbers(users, PLACES)), ("popularity", _popular(found.ratings, users))):
        values = [measure(lists, relevant, PLACES) for measure in (precision_at_k, recall_at_k, ndcg_at_k)]
        names = ("precision", "recall", "ndcg", "coverage")
        figures[name] = dict(zip(names, map(float, (*values, coverage(lists, n_items))), strict=True))
    return figures


def _popular(ratings: Ratings, users: Any) -> Any:
    """Return for each user the unseen items with the most ratings: (m, PLACES), -1 for no item."""
    order = np.argsort(-np.bincount(ratings.items, minlength=ratings.n_items), kind="stable")
    shown = np.full((users.size, PLACES), -1, dtype="int64")
    for row, user in zip(shown, users, strict=True):
        unseen = order[~np.isin(order, ratings.items[ratings.users == user])][:PLACES]
        row[: unseen.size] = unseen
    return shown


def _table(rows: dict[str, Figures]) -> str:
    names = [*next(iter(rows.values()))]
    lines = ["test" + " " * 11 + "".join(f"{name.upper() if len(name) < 5 else name:>11}" for name in names)]
    lines += [f"  {name:13}" + "".join(f"{x:11.4f}" for x in row.values()) for name, row in rows.items()]
    return "\n".join(lines)


def _print_scored(options: argparse.Namespace, scored: Scored) -> None:
    for one, score in zip(scored.ids.tolist(), scored.scores.tolist(), strict=True):
        print(json.dumps({"item": one, "score": score}) if options.json else f"{shown(one)}\t{score:.4f}")
