"""`xpnet train table.csv --target …` beside scikit-learn's MLP on the same tables, splits and seeds.

    python scripts/tables_beside_sklearn.py [--seeds 0 1 2 3 4]        (pip install scikit-learn)

Breast cancer, wine and iris, with text classes, and a made regression with a category and gaps, are written to CSV
and go through the command line from raw file to test figure; scikit-learn gets the same training and test rows,
prepared with its own tools (standardized, one-hot, median), and its MLP with 30 hidden neurons at its own defaults.
"""

import argparse
import contextlib
import io
import json
import os
import statistics
import tempfile
import warnings
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from xpnet.cli import main as xpnet
from xpnet.data import random_split, stratified_split


def tables():
    """Yield name, header, rows of text, and whether the last column holds classes."""
    for load in (datasets.load_breast_cancer, datasets.load_wine, datasets.load_iris):
        bunch = load()
        rows = [
            [*map(repr, map(float, x)), str(bunch.target_names[y])]
            for x, y in zip(bunch.data, bunch.target, strict=True)
        ]
        yield load.__name__.removeprefix("load_"), [*(f"c{i}" for i in range(bunch.data.shape[1])), "y"], rows, True
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (2000, 6))
    coast = rng.integers(0, 3, 2000)
    y = 2.0 + x[:, 0] + 2.0 * x[:, 1] * x[:, 2] + 0.7 * coast + np.sin(3.0 * x[:, 3]) + 0.2 * rng.standard_normal(2000)
    rows = [
        [f"{v:.5f}" for v in row] + [("far", "near", "island")[c], f"{t:.5f}"]
        for row, c, t in zip(x, coast, y, strict=True)
    ]
    for i in range(0, 2000, 37):
        rows[i][i % 6] = ""
    yield "houses", [*(f"c{i}" for i in range(6)), "coast", "y"], rows, False


def by_xpnet(path, classes, seed):
    """Return the test figure that the command line prints."""
    out = io.StringIO()
    extra = [] if classes else ["--impute", "median", "--epochs", "100"]
    with contextlib.redirect_stdout(out):
        code = xpnet(["train", str(path), "--target", "y", "--json", "--seed", str(seed), *extra])
    if code:
        raise SystemExit(f"xpnet train {path} failed with exit code {code}")
    end = json.loads(out.getvalue().splitlines()[-1])
    return end["test_accuracy"] if classes else end["test_r2"]


def by_sklearn(header, rows, classes, seed):
    """Return the same figure of scikit-learn's MLP on the same rows."""
    cells = np.asarray(rows, dtype=object)
    numeric = [i for i, name in enumerate(header[:-1]) if name != "coast"]
    x = np.where(cells[:, :-1] == "", np.nan, cells[:, :-1])
    y = cells[:, -1] if classes else cells[:, -1].astype(float)
    index = np.unique(y, return_inverse=True)[1]
    split = stratified_split(index, 0.2, seed) if classes else random_split(len(y), 0.2, seed)
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numeric),
        remainder=OneHotEncoder(handle_unknown="ignore"),
    )
    make = MLPClassifier if classes else MLPRegressor
    model = make_pipeline(prepare, make(hidden_layer_sizes=(30,), max_iter=500, random_state=seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(x[split.train], y[split.train]).score(x[split.test], y[split.test])


def main():
    """Print a row for each table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    options = parser.parse_args()
    print("| table | xpnet train | scikit-learn MLP | difference in points |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, header, rows, classes in tables():
            path = Path(folder, f"{name}.csv")
            path.write_text("\n".join(",".join(row) for row in [header, *rows]) + "\n")
            ours = [100 * by_xpnet(path, classes, seed) for seed in options.seeds]
            theirs = [100 * by_sklearn(header, rows, classes, seed) for seed in options.seeds]
            a, b = statistics.fmean(ours), statistics.fmean(theirs)
            unit = "accuracy %" if classes else "100 R²"
            print(f"| {name} ({unit}) | {a:.2f} ({min(ours):.2f}) | {b:.2f} ({min(theirs):.2f}) | {a - b:+.2f} |")


if __name__ == "__main__":
    main()
