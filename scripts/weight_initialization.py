"""How the first weights matter: N(0, 1) against N(0, 1/n_in), along the epochs.

    python scripts/weight_initialization.py [mnist.npz or a folder of IDX files] [--out docs/pictures] [--quick]

The experiment of chapter 3: cross-entropy, eta 0.1, L2 of 1e-4 an example, 30 and 100 hidden neurons; accuracy on the
validation images, mean of the seeds.  With N(0, 1) the weighted inputs are large and hidden neurons saturated (output
below 0.05 or above 0.95): they learn slowly.  The more inputs, the worse: 784 of MNIST, but only 64 of the bundled
digits.
"""

import numpy as np
from drawing import Panel, draw, load, mean, options, percent, table

import xpnet

SCHEMES = {"large": "N(0, 1)", "scaled": "N(0, 1/n_in)"}
HIDDEN = (30, 100)


def saturated(parts, hidden, scheme, seed):
    """Return the share of hidden outputs, over neurons and validation images, that are nearly 0 or 1 at the start."""
    network = xpnet.Network([parts.side**2, hidden])
    a = network.feedforward(network.initialize("numpy", seed, scheme), parts.validation[0])
    return float(np.mean(np.abs(a - 0.5) > 0.45))


def curve(parts, hidden, scheme, epochs, seed):
    """Return the accuracy on the validation images after each epoch."""
    network = xpnet.Network([parts.side**2, hidden, 10])
    result = xpnet.train(
        network,
        parts.train,
        validation=parts.validation,
        epochs=epochs,
        optimizer=xpnet.sgd(0.1),
        l2=1e-4 * len(parts.train[1]),
        parameters=network.initialize("numpy", seed, scheme),
        seed=seed,
    )
    return result.history.column("validation_accuracy")


def main():
    """Print the accuracies along the way, and draw the curves."""
    chosen = options(__doc__)
    epochs = 2 if chosen.quick else 30
    all_parts = {seed: load(chosen.path, seed) for seed in chosen.seeds}
    found = {
        (hidden, scheme): percent(mean(curve(parts, hidden, scheme, epochs, seed) for seed, parts in all_parts.items()))
        for hidden in HIDDEN
        for scheme in SCHEMES
    }
    shares = {key: mean([saturated(parts, *key, seed)] for seed, parts in all_parts.items())[0] for key in found}
    marks = sorted({1, min(3, epochs), min(10, epochs), epochs})
    table(
        ["hidden neurons", "first weights", "saturated at the start", *(f"epoch {epoch}" for epoch in marks)],
        [
            [
                hidden,
                SCHEMES[scheme],
                f"{100 * shares[hidden, scheme]:.0f} %",
                *(f"{accuracies[epoch - 1]:.1f} %" for epoch in marks),
            ]
            for (hidden, scheme), accuracies in found.items()
        ],
    )
    panels = [
        Panel(
            f"{hidden} hidden neurons",
            {name: (range(1, epochs + 1), found[hidden, scheme]) for scheme, name in SCHEMES.items()},
            {"xlabel": "epoch", "ylabel": "accuracy on the validation images, %"},
        )
        for hidden in HIDDEN
    ]
    draw(chosen.out, "weight_initialization.png", *panels)


if __name__ == "__main__":
    main()
