"""What a stack of networks costs for each network: beside one after another, scikit-learn's grid search and JAX's vmap.

    python scripts/bench_stacks.py [--repeats 5] [--mnist FILE] [--markdown] [--quick]

The contestants take turns in one process.  Printed are milliseconds for each network and epoch (medians, lowest and
highest in brackets), and the medians of the ratios within a round.  The grid search and the stack train the same
settings on the same folds; their best scores are printed with their standard errors.  A library that is not installed
is left out by name.
"""

import argparse
import os
import warnings
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import numpy as np

import xpnet

PAUSE = 0.05  # seconds in which the threads of the library before stop waiting for more work


def alone(network, x, y, k, epochs, optimizer):
    """Return what trains k networks one after another."""

    def run():
        for seed in range(k):
            xpnet.train(network, (x, y), seed=seed, epochs=epochs, optimizer=optimizer)

    return run


def stack(network, x, y, k, epochs, optimizer, at_once=None):
    """Return what trains k networks in one stack."""
    return lambda: xpnet.train_many(network, (x, y), seeds=k, epochs=epochs, optimizer=optimizer, at_once=at_once)


def vmapped(network, x, y, k, epochs, optimizer, batch=10):
    """Return k networks as a JAX user writes them: `vmap` of one step with `jax.grad`, all steps under one scan.

    Like xpnet it measures cost and hits of every mini-batch.  The shuffles are made on the host.  Compiling does not
    count: the function is compiled before the first round.
    """
    import jax
    import jax.numpy as jnp

    eta, n = optimizer.settings["eta"], len(x)
    steps = n // batch
    n_out = network.sizes[-1]

    def cost(p, a, t):
        (w1, b1), (w2, b2) = p
        z = jax.nn.sigmoid(a @ w1.T + b1) @ w2.T + b2
        return jnp.mean(jnp.sum(jnp.logaddexp(z, 0.0) - z * t, axis=1)), z

    def step(p, rows, x, t):
        (value, z), g = jax.value_and_grad(cost, has_aux=True)(p, x[rows], t[rows])
        hits = jnp.sum(jnp.argmax(z, 1) == jnp.argmax(t[rows], 1))
        return jax.tree.map(lambda w, d: w - eta * d, p, g), (value, hits)

    def epoch(p, rows, x, t):
        def one(p, rows):
            return jax.vmap(step, in_axes=(0, 0, None, None))(p, rows, x, t)

        return jax.lax.scan(one, p, rows)

    compiled = jax.jit(epoch)
    starts = [network.initialize("numpy", seed) for seed in range(k)]
    start = [
        tuple(jnp.asarray(np.stack(ws)) for ws in zip(*layers, strict=True)) for layers in zip(*starts, strict=True)
    ]
    on_device, t = jnp.asarray(x), jnp.asarray(np.eye(n_out, dtype=np.float32)[y])

    def run():
        p, rngs = start, [np.random.default_rng(seed) for seed in range(k)]
        for _ in range(epochs):
            rows = np.stack([rng.permutation(n)[: steps * batch].reshape(steps, batch) for rng in rngs], axis=1)
            p, measured = compiled(p, jnp.asarray(rows), on_device, t)
            np.asarray(measured[0])
        jax.block_until_ready(p)

    run()
    return run


def measure(runs, k, epochs, repeats):
    """Return milliseconds for each network and epoch of every contestant, one for each round."""
    took, rng = {name: [] for name in runs}, np.random.default_rng(0)
    for _ in range(repeats):
        for name in rng.permutation(list(runs)).tolist():
            sleep(PAUSE)
            began = perf_counter()
            runs[name]()
            took[name].append(1e3 * (perf_counter() - began) / (k * epochs))
    return took


def show(title, took, base):
    """Print the medians, and the ratios to `base`."""
    print(f"\n{title}")
    for name, values in took.items():
        ratio = median(a / b for a, b in zip(values, took[base], strict=True))
        print(f"  {name:34s} {median(values):8.2f} ms [{min(values):.2f} {max(values):.2f}]  {ratio:5.2f} times {base}")


