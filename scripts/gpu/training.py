"""The book's network trained on the GPU and on the host, with the same seed.  A part of gpu_evidence."""

from functools import partial

import numpy as np

import xpnet
from gpu.bench import environment
from gpu.keeping import MissingError

EPOCHS = 5


def items(bench):
    """Return the items of the part "training"."""
    ways = {
        "xpnet on CuPy": (bench.library, None),
        "xpnet on CuPy, plain loop": (bench.library, "1"),
        "xpnet on NumPy": ("numpy", None),
    }
    return [(name, partial(train, bench, *way)) for name, way in ways.items()]


def load(bench):
    """Return the name of the data, and training and test parts: MNIST from the file given, or the bundled digits."""
    if bench.data is None:
        digits = xpnet.data.load_digits()
        split = xpnet.data.stratified_split(digits.y)
        train, test = digits.take(split.train), digits.take(split.test)
        return "digits", (train.x / 16.0, train.y), (test.x / 16.0, test.y)
    with np.load(bench.data, allow_pickle=False) as arrays:
        missing = [name for name in ("x_train", "y_train", "x_test", "y_test") if name not in arrays]
        if missing:
            raise MissingError(f"{bench.data} holds no {', '.join(missing)}")
        parts = {name: arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")}
    x, x_test = (parts[name].reshape(len(parts[name]), -1) / np.float32(255.0) for name in ("x_train", "x_test"))
    return "MNIST", (x, parts["y_train"].astype("int64")), (x_test, parts["y_test"].astype("int64"))


def train(bench, library, generic):
    """Return accuracies, cost and seconds an epoch: sigmoid, cross-entropy, eta 0.5, batches of 10, seed 0, float32."""
    name, (x, y), (x_test, y_test) = load(bench)
    backend = xpnet.backend.get(library)
    network = xpnet.Network([x.shape[1], 30, 10])
    with environment(XPNET_GENERIC=generic):
        result = xpnet.train(
            network,
            (x, y),
            validation=(x_test, y_test),
            epochs=bench.pick(EPOCHS, 1),
            optimizer=xpnet.sgd(eta=0.5),
            backend=backend,
        )
    last, seconds = result.history[-1], result.history.column("seconds")
    return {
        "data": name,
        "test accuracy": bench.figure(last.validation_accuracy),
        "training cost": bench.figure(last.cost),
        "seconds an epoch": bench.figure(np.median(seconds[1:] or seconds)),
        "first epoch, seconds": bench.figure(seconds[0]),
        "epochs": len(seconds),
    }
