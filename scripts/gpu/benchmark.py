"""All items of bench_gpu, one after the other."""

from gpu import break_even, device, linalg, steps


def items(bench):
    """Return the items of the part "benchmark"."""
    return [
        ("ceilings", lambda: device.ceilings(bench)),
        *steps.items(bench),
        *linalg.items(bench),
        *break_even.items(bench),
    ]
