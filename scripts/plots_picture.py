"""The picture of docs/plots.md: four plots of the bundled digits and of two moons.

    python scripts/plots_picture.py [--out docs/pictures] [--quick]

Plots need Matplotlib (pip install 'xpnet[plot]').
"""

import argparse
from pathlib import Path

import numpy as np
from drawing import save

import xpnet
from xpnet import report
from xpnet.training import confusion


def moons(n, seed=0):
    """Return two half circles that reach into each other, with noise, and their classes."""
    rng = np.random.default_rng(seed)
    angle, y = np.pi * rng.random(n), np.arange(n) % 2
    x = np.stack([np.cos(angle) + y, (1 - 2 * y) * np.sin(angle) + 0.5 * y], axis=1)
    return x + 0.15 * rng.standard_normal((n, 2)), y


def main():
    """Train, print what the plots show, and draw them where there is a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder for the picture")
    parser.add_argument("--quick", action="store_true", help="few epochs: only shows that it works")
    options = parser.parse_args()
    epochs = 3 if options.quick else 30
    digits = xpnet.data.load_digits()
    train, test = xpnet.data.stratified_split(digits.y, 0.2, seed=0)
    x, y = digits.x / 16, digits.y
    validation = (x[test], y[test])
    seeds = xpnet.train_many(
        xpnet.Network([64, 30, 10]), (x[train], y[train]), validation=validation, seeds=5, epochs=epochs
    )
    plane = moons(300)
    curved = xpnet.train(xpnet.Network([2, 8, 1], hidden="tanh"), plane, epochs=10 * epochs, optimizer="adam")
    counts = confusion(y[test], seeds[0].predict(x[test]), 10)
    print(f"validation cost {seeds.mean('validation_cost'):.3f} +/- {seeds.spread('validation_cost'):.3f}")
    print(f"right: {int(np.trace(counts))} of {len(test)}")
    if options.out:
        draw(options.out, seeds, counts, curved, plane)


def draw(folder, seeds, counts, curved, plane):
    """Draw the four plots into one picture."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(10.4, 8.4), layout="constrained")
    report.plot_seeds(seeds, ax=axes[0, 0])
    report.plot_confusion(counts, ax=axes[0, 1])
    report.plot_weights(seeds[0], ax=axes[1, 0])
    report.plot_decision_boundary(curved, *plane, ax=axes[1, 1])
    folder.mkdir(parents=True, exist_ok=True)
    save(figure, folder / "plots.png")


if __name__ == "__main__":
    main()
