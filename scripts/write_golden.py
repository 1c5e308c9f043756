"""Write the golden files: one small file of each kind, and the answers that it must give in every later version.

A file that is there is never written again: golden files are kept as they were written.  Run it after a kind of file is
added, with the new kind in `KINDS`:

    python scripts/write_golden.py tests/golden
"""

import argparse
import json
import tempfile
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import xpnet

ROWS = np.round(np.random.default_rng(7).standard_normal((6, 4)), 3)
LABELS = [0, 1, 1, 0, 1, 0]


def write_single(path: Path) -> None:
    """Write a network for classes, with hidden layers of two kinds and scaled rows."""
    network = xpnet.Network([4, 5, 3, 2], hidden=["gelu", "tanh"], cost="log_likelihood", dropout=0.1)
    result = xpnet.train(network, (ROWS, LABELS), epochs=3, batch_size=2, validation=(ROWS, LABELS), optimizer="adam")
    xpnet.save(path, result, preprocessing=xpnet.data.Scaling.divide_by(2.0), classes=("no", "yes"))


def write_ensemble(path: Path) -> None:
    """Write an ensemble of three networks in float64."""
    backend = xpnet.backend.get("numpy", dtype="float64")
    network = xpnet.Network([4, 3, 2], labels="several")
    targets = np.asarray([[1, 0], [0, 1], [1, 1], [0, 0], [1, 0], [0, 1]])
    xpnet.save(path, xpnet.train_many(network, (ROWS, targets), seeds=3, epochs=2, backend=backend).ensemble())


def columns(n: int) -> dict[str, Any]:
    """Return a table with columns of every kind, with gaps and rare categories."""
    day = [f"2024-{i % 12 + 1:02d}-{i % 27 + 1:02d}" for i in range(n)]
    return {
        "width": [None if i % 11 == 0 else 0.5 * (i * 7 % 23) for i in range(n)],
        "color": [None if i % 13 == 5 else "violet" if i == 3 else ["red", "green", "blue"][i % 3] for i in range(n)],
        "whole": [i * 5 % 17 for i in range(n)],
        "yes": [i % 3 == 0 for i in range(n)],
        "day": day,
    }


def _table(path: Path, target: list[Any]) -> None:
    rows = columns(len(target))
    recipe = xpnet.tabular.TableRecipe(members=2, hidden=(4,), epochs=2)
    xpnet.save(path, xpnet.train_table(rows | {"y": target}, "y", recipe=recipe, keep=["day"]))


def write_table(path: Path) -> None:
    """Write the model of a table for classes."""
    _table(path, [["low", "high", "mid"][i * 7 % 5 % 3] for i in range(60)])


def write_regression(path: Path) -> None:
    """Write the model of a table for numbers, with intervals."""
    _table(path, [float(i * 7 % 23) + 0.25 for i in range(60)])


def write_estimator(path: Path) -> None:
    """Write a classifier of `xpnet.estimators`."""
    from xpnet.estimators import MLPClassifier

    made = MLPClassifier(hidden_layer_sizes=(3,), max_iter=2, batch_size=2, random_state=0, early_stopping=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two epochs are few
        xpnet.save(path, made.fit(ROWS, ["no" if label == 0 else "yes" for label in LABELS]))


def write_recommender(path: Path) -> None:
    """Write a recommender with numbers and text as ids."""
    from xpnet.recommend import ALS, Ratings, save

    ratings = Ratings.of([1, 1, 2, 2, 3], ["tea", "rum", "tea", "gin", "rum"], [5.0, 1.0, 4.0, 2.0, 3.0])
    save(path, ALS(k=2, lam=1.0).fit(ratings), note={"by": "hand"})


def answers(model: Any, rows: Any) -> Any:
    """Return what a model gives for rows, and what it tells of its training."""
    rows = np.asarray(rows) if isinstance(rows, list) else rows
    found = {
        "predict": model.predict(rows),
        "settings": model.settings,
        "history": model.history.column("cost") if model.runs else [],
        "kept": [[run.epoch, run.measure] for run in model.runs],
    }
    if model.network.classifies:
        found["proba"] = model.predict_proba(rows)
    if model.errors is not None:
        found["interval"] = model.predict_interval(rows, 0.8)
    return plain(found)


def estimator_answers(made: Any, rows: Any) -> Any:
    """Return what a classifier gives for rows."""
    rows = np.asarray(rows)
    return plain({"predict": made.predict(rows), "proba": made.predict_proba(rows), "parameters": made.max_iter})


def recommender_answers(found: Any, pairs: Any) -> Any:
    """Return what a recommender gives for pairs of users and items."""
    users, items = zip(*pairs, strict=True)
    return plain({"predict": found.predict(users, items), "best": found.recommend(users[0], 2).ids})


def load_estimator(path: Path) -> Any:
    """Return the estimator in a file; scikit-learn is imported only here."""
    from xpnet.estimators import load

    return load(path)


def load_recommender(path: Path) -> Any:
    """Return the recommender in a file."""
    from xpnet.recommend import load

    return load(path)


def plain(value: Any) -> Any:
    """Return answers as plain JSON."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


class Kind(NamedTuple):
    """A kind of golden file."""

    write: Callable[[Path], Any]
    load: Callable[[Path], Any]
    answer: Callable[[Any, Any], Any]
    rows: Any  # what is predicted, as plain JSON


SIX = {name: values[:6] for name, values in columns(60).items()}
KINDS = {
    "single.safetensors": Kind(write_single, xpnet.load, answers, ROWS.tolist()),
    "ensemble.safetensors": Kind(write_ensemble, xpnet.load, answers, ROWS.tolist()),
    "table.safetensors": Kind(write_table, xpnet.load, answers, SIX),
    "regression.safetensors": Kind(write_regression, xpnet.load, answers, SIX),
    "estimator.safetensors": Kind(write_estimator, load_estimator, estimator_answers, ROWS.tolist()),
    "recommender.npz": Kind(write_recommender, load_recommender, recommender_answers, [[1, "gin"], [3, "tea"]]),
}


def main() -> None:
    """Write the golden files that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=None, help="default: write nothing, only try")
    parser.add_argument("--quick", action="store_true", help="only try")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if options.folder is None or options.quick else options.folder
        for name, kind in KINDS.items():
            if name.startswith("estimator") and find_spec("sklearn") is None:
                print(f"{name}: scikit-learn is not installed")
            elif not (folder / name).exists():
                kind.write(folder / name)
                told = {"rows": kind.rows, "answers": kind.answer(kind.load(folder / name), kind.rows)}
                (folder / name).with_suffix(".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
                print(f"{name}: {(folder / name).stat().st_size} bytes")


if __name__ == "__main__":
    main()
