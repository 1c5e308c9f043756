"""The learning rate: too small, right and too large; and schedules that make it smaller along the way.

    python scripts/learning_rates.py [mnist.npz or a folder of IDX files] [--out docs/pictures] [--quick]

[n_in, 30, 10], cross-entropy, batch 10; cost on the training images as they are learned from, mean of the seeds.  The
schedules begin with a learning rate that is too large to stay at.
"""

from math import ceil

from drawing import Panel, draw, load, mean, options, percent, table

import xpnet
from xpnet import schedules, stopping

RATES = (0.01, 0.1, 1.0, 10.0)
ETA = 6.0  # what the schedules begin with


def ways(epochs, steps):
    """Return {name: what `xpnet.train` is given}, for runs of so many epochs of so many steps."""
    total = epochs * steps
    found = {
        "constant": schedules.constant(ETA),
        "a tenth from half-way on": schedules.step(ETA, every=ceil(total / 2)),
        "exponential, to a hundredth": schedules.exponential(ETA, 0.01, every=total),
        "cosine, to 0": schedules.cosine(ETA, total),
    }
    return {name: {"optimizer": xpnet.sgd(eta)} for name, eta in found.items()} | {
        "halved on plateaus of 3": {"optimizer": xpnet.sgd(ETA), "stopping": stopping.halve_on_plateau(3)}
    }


def curves(all_parts, epochs, arguments):
    """Return the mean cost and the mean validation accuracy along the epochs, those of the last if one stops."""
    histories = [
        xpnet.train(
            xpnet.Network([parts.side**2, 30, 10]),
            parts.train,
            validation=parts.validation,
            epochs=epochs,
            seed=seed,
            keep="accuracy",
            **arguments,
        ).history
        for seed, parts in all_parts.items()
    ]

    def column(name):
        values = [history.column(name) for history in histories]
        return mean(each + each[-1:] * (epochs - len(each)) for each in values)

    return column("cost"), percent(column("validation_accuracy"))


def main():
    """Print costs and accuracies, and draw the costs."""
    chosen = options(__doc__)
    epochs = 3 if chosen.quick else 60
    all_parts = {seed: load(chosen.path, seed) for seed in chosen.seeds}
    steps = ceil(len(all_parts[chosen.seeds[0]].train[1]) / 10)
    rates = {f"eta {eta:g}": {"optimizer": xpnet.sgd(eta)} for eta in RATES}
    scheduled = ways(epochs, steps)
    found = {name: curves(all_parts, epochs, given) for name, given in (rates | scheduled).items()}
    names = {name: f"from {ETA:g}: {name}" for name in scheduled}
    table(
        ["learning rate", "cost, first epoch", "last", "validation images, best epoch", "last"],
        [
            [
                names.get(name, name),
                f"{cost[0]:.3f}",
                f"{cost[-1]:.4f}",
                f"{max(accuracy):.1f} %",
                f"{accuracy[-1]:.1f} %",
            ]
            for name, (cost, accuracy) in found.items()
        ],
    )
    axes = {"xlabel": "epoch", "ylabel": "cost on the training images", "yscale": "log"}
    panels = [
        Panel(title, {name: (range(1, epochs + 1), found[name][0]) for name in names}, axes)
        for title, names in (("constant", rates), (f"from eta {ETA:g}, by schedule", scheduled))
    ]
    draw(chosen.out, "learning_rates.png", *panels)


if __name__ == "__main__":
    main()
