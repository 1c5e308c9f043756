"""Recommenders beside the C++ of `implicit` and the Cython of `Surprise`, alternately in one run.

    python scripts/bench_recommend_peers.py RATINGS.npz [--threads 2] [--rounds 5] [--starts 3] [--processor] [--quick]

ImplicitALS beside `implicit`: every rating is one click.  Both have k = 32, float32, the same weights, lambda and
threads; `implicit` runs its own, with a BLAS of one.  Times are medians; an iteration of xpnet holds the objective
after it, which `implicit` does not compute.  Precision at ten is that of five splits, a tenth held out, fifteen
iterations, the mean of three starts.  Then models of ratings beside Surprise's SVD, where it is installed: the error
on a tenth held out, and the seconds to fit.  Without a file, or with `--quick`, a small made-up set shows that it
works.  On a busy machine, `--processor` compares processor time; give one thread to both then (``--threads 1``,
``OPENBLAS_NUM_THREADS=1``), since a waiting thread takes some, too.  Needs ``pip install implicit``.
"""

import argparse
import importlib.util
from itertools import pairwise
from statistics import median
from time import perf_counter, process_time

import numpy as np
from bench_recommend import made_up
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

import xpnet
from xpnet.recommend import (
    ALS,
    BiasModel,
    ImplicitALS,
    MatrixFactorization,
    Ratings,
    SoftImpute,
    evaluate_lists,
    load_ratings,
    precision_at_k,
)

K, LAM, ALPHA, ITERATIONS, PLACES = 32, 10.0, 1.0, 15, 10


def clicks(ratings):
    """Return the same pairs, each with the value 1."""
    ones = np.ones(ratings.n)
    return Ratings.numbered(ratings.users, ratings.items, ones, user_ids=ratings.user_ids, item_ids=ratings.item_ids)


def theirs(ratings, iterations, threads, solver, seed=0, clock=perf_counter):
    """Return the fitted model of `implicit`, the matrix of weights, and the seconds of each iteration but the first."""
    weights = np.asarray(1.0 + ALPHA * ratings.values, dtype="float32")
    matrix = csr_matrix((weights, (ratings.users, ratings.items)), shape=(ratings.n_users, ratings.n_items))
    model = AlternatingLeastSquares(
        K, regularization=LAM, use_cg=solver == "cg", iterations=iterations, num_threads=threads, random_state=seed
    )
    ends = []
    model.fit_callback = lambda *_: ends.append(clock())
    with threadpool_limits(1, "blas"):
        model.fit(matrix, show_progress=False)
    return model, matrix, [after - before for before, after in pairwise(ends)]


def ours(ratings, iterations, home, solver, seed=0, clock=perf_counter):
    """Return the recommender, and the seconds of each iteration but the first."""
    ends = []
    model = ImplicitALS(
        k=K, lam=LAM, alpha=ALPHA, iterations=iterations, tol=-1.0, seed=seed, cg_steps=3 if solver == "cg" else None
    )
    found = model.fit(ratings, home, progress=lambda _: ends.append(clock()))
    return found, [after - before for before, after in pairwise(ends)]


def seconds_of(call, clock=perf_counter):
    """Return how long a call takes."""
    start = clock()
    call()
    return clock() - start


def compare_iterations(ratings, home, options):
    """Print the seconds of an iteration, exact and by conjugate gradients, and those of lists."""
    spent = {}
    for _ in range(options.rounds):
        for solver in ("exact", "cg"):
            spent.setdefault(("implicit", solver), []).extend(
                theirs(ratings, 4, options.threads, solver, 0, options.clock)[2]
            )
            spent.setdefault(("xpnet", solver), []).extend(ours(ratings, 4, home, solver, 0, options.clock)[1])
    usual = median(spent["implicit", "exact"])
    print("| iteration | seconds | times implicit's Cholesky |\n|---|---|---|")
    for (name, solver), times in spent.items():
        print(f"| {name}, {solver} | {median(times):.3f} | {median(times) / usual:.2f} |")


def compare_lists(ratings, home, options):
    """Print the microseconds of a list of ten unseen items, many users in one call."""
    model, matrix, _ = theirs(ratings, 2, options.threads, "cg")
    found, _ = ours(ratings, 2, home, "cg")
    users = np.arange(min(options.users, ratings.n_users))
    found.top_numbers(users[:1], PLACES)  # sorts the seen items by user, once
    spent = {"implicit": [], "xpnet": []}
    for _ in range(options.rounds):
        with threadpool_limits(1, "blas"):
            spent["implicit"].append(seconds_of(lambda: model.recommend(users, matrix[users], N=PLACES), options.clock))
        spent["xpnet"].append(seconds_of(lambda: found.top_numbers(users, PLACES), options.clock))
    micro = {name: 1e6 * median(times) / users.size for name, times in spent.items()}
    print(f"\nlists: implicit {micro['implicit']:.0f} us a user, xpnet {micro['xpnet']:.0f}", end="")
    print(f" ({micro['xpnet'] / micro['implicit']:.2f} times)")


