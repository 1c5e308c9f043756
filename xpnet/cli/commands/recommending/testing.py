"""``xpnet recommend evaluate``: test a saved recommender on the ratings that were put aside."""

import argparse
import hashlib
import json
from dataclasses import replace
from typing import Any

import numpy as np

from xpnet.backend import to_numpy
from xpnet.cli.commands.train import backend_line, choose_backend
from xpnet.recommend import Ratings, Recommender, evaluate_lists, load, load_note, load_ratings, mae, rmse

Figures = dict[str, float]
PLACES = 10  # the length of the lists that are tested
LIKED = 4.0  # the smallest rating that is relevant, where ratings are predicted


def evaluate(options: argparse.Namespace) -> int:
    """Test a saved recommender on the ratings that were put aside."""
    backend = choose_backend(options)
    found, test = load(options.model, backend), _test_part(options)
    least = options.relevant if options.relevant is not None or not found.bounded else LIKED
    lists = evaluate_lists(found, test, options.n, least)
    errors = {"test": _errors(found, test)} if found.bounded else {}
    if options.json:
        print(json.dumps({"rows": test.n, **errors, "lists": lists}))
        return 0
    print(backend_line(options, backend))
    for rows in errors.values():
        print(table(rows))
    if not lists:
        print(f"lists    not tested: no held-out rating is {'above 0' if least is None else f'{least:g} or more'}")
        return 0
    wanted = "all held-out ratings" if least is None else f"held-out ratings of {least:g} or more"
    print(f"lists of {options.n}, against {wanted}")
    print(table(lists))
    return 0


def figures_of(found: Recommender, test: Ratings) -> dict[str, dict[str, Figures]]:
    """Return the errors on the test part, or the worth of lists where preferences are predicted, not ratings."""
    if found.bounded:
        return {"test": _errors(found, test)}
    return {"lists": evaluate_lists(found, test, PLACES)}


def split_ratings(ratings: Ratings, split: dict[str, Any]) -> tuple[Ratings, Ratings]:
    """Return the ratings to fit to and those to test on: a random part, or the latest."""
    if split.get("by time"):
        return ratings.split_by_time(split["fraction"])
    return ratings.split(split["fraction"], split["seed"])


def digest(ratings: Ratings) -> str:
    """Return what tells whether two tables hold the same ratings."""
    found = hashlib.sha256()
    times = () if ratings.times is None else (ratings.times,)
    for array in (ratings.users, ratings.items, ratings.values, ratings.user_ids, ratings.item_ids, *times):
        found.update(f"{array.dtype} {array.shape}".encode() + array.tobytes())
    return found.hexdigest()


def table(rows: dict[str, Figures]) -> str:
    """Return figures as lines of text, a column for each.

    Examples
    --------
    >>> print(table({"model": {"rmse": 0.85, "hit rate": 0.5}}))
    test                  RMSE   hit rate
      model             0.8500     0.5000
    """
    if not rows:
        return "test       no held-out rating"
    names = [*next(iter(rows.values()))]
    lines = ["test" + " " * 11 + "".join(f"{name.upper() if len(name) < 5 else name:>11}" for name in names)]
    lines += [f"  {name:13}" + "".join(f"{x:11.4f}" for x in row.values()) for name, row in rows.items()]
    return "\n".join(lines)


def _test_part(options: argparse.Namespace) -> Ratings:
    note = load_note(options.model)
    if "split" not in note:
        raise ValueError(f"{options.model} has no test part: it was updated, or saved from a program")
    ratings, split = load_ratings(options.ratings, **note["columns"]), note["split"]
    if digest(ratings) != split["digest"]:
        raise ValueError(f"{options.ratings} does not hold the ratings that {options.model} was fitted to")
    return split_ratings(ratings, split)[1]


def _errors(found: Recommender, test: Ratings) -> dict[str, Figures]:
    """Return the errors on the test part: of the model, of its biases alone, and of the mean."""
    p, q = found.factors
    biases = replace(found, factors=found.factors._replace(p=p[:, :0], q=q[:, :0]))
    said = [to_numpy(one.predict_numbers(test.users, test.items)).astype("float64") for one in (found, biases)]
    said.append(np.full(test.n, found.ratings.values.mean()))
    rows = zip(("model", "bias model", "global mean"), said, strict=True)
    return {name: {"rmse": float(rmse(x, test.values)), "mae": float(mae(x, test.values))} for name, x in rows}