def grid_search(x, y, etas, folds, epochs, repeats):
    """Time scikit-learn's grid search of learning rates and xpnet's stack of the same, and print the best scores."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.neural_network import MLPClassifier

    splits = list(StratifiedKFold(folds, shuffle=True, random_state=0).split(x, y))
    network = xpnet.Network([x.shape[1], 30, 10], cost="log_likelihood")

    def scikit():
        model = MLPClassifier(
            (30,), activation="logistic", solver="sgd", alpha=0.0, batch_size=10, momentum=0.0, max_iter=epochs,
            tol=0.0, n_iter_no_change=epochs, random_state=0,
        )  # fmt: skip
        search = GridSearchCV(model, {"learning_rate_init": etas}, cv=splits, n_jobs=2, refit=False)
        os.environ["PYTHONWARNINGS"] = "ignore"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            search.fit(x, y)
        return np.stack([search.cv_results_[f"split{i}_test_score"] for i in range(folds)], axis=1)  # (etas, folds)

    def many():
        each = [(eta, split) for eta in etas for split in splits]
        results = xpnet.train_many(
            network, (x, y), splits=[(split[0], split[1]) for _, split in each], epochs=epochs,
            optimizer=xpnet.sgd(np.asarray([eta for eta, _ in each])),
        )  # fmt: skip
        last = [result.history[-1].validation_accuracy for result in results]
        return np.asarray(last).reshape(len(etas), folds)

    def searched(pool):
        found = xpnet.search(
            network, (x, y), {"eta": etas}, folds=splits, epochs=epochs, executor=pool, at_once=len(etas) * folds // 2
        )
        return np.asarray([trial.score for trial in found.trials]).reshape(len(etas), folds)

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        searched(pool)  # the processes start, as scikit-learn's have started from the second round on
        scikit()
        runs = {
            "scikit-learn, GridSearchCV, 2 jobs": scikit,
            "xpnet, one stack": many,
            "xpnet.search, 2 processes": lambda: searched(pool),
        }
        took, scores = {name: [] for name in runs}, {}
        for _ in range(repeats):
            for name, run in runs.items():
                sleep(PAUSE)
                began = perf_counter()
                scores[name] = run()
                took[name].append(1e3 * (perf_counter() - began) / (len(etas) * folds * epochs))
    base = "xpnet.search, 2 processes"
    show(f"[64, 30, 10], batch 10, {len(etas)} learning rates x {folds} folds, {epochs} epochs", took, base)
    for name, table in scores.items():
        best = table[table.mean(axis=1).argmax()]
        print(f"  {name}: best mean score {best.mean():.4f} +/- {best.std(ddof=1) / folds**0.5:.4f} (standard error)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--mnist", metavar="FILE", help="an npz file with x_train and y_train; default: no row for MNIST"
    )
    parser.add_argument("--grid-only", action="store_true", help="the grid search only")
    parser.add_argument("--quick", action="store_true", help="one round of one epoch, to see that it runs")
    args = parser.parse_args()
    repeats, epochs = (1, 1) if args.quick else (args.repeats, 5)
    digits = xpnet.data.load_digits()
    x, y = (digits.x / 16.0).astype(np.float32), digits.y
    for k in () if args.grid_only else (8, 32, 128):
        for optimizer in (xpnet.sgd(0.5), xpnet.adam(0.003)):
            task = (xpnet.Network([64, 30, 10]), x, y, k, epochs, optimizer)
            runs = {"one after another": alone(*task), "in a stack": stack(*task)}
            if optimizer.name == "sgd" and find_spec("jax"):
                runs["JAX, vmap under a scan"] = vmapped(*task)
            show(f"[64, 30, 10], batch 10, {optimizer.name}, k = {k}", measure(runs, k, epochs, repeats), "in a stack")
        if args.quick:
            break
    if not args.grid_only and args.mnist and Path(args.mnist).is_file():
        with np.load(args.mnist) as data:
            x_m, y_m = (data["x_train"][:10000].reshape(10000, -1) / 255.0).astype(np.float32), data["y_train"][:10000]
        for k in (8, 32, 64):
            task = (xpnet.Network([784, 30, 10]), x_m, y_m, k, 1, xpnet.sgd(0.5))
            runs = {"one after another": alone(*task), "in a stack": stack(*task)}
            for size in (4, 8, 16, 32):
                if size < k:
                    runs[f"in stacks of {size}"] = stack(*task, at_once=size)
            if find_spec("jax"):
                runs["JAX, vmap under a scan"] = vmapped(*task)
            show(f"[784, 30, 10], batch 10, 10,000 examples, sgd, k = {k}", measure(runs, k, 1, repeats), "in a stack")
    if find_spec("sklearn"):
        etas = np.geomspace(0.01, 1.0, 2 if args.quick else 16).tolist()
        grid_search(x, y, etas, 2 if args.quick else 5, 1 if args.quick else 20, 1 if args.quick else 3)
    else:
        print("scikit-learn is not installed: left out")


if __name__ == "__main__":
    main()
