"""The perceptron: a neuron whose output is 1 where its weighted input is above 0.  Its networks cannot be trained."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from xpnet.backend import Array, library_of, namespace
from xpnet.backend import of as backend_of
from xpnet.nn.activations import Activation
from xpnet.nn.checking.inputs import check_inputs
from xpnet.nn.costs import Cost
from xpnet.nn.network import Network
from xpnet.nn.parameters import Layer


class Perceptron(NamedTuple):
    """One perceptron, or a stack of k perceptrons with the same inputs: weights, biases and outputs.

    Attributes
    ----------
    w : Array, shape (n_in,) or (k, n_in), real floating
    b : Array, shape () or (k,), or a number
        The bias: a larger one makes the output 1 for more inputs.

    References
    ----------
    Nielsen, chapter 1, equations 1 and 2.

    Examples
    --------
    >>> import numpy as np
    >>> both = Perceptron(np.asarray([1.0, 1.0]), -1.5)
    >>> both.threshold
    1.5
    >>> both.predict([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([0, 0, 0, 1], dtype=int32)
    """

    w: Array
    b: Any

    @property
    def threshold(self) -> Any:
        """The value that ``x w^T`` must exceed for an output of 1: it is -b."""
        return -self.b

    @property
    def layer(self) -> Layer:
        """The same weights and biases as a layer of a network: (k, n_in) and (1, k)."""
        xp, w = namespace(self.w), self.w
        b = xp.zeros_like(w[..., 0]) + self.b
        return Layer(xp.reshape(w, (-1, w.shape[-1])), xp.reshape(b, (1, -1)))

    def weighted_input(self, x: Any) -> Array:
        """Return ``z = x w^T + b`` for inputs `x`, shape (m, n_in): shape (m,), or (m, k) for a stack."""
        w = self.w
        xp = namespace(w=w) if library_of(x) is None else namespace(w=w, x=x)
        if not xp.isdtype(w.dtype, "real floating"):
            raise TypeError(f"w must be real floating, got dtype {w.dtype}")
        x = xp.astype(check_inputs(x, w.shape[-1], backend_of(w)), w.dtype, copy=False)
        return weighted_input(self, x)

    def outputs(self, x: Any) -> Array:
        """Return 1 where the weighted input is above 0, else 0: shape (m,), or (m, k) for a stack."""
        xp = namespace(self.w)
        return xp.astype(self.weighted_input(x) > 0.0, xp.int32)

    def predict(self, x: Any) -> Array:
        """Return a label for each row of `x`, shape (m,).

        The label of a single perceptron is its output.  The label of a stack, one perceptron for each class, is the
        class with the largest weighted input.
        """
        if self.w.ndim > 1 and self.w.shape[0] > 1:
            return namespace(self.w).argmax(self.weighted_input(x), axis=-1)
        outputs = self.outputs(x)
        return outputs[..., 0] if self.w.ndim > 1 else outputs


def weighted_input(perceptron: Perceptron, x: Array) -> Array:
    """Return ``x w^T + b`` for checked inputs."""
    w, b = perceptron
    return x @ (w if w.ndim == 1 else w.mT) + b


def perceptron_network(sizes: Sequence[int], *, labels: str = "one") -> Network:
    """Return a network whose neurons are all perceptrons; its cost is the number of wrong outputs.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first.
    labels : {"one", "several"}
        As for `Network`: ``"several"`` if each output is 0 or 1 independently, as in an adder.

    Notes
    -----
    The derivative of a step is 0 wherever it exists, so there is nothing to learn from and `xpnet.train` refuses the
    network.  Its weights are set by hand, or taken from sigmoid neurons (see `xpnet.nn.sharpened`).

    Examples
    --------
    >>> import numpy as np
    >>> either = Perceptron(np.asarray([1.0, 1.0]), -0.5)
    >>> perceptron_network([2, 1]).predict((either.layer,), np.asarray([[0.0, 0.0], [0.0, 1.0]]))
    array([0, 1], dtype=int32)
    """
    return Network(sizes, hidden="step", output="step", cost=mistakes, labels=labels)


def _mistakes(_z: Array, a: Array, y: Array) -> Array:
    return namespace(a).sum(abs(a - y), axis=-1)


def _no_delta(_z: Array, a: Array, _y: Array, _f: Activation) -> Array:
    return namespace(a).zeros_like(a)  # the derivative of a step, wherever it has one


mistakes = Cost("mistakes", _mistakes, _no_delta, outputs=("step",), targets="unit")
