"""Momentum: mu 0, 0.5 and 0.9, and Nesterov's, at one learning rate.

    python scripts/momentum.py [mnist.npz or a folder of IDX files] [--out docs/pictures] [--quick]

[n_in, 30, 10], cross-entropy, eta 0.1, batch 10; cost on the training images as they are learned from, mean of the
seeds.  Where the slope stays, the velocity grows to 1/(1 - mu) steps: mu 0.9 is worth ten times the learning rate,
as the last row shows.
"""

from drawing import Panel, draw, load, mean, options, percent, table

import xpnet

ETA = 0.1
WAYS = {
    "no momentum": xpnet.sgd(ETA),
    "mu 0.5": xpnet.momentum(ETA, 0.5),
    "mu 0.9": xpnet.momentum(ETA, 0.9),
    "Nesterov, mu 0.9": xpnet.nesterov(ETA, 0.9),
    "no momentum, ten times eta": xpnet.sgd(10 * ETA),
}


def history(parts, optimizer, epochs, seed):
    """Return the history of one training."""
    network = xpnet.Network([parts.side**2, 30, 10])
    return xpnet.train(
        network, parts.train, validation=parts.validation, epochs=epochs, optimizer=optimizer, seed=seed
    ).history


def epochs_to(accuracies, goal):
    """Return the first epoch in which the goal is reached, or that it never is."""
    return next((epoch for epoch, accuracy in enumerate(accuracies, 1) if accuracy >= goal), "never")


def main():
    """Print how soon each way learns, and draw the costs."""
    chosen = options(__doc__)
    epochs = 3 if chosen.quick else 60
    all_parts = {seed: load(chosen.path, seed) for seed in chosen.seeds}
    found = {
        name: [history(parts, optimizer, epochs, seed) for seed, parts in all_parts.items()]
        for name, optimizer in WAYS.items()
    }
    means = {
        name: {column: mean(each.column(column) for each in histories) for column in ("cost", "accuracy")}
        | {"validation": percent(mean(each.column("validation_accuracy") for each in histories))}
        for name, histories in found.items()
    }
    table(
        ["training", "epochs to 95 % of the training images", "to 99 %", "last cost", "validation images, last epoch"],
        [
            [
                name,
                *(epochs_to(way["accuracy"], goal) for goal in (0.95, 0.99)),
                f"{way['cost'][-1]:.4f}",
                f"{way['validation'][-1]:.1f} %",
            ]
            for name, way in means.items()
        ],
    )
    axes = {"xlabel": "epoch", "ylabel": "cost on the training images", "yscale": "log"}
    costs = {name: (range(1, epochs + 1), way["cost"]) for name, way in means.items()}
    draw(chosen.out, "momentum.png", Panel(f"momentum at eta {ETA:g}", costs, axes))


if __name__ == "__main__":
    main()
