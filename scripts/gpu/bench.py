"""Where items are measured: on CuPy, or in a dry run on NumPy, without figures."""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from math import inf, nan
from statistics import median
from time import monotonic, perf_counter

import xpnet
from gpu.keeping import MissingError


@dataclass(frozen=True)
class Bench:
    """Where items are measured: on CuPy, or in a dry run on NumPy.

    Attributes
    ----------
    dry : bool
        Whether this is a dry run.
    data : str, optional
        An npz file with x_train, y_train, x_test and y_test.
    deadline : float
        When to stop, in seconds of `time.monotonic`.
    """

    dry: bool = False
    data: str | None = None
    deadline: float = inf

    @property
    def library(self):
        """The backend's name."""
        return "numpy" if self.dry else "cupy"

    @property
    def remaining(self):
        """Seconds until the deadline."""
        return self.deadline - monotonic()

    def backend(self, dtype="float32", tf32=False):
        """Return the backend; `tf32` lets the float32 products of training be TF32 (a dry run only says so)."""
        if self.dry:
            return xpnet.backend.get(self.library, dtype=dtype)
        try:
            return xpnet.backend.get(self.library, dtype=dtype, tf32=tf32)
        except xpnet.BackendError as why:
            raise MissingError(str(why)) from why

    def pick(self, real, small):
        """Return the first, or in a dry run the second."""
        return small if self.dry else real

    def figure(self, x):
        """Return the measured figure; in a dry run it is not-a-number."""
        return nan if self.dry else float(x)

    @cached_property
    def _waits(self):
        return xpnet.backend.get(self.library)

    def times(self, call, repeats=5, budget=3.0):
        """Return seconds a call, one figure for each repeat: warmed up, the device waited for, small calls in a row.

        A call that takes longer than the budget is timed once, without a warm-up.
        """
        if self.dry:
            call()
            return [nan]
        first = self._took(call, 1)
        if first > budget:
            return [first]
        count = max(1, min(1000, int(0.02 / max(self._took(call, 1), 1e-9))))
        found = []
        while not found or (len(found) < repeats and sum(found) * count < budget):
            found.append(self._took(call, count) / count)
        return found

    def _took(self, call, count):
        self._waits.synchronize()
        start = perf_counter()
        for _ in range(count):
            call()
        self._waits.synchronize()
        return perf_counter() - start

    def seconds(self, call, repeats=5, budget=3.0):
        """Return the median of `times`."""
        return median(self.times(call, repeats, budget))


@contextmanager
def environment(**variables):
    """Set environment variables, or unset those that are None, inside a ``with`` block."""
    before = {name: os.environ.get(name) for name in variables}
    try:
        _set(variables)
        yield
    finally:
        _set(before)


def _set(variables):
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
