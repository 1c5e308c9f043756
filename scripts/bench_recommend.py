"""Recommenders on the goodbooks ratings: errors, seconds and memory, in one run.

    python scripts/bench_recommend.py RATINGS.npz [--backend numpy] [--dtype float32] [--quick]

The test part is the first tenth of ``default_rng(0).permutation(n)``; lambda is chosen on a validation part of the
rest.  Then the cost of one iteration of ALS (k = 16) and of one step of SoftImpute (k = 64).  Without a file, or with
`--quick`, a small made-up set shows that it works.
"""

import argparse
import resource
from statistics import median
from time import perf_counter

import numpy as np

import xpnet
from xpnet.recommend import ALS, BiasModel, MatrixFactorization, Ratings, SoftImpute, load_ratings
from xpnet.recommend.algorithms import als, soft_impute
from xpnet.recommend.algorithms.observed import observe
from xpnet.recommend.algorithms.problems import Explicit


def made_up(seed=0, n_users=300, n_items=200):
    """Return ratings from 1 to 5 with biases and two hidden directions."""
    rng = np.random.default_rng(seed)
    taste = rng.standard_normal((n_users, 2)) @ rng.standard_normal((2, n_items))
    size = 3.5 + 0.5 * rng.standard_normal((n_users, 1)) + 0.5 * rng.standard_normal(n_items) + 0.5 * taste
    users, items = np.nonzero(rng.random(size.shape) < 0.2)
    return Ratings.of(users, items, np.clip(size[users, items].round(), 1, 5))


def main():
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", nargs="?")
    parser.add_argument("--backend")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    home = xpnet.backend.get(options.backend, dtype=options.dtype)
    ratings = made_up() if options.quick or not options.path else load_ratings(options.path)
    train, test = ratings.split(0.1, 0)
    print(ratings, " ".join(home.info().values()), "\n")
    print("| model | test RMSE | lambda | seconds to fit, lambda chosen |\n|---|---|---|---|")
    for model in (BiasModel(), ALS(k=16), SoftImpute(k=64), MatrixFactorization(k=16)):
        start = perf_counter()
        found = model.fit(train, home)
        print(f"| {type(model).__name__} | {found.rmse(test):.4f} | {found.lam:.2f} | {perf_counter() - start:.1f} |")
    _, observed = BiasModel().start(observe(train, home))
    steps = {
        "ALS, k = 16, one iteration": (
            als.random_factors(observed, 16, home),
            lambda f: als.improved(Explicit(observed, 12.0), f, 3),
        ),
        "SoftImpute, k = 64, one step": (
            soft_impute.start(observed, min(64, *observed.shape), home),
            lambda z: soft_impute.improved(observed, z, 12.0),
        ),
    }
    print("\n| step | seconds, median of 5 |\n|---|---|")
    for name, (state, step) in steps.items():
        times = []
        for _ in range(6):
            start = perf_counter()
            state = step(state)
            home.synchronize()
            times.append(perf_counter() - start)
        print(f"| {name} | {median(times[1:]):.3f} |")
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
