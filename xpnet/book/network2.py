"""The book's network2.py: cross-entropy, L2 regularization, better initial weights, monitoring, saving.  Chapter 3.

To change the mathematics, give `Network` a cost class of your own, override `Network.backprop`, `update_mini_batch`
or `feedforward` in a subclass, or replace `sigmoid` and `sigmoid_prime`.  Your functions are called for one example at
a time.
"""

import os
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from xpnet.book import files, functions
from xpnet.book.arguments import as_column, layer_sizes, number
from xpnet.book.descent import Descent, descend
from xpnet.book.examples import Examples, shuffled
from xpnet.book.functions import Array, normal, vectorized_result
from xpnet.book.lines import monitor, say
from xpnet.book.own import answers, as_rows, costs_one_by_one, nablas, original, step, step_by_step, unchanged
from xpnet.checks import whole
from xpnet.data import FormatError
from xpnet.nn import Cost, cross_entropy, quadratic
from xpnet.nn.checking.arguments import check_sizes

__all__ = ["CrossEntropyCost", "Network", "QuadraticCost", "load", "sigmoid", "sigmoid_prime", "vectorized_result"]

Monitored: TypeAlias = tuple[list[Any], list[Any], list[Any], list[Any]]

sigmoid = original(functions.sigmoid)
sigmoid_prime = original(functions.sigmoid_prime)


class QuadraticCost:
    """The quadratic cost, half the squared distance from the desired output: Nielsen, equation 6."""

    @staticmethod
    @original
    def fn(a: Array, y: Array) -> float:
        """Return the cost of the output column `a` for the desired output `y`."""
        return float(0.5 * np.sum((a - y) ** 2))

    @staticmethod
    @original
    def delta(z: Array, a: Array, y: Array) -> Array:
        """Return the error of the output neurons, dC/dz."""
        return (a - y) * sigmoid_prime(z)


