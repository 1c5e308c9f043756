"""Decompositions and one iteration of alternating least squares, beside CuPy's own functions.  A part of bench_gpu."""

from functools import partial
from statistics import median
from typing import Any, NamedTuple

import xpnet
from gpu.agreement import made_up
from gpu.device import random
from xpnet import linalg
from xpnet.recommend import BiasModel
from xpnet.recommend.algorithms import als
from xpnet.recommend.algorithms.observed import observe
from xpnet.recommend.algorithms.problems import Explicit


class Case(NamedTuple):
    """A computation on a random matrix, and what CuPy itself has for it."""

    shape: tuple[int, int]
    own: Any  # of the matrix
    theirs: Any  # of the namespace and the matrix


def items(bench):
    """Return the items: a row each, float32."""
    square, tall, basis = bench.pick(((1000, 1000), (20000, 2000), (4000, 500)), ((12, 12), (40, 12), (20, 5)))
    k = bench.pick(50, 3)
    cases = {
        "svd, beside CuPy's": Case(square, lambda a: linalg.svd(a, full_matrices=False), _svd),
        f"randomized_svd, k = {k}, beside CuPy's whole svd": Case(tall, lambda a: linalg.randomized_svd(a, k), _svd),
        "gram_schmidt, block, beside CuPy's qr": Case(basis, lambda a: linalg.gram_schmidt(a, method="block"), _qr),
        "gram_schmidt, cgs2, beside CuPy's qr": Case(basis, linalg.gram_schmidt, _qr),
    }
    found = [
        (f"linear algebra, float32: {name}, {case.shape[0]} x {case.shape[1]}", partial(timed, bench, case))
        for name, case in cases.items()
    ]
    return [*found, ("recommender, float32: ALS, one iteration, k = 16", partial(iteration, bench))]


def _svd(xp, a):
    return xp.linalg.svd(a, full_matrices=False)


def _qr(xp, a):
    return xp.linalg.qr(a)


def timed(bench, case):
    """Return the milliseconds of xpnet on CuPy, of CuPy itself, and of xpnet on NumPy."""
    backend = bench.backend()
    a = random(backend, case.shape, 0)
    return {
        "xpnet on CuPy, ms": milliseconds(bench, lambda: case.own(a)),
        "CuPy itself, ms": milliseconds(bench, lambda: case.theirs(backend.xp, a)),
        "xpnet on NumPy, ms": milliseconds(bench, partial(case.own, xpnet.backend.to_numpy(a))),
    }


def milliseconds(bench, call):
    """Return the median of a few calls."""
    return 1e3 * median(bench.times(call, budget=6.0))


def iteration(bench):
    """Return the milliseconds of improving all users' and all items' factors once."""
    ratings, found = made_up(*bench.pick((3000, 2000, 0.1), (30, 20, 0.3))), {}
    for name, backend in (("xpnet on CuPy, ms", bench.backend()), ("xpnet on NumPy, ms", xpnet.backend.get("numpy"))):
        _, observed = BiasModel().start(observe(ratings, backend))
        factors = als.random_factors(observed, 16, backend)
        found[name] = milliseconds(bench, partial(als.improved, Explicit(observed, 12.0), factors))
    return found | {"ratings": len(ratings.values)}
