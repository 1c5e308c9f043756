"""Overfitting on 1,000 images of MNIST, and what cures it: L2, L1, dropout, more (distorted) images.

    python scripts/overfitting.py [mnist.npz or a folder of IDX files] [--out docs/benchmarks] [--quick]

Nielsen's experiment of chapter 3: [784, 30, 10], cross-entropy, weights N(0, 1), eta 0.5, batch 10, 400 epochs of the
first 1,000 training images, accuracy on the test images (dropout has 100 hidden neurons, of which half are silenced).
Results are kept as JSON, so that the figure can be drawn again (with Matplotlib, if it is installed) without training.
"""

import argparse
import json
from pathlib import Path

import xpnet

CURES = {
    "nothing": {},
    "L2": {"l2": 0.1},
    "L1": {"l1": 0.1},
    "dropout": {"hidden": 100, "dropout": 0.5},
    "expansion": {"expand": (2.0, 10.0, 1.0)},
    "expansion, dropout and L2": {"hidden": 100, "dropout": 0.2, "expand": (2.0, 10.0, 1.0), "l2": 0.05},
}


def train(cure, data, test, side, epochs, seed):
    """Return a row of results, and the curves, for one way of training."""
    network = xpnet.Network([side * side, cure.get("hidden", 30), 10], dropout=cure.get("dropout", 0.0))
    expand = None
    if "expand" in cure:
        shift, rotation, bend = cure["expand"]  # pixels of 28, degrees, pixels of 28
        expand = xpnet.Expansion(side, shift * side / 28, rotation, bend * side / 28)
    result = xpnet.train(
        network,
        data,
        validation=test,
        epochs=epochs,
        l2=cure.get("l2", 0.0),
        l1=cure.get("l1", 0.0),
        expand=expand,
        parameters=network.initialize(seed=seed, scheme="large"),
        seed=seed,
    )
    history = result.history
    trained = (result.network.predict(result.parameters, data[0]) == data[1]).mean()
    return {
        "training": float(trained),
        "best": history.best("validation_accuracy").validation_accuracy,
        "last": history[-1].validation_accuracy,
        "lowest_cost": history.best("validation_cost").validation_cost,
        "last_cost": history[-1].validation_cost,
        "seconds": sum(history.column("seconds")),
        "accuracy": history.column("validation_accuracy"),
        "cost": history.column("validation_cost"),
    }


def table(results):
    """Return the results as a Markdown table."""
    lines = [
        "| cure | training images | test images, best epoch | last epoch | test cost, lowest | last | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in results.items():
        shares = " | ".join(f"{100 * row[key]:.2f} %" for key in ("training", "best", "last"))
        lines.append(
            f"| {name} | {shares} | {row['lowest_cost']:.3f} | {row['last_cost']:.3f} | {row['seconds']:.0f} |"
        )
    return "\n".join(lines)


def draw(results, path):
    """Draw test accuracy and test cost along the epochs."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for name, row in results.items():
        axes[0].plot(row["accuracy"], label=name, linewidth=1)
        axes[1].plot(row["cost"], label=name, linewidth=1)
    axes[0].set(xlabel="epoch", ylabel="accuracy on the test images", ylim=(0.75, 0.97))
    axes[1].set(xlabel="epoch", ylabel="cost on the test images", ylim=(0.2, 2.4))
    axes[1].legend(frameon=False, loc="upper right", ncols=2, fontsize=8)
    figure.savefig(path, dpi=110)


def main():
    """Train each way, print the table, keep results and figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", nargs="?")
    parser.add_argument("--out", type=Path, help="folder for overfitting.json and overfitting.png")
    parser.add_argument("--epochs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--quick", action="store_true", help="the bundled digits and 3 epochs: only shows that it works"
    )
    options = parser.parse_args()
    if options.quick:
        digits, side, epochs = xpnet.data.load_digits(), 8, 3
        data, test = (digits.x[:200] / 16, digits.y[:200]), (digits.x[200:] / 16, digits.y[200:])
    else:
        mnist, side, epochs = xpnet.data.load_mnist(options.path), 28, options.epochs
        data = (mnist.train.x[:1000] / 256, mnist.train.y[:1000])
        test = (mnist.test.x / 256, mnist.test.y)
    data, test = ((x.astype("float32"), y) for x, y in (data, test))
    results = {name: train(cure, data, test, side, epochs, options.seed) for name, cure in CURES.items()}
    print(table(results))
    if options.out:
        (options.out / "overfitting.json").write_text(json.dumps(results))
        draw(results, options.out / "overfitting.png")


if __name__ == "__main__":
    main()