def compare_precision(ratings, home, options):
    """Print the precision at ten of each split, the mean over some starts of each model."""
    print("\n| seed | implicit | xpnet | popularity |\n|---|---|---|---|")
    rows = []
    for seed in range(options.seeds):
        train, test = ratings.split(0.1, seed)
        users = np.unique(test.users)
        held = [test.items[test.users == user] for user in users]
        relevant = np.full((users.size, max(map(len, held))), -1)
        for row, items in zip(relevant, held, strict=True):
            row[: items.size] = items
        starts = [options.starts * seed + start for start in range(options.starts)]
        theirs_of = [precision_of_theirs(train, users, relevant, options.threads, start) for start in starts]
        figures = [evaluate_lists(ours(train, ITERATIONS, home, "cg", start)[0], test, PLACES) for start in starts]
        own, most_rated = ([figure[name]["precision"] for figure in figures] for name in ("model", "popularity"))
        rows.append([float(np.mean(x)) for x in (theirs_of, own, most_rated)])
        print(f"| {seed} | " + " | ".join(f"{x:.4f}" for x in rows[-1]) + " |", flush=True)
    print("| mean | " + " | ".join(f"{x:.4f}" for x in np.mean(rows, axis=0)) + " |")
    gains = np.asarray(rows)[:, 1] - np.asarray(rows)[:, 0]
    error = gains.std(ddof=1) / gains.size**0.5 if gains.size > 1 else float("nan")
    verdict = "lower" if gains.mean() < -2.0 * error else "no lower (within two standard errors)"
    print(f"\nxpnet less implicit: {gains.mean():.5f}, standard error {error:.5f}: {verdict}")


def precision_of_theirs(train, users, relevant, threads, seed):
    """Return the precision at ten of a fit of `implicit`."""
    model, matrix, _ = theirs(train, ITERATIONS, threads, "cg", seed)
    lists, _ = model.recommend(users, matrix[users], N=PLACES)
    return float(precision_at_k(lists, relevant))


def compare_ratings(ratings, home, options):
    """Print the error of models of ratings on a tenth held out, and the seconds to fit, beside Surprise's SVD."""
    train, test = ratings.split(0.1, 0)
    models = (BiasModel(), ALS(k=16), SoftImpute(k=64), MatrixFactorization(k=16))
    fits = {type(model).__name__: (lambda model=model: model.fit(train, home).rmse(test)) for model in models}
    if importlib.util.find_spec("surprise"):
        fits["Surprise's SVD"] = lambda: surprise_rmse(train, test)
    spent, errors = {name: [] for name in fits}, {}
    for _ in range(1 if options.quick else 3):
        for name, fit in fits.items():
            start = perf_counter()
            errors[name] = fit()
            spent[name].append(perf_counter() - start)
    print("\n| model of ratings | test RMSE | seconds, defaults |\n|---|---|---|")
    for name, times in spent.items():
        print(f"| {name} | {errors[name]:.4f} | {median(times):.1f} |")


def surprise_rmse(train, test):
    """Return the root mean square error of Surprise's SVD with its defaults: 100 factors, 20 epochs."""
    from surprise import SVD, Dataset, Reader

    scale = (float(train.values.min()), float(train.values.max()))
    rows = zip(train.users.tolist(), train.items.tolist(), train.values.tolist(), strict=True)
    known = Dataset(Reader(rating_scale=scale)).construct_trainset([(*row, None) for row in rows])
    fitted = SVD(random_state=0).fit(known)
    pairs = zip(test.users.tolist(), test.items.tolist(), strict=True)
    said = np.asarray([fitted.predict(*pair).est for pair in pairs])
    return float(np.sqrt(np.mean((said - test.values) ** 2)))


def main():
    """Print the four comparisons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", nargs="?")
    parser.add_argument("--backend")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=5, help="splits to compare precision on")
    parser.add_argument("--starts", type=int, default=3, help="first factors of each model on a split")
    parser.add_argument("--users", type=int, default=5000, help="users in one call for lists")
    parser.add_argument("--processor", action="store_const", const=process_time, default=perf_counter, dest="clock")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    home = xpnet.backend.get(options.backend, dtype="float32")
    rated = made_up() if options.quick or not options.path else load_ratings(options.path)
    ratings = clicks(rated)
    print(ratings, " ".join(home.info().values()), "\n")
    compare_iterations(ratings, home, options)
    compare_lists(ratings, home, options)
    if options.seeds:
        compare_precision(ratings, home, options)
    compare_ratings(rated, home, options)


if __name__ == "__main__":
    main()
