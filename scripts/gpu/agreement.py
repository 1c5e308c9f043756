"""CuPy beside NumPy on the same seeds, with figures.  A part of gpu_evidence.

A difference is the largest one over all elements, relative to the largest element.  In float32 both are also compared
with NumPy in float64, which shows the effect of rounding alone.
"""

from functools import partial
from math import inf

import numpy as np

import xpnet
from xpnet import linalg
from xpnet.recommend import ALS, Ratings, SoftImpute

to_numpy = xpnet.backend.to_numpy
ORDERS = (None, 1, -1, 2, -2, inf, -inf, "fro", "nuc")
RECIPES = {
    "sgd": {"optimizer": lambda: xpnet.sgd(eta=0.5)},
    "adam, dropout": {"optimizer": lambda: xpnet.adam(eta=0.001), "dropout": 0.2},
    "momentum, L2": {"optimizer": lambda: xpnet.momentum(eta=0.1, mu=0.9), "l2": 5.0},
}


def items(bench):
    """Return the items of the part "agreement"."""
    found = []
    for recipe in RECIPES:
        found += [(f"training, {recipe}", partial(trained, bench, recipe))]
    computations = {
        "norms of matrices": norms,
        "norms of vectors": vector_norms,
        "gram_schmidt": bases,
        "svd": decompositions,
        "randomized_svd": sketches,
        "SoftImpute": partial(recommended, SoftImpute(k=8, lam=4.0, steps=30)),
        "ALS": partial(recommended, ALS(k=4, lam=4.0, iterations=5)),
    }
    found += [(name, partial(compare, bench, computation)) for name, computation in computations.items()]
    return [
        (f"{dtype}: {name}", partial(call, dtype=dtype)) for dtype in ("float32", "float64") for name, call in found
    ]


def difference(found, expected):
    """Return the largest difference of two arrays, relative to the largest expected number.

    Examples
    --------
    >>> difference([1.0, 3.0], [1.0, 4.0])
    0.25
    """
    found, expected = (np.asarray(each, dtype="float64") for each in (found, expected))
    if found.shape != expected.shape:
        raise ValueError(f"found must have the shape {expected.shape}, got {found.shape}")
    return float(np.max(np.abs(found - expected)) / np.max(np.abs(expected)))


def compare(bench, computation, dtype):
    """Return how the results of ``computation(backend)`` differ on CuPy, NumPy and NumPy in float64, by name."""
    here = computation(bench.backend(dtype))
    there = computation(xpnet.backend.get("numpy", dtype=dtype))
    exact = there if dtype == "float64" else computation(xpnet.backend.get("numpy", dtype="float64"))
    found = {}
    for name in there:
        found[name] = {"CuPy from NumPy": bench.figure(difference(here[name], there[name]))}
        if dtype == "float32":
            found[name] |= {
                "CuPy from float64": bench.figure(difference(here[name], exact[name])),
                "NumPy from float64": bench.figure(difference(there[name], exact[name])),
            }
    return found


def trained(bench, recipe, dtype):
    """Compare costs, accuracies and weights after some epochs of the digits."""
    digits, epochs = xpnet.data.load_digits(), bench.pick(5, 1)
    x, y = digits.x[: bench.pick(None, 200)] / 16.0, digits.y[: bench.pick(None, 200)]
    settings = dict(RECIPES[recipe])
    network = xpnet.Network([64, 30, 10], dropout=settings.pop("dropout", 0.0))
    optimizer = settings.pop("optimizer")

    def computation(backend):
        result = xpnet.train(network, (x, y), epochs=epochs, optimizer=optimizer(), backend=backend, **settings)
        found = {name: result.history.column(name) for name in ("cost", "accuracy")}
        return found | {
            "weights": np.concatenate([np.ravel(to_numpy(w)) for layer in result.parameters for w in layer])
        }

    return compare(bench, computation, dtype)


# ---- linear algebra and recommenders --------------------------------------------------------------------------------


def matrix(backend, m=200, n=120):
    """Return a matrix with well separated singular values from 1 to about 0.001."""
    rng = np.random.default_rng(0)
    u, _ = np.linalg.qr(rng.standard_normal((m, n)))
    v, _ = np.linalg.qr(rng.standard_normal((n, n)))
    return backend.asarray((u * 0.94 ** np.arange(n)) @ v.T)


def norms(backend):
    """Return all norms of a matrix."""
    a = matrix(backend)
    return {"all": [float(linalg.norm(a, order)) for order in ORDERS]}


def vector_norms(backend):
    """Return norms of rows and columns, and of everything."""
    a = matrix(backend)
    found = {f"axis {axis}": [to_numpy(linalg.norm(a, order, axis)) for order in (1, 2, 3, inf)] for axis in (0, 1)}
    return found | {"all": [float(linalg.norm(linalg.norm(a, 2, 1), order)) for order in (1, 2, 3, inf, 0.5)]}


def bases(backend):
    """Return basis and triangle of three methods."""
    a, found = matrix(backend), {}
    for method in ("cgs2", "mgs2", "block"):
        basis = linalg.gram_schmidt(a, method=method)
        found |= {f"{method}: q": to_numpy(basis.q), f"{method}: r": to_numpy(basis.r)}
    return found


def decompositions(backend):
    """Return the singular values and vectors; the vectors' signs are fixed."""
    u, s, vh = linalg.svd(matrix(backend), full_matrices=False)
    return {"values": to_numpy(s), "vectors": to_numpy(u), "product": to_numpy((u * s) @ vh)}


def sketches(backend):
    """Return the leading singular values and vectors from the same random sketch."""
    u, s, vh = linalg.randomized_svd(matrix(backend), 10, seed=0)[:3]
    return {"values": to_numpy(s), "product": to_numpy((u * s) @ vh)}


def made_up(n_users=300, n_items=200, density=0.2, seed=0):
    """Return ratings from 1 to 5 with biases and two hidden directions."""
    rng = np.random.default_rng(seed)
    taste = rng.standard_normal((n_users, 2)) @ rng.standard_normal((2, n_items))
    size = 3.5 + 0.5 * rng.standard_normal((n_users, 1)) + 0.5 * rng.standard_normal(n_items) + 0.5 * taste
    users, items_ = np.nonzero(rng.random(size.shape) < density)
    return Ratings.of(users, items_, np.clip(size[users, items_].round(), 1, 5))


def recommended(model, backend):
    """Return what a recommender predicts for the ratings it was fitted to."""
    ratings = made_up()
    fitted = model.fit(ratings, backend)
    return {"predictions": to_numpy(fitted.predict_numbers(ratings.users, ratings.items))}
