"""The perceptron rule for several classes at once, each against the rest and with its own order of the rows."""

from collections.abc import Callable
from math import inf
from typing import Any, TypeAlias

import numpy as np

from xpnet.backend import Array, Backend, namespace, to_numpy
from xpnet.estimators.common.rows import Rows
from xpnet.training.batches.batches import STRETCH
from xpnet.trees import map_arrays

# weights (k, n_in), biases (k, 1); what L1 could have taken (k, 1), and what it has taken (k, n_in)
State: TypeAlias = tuple[Array, Array, Array, Array]

LARGEST = np.iinfo(np.int32).max


def rule_state(w: Array, b: Array) -> State:
    """Return the state of the rule that begins at these weights (k, n_in) and biases (k, 1)."""
    xp = namespace(w)
    return w, b, xp.zeros_like(b), xp.zeros_like(w)


def make_rule(strengths: tuple[float, float], eta: float, *, intercept: bool) -> Callable[[State, Any], Any]:
    """Return the step for one row of each class: x (k, n_in), its signs (k, 1) and weights (k, 1).

    The output is the loss of each class (k, 1) before the step: how far the weighted input is on the wrong side of 0,
    and the penalties; weights of rows do not count in it.

    Parameters
    ----------
    strengths : (l2, l1)
        L1 is taken off cumulatively, and never moves a weight past 0.
    eta : float
    intercept : bool
        Whether biases move.

    References
    ----------
    Tsuruoka, Tsujii and Ananiadou, "Stochastic gradient descent training for L1-regularized log-linear models with
    cumulative penalty", ACL 2009, section 3.
    """
    l2, l1 = strengths

    def step(state: State, inputs: tuple[Array, Array, Array]) -> tuple[State, Array]:
        (w, b, due, taken), (x, signs, weights) = state, inputs
        xp = namespace(x)
        agreement = signs * (xp.sum(x * w, axis=-1, keepdims=True) + b)  # negative where it is wrong
        loss = xp.maximum(-agreement, 0.0)
        if l2:
            loss = loss + 0.5 * l2 * xp.sum(w * w, axis=-1, keepdims=True)
        if l1:
            loss = loss + l1 * xp.sum(xp.abs(w), axis=-1, keepdims=True)
        pull = eta * weights * signs * xp.astype(agreement <= 0.0, x.dtype)
        w = (w * max(0.0, 1.0 - eta * l2) if l2 else w) + pull * x
        b = b + pull if intercept else b
        if l1:
            due, before = due + eta * l1, w
            down, up = xp.maximum(w - (due + taken), 0.0), xp.minimum(w + (due - taken), 0.0)
            w = xp.where(w > 0.0, down, xp.where(w < 0.0, up, w))
            taken = taken + (w - before)
        return (w, b, due, taken), loss

    return step


def run_epoch(run: Any, state: State, rows: Rows, signs: Any, weights: Any, orders: Any) -> tuple[State, Any]:
    """Return the state after an epoch, and the sum of each class's losses (k,) on the host.

    Parameters
    ----------
    run : Executor
    state : State
    rows : Rows
    signs, weights : host arrays, shape (n, k)
    orders : host array of int, shape (k, m)
        The order in which each class takes the rows.
    """
    backend, (k, m) = rows.backend, orders.shape
    most, classes, losses = max(1, STRETCH // (8 * k * int(rows.x.shape[1]))), np.arange(k), []
    for begin in range(0, m, most):
        part = orders[:, begin : begin + most].T  # (steps, k)
        x = backend.xp.reshape(rows.take(part.reshape(-1)), (*part.shape, -1))
        signed, weighed = (backend.asarray(each[part, classes][:, :, None]) for each in (signs, weights))
        state, lost = run(state, (x, signed, weighed))
        losses.append(backend.xp.sum(lost, axis=(0, 2)))
    return state, to_numpy(sum(losses[1:], losses[0])).astype("float64")


def kept(moved: State, before: State, active: Any, backend: Backend) -> State:
    """Return copies of the new state of the classes that learn, and of the old state of the others."""
    mask = backend.asarray(active)[:, None]
    return map_arrays(lambda new, old: backend.xp.where(mask, new, old), moved, before)


def row_orders(rng: np.random.RandomState, k: int, n: int) -> Any:
    """Return a permutation of n rows for each of k classes, host integers (k, n): scikit-learn's own.

    Every epoch applies it to the order of the epoch before.

    Examples
    --------
    >>> row_orders(np.random.RandomState(0), 1, 6)
    array([[1, 3, 2, 5, 0, 4]])
    """
    if k == 1:
        return np.asarray([_shuffled(n, _seed(rng))])
    seeds = rng.randint(LARGEST, size=k)
    return np.asarray([_shuffled(n, _seed(np.random.RandomState(seed))) for seed in seeds])


def _seed(rng: np.random.RandomState) -> int:
    rng.randint(1, LARGEST)  # scikit-learn draws a seed for its data set too, and does not use it
    return int(rng.randint(LARGEST))


def _shuffled(n: int, seed: int) -> list[int]:
    """Return 0 to n - 1 shuffled by Marsaglia's generator of 32 bits, doi:10.18637/jss.v008.i14."""
    order, bits = list(range(n)), seed or 1
    for i in range(n - 1):
        bits ^= (bits << 13) & 0xFFFFFFFF
        bits ^= bits >> 17
        bits ^= (bits << 5) & 0xFFFFFFFF
        j = i + (bits & 0x7FFFFFFF) % (n - i)
        order[i], order[j] = order[j], order[i]
    return order


class Patience:
    """Which classes still learn: a class stops after some epochs without improvement."""

    def __init__(self, k: int, tol: float | None, epochs: int, *, rises: bool) -> None:
        self.active, self._waited = np.ones(k, dtype=bool), np.zeros(k, dtype=int)
        self._tol, self._epochs, self._sign = tol, epochs, -1.0 if rises else 1.0
        self._best = np.full(k, inf)

    def see(self, measured: Any) -> None:
        """Take what an epoch measured for each class: mean losses, or accuracies."""
        value = self._sign * measured
        late = np.zeros_like(self.active) if self._tol is None else value > self._best - self._tol
        self._waited = np.where(late, self._waited + 1, 0)
        self._best = np.minimum(self._best, value)
        self.active = self.active & (self._waited < self._epochs)
