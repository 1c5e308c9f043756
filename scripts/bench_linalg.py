"""What xpnet.linalg costs beside NumPy and scikit-learn, in one run: ratios of medians.

    python scripts/bench_linalg.py [--repeats 9] [--json FILE] [--quick]

Norms beside numpy.linalg.norm and beside the plain sum that they are made of; randomized_svd beside scikit-learn's
and the full decomposition (4000 x 1000, singular values 1/j, rank 50, 10 oversamples, 2 power iterations), with
the errors; the methods of Gram-Schmidt.  Everything that is compared is timed in turn.
"""

import argparse
import json
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import numpy as np

import xpnet
from xpnet import linalg


def in_turn(calls, repeats, pause=0.0):
    """Return the median seconds of each call, all timed in turn, small ones many times.

    A pause before each lets another library's BLAS threads (scikit-learn brings SciPy's) stop waiting for more work,
    which would slow down the next call.
    """
    times = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(repeats):
        for name, call in calls.items():
            sleep(pause)
            start, count = perf_counter(), 0
            while count == 0 or perf_counter() - start < 0.005:
                call()
                count += 1
            times[name].append((perf_counter() - start) / count)
    return {name: median(each) for name, each in times.items()}


def norms(rng, repeats, size):
    """Yield rows: what, xpnet's microseconds, over the plain sum's, over NumPy's."""
    square = rng.standard_normal((size, size))
    cases = {
        f"L2, {size**2} numbers": (square.ravel(), None, None, lambda x: np.sqrt(np.vecdot(x, x))),
        f"L2 of {size} rows": (square, 2, 1, lambda x: np.sqrt(np.vecdot(x, x))),
        f"L2 of {size} columns": (square, 2, 0, lambda x: np.sqrt(np.sum(x * x, axis=0))),
        f"L2 of {size**2 // 3} rows of 3": (
            square.ravel()[: size**2 // 3 * 3].reshape(-1, 3),
            2,
            1,
            lambda x: np.sqrt(np.vecdot(x, x)),
        ),
        "L2, float32": (square.ravel().astype("float32"), None, None, lambda x: np.sqrt(np.vecdot(x, x))),
        "L3": (square.ravel(), 3, None, lambda x: np.sum(np.abs(x) ** 3) ** (1 / 3)),
        "L1": (square.ravel(), 1, None, lambda x: np.sum(np.abs(x))),
        "Frobenius": (square, "fro", None, lambda x: np.sqrt(np.vecdot(x.ravel(), x.ravel()))),
        "spectral": (square[: size // 2], 2, None, lambda x: np.linalg.svdvals(x)[0]),
        "nuclear": (square[: size // 2], "nuc", None, lambda x: np.linalg.svdvals(x).sum()),
    }
    for name, (x, order, axis, plain) in cases.items():
        calls = {
            "xpnet": lambda x=x, order=order, axis=axis: linalg.norm(x, order, axis),
            "plain": lambda x=x, plain=plain: plain(x),
            "numpy": lambda x=x, order=order, axis=axis: np.linalg.norm(x, order, axis),
        }
        t = in_turn(calls, repeats)
        yield name, 1e6 * t["xpnet"], t["xpnet"] / t["plain"], t["xpnet"] / t["numpy"]


def slowly_falling(rng, m, n):
    """Return a matrix with singular values 1/j."""
    u, _ = np.linalg.qr(rng.standard_normal((m, n)))
    v, _ = np.linalg.qr(rng.standard_normal((n, n)))
    return (u / np.arange(1, n + 1)) @ v.T


def decompositions(rng, repeats, m, n, k):
    """Yield rows: method and dtype, milliseconds, full SVD's time over it, spectral error over the best possible."""
    for dtype in ("float64", "float32"):
        a = slowly_falling(rng, m, n).astype(dtype)
        calls = {
            "xpnet.randomized_svd": lambda a=a: linalg.randomized_svd(a, k, oversampling=10, power_iterations=2),
            "xpnet.truncated_svd (full SVD)": lambda a=a: linalg.truncated_svd(a, k),
            "numpy.linalg.svd": lambda a=a: np.linalg.svd(a, full_matrices=False),
        }
        try:
            from sklearn.utils.extmath import randomized_svd as sklearns

            calls["scikit-learn's randomized_svd"] = lambda a=a, f=sklearns: f(
                a, k, n_oversamples=10, n_iter=2, random_state=0
            )
        except ImportError:
            pass
        t = in_turn(calls, repeats, pause=0.2)
        for name, call in calls.items():
            u, s, vh = call()[:3]
            error = np.linalg.norm(a.astype("float64") - (u[:, :k] * s[:k]) @ vh[:k], 2) * (k + 1)
            yield f"{name}, {dtype}", 1e3 * t[name], t["numpy.linalg.svd"] / t[name], error


def bases(rng, repeats, m, n):
    """Yield rows: method, milliseconds, over numpy.linalg.qr, loss of orthogonality."""
    a = rng.standard_normal((m, n))
    calls = {
        method: lambda method=method: linalg.gram_schmidt(a, method=method).q
        for method in ("cgs", "mgs", "cgs2", "mgs2", "block", "householder")
    }
    calls["numpy.linalg.qr"] = lambda: np.linalg.qr(a)[0]
    t = in_turn(calls, repeats)
    for name, call in calls.items():
        yield name, 1e3 * t[name], t[name] / t["numpy.linalg.qr"], float(linalg.orthogonality_loss(call()))


def table(heads, rows):
    """Return rows as a Markdown table, numbers with three digits."""
    cells = [[name, *(f"{x:.3g}" for x in numbers)] for name, *numbers in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, ["---"] * len(heads), *cells))


def main():
    """Print three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", type=Path, help="a file for the rows")
    parser.add_argument("--quick", action="store_true", help="small matrices: only shows that it works")
    options = parser.parse_args()
    small, repeats = options.quick, 1 if options.quick else options.repeats
    rng = np.random.default_rng(0)
    print(" ".join(xpnet.backend.get("numpy").info().values()), "\n")
    results = {}
    for title, heads, rows in [
        ("norms", ["norm", "µs", "over the plain sum", "over NumPy's"], norms(rng, repeats, 60 if small else 1000)),
        (
            "decompositions",
            ["decomposition", "ms", "times faster than numpy.linalg.svd", "spectral error over the best possible"],
            decompositions(rng, max(1, repeats // 2), *((200, 100, 10) if small else (4000, 1000, 50))),
        ),
        (
            "bases",
            ["method", "ms", "over numpy.linalg.qr", "loss of orthogonality"],
            bases(rng, max(1, repeats // 2), *((80, 20) if small else (2000, 500))),
        ),
    ]:
        results[title] = list(rows)
        print(table(heads, results[title]), "\n")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
