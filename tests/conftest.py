"""The one fixture that every test of the mathematics runs on: `backend`, over all array libraries.

XPNET_TEST_BACKENDS chooses among the configurations by the beginning of their names, separated by commas:
``XPNET_TEST_BACKENDS=numpy,strict-device1 pytest``.  A missing array-api-strict is a failure; PyTorch, JAX and CuPy
are skipped by name where they are missing.
"""

import contextlib
import importlib.util
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import flush_to_zero
import host_cupy
import host_device
import numpy as np
import pytest

import xpnet.backend
from xpnet.backend import Backend

# a shell's "&" and nohup ignore these, and the processes that tests start and interrupt would inherit it
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

if importlib.util.find_spec("jax"):
    import jax

    jax.config.update("jax_enable_x64", True)  # so that JAX can be held to float64's tolerances
    # what two tests compile alike is compiled once: a quarter of the time
    _compiled = tempfile.TemporaryDirectory(prefix="xpnet-jax-", ignore_cleanup_errors=True)
    jax.config.update("jax_compilation_cache_dir", _compiled.name)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@dataclass(frozen=True)
class ReadOnly(Backend):
    """NumPy whose arrays, once made, refuse to be written to."""

    def asarray(self, x: Any, dtype: Any = None, *, name: str = "array") -> Any:
        made = super().asarray(x, dtype, name=name)
        made = made.copy() if made.flags.writeable else made
        made.flags.writeable = False
        return made


@contextlib.contextmanager
def flushed_numpy() -> Iterator[Callable[[str], Backend]]:
    """Give what opens NumPy, on a processor that takes subnormal numbers for zero."""
    with flush_to_zero.flushing():
        yield lambda dtype: xpnet.backend.get("numpy", dtype=dtype)


# name: (library, device, dtype, flags of array-api-strict)
BARE = {"enabled_extensions": (), "boolean_indexing": False, "data_dependent_shapes": False, "api_version": "2024.12"}
CONFIGURATIONS: dict[str, tuple[str, Any, str, dict[str, Any]]] = {
    "numpy-float32": ("numpy", None, "float32", {}),
    "numpy-float64": ("numpy", None, "float64", {}),
    "numpy-readonly": ("numpy", None, "float64", {}),
    "strict-device1-float32": ("array_api_strict", "device1", "float32", {}),
    "strict-no_float64": ("array_api_strict", "no_float64", "float32", {}),
    "strict-cpu-float64": ("array_api_strict", "CPU_DEVICE", "float64", {}),
    "strict-bare-float32": ("array_api_strict", "device1", "float32", BARE),
    "torch-float32": ("torch", None, "float32", {}),
    "torch-float64": ("torch", None, "float64", {}),
    "jax-float32": ("jax", None, "float32", {}),
    "jax-float64": ("jax", None, "float64", {}),
    "cupy-float32": ("cupy", None, "float32", {}),
    "cupy-float64": ("cupy", None, "float64", {}),
}
# what is only run if it is asked for by name: CuPy's arrays on a machine without a GPU, and NumPy on a processor that
# takes subnormal numbers for zero, as CuPy's kernels do
ASKED_FOR = {
    "hostcupy-float32": (host_cupy.missing, host_device.on_host),
    "hostcupy-float64": (host_cupy.missing, host_device.on_host),
    "flushed-float32": (flush_to_zero.missing, flushed_numpy),
}
# asked for by name, too: CI runs them with the oldest NumPy, the first four with the newest
WIDER = ("numpy-readonly", "strict-no_float64", "strict-cpu-float64")
# optional; array_api_strict is not: a run without it would prove nothing about portability
OPTIONAL = {"torch", "jax", "cupy"}


def _wanted() -> list[Any]:
    chosen = tuple(filter(None, os.environ.get("XPNET_TEST_BACKENDS", "").split(",")))
    names = [name for name in CONFIGURATIONS if (name.startswith(chosen) if chosen else name not in WIDER)]
    names += [name for name in ASKED_FOR if chosen and name.startswith(chosen)]
    return [pytest.param(name, marks=pytest.mark.gpu) if name.startswith("cupy") else name for name in names]


def open_configuration(name: str) -> Backend:
    """Return the backend of a configuration, or skip if an optional library is not here."""
    library, device, dtype, _ = CONFIGURATIONS[name]
    why = xpnet.backend.available()[library]
    if why and library in OPTIONAL:
        pytest.skip(why)
    made = xpnet.backend.get(library, device=device, dtype=dtype)
    return ReadOnly(**vars(made)) if name == "numpy-readonly" else made


@pytest.fixture(params=_wanted())
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """A library, device and dtype: what the test should hold on."""
    if request.param in ASKED_FOR:
        missing, opened = ASKED_FOR[request.param]
        if why := missing():
            pytest.skip(why)
        with opened() as make:
            yield make(request.param.rpartition("-")[2])
        return
    made, flags = open_configuration(request.param), CONFIGURATIONS[request.param][3]
    if not flags:
        yield made
        return
    import array_api_strict

    with array_api_strict.ArrayAPIStrictFlags(**flags):
        yield made


@pytest.fixture
def float64(backend: Backend) -> Backend:
    """`backend`, where it computes in float64; the test is for its tight tolerances."""
    if backend.dtype_name != "float64":
        pytest.skip("needs float64")
    return backend


@pytest.fixture
def rng() -> np.random.Generator:
    """Host random numbers, the same every time."""
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _no_backend_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XPNET_BACKEND", raising=False)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many tests each reason skipped: a GPU that was not there is never passed over in silence."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", ())
    )
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"skipped {count:4}  {reason}")
    for line in host_device.summary():
        terminalreporter.write_line(line)
