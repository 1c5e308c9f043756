"""Artificially expanding the training data: images shifted, turned and bent a little, each time they are seen.

    python scripts/expanding_data.py [mnist.npz or a folder of IDX files] [--out docs/pictures] [--quick]

Networks with 30 hidden neurons learn from few images, all for equally many steps; accuracy on the test images, mean
of the seeds.  The fewer images there are, the more their distortions are worth; the bundled digits of 8 x 8 pixels are
blurred by them, and gain less than MNIST.
"""

from drawing import Panel, draw, load, mean, options, percent, table

import xpnet

# largest shift in pixels of 28, largest turn in degrees, bend in pixels of 28 (root mean square)
WAYS = {
    "as they are": None,
    "shifted": (2.0, 0.0, 0.0),
    "turned": (0.0, 15.0, 0.0),
    "bent": (0.0, 0.0, 1.0),
    "all three": (2.0, 15.0, 1.0),
}
IMAGES = (50, 100, 200)
STEPS = 1500


def accuracy(parts, images, way, seed, steps):
    """Return the accuracy on the test images after learning from the first so many images."""
    network, expand = xpnet.Network([parts.side**2, 30, 10]), None
    if way:
        shift, rotation, bend = way
        expand = xpnet.Expansion(parts.side, shift * parts.side / 28, rotation, bend * parts.side / 28)
    x, y = (part[:images] for part in parts.train)
    epochs = max(1, 10 * steps // images)
    result = xpnet.train(network, (x, y), epochs=epochs, expand=expand, seed=seed)
    return float((result.predict(parts.test[0]) == parts.test[1]).mean())


def main():
    """Print the accuracies and draw them against the number of images."""
    chosen = options(__doc__)
    images, steps = (IMAGES[:2], 20) if chosen.quick else (IMAGES, STEPS)
    all_parts = {seed: load(chosen.path, seed) for seed in chosen.seeds}
    found = {
        name: percent(mean([accuracy(parts, n, way, seed, steps) for n in images] for seed, parts in all_parts.items()))
        for name, way in WAYS.items()
    }
    table(
        ["images are", *(f"{n} images" for n in images)],
        [[name, *(f"{share:.1f} %" for share in shares)] for name, shares in found.items()],
    )
    curves = {name: (images, shares) for name, shares in found.items()}
    axes = {"xlabel": "training images", "ylabel": "accuracy on the test images, %", "xscale": "log"}
    draw(chosen.out, "expanding_data.png", Panel("expanding the training data", curves, axes, ticks=images))


if __name__ == "__main__":
    main()
