"""Early stopping by "no improvement in n": what it saves in epochs, and what it loses in accuracy.

    python scripts/early_stopping.py [mnist.npz or a folder of IDX files] [--out docs/pictures] [--quick]

[n_in, 30, 10], cross-entropy, eta 0.5.  The rule looks at the validation images and keeps the best epoch's weights;
what that costs is seen on the test images, which it never saw.  A rule is a function of the history: one training to
the end shows where each rule would have stopped it, as `xpnet.train(..., stopping=no_improvement(n), keep="accuracy")`
does: the book goes by the accuracy.
"""

from drawing import Panel, draw, load, mean, options, percent, table

import xpnet
from xpnet.training import History

PATIENCE = (1, 2, 3, 5, 10, 20, 30)


class Judge(xpnet.Callback):
    """Keeps the accuracy on the test images after every epoch."""

    def __init__(self, network, test):
        self.network, self.test, self.seen = network, test, []

    def epoch(self, record, parameters):  # noqa: ARG002  (the callback's form)
        """Ask for the labels of the test images."""
        x, y = self.test
        self.seen.append(float((self.network.predict(parameters, x) == y).mean()))


def train(parts, epochs, seed):
    """Return the history of all epochs and the accuracies on the test images."""
    network = xpnet.Network([parts.side**2, 30, 10])
    judge = Judge(network, parts.test)
    result = xpnet.train(
        network, parts.train, validation=parts.validation, epochs=epochs, callbacks=[judge], seed=seed, keep="accuracy"
    )
    return result.history, judge.seen


def stopped(history, rule):
    """Return the history as it would have been had the rule stopped it."""
    for epoch in range(1, len(history)):
        so_far = History(history.records[:epoch], history.keep)
        if rule(so_far).reason:
            return so_far
    return history


def outcome(history, seen, n=None):
    """Return how many epochs were run, which one was kept, and what it shows on the test images."""
    run = stopped(history, xpnet.stopping.no_improvement(n)) if n else history
    return len(run), run.best().epoch, 100 * seen[run.best().epoch - 1]


def main():
    """Print a row for each n and draw curves and outcomes."""
    chosen = options(__doc__)
    epochs, patience = (4, (1, 2)) if chosen.quick else (100, PATIENCE)
    runs = [train(load(chosen.path, seed), epochs, seed) for seed in chosen.seeds]
    rules = {"never": None} | {f"no improvement in {n}": n for n in patience}
    found = {name: mean(outcome(*run, n) for run in runs) for name, n in rules.items()}
    run_all, _, accuracy_of_all = found["never"]
    table(
        ["stop", "epochs run", "saved", "epoch kept", "test images", "lost"],
        [
            [
                name,
                f"{run:.1f}",
                f"{100 * (1 - run / run_all):.0f} %",
                f"{kept:.1f}",
                f"{accuracy:.2f} %",
                f"{accuracy_of_all - accuracy:+.2f}",
            ]
            for name, (run, kept, accuracy) in found.items()
        ],
    )
    history, seen = runs[0]
    along = {
        "validation images": (range(1, epochs + 1), percent(history.column("validation_accuracy"))),
        "test images": (range(1, epochs + 1), percent(seen)),
    }
    rows = [found[name] for name in found if name != "never"]
    trade = {"test images, at the epoch kept": ([run for run, _, _ in rows], [accuracy for _, _, accuracy in rows])}
    trade["all epochs"] = ([rows[0][0], run_all], 2 * [accuracy_of_all])
    draw(
        chosen.out,
        "early_stopping.png",
        Panel(f"seed {chosen.seeds[0]}", along, {"xlabel": "epoch", "ylabel": "accuracy, %", "ylim": (90, 100)}),
        Panel(
            f"no improvement in n = {', '.join(map(str, patience))}",
            trade,
            {"xlabel": "epochs run, mean", "ylabel": "accuracy, mean, %"},
        ),
    )


if __name__ == "__main__":
    main()
