"""Write the golden files: one small file of each kind, and the answers that it must give in every later version.

A file that is there is never written again: golden files are kept as they were written.  Run it after a kind of file is
added, with the new kind in `KINDS`:

    python scripts/write_golden.py tests/golden
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import xpnet

ROWS = np.round(np.random.default_rng(7).standard_normal((6, 4)), 3)
LABELS = [0, 1, 1, 0, 1, 0]


def write_single(path: Path) -> Any:
    """Write a network for classes, with hidden layers of two kinds and scaled rows; return its answers."""
    network = xpnet.Network([4, 5, 3, 2], hidden=["gelu", "tanh"], cost="log_likelihood", dropout=0.1)
    result = xpnet.train(network, (ROWS, LABELS), epochs=3, batch_size=2, validation=(ROWS, LABELS), optimizer="adam")
    xpnet.save(path, result, preprocessing=xpnet.data.Scaling.divide_by(2.0), classes=("no", "yes"))
    return answers(path, ROWS)


def write_ensemble(path: Path) -> Any:
    """Write an ensemble of three networks in float64; return its answers."""
    backend = xpnet.backend.get("numpy", dtype="float64")
    network = xpnet.Network([4, 3, 2], labels="several")
    targets = np.asarray([[1, 0], [0, 1], [1, 1], [0, 0], [1, 0], [0, 1]])
    xpnet.save(path, xpnet.train_many(network, (ROWS, targets), seeds=3, epochs=2, backend=backend).ensemble())
    return answers(path, ROWS)


def columns(n: int) -> dict[str, Any]:
    """Return a table with columns of every kind: numbers with gaps, categories with rare ones, booleans, dates, text."""
    day = [f"2024-{i % 12 + 1:02d}-{i % 27 + 1:02d}" for i in range(n)]
    return {
        "width": [None if i % 11 == 0 else 0.5 * (i * 7 % 23) for i in range(n)],
        "color": [None if i % 13 == 5 else "violet" if i == 3 else ["red", "green", "blue"][i % 3] for i in range(n)],
        "whole": [i * 5 % 17 for i in range(n)],
        "yes": [i % 3 == 0 for i in range(n)],
        "day": day,
    }


def _table(path: Path, target: list[Any]) -> Any:
    rows = columns(len(target))
    recipe = xpnet.tabular.TableRecipe(members=2, hidden=(4,), epochs=2)
    xpnet.save(path, xpnet.train_table(rows | {"y": target}, "y", recipe=recipe, keep=["day"]))
    return answers(path, {name: values[:6] for name, values in rows.items()})


def write_table(path: Path) -> Any:
    """Write the model of a table for classes; return its answers."""
    return _table(path, [["low", "high", "mid"][i * 7 % 5 % 3] for i in range(60)])


def write_regression(path: Path) -> Any:
    """Write the model of a table for numbers, with intervals; return its answers."""
    return _table(path, [float(i * 7 % 23) + 0.25 for i in range(60)])


def write_estimator(path: Path) -> Any:
    """Write a classifier of `xpnet.estimators`; return its answers."""
    from xpnet.estimators import MLPClassifier

    made = MLPClassifier(hidden_layer_sizes=(3,), max_iter=2, batch_size=2, random_state=0, early_stopping=False)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two epochs are few
        xpnet.save(path, made.fit(ROWS, ["no" if label == 0 else "yes" for label in LABELS]))
    return estimator_answers(path, ROWS)


def write_recommender(path: Path) -> Any:
    """Write a recommender with numbers and text as ids; return its answers."""
    from xpnet.recommend import ALS, Ratings, save

    ratings = Ratings.of([1, 1, 2, 2, 3], ["tea", "rum", "tea", "gin", "rum"], [5.0, 1.0, 4.0, 2.0, 3.0])
    save(path, ALS(k=2, lam=1.0).fit(ratings), note={"by": "hand"})
    return recommender_answers(path, None)


def answers(path: Path, rows: Any) -> Any:
    """Return what the model in a file gives for rows."""
    model = xpnet.load(path)
    rows = np.asarray(rows) if isinstance(rows, list) else rows
    found = {
        "predict": model.predict(rows),
        "settings": model.settings,
        "history": model.history.column("cost"),
        "kept": [[run.epoch, run.measure] for run in model.runs],
    }
    if model.network.classifies:
        found["proba"] = model.predict_proba(rows)
    if model.errors is not None:
        found["interval"] = model.predict_interval(rows, 0.8)
    return plain(found)


def estimator_answers(path: Path, rows: Any) -> Any:
    """Return what the estimator in a file gives for rows."""
    from xpnet.estimators import load

    made = load(path)
    rows = np.asarray(rows)
    return plain({"predict": made.predict(rows), "proba": made.predict_proba(rows), "parameters": made.max_iter})


def recommender_answers(path: Path, _: Any) -> Any:
    """Return what the recommender in a file gives."""
    from xpnet.recommend import load

    found = load(path)
    return plain({"predict": found.predict([1, 2, 3], ["gin", "rum", "tea"]), "best": found.recommend(1, 2).ids})


def plain(value: Any) -> Any:
    """Return answers as plain JSON."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


Write = Callable[[Path], Any]
Answer = Callable[[Path, Any], Any]
KINDS: dict[str, tuple[Write, Answer, Any]] = {  # by name: who writes it, who reads it, and the rows to predict
    "single.safetensors": (write_single, answers, ROWS.tolist()),
    "ensemble.safetensors": (write_ensemble, answers, ROWS.tolist()),
    "table.safetensors": (write_table, answers, {name: values[:6] for name, values in columns(60).items()}),
    "regression.safetensors": (write_regression, answers, {name: values[:6] for name, values in columns(60).items()}),
    "estimator.safetensors": (write_estimator, estimator_answers, ROWS.tolist()),
    "recommender.npz": (write_recommender, recommender_answers, None),
}


def main() -> None:
    """Write the golden files that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=None, help="default: write nothing, only try")
    parser.add_argument("--quick", action="store_true", help="only try")
    options = parser.parse_args()
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if options.folder is None or options.quick else options.folder
        for name, (write, _, rows) in KINDS.items():
            if not (folder / name).exists():
                told = {"rows": rows, "answers": write(folder / name)}
                (folder / name).with_suffix(".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
                print(f"{name}: {(folder / name).stat().st_size} bytes")


if __name__ == "__main__":
    main()
