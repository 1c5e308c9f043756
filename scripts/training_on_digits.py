"""Momentum, schedules and stopping rules, each shown on the bundled digits.

    python scripts/training_on_digits.py [--seeds 0 1 2 3 4] [--quick]

[64, 30, 10], sigmoid, cross-entropy, batch 10, a stratified fifth put aside; means over the seeds of the epochs
needed to reach 99 % on the training images, and of what the test images show at the end.
"""

import argparse
import statistics

import xpnet
from xpnet import schedules, stopping

STEPS = 144  # an epoch of the training part


def runs(epochs):
    """Yield a name and what `xpnet.train` is given, for each way of training."""
    total = epochs * STEPS
    yield "sgd, eta 0.1", {"optimizer": xpnet.sgd(0.1)}
    yield "momentum 0.5, eta 0.1", {"optimizer": xpnet.momentum(0.1, 0.5)}
    yield "momentum 0.9, eta 0.1", {"optimizer": xpnet.momentum(0.1, 0.9)}
    yield "nesterov 0.9, eta 0.1", {"optimizer": xpnet.nesterov(0.1, 0.9)}
    yield "adagrad, eta 0.05", {"optimizer": xpnet.adagrad(0.05)}
    yield "rmsprop, eta 0.005", {"optimizer": xpnet.rmsprop(0.005)}
    yield "adam, eta 0.005", {"optimizer": xpnet.adam(0.005)}
    yield "adamw, eta 0.005", {"optimizer": xpnet.adamw(0.005)}
    yield "sgd, eta 1", {"optimizer": xpnet.sgd(1.0)}
    yield "sgd, 1 by steps to 0.1", {"optimizer": xpnet.sgd(schedules.step(1.0, every=total // 2))}
    yield "sgd, 1 falling to 0.1", {"optimizer": xpnet.sgd(schedules.exponential(1.0, 0.1, every=total))}
    yield "sgd, 1 by a cosine to 0", {"optimizer": xpnet.sgd(schedules.cosine(1.0, total))}
    yield "sgd, 1 by inverse scaling", {"optimizer": xpnet.sgd(schedules.inverse_scaling(1.0, every=STEPS))}
    yield "sgd, 1 after a warm-up", {"optimizer": xpnet.sgd(schedules.warm_up(1.0, 2 * STEPS))}
    yield "sgd 0.5, no improvement in 5", {"stopping": stopping.no_improvement(5)}
    yield "sgd 0.5, halved on plateaus of 3", {"stopping": stopping.halve_on_plateau(3)}
    yield (
        "sgd 0.5, until 97 % or 9 s",
        {"stopping": stopping.any_of(stopping.target(0.97, "validation_accuracy"), stopping.time_limit(9.0))},
    )


def main():
    """Print a row for each way of training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--quick", action="store_true", help="one seed and 3 epochs: only shows that it works")
    options = parser.parse_args()
    seeds, epochs = ([0], 3) if options.quick else (options.seeds, 60)
    digits = xpnet.data.load_digits()
    network = xpnet.Network([64, 30, 10])
    print("| training | epochs to 99 % | epochs run | test images, last epoch | best epoch | stopped by |")
    print("|---|---|---|---|---|---|")
    for name, arguments in runs(epochs):
        rows = []
        for seed in seeds:
            split = xpnet.data.stratified_split(digits.y, 0.2, seed)
            train, test = ((digits.x[part] / 16, digits.y[part]) for part in split)
            result = xpnet.train(
                network, train, validation=test, epochs=epochs, seed=seed, keep="accuracy", **arguments
            )
            history = result.history
            reached = [record.epoch for record in history if record.accuracy >= 0.99]
            last, best = history[-1].validation_accuracy, history.best().validation_accuracy
            rows.append((reached[0] if reached else epochs, len(history), 100 * last, 100 * best))
        reached, run, last, best = map(statistics.fmean, zip(*rows, strict=True))
        print(f"| {name} | {reached:.1f} | {run:.1f} | {last:.2f} % | {best:.2f} % | {result.stopped_by} |")


if __name__ == "__main__":
    main()
