"""Train the first network of Nielsen's book on MNIST, as he did, and compare with what he reports.

    python scripts/train_mnist.py [mnist.npz or a folder of IDX files] [--seeds 0 1 2] [--backend numpy] [--quick]

[784, 30, 10], sigmoid, quadratic cost, weights and biases N(0, 1), eta 3.0, batch 10, 30 epochs, pixels k/256.  The
best epoch on the 10,000 test images is what the book quotes (95.42 %); several seeds show how much of it is luck.
Without a path MNIST is downloaded (pip install 'xpnet[download]').
"""

import argparse

import xpnet


def main():
    """Print a line for each seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", nargs="?")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--backend")
    parser.add_argument(
        "--quick", action="store_true", help="the bundled digits and 3 epochs: only shows that it works"
    )
    options = parser.parse_args()

    if options.quick:
        digits, epochs = xpnet.data.load_digits(), 3
        split = xpnet.data.stratified_split(digits.y)
        train, test, levels = digits.take(split.train), digits.take(split.test), 16
    else:
        (train, _, test), epochs, levels = xpnet.data.load_mnist(options.path), options.epochs, 256
    network = xpnet.Network([train.x.shape[1], 30, 10], cost="quadratic")
    backend = xpnet.backend.get(options.backend)
    print(" ".join(backend.info().values()))
    for seed in options.seeds:
        result = xpnet.train(
            network,
            (train.x / levels, train.y),
            validation=(test.x / levels, test.y),
            epochs=epochs,
            optimizer=xpnet.sgd(eta=3.0),
            parameters=network.initialize(backend, seed, scheme="large"),
            seed=seed,
            backend=backend,
        )
        history = result.history
        best, seconds = history.best(), sum(history.column("seconds")) / len(history)
        print(
            f"seed {seed}: best epoch {best.epoch:2} {100 * best.validation_accuracy:.2f} %, "
            f"last {100 * history[-1].validation_accuracy:.2f} % of the test images; {seconds:.2f} s an epoch"
        )


if __name__ == "__main__":
    main()
