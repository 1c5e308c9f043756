"""From which batch and width on the GPU wins over the host: xpnet on both, on a grid.  A part of bench_gpu."""

from functools import partial
from statistics import median

import xpnet
from gpu.steps import make_problem, train, work

WIDTHS = (30, 100, 300, 1000, 3000)
BATCHES = tuple(2**i for i in range(3, 14))
WORK = 2e9  # floating-point operations an epoch
NAME = "break-even, 784-w-10, fp32: w = "


def items(bench):
    """Return the items: a width each."""
    return [(f"{NAME}{width}", partial(one_width, bench, width)) for width in bench.pick(WIDTHS, (4, 8))]


def one_width(bench, width):
    """Return microseconds a step by batch, on both, and from which batch on the GPU wins."""
    found = {"batches": bench.pick(BATCHES, (4, 8)), "CuPy, microseconds a step": [], "NumPy, microseconds a step": []}
    for batch in found["batches"]:
        sizes = (bench.pick(784, 20), width, bench.pick(10, 4))
        steps = bench.pick(int(min(100, max(4, WORK / work(sizes, batch)[0]))), 2)
        problem = make_problem(sizes, batch, steps)
        for name, backend in (("CuPy", bench.backend()), ("NumPy", xpnet.backend.get("numpy"))):
            seconds = train(problem, backend, None, bench.pick(4, 2))[0][1:]
            found[f"{name}, microseconds a step"].append(bench.figure(1e6 * median(seconds) / steps))
    return found | {"the GPU wins from batch": from_which(*found.values())}


def from_which(batches, gpu, host):
    """Return the batch from which on the GPU takes less time at every batch measured, or None.

    Examples
    --------
    >>> from_which([8, 16, 32], [5.0, 5.0, 6.0], [4.0, 6.0, 9.0])
    16
    """
    first = None
    for batch, ours, theirs in reversed(list(zip(batches, gpu, host, strict=True))):
        if not ours < theirs:
            break
        first = batch
    return first


def small_table(found, device):
    """Return what a package could ship: by width of a 784-w-10 network, the batch from which the GPU wins.

    Parameters
    ----------
    found : mapping of str to mapping
        Items by name, of which only these are looked at.
    device : str
    """
    ours = {name.removeprefix(NAME): each for name, each in found.items() if name.startswith(NAME)}
    widths = {width: each["the GPU wins from batch"] for width, each in ours.items()}
    return {"device": device, "precision": "fp32", "network": "784-width-10", "the GPU wins from batch": widths}
