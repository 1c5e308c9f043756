"""What tests share: the table of tolerances, comparison that looks at more than numbers, and the sync guard."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import array_api_compat
import numpy as np

from xpnet.backend import Backend, library_of, to_numpy
from xpnet.trees import leaves

# The one table of tolerances: relative to the largest expected value.
TOLERANCES = {
    # one algorithm written twice: a few roundings
    "rounding": {"float32": 2e-6, "float64": 1e-14},
    # matrix products summed in another order, after a cancellation
    "product": {"float32": 2e-5, "float64": 1e-13},
    # many steps, each of them rounding
    "training": {"float32": 2e-3, "float64": 1e-10},
    # against central differences
    "gradient": {"float32": 2e-1, "float64": 1e-6},
}


def assert_close(backend: Backend, actual: Any, expected: Any, kind: str = "rounding") -> None:
    """Assert that `actual` is an array of `backend`, in its dtype and on its device, and close to `expected`."""
    assert_at_home(backend, actual)
    host, expected = to_numpy(actual), np.asarray(expected, dtype="float64")
    assert host.shape == expected.shape
    atol = TOLERANCES[kind][backend.dtype_name] * (float(np.abs(expected).max()) if expected.size else 0.0)
    np.testing.assert_allclose(host, expected, rtol=0.0, atol=atol)


def complex_array(backend: Backend, x: Any) -> Any:
    """Return `x` as a complex array of `backend`, in the precision of its dtype."""
    name = {"float32": "complex64", "float64": "complex128"}[backend.dtype_name]
    host = np.asarray(x, dtype=name)
    return backend.xp.asarray(host, device=backend.device)


def random_matrix(backend: Backend, rng: np.random.Generator, shape: tuple[int, ...], kind: str = "real") -> Any:
    """Return a matrix of normal random numbers on `backend`, real or complex."""
    real = rng.standard_normal(shape)
    if kind == "real":
        return backend.asarray(real)
    return complex_array(backend, real + 1j * rng.standard_normal(shape))


def assert_near(backend: Backend, actual: Any, expected: Any, atol: float) -> None:
    """Assert that `actual`, real or complex, is an array of `backend` within `atol` of `expected`."""
    assert_at_home(backend, actual)
    np.testing.assert_allclose(to_numpy(actual), to_numpy(expected), rtol=0.0, atol=atol)


def assert_at_home(backend: Backend, *trees: Any) -> None:
    """Assert that every leaf is an array of `backend`'s library and device, in its dtype if floating."""
    for tree in trees:
        for x in leaves(tree):
            assert library_of(x) == backend.name, f"a {type(x).__name__} on {backend.name}"
            assert array_api_compat.device(x) == backend.device
            if backend.xp.isdtype(x.dtype, "real floating"):
                assert x.dtype == backend.dtype


def flushes(backend: Backend) -> bool:
    """Return whether subnormal numbers count as zero, as they do for XLA and, in float32, for CuPy's kernels."""
    tiny = backend.full((1,), float(np.finfo(backend.dtype_name).smallest_normal))
    return bool(to_numpy(0.25 * tiny)[0] == 0.0)


def slope(f: Callable[[Any], float], x: np.ndarray, u: np.ndarray) -> float:
    """Return the central difference of f at x along u, float64, with an error of about 1e-9."""
    h = 1e-5
    return (f(x + h * u) - f(x - h * u)) / (2.0 * h)


# NumPy's arrays are a C type, whose methods cannot be replaced
UNGUARDED = ("numpy",)
LOOKS = ("__float__", "__int__", "__bool__", "__index__", "__complex__", "__array__", "__buffer__", "item", "tolist")


@contextlib.contextmanager
def no_looking(backend: Backend) -> Iterator[None]:
    """Make it an error to turn an array into a Python number: on a GPU that would wait for the device."""
    kind: Any = type(backend.full((1,)))
    names = [] if backend.name in UNGUARDED else [name for name in LOOKS if hasattr(kind, name)]
    own = {name: kind.__dict__[name] for name in names if name in kind.__dict__}

    def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a training step looked at a value")

    try:
        for name in names:
            setattr(kind, name, refuse)
        yield
    finally:
        for name in names:
            if name in own:
                setattr(kind, name, own[name])
            else:
                delattr(kind, name)
