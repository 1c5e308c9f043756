"""What a training step of `xpnet.train` costs beside the same arithmetic written by hand in NumPy.

    python scripts/bench_step.py [--sizes 784 30 10] [--batch 10] [--rows 10000] [--repeats 7] [--quick]

Both run whole epochs over the same data, interleaved in one process; medians of microseconds a step are printed.  The
hand-written step allocates as it goes (no `out=`), keeps no metrics and does nothing but the arithmetic: gather,
forward, the four equations, update.  xpnet's has its metrics on.
"""

import argparse
import statistics
import time

import numpy as np

import xpnet


def hand_written_epoch(x, y, weights, biases, order, batch, eta):
    """Run one epoch of sigmoid layers and cross-entropy, and return the weights and biases."""
    layers = range(len(weights))
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        a = np.take(x, rows, axis=0)
        activations = [a]
        for l in layers:
            a = 0.5 * np.tanh(0.5 * (a @ weights[l].T + biases[l])) + 0.5
            activations.append(a)
        delta = (a - np.take(y, rows, axis=0)) / len(rows)
        for l in reversed(layers):
            dw, db = delta.T @ activations[l], np.sum(delta, axis=0, keepdims=True)
            if l > 0:
                a = activations[l]
                delta = (delta @ weights[l]) * (a * (1.0 - a))
            weights[l], biases[l] = weights[l] - eta * dw, biases[l] - eta * db
    return weights, biases


def main():
    """Print the two medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[784, 30, 10])
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--rows", type=int, default=10000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="a small run that only shows that it works")
    options = parser.parse_args()
    rows, repeats = (500, 2) if options.quick else (options.rows, options.repeats)

    rng = np.random.default_rng(0)
    x = rng.random((rows, options.sizes[0]), dtype=np.float32)
    labels = rng.integers(0, options.sizes[-1], rows)
    y = np.eye(options.sizes[-1], dtype=np.float32)[labels]
    network = xpnet.Network(options.sizes)
    start = network.initialize("numpy", seed=0)
    steps = -(-rows // options.batch)

    times = {"xpnet.train": [], "hand-written NumPy": []}
    for repeat in range(repeats + 1):
        began = time.perf_counter()
        result = xpnet.train(
            network, (x, labels), epochs=1, batch_size=options.batch, parameters=start, seed=repeat, backend="numpy"
        )
        xpnet_took = result.history[0].seconds
        overhead = time.perf_counter() - began - xpnet_took

        order = np.random.default_rng((repeat, 1)).permutation(rows)
        began = time.perf_counter()
        weights, _ = hand_written_epoch(x, y, [p.w for p in start], [p.b for p in start], order, options.batch, 0.5)
        hand_took = time.perf_counter() - began

        gap = max(float(np.abs(w - p.w).max()) for w, p in zip(weights, result.parameters, strict=True))
        if not gap < 1e-3:
            raise SystemExit(f"the two ended {gap:.1e} apart: not the same arithmetic")
        if repeat:  # the first is the warm-up
            times["xpnet.train"].append(1e6 * xpnet_took / steps)
            times["hand-written NumPy"].append(1e6 * hand_took / steps)

    print(
        f"{'-'.join(map(str, options.sizes))}, batch {options.batch}, {rows} rows, float32; µs a step, median (range)"
    )
    for name, took in times.items():
        print(f"  {name:20} {statistics.median(took):7.1f}  ({min(took):.1f} to {max(took):.1f})")
    ratios = [a / b for a, b in zip(*times.values(), strict=True)]
    print(f"  ratio                {statistics.median(ratios):7.2f}  ({min(ratios):.2f} to {max(ratios):.2f})")
    print(f"  checks before the first epoch: {overhead:.3f} s; {xpnet.backend.get('numpy').info()['blas']}")


if __name__ == "__main__":
    main()
