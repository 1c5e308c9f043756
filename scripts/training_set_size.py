"""Accuracy against the number of training images, with and without L2.

    python scripts/training_set_size.py [mnist.npz or a folder of IDX files] [--out docs/pictures] [--quick]

Networks with 30 hidden neurons and weights N(0, 1) see equally many examples, whatever the number of images; accuracy
on the validation images after the last step, mean of the seeds.  More images help longer than any other cure.
"""

from drawing import Panel, draw, load, mean, options, percent, table

import xpnet

IMAGES = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
L2 = {"without L2": 0.0, "with L2": 5e-4}  # per image
EXAMPLES = 40_000


def accuracy(parts, images, l2, seed, examples):
    """Return the accuracy on the validation images after learning from the first so many images."""
    network = xpnet.Network([parts.side**2, 30, 10])
    x, y = (part[:images] for part in parts.train)
    result = xpnet.train(
        network,
        (x, y),
        epochs=max(1, examples // images),
        l2=l2 * images,
        parameters=network.initialize("numpy", seed, "large"),
        seed=seed,
    )
    x, y = parts.validation
    return float((result.predict(x) == y).mean())


def main():
    """Print the accuracies and draw them against the number of images."""
    chosen = options(__doc__)
    all_parts = {seed: load(chosen.path, seed) for seed in chosen.seeds}
    there = len(all_parts[chosen.seeds[0]].train[1])
    images = IMAGES[:2] if chosen.quick else [n for n in IMAGES if n <= there]
    examples = 200 if chosen.quick else EXAMPLES
    found = {
        name: percent(
            mean([accuracy(parts, n, l2, seed, examples) for n in images] for seed, parts in all_parts.items())
        )
        for name, l2 in L2.items()
    }
    table(
        ["training", *(f"{n} images" for n in images)],
        [[name, *(f"{share:.1f} %" for share in shares)] for name, shares in found.items()],
    )
    curves = {name: (images, shares) for name, shares in found.items()}
    axes = {"xlabel": "training images", "ylabel": "accuracy on the validation images, %", "xscale": "log"}
    draw(chosen.out, "training_set_size.png", Panel("more training images", curves, axes, ticks=images))


if __name__ == "__main__":
    main()
