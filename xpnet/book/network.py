"""The book's network.py: quadratic cost, weights drawn from N(0, 1), stochastic gradient descent.  Chapters 1 and 2.

To change the mathematics, override `Network.cost_derivative`, `backprop`, `update_mini_batch` or `feedforward` in a
subclass, or replace `sigmoid` and `sigmoid_prime`.  Your functions are called for one example at a time.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from xpnet.book import functions
from xpnet.book.arguments import as_column, layer_sizes, number
from xpnet.book.descent import Descent, descend
from xpnet.book.examples import Examples, shuffled
from xpnet.book.functions import Array, normal
from xpnet.book.lines import say
from xpnet.book.own import answers, as_rows, nablas, original, step, step_by_step, unchanged
from xpnet.checks import whole
from xpnet.nn import quadratic
from xpnet.nn.checking.arguments import check_sizes

__all__ = ["Network", "sigmoid", "sigmoid_prime"]

sigmoid = original(functions.sigmoid)
sigmoid_prime = original(functions.sigmoid_prime)


class Network:
    """A network of sigmoid neurons that learns by gradient descent on the quadratic cost.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first: ``[784, 30, 10]``.

    Attributes
    ----------
    num_layers : int
    sizes : sequence of int
    biases : list of array, shapes (n_out, 1)
    weights : list of array, shapes (n_out, n_in)
        Float64 NumPy arrays, drawn from N(0, 1) by NumPy's global generator, all biases first.  They may
        be read and assigned at any time.

    Examples
    --------
    >>> net = Network([2, 3, 1])
    >>> [w.shape for w in net.weights], [b.shape for b in net.biases]
    ([(3, 2), (1, 3)], [(3, 1), (1, 1)])
    >>> net.feedforward(np.asarray([[0.0], [1.0]])).shape
    (1, 1)
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        checked = check_sizes(sizes)
        self.num_layers = len(checked)
        self.sizes = sizes
        self.biases, self.weights = normal(checked)

    @original
    def feedforward(self, a: Any) -> Array:
        """Return the output for the input column `a`, shape (n_in, 1), or for m of them, shape (n_in, m)."""
        a = as_column("a", a, layer_sizes(self.weights, self.biases)[0], several=True)
        for b, w in zip(self.biases, self.weights, strict=True):
            a = sigmoid(w @ a + b)
        return a

    def SGD(  # noqa: N802  (the book's name)
        self, training_data: Any, epochs: int, mini_batch_size: int, eta: float, test_data: Any = None
    ) -> None:
        """Train by stochastic gradient descent, and print a line per epoch.

        Parameters
        ----------
        training_data : list of (x, y)
            Input and desired output columns, shapes (n_in, 1) and (n_out, 1).  `random.shuffle` shuffles
            the list in place.  An iterator is read once.
        epochs, mini_batch_size : int
        eta : float
            Learning rate.
        test_data : list of (x, label), optional
            `evaluate` counts the right ones after each epoch.  None or an empty list: no counting.
        """
        training = Examples.of("training_data", training_data)
        tests = Examples.if_any("test_data", test_data)
        size, rate = whole("mini_batch_size", mini_batch_size, 1), number("eta", eta)
        for j, order in shuffled(training_data, training, whole("epochs", epochs, 0)):
            if self._learns_by_the_book() and unchanged(self.update_mini_batch):
                self.weights, self.biases = descend(self, training, order, Descent(quadratic, size, rate))
            else:
                step_by_step(self, training, order, size, lambda batch: self.update_mini_batch(batch, rate))
            say(f"Epoch {j} complete" if tests is None else f"Epoch {j}: {self.evaluate(tests)} / {len(tests)}")

    @original
    def update_mini_batch(self, mini_batch: Any, eta: float) -> None:
        """Take one step of gradient descent for a list of pairs (x, y)."""
        examples, rate = Examples.of("mini_batch", mini_batch), number("eta", eta)
        if self._learns_by_the_book():
            how = Descent(quadratic, len(examples), rate)
            self.weights, self.biases = descend(self, examples, range(len(examples)), how)
        else:
            self.weights, self.biases = step(self, examples, rate, 0.0, self._nablas)

    @original
    def backprop(self, x: Any, y: Any) -> tuple[list[Array], list[Array]]:
        """Return (nabla_b, nabla_w), the gradient of one example's cost, shaped like biases and weights."""
        return self._nablas(*as_rows(self, x, y))

    @original
    def evaluate(self, test_data: Any) -> int:
        """Return how many of the pairs (x, label) have their largest output at the label."""
        examples = Examples.of("test_data", test_data)
        _, a = answers(self, examples, sigmoid)
        return int(np.count_nonzero(a.argmax(axis=1) == examples.labels(a.shape[1])))

    @original
    def cost_derivative(self, output_activations: Array, y: Array) -> Array:
        """Return the derivative of one example's cost with respect to the output activations, both columns."""
        return output_activations - y

    def _nablas(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        def delta(z: Array, a: Array, y: Array) -> Array:
            return as_column("cost_derivative", self.cost_derivative(a, y), len(a)) * sigmoid_prime(z)

        return nablas(self, x, y, sigmoid, sigmoid_prime, delta)

    def _learns_by_the_book(self) -> bool:
        return unchanged(self.backprop, self.cost_derivative, sigmoid, sigmoid_prime)
