"""The regularization path of SoftImpute on ratings of books: rank, nuclear norm and errors for every lambda.

    python scripts/recommend_path.py RATINGS.npz [--out docs/pictures] [--quick]

Without a file, or with `--quick`, made-up ratings show that it works.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from bench_recommend import made_up
from drawing import save, table

from xpnet import report
from xpnet.recommend import BiasModel, SoftImpute, load_ratings


def draw_path(folder, rows, biases):
    """Draw the errors and the rank over lambda."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    names = ("lambda", "rank", "nuclear norm", "training", "test", "test, debiased")
    points = [dict(zip(names, row, strict=True)) | {"biases alone, test": biases} for row in rows]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.4, 3.8), layout="constrained")
    report.plot_regularization_path(points, measures=[*names[3:], "biases alone, test"], ax=left)
    report.plot_regularization_path(points, measures=["rank"], ax=right)
    folder.mkdir(parents=True, exist_ok=True)
    save(figure, folder / "regularization_path.png")


def main():
    """Print the path and draw it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", nargs="?")
    parser.add_argument("--out", type=Path, help="folder for the figure (needs Matplotlib)")
    parser.add_argument("--quick", action="store_true", help="made-up ratings: only shows that it works")
    options = parser.parse_args()
    ratings = made_up() if options.quick or not options.path else load_ratings(options.path)
    train, test = ratings.split(0.1, 0)
    model = SoftImpute(k=100, n_lambdas=12, smallest=0.15)
    biases = BiasModel().fit(train).rmse(test)
    rows = []
    for shrunk, refitted in zip(model.path(train), replace(model, debias=True).path(train), strict=True):
        size = float(np.sum(np.square(shrunk.factors.p)))  # |Z|_* = |P|_F^2 at the minimum
        rows.append(
            (
                shrunk.lam,
                shrunk.history[-1].rank,
                size,
                *(one.rmse(known) for one, known in ((shrunk, train), (shrunk, test), (refitted, test))),
            )
        )
    print(f"biases alone: {biases:.4f}")
    heads = ["lambda", "rank", "nuclear norm", "RMSE, training", "RMSE, test", "RMSE, test, debiased"]
    table(
        heads, [(f"{lam:.2f}", rank, f"{size:.0f}", *(f"{x:.4f}" for x in errors)) for lam, rank, size, *errors in rows]
    )
    if options.out:
        draw_path(options.out, rows, biases)


if __name__ == "__main__":
    main()
