"""What a call does on a library, under ``jax.jit`` and with gradients: yes, or what is wrong."""

from collections.abc import Callable
from typing import Any

import numpy as np
from portable_calls import Call

import xpnet.backend
from xpnet.backend import Backend, device_of, library_of, to_numpy
from xpnet.trees import leaves

STEP = 1e-6  # of central differences
CLOSE = 1e-7  # their error, relative to the largest slope


def arrays(call: Call, home: Backend) -> list[Any]:
    return [home.asarray(x) for x in call.data]


def at_home(call: Call, home: Backend) -> str:
    """Return "yes" if every array that a call returns is of its library, on its device, in its dtype."""
    for x in leaves(call.run(home, *arrays(call, home))):
        library = library_of(x)
        if library is None and isinstance(x, int | float | bool | str):
            continue
        if library != home.name or (home.name == "numpy" and isinstance(x, np.generic) and x.ndim):
            return f"a {type(x).__name__}"
        if device_of(x) != home.device:
            return f"on {device_of(x)}"
        if home.xp.isdtype(x.dtype, "real floating") and x.dtype != home.dtype:
            return f"in {x.dtype}"
    return "yes"


def floating(found: Any) -> list[Any]:
    """Return the floating arrays among the results."""
    return [x for x in leaves(found) if library_of(x) and "float" in str(x.dtype)]


def total(call: Call, home: Backend, first: Any) -> Any:
    """Return a sum of all floating results in which each entry has another weight: a 0-d array, or 0.0."""
    rest = arrays(call, home)[1:]
    weighted = []
    for i, x in enumerate(floating(call.run(home, first, *rest))):
        size = int(np.prod(x.shape))
        weights = home.asarray(np.cos(np.arange(1.0, size + 1.0) + i).reshape(x.shape))
        weighted.append(home.xp.sum(x * weights))
    return sum(weighted[1:], weighted[0]) if weighted else 0.0


def slopes(call: Call) -> np.ndarray:
    """Return central differences of `total` by each entry of the first array, in float64."""
    home, first = xpnet.backend.get("numpy", dtype="float64"), np.asarray(call.data[0], dtype="float64")
    found = np.zeros_like(first)
    for place in np.ndindex(first.shape):
        step = np.zeros_like(first)
        step[place] = STEP
        found[place] = (total(call, home, first + step) - total(call, home, first - step)) / (2.0 * STEP)
    return found


def judged(gradient: Any, call: Call) -> str:
    expected, found = slopes(call), to_numpy(gradient)
    gap = np.abs(found - expected).max()
    return "yes" if gap <= CLOSE * max(1.0, np.abs(expected).max()) else f"another gradient ({gap:.1g})"


def attempt(f: Callable[[], str]) -> str:
    """Return what `f` does, or the type of its error."""
    try:
        return f()
    except Exception as error:
        return type(error).__name__


def traced(call: Call, home: Backend) -> str:
    """Return "yes" if JAX traces the call, and every floating result has the dtype of the data; nothing is compiled."""
    import jax

    def run(*data: Any) -> list[Any]:
        return [x for x in leaves(call.run(home, *data)) if library_of(x)]

    shapes = jax.eval_shape(run, *arrays(call, home))
    wrong = [x.dtype for x in shapes if "float" in str(x.dtype) and x.dtype != home.dtype]
    return f"in {wrong[0]}" if wrong else "yes"


def jax_gradient(call: Call, home: Backend, compiled: bool) -> str:
    import jax

    gradient = jax.grad(lambda first: total(call, home, first))
    return judged((jax.jit(gradient) if compiled else gradient)(home.asarray(call.data[0])), call)


def torch_gradient(call: Call, home: Backend) -> str:
    first = home.asarray(call.data[0]).clone().requires_grad_()
    total(call, home, first).backward()
    return judged(first.grad, call)
