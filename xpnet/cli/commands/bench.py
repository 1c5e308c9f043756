"""``xpnet bench``: how fast training is on this machine, and from which batch size on a GPU is faster."""

import argparse
import json
import os
import platform
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from xpnet.backend import Array, Backend, available, get
from xpnet.cli.commands.train import backend_line, choose_backend
from xpnet.execution.numpy_tape.numba_compiler import VARIABLE, may_compile
from xpnet.nn import Network
from xpnet.training import History, adam, sgd, train
from xpnet.training.watching.stopping import Verdict

MOST = 50_000  # examples of an epoch
OPTIMIZERS = {"sgd": sgd(eta=0.01), "adam": adam(eta=0.001)}
BATCHES = tuple(2**k for k in range(3, 13))  # 8 to 4096: batch sizes that are tried on a GPU


class Case(NamedTuple):
    """A network and its mini-batch size."""

    sizes: tuple[int, ...]
    batch: int

    def __str__(self) -> str:
        return f"{self.name}:{self.batch}"

    @property
    def name(self) -> str:
        """The sizes as text: 784-30-10."""
        return "-".join(map(str, self.sizes))

    @property
    def weights(self) -> int:
        """The number of weights, without biases."""
        return sum(n_in * n_out for n_in, n_out in pairwise(self.sizes))

    @property
    def examples(self) -> int:
        """The number of examples, in whole mini-batches; an epoch then takes a fraction of a second on a few cores."""
        return self.batch * max(1, min(MOST, 16 * 10**9 // self.weights) // self.batch)


CASES = (
    Case((784, 30, 10), 10),
    Case((784, 100, 10), 100),
    Case((784, 512, 512, 10), 256),
    Case((784, 1024, 1024, 10), 1024),
)


class Place(NamedTuple):
    """A backend with training examples: 784 random numbers and a random label each."""

    backend: Backend
    x: Array  # (n, 784)
    y: Array  # (n,)

    @classmethod
    def on(cls, backend: Backend, n: int) -> "Place":
        """Return n random examples on `backend`."""
        rng = np.random.default_rng(0)
        x, y = rng.random((n, 784), dtype=np.float32), rng.integers(0, 10, n)
        return cls(backend, backend.asarray(x), backend.asarray(y))


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    seconds, n, cases = (0.02, MOST // 25, CASES[:2]) if options.quick else (1.0, MOST, CASES)
    here = Place.on(choose_backend(options), n)
    emit = _print_json if options.json else _print_line
    _print_machine(options, here.backend)
    for row in rows(cases, here, seconds):
        emit(row)
    reason = available()["cupy"]
    if reason:
        print(json.dumps({"event": "no_gpu", "reason": reason}) if options.json else f"\nno GPU: {reason}")
        return 0
    name, dtype = here.backend.name, here.backend.dtype_name
    cpu = here if name == "numpy" else Place.on(get("numpy", dtype=dtype), n)
    gpu = here if name == "cupy" else Place.on(get("cupy", dtype=dtype), n)
    if gpu is not here:
        for row in rows(cases, gpu, seconds):
            emit(row)
    compare(cases, cpu, gpu, seconds / 5, options.json)
    return 0


def processor() -> str:
    """Return the name of the processor, or its architecture if the name is unknown."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


# ---- measuring --------------------------------------------------------------------------------------------


def rows(cases: Iterable[Case], place: Place, seconds: float) -> Iterator[dict[str, Any]]:
    """Yield a row for each network, optimizer and, on NumPy, for loops by NumPy and by Numba where it is installed."""
    numpy = place.backend.name == "numpy"
    ways = ("numpy", "numba")[: 2 if may_compile() else 1] if numpy else ("",)
    for case in cases:
        least = 1e6 * floor(case, place.backend, seconds / 5)
        for optimizer in OPTIMIZERS:
            for way in ways:
                with loops_by(way):
                    yield _row(case, place, optimizer, way, 1e6 * speed(case, place, seconds, optimizer), least)


def _row(case: Case, place: Place, optimizer: str, way: str, took: float, least: float) -> dict[str, Any]:
    """Return the time of training, and of its matrix products alone, in microseconds per example."""
    return {
        "event": "network",
        "backend": place.backend.name,
        "network": case.name,
        "batch": case.batch,
        "optimizer": optimizer,
        "loops": way,
        "microseconds": took,
        "examples_per_second": 1e6 / took,
        "products_microseconds": least,
        "products_share": least / took,
    }


@contextmanager
def loops_by(way: str) -> Iterator[None]:
    """Let "numba" or "numpy" run the elementwise operations of NumPy's steps; anything else changes nothing."""
    before, value = os.environ.get(VARIABLE), {"numba": "1", "numpy": "0"}.get(way)
    if value is not None:
        os.environ[VARIABLE] = value
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        os.environ.update({} if before is None else {VARIABLE: before})


def speed(case: Case, place: Place, seconds: float, optimizer: str = "sgd") -> float:
    """Return the time of training in seconds per example: the median epoch of about `seconds` of training.

    A short trial finds how many examples make an epoch of a quarter of `seconds`.  The first epoch is not counted.
    """
    backend, x, y = place
    most = min(case.examples, int(x.shape[0]))
    n = min(most, 20 * case.batch)
    network, descent = Network(case.sizes), OPTIMIZERS[optimizer]
    for wanted in (0.0, seconds):
        data, rule = (x[:n, ...], y[:n]), _after(wanted)
        result = train(
            network, data, epochs=1000, batch_size=case.batch, optimizer=descent, stopping=rule, backend=backend
        )
        took: float = median(result.history.column("seconds")[1:]) / n
        n = min(most, max(n, int(seconds / 4 / took) // case.batch * case.batch))
    return took


def _after(seconds: float) -> Callable[[History], Verdict]:
    """Return a rule that stops when the epochs after the first have taken `seconds`."""

    def rule(history: History) -> Verdict:
        counted = history.column("seconds")[1:]
        return Verdict("measured" if counted and sum(counted) >= seconds else None)

    return rule


def floor(case: Case, backend: Backend, seconds: float) -> float:
    """Return the time of the matrix products of a training step alone, in seconds per example."""
    multiply = products(case, backend)
    multiply()
    backend.synchronize()
    start, steps = perf_counter(), 0
    while steps == 0 or perf_counter() - start < seconds:
        multiply()
        steps += 1
    backend.synchronize()
    return (perf_counter() - start) / (steps * case.batch)


def products(case: Case, backend: Backend) -> Callable[[], None]:
    """Return a function that computes the 3L - 1 matrix products of one step of L layers, in xpnet's layout.

    Forward ``a @ w.mT``, backward ``delta @ w``, gradients ``delta.mT @ a``; on NumPy into fixed buffers.
    """
    rng = np.random.default_rng(0)
    a = [backend.asarray(rng.random((case.batch, n)) / n) for n in case.sizes]
    delta = [backend.asarray(rng.random((case.batch, n)) / n) for n in case.sizes]
    w = [backend.asarray(rng.random((n_out, n_in)) / n_in) for n_in, n_out in pairwise(case.sizes)]
    dw = [backend.xp.zeros_like(each) for each in w]
    layers = range(len(w))
    steps = [(a[l], w[l].mT, a[l + 1]) for l in layers]
    for l in reversed(layers):
        steps.append((delta[l + 1].mT, a[l], dw[l]))
        steps += [(delta[l + 1], w[l], delta[l])] if l else []

    def into_buffers() -> None:
        for left, right, out in steps:
            np.matmul(left, right, out=out)

    def anew() -> None:
        for left, right, _ in steps:
            left @ right

    return into_buffers if backend.name == "numpy" else anew


def pays_from(batches: Iterable[int], cpu: Callable[[int], float], gpu: Callable[[int], float]) -> int | None:
    """Return the first batch size for which ``gpu(batch)`` is less than ``cpu(batch)``, or None.

    Examples
    --------
    >>> pays_from([8, 16, 32], lambda batch: 1.0, lambda batch: 20.0 / batch)
    32
    """
    return next((batch for batch in batches if gpu(batch) < cpu(batch)), None)


def compare(cases: Iterable[Case], cpu: Place, gpu: Place, seconds: float, as_json: bool) -> None:
    """Print for each network the smallest batch size for which the GPU is faster."""
    batches = [batch for batch in BATCHES if batch <= cpu.x.shape[0]]
    if not as_json:
        print("\nthe GPU is faster from this batch on")
    for case in cases:
        found = pays_from(batches, _by_batch(case, cpu, seconds), _by_batch(case, gpu, seconds))
        if as_json:
            _print_json({"event": "pays", "network": case.name, "from_batch": found, "tried": batches})
        else:
            print(f"  {case.name:17} {found or f'none up to {batches[-1]}'}", flush=True)


def _by_batch(case: Case, place: Place, seconds: float) -> Callable[[int], float]:
    return lambda batch: speed(case._replace(batch=batch), place, seconds)


# ---- printing ---------------------------------------------------------------------------------------------

COLUMNS = (  # of a line: head, width, format
    ("backend", 8, ""),
    ("network", 18, ""),
    ("batch", 6, ""),
    ("optimizer", 11, ""),
    ("loops", 7, ""),
    ("µs an example", 15, ".2f"),
    ("examples a second", 19, ",.0f"),
    ("products alone, µs", 20, ".2f"),
    ("their share", 13, ".0%"),
)


def _print_machine(options: argparse.Namespace, backend: Backend) -> None:
    machine = {"processor": processor(), "cores": os.cpu_count(), **backend.info()}
    if options.json:
        _print_json({"event": "machine", **machine})
        return
    print(backend_line(options, backend))
    print(f"machine  {machine['processor']}, {machine['cores']} cores")
    print(f"BLAS     {machine.get('blas', 'of ' + backend.name)}\n")
    print("".join(f"{head:>{width}}" for head, width, _ in COLUMNS), flush=True)


def _print_json(row: dict[str, Any]) -> None:
    print(json.dumps(row), flush=True)


def _print_line(row: dict[str, Any]) -> None:
    values = list(row.values())[1:]
    print("".join(f"{x:>{width}{form}}" for x, (_, width, form) in zip(values, COLUMNS, strict=True)), flush=True)
