"""One process of an MPI job: trains, and writes what it ended with to a folder.  ``python job.py TASK FOLDER``."""

import os
import signal
import sys
from pathlib import Path

import numpy as np

from xpnet import Callback, Network, adam, backend, momentum, sgd, train, train_many
from xpnet.recommend import ALS, ImplicitALS, Ratings
from xpnet.training import clip_norm
from xpnet.training.parallel import mpi
from xpnet.trees import leaves

NETWORK = Network([12, 9, 7, 3], hidden="tanh", cost="log_likelihood", dropout=0.2)
OPTIMIZERS = {"sgd": sgd(0.05), "momentum": momentum(0.05), "adam": adam(0.01)}
SETTINGS = {
    "plain": {},
    "penalties": {"l2": 0.1, "clip": clip_norm(1.0), "max_norm": 3.0},
    "weights": {"sample_weight": np.random.default_rng(1).random(103)},
    "shards": {"shards": 3},
    "tiny": {"batch_size": 2},
}


def data():
    """Return 103 rows: with batches of 25 the last one has 3."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((103, 12)), rng.integers(0, 3, 103)


def trained(optimizer, settings, parallel, **more):
    """Return the result of one training in float64."""
    x, y = data()
    given = {"batch_size": 25, "epochs": 3, "validation": (x[:50], y[:50])} | SETTINGS[settings] | more
    home = backend.get("numpy", dtype="float64")
    return train(NETWORK, (x, y), optimizer=OPTIMIZERS[optimizer], backend=home, parallel=parallel, **given)


def told(result):
    """Return the parameters and the history as one vector each."""
    rows = [[r.cost, r.accuracy, r.validation_cost, r.validation_accuracy] for r in result.history]
    return np.concatenate([np.ravel(w) for w in leaves(result.best_parameters)]), np.asarray(rows)


def everything(parallel):
    """Return what is compared: each optimizer with each setting, a mapped file, and many networks."""
    found = {}
    for optimizer, settings in [("sgd", "plain"), ("adam", "tiny"), *(("momentum", name) for name in SETTINGS)]:
        parameters, history = told(trained(optimizer, settings, parallel))
        found |= {f"{optimizer}/{settings}": parameters, f"{optimizer}/{settings}/history": history}
    results = train_many(NETWORK, data(), seeds=5, epochs=2, batch_size=25, parallel=parallel)
    for i, result in enumerate(results):
        found[f"many/{i}"] = np.concatenate([np.ravel(w) for w in leaves(result.parameters)])
    return found


def recommenders(parallel, folder=None):
    """Return factors and biases of recommenders: of few users, of one item, and of so many that there are blocks."""
    rng, found = np.random.default_rng(0), {}
    for name, (n, users, items) in {"few": (5, 2, 4), "one": (7, 7, 1), "blocks": (40_000, 600, 350)}.items():
        pair = np.unique(rng.integers(0, users * items, n))
        ratings = Ratings.of(pair // items, pair % items, rng.integers(1, 6, pair.size).astype(float))
        models = {"als": ALS(k=3, lam=0.5), "exact": ALS(k=3, lam=0.2, counted=True, cg_steps=None, iterations=3)}
        models["implicit"] = ImplicitALS(k=3, iterations=4)
        models |= {"path": ALS(k=3, n_lambdas=2)} if name == "blocks" else {}
        for kind, model in models.items():
            how = {"checkpoint": folder} if kind == "path" else {}
            fitted = model.fit(ratings, backend.get("numpy", dtype="float64"), parallel=parallel, **how)
            arrays = [*fitted.biases, *fitted.factors]
            found[f"{name}/{kind}"] = np.concatenate([np.ravel(x) for x in arrays])
    return found


class Dies(Callback):
    """Ends this process at a step, as the kernel would."""

    every = 1

    def __init__(self, at):
        self.at = at

    def steps(self, step, parameters):
        if step == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class Fails(Callback):
    """Raises an error at the end of an epoch."""

    def epoch(self, record, parameters):
        raise ZeroDivisionError("a callback failed")


def main(task, folder):
    """Run a task."""
    parallel = mpi()
    last = parallel.rank == parallel.size - 1
    match task:
        case "train":
            np.savez(Path(folder) / f"{parallel.size}-{parallel.rank}.npz", **everything(parallel))
        case "recommend":
            found = recommenders(parallel, Path(folder) / "path")
            np.savez(Path(folder) / f"{parallel.size}-{parallel.rank}.npz", **found)
        case "differ":
            trained("sgd", "plain", parallel, seed=1 if last else 0)
        case "die":
            trained("sgd", "plain", parallel, callbacks=[Dies(4)] if last else [])
        case "fail":
            trained("sgd", "plain", parallel, callbacks=[Fails()] if last else [])


if __name__ == "__main__":
    main(*sys.argv[1:])