class CrossEntropyCost:
    """The cross-entropy, ``-sum y ln a + (1 - y) ln(1 - a)``: Nielsen, equation 63."""

    @staticmethod
    @original
    def fn(a: Array, y: Array) -> float:
        """Return the cost of the output column `a` for the desired output `y`; 0 ln 0 is 0, as in the book."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.sum(np.nan_to_num(-y * np.log(a) - (1.0 - y) * np.log(1.0 - a))))

    @staticmethod
    @original
    def delta(z: Array, a: Array, y: Array) -> Array:  # noqa: ARG004
        """Return the error of the output neurons, dC/dz.  The derivative of the sigmoid cancels."""
        return a - y


_KNOWN = (
    (QuadraticCost.fn, QuadraticCost.delta, quadratic),
    (CrossEntropyCost.fn, CrossEntropyCost.delta, cross_entropy),
)


class Network:
    """A network of sigmoid neurons that learns by regularized gradient descent on a cost of your choice.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first: ``[784, 30, 10]``.
    cost : class or instance
        With the functions ``fn(a, y)``, the cost of one example, and ``delta(z, a, y)``, the error dC/dz of the
        output, all columns of shape (n_out, 1).

    Attributes
    ----------
    num_layers : int
    sizes : sequence of int
    biases : list of array, shapes (n_out, 1)
    weights : list of array, shapes (n_out, n_in)
        Float64 NumPy arrays, drawn by `default_weight_initializer`.  They may be read and assigned at any time.
    cost : class or instance

    Examples
    --------
    >>> net = Network([2, 3, 1], cost=QuadraticCost)
    >>> [w.shape for w in net.weights], [b.shape for b in net.biases]
    ([(3, 2), (1, 3)], [(3, 1), (1, 1)])
    """

    def __init__(self, sizes: Sequence[int], cost: Any = CrossEntropyCost) -> None:
        if not (callable(getattr(cost, "fn", None)) and callable(getattr(cost, "delta", None))):
            raise TypeError(f"cost must have the functions fn(a, y) and delta(z, a, y), got {cost!r}")
        self.num_layers = len(check_sizes(sizes))
        self.sizes = sizes
        self.cost = cost
        self.default_weight_initializer()

    def default_weight_initializer(self) -> None:
        """Draw new biases from N(0, 1) and new weights from N(0, 1/n_in)."""
        self.biases, weights = normal(self.sizes)
        self.weights = [w / np.sqrt(w.shape[1]) for w in weights]

    def large_weight_initializer(self) -> None:
        """Draw new biases and weights from N(0, 1), as chapter 1 does."""
        self.biases, self.weights = normal(self.sizes)

    @original
    def feedforward(self, a: Any) -> Array:
        """Return the output for the input column `a`, shape (n_in, 1), or for m of them, shape (n_in, m)."""
        a = as_column("a", a, layer_sizes(self.weights, self.biases)[0], several=True)
        for b, w in zip(self.biases, self.weights, strict=True):
            a = sigmoid(w @ a + b)
        return a

    def SGD(  # noqa: N802  (the book's name)
        self,
        training_data: Any,
        epochs: int,
        mini_batch_size: int,
        eta: float,
        lmbda: float = 0.0,
        evaluation_data: Any = None,
        monitor_evaluation_cost: bool = False,
        monitor_evaluation_accuracy: bool = False,
        monitor_training_cost: bool = False,
        monitor_training_accuracy: bool = False,
    ) -> Monitored:
        """Train by stochastic gradient descent, and print what is monitored after each epoch.

        Parameters
        ----------
        training_data : list of (x, y)
            Columns, shapes (n_in, 1) and (n_out, 1); shuffled in place by `random.shuffle`.  An iterator is read once.
        epochs, mini_batch_size : int
        eta : float
            Learning rate.
        lmbda : float
            Strength of the penalty ``lmbda/(2n) sum w^2``, n the number of training examples; biases are free.
        evaluation_data : list of (x, label), optional
            Validation or test data.
        monitor_evaluation_cost, monitor_evaluation_accuracy, monitor_training_cost, monitor_training_accuracy : bool

        Returns
        -------
        evaluation_cost, evaluation_accuracy, training_cost, training_accuracy : list
            One value per epoch, or none if not monitored.  Costs include the penalty; accuracies are counts.
        """
        training = Examples.of("training_data", training_data)
        evaluation = Examples.if_any("evaluation_data", evaluation_data)
        if evaluation is None and (monitor_evaluation_cost or monitor_evaluation_accuracy):
            raise ValueError("evaluation_data must be given to be monitored, got none")
        size, rate, lmbda = whole("mini_batch_size", mini_batch_size, 1), number("eta", eta), number("lmbda", lmbda)
        n, n_data = len(training), len(evaluation or ())
        looks = (
            (monitor_training_cost, "Cost on training data: {}", lambda: self.total_cost(training, lmbda)),
            (
                monitor_training_accuracy,
                f"Accuracy on training data: {{}} / {n}",
                lambda: self.accuracy(training, True),
            ),
            (monitor_evaluation_cost, "Cost on evaluation data: {}", lambda: self.total_cost(evaluation, lmbda, True)),
            (
                monitor_evaluation_accuracy,
                f"Accuracy on evaluation data: {{}} / {n_data}",
                lambda: self.accuracy(evaluation),
            ),
        )
        seen: Monitored = ([], [], [], [])
        for j, order in shuffled(training_data, training, whole("epochs", epochs, 0)):
            self._learn(training, order, size, rate, lmbda)
            say(f"Epoch {j} training complete")
            monitor(looks, seen)
            say()
        return seen[2], seen[3], seen[0], seen[1]

    def _learn(self, training: Examples, order: list[int], size: int, eta: float, lmbda: float) -> None:
        cost = self._cost_of_the_book()
        if cost and unchanged(self.update_mini_batch, self.backprop):
            self.weights, self.biases = descend(self, training, order, Descent(cost, size, eta, lmbda))
        else:
            n = len(training)
            step_by_step(self, training, order, size, lambda batch: self.update_mini_batch(batch, eta, lmbda, n))

    @original
    def update_mini_batch(self, mini_batch: Any, eta: float, lmbda: float, n: int) -> None:
        """Take one step of gradient descent for a list of pairs (x, y), n the size of the whole training set."""
        examples, rate, lmbda = Examples.of("mini_batch", mini_batch), number("eta", eta), number("lmbda", lmbda)
        n, cost = whole("n", n, 1), self._cost_of_the_book()
        if cost and unchanged(self.backprop):
            how = Descent(cost, len(examples), rate, lmbda, n)
            self.weights, self.biases = descend(self, examples, range(len(examples)), how)
        else:
            self.weights, self.biases = step(self, examples, rate, lmbda / n, self._nablas)

    @original
    def backprop(self, x: Any, y: Any) -> tuple[list[Array], list[Array]]:
        """Return (nabla_b, nabla_w), the gradient of one example's cost, shaped like biases and weights."""
        return self._nablas(*as_rows(self, x, y))

    @original
    def accuracy(self, data: Any, convert: bool = False) -> int:
        """Return how many examples have their largest output at the label.

        Parameters
        ----------
        data : list of (x, y)
        convert : bool
            Whether y is a column, as in the training data, whose largest entry is the label.
        """
        examples = Examples.of("data", data)
        _, a = answers(self, examples, sigmoid)
        labels = examples.targets(a.shape[1]).argmax(axis=1) if convert else examples.labels(a.shape[1])
        return int(np.count_nonzero(a.argmax(axis=1) == labels))

    @original
    def total_cost(self, data: Any, lmbda: float, convert: bool = False) -> float:
        """Return the mean cost of the n examples, plus the penalty ``lmbda/(2n) sum w^2``.

        Parameters
        ----------
        data : list of (x, y)
        lmbda : float
        convert : bool
            Whether y is a label, as in the evaluation data, and not a column.
        """
        examples, cost = Examples.of("data", data), self._cost_of_the_book()
        z, a = answers(self, examples, sigmoid)
        y = examples.targets(a.shape[1], labels=convert)
        costs = cost.value(z, a, y) if cost and z is not None else costs_one_by_one(self.cost, a, y)
        squares = sum(np.sum(np.square(w)) for w in self.weights)
        return float(np.mean(costs) + 0.5 * number("lmbda", lmbda) / len(examples) * squares)

    def save(self, filename: str | os.PathLike[str]) -> None:
        """Write the network to a file of the book's format, JSON, whole or not at all; the cost by its name."""
        cost = getattr(self.cost, "__name__", type(self.cost).__name__)
        files.write(filename, self.weights, self.biases, cost)

    def _nablas(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        return nablas(self, x, y, sigmoid, sigmoid_prime, self.cost.delta)

    def _cost_of_the_book(self) -> Cost | None:
        """Return the cost if both the cost and the sigmoid are the book's own."""
        if unchanged(sigmoid, sigmoid_prime):
            for fn, delta, cost in _KNOWN:
                if self.cost.fn is fn and self.cost.delta is delta:
                    return cost
        return None


def load(filename: str | os.PathLike[str], cost: Any = None) -> Network:
    """Return the network that `Network.save`, or the book's own code, wrote to a file.

    Parameters
    ----------
    filename : path
    cost : class or instance, optional
        Your own cost, if the network was saved with it.  Default: the one of this module that the file names.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is truncated, foreign, or names a cost that this module does not have.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "net.json"
    >>> net = Network([2, 3, 1])
    >>> net.save(path)
    >>> bool(np.all(load(path).weights[0] == net.weights[0]))
    True
    """
    saved = files.read(filename)
    known = globals().get(saved.cost) if cost is None else cost
    if not (hasattr(known, "fn") and hasattr(known, "delta")):
        raise FormatError(
            f"{filename}: cost must be one of this module, got {saved.cost!r}; "
            f"if it is a class of your own, call load(filename, cost={saved.cost})"
        )
    net = Network(saved.sizes, cost=known)
    net.weights, net.biases = saved.weights, saved.biases
    return net
