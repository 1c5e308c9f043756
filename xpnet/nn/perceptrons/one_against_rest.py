"""Perceptrons for several classes: one perceptron for each class separates it from all others."""

from collections import Counter
from typing import Any, NamedTuple

from xpnet.backend import namespace
from xpnet.checks import whole
from xpnet.nn.perceptrons.perceptron import Perceptron
from xpnet.nn.perceptrons.rule import PerceptronResult, learn
from xpnet.nn.perceptrons.separation import check_examples


class OneAgainstRest(NamedTuple):
    """A stack of perceptrons, one for each class, and how each was found; it prints one sentence for each."""

    perceptron: Perceptron
    results: tuple[PerceptronResult, ...]

    def __str__(self) -> str:
        return "\n".join(f"class {label} {result}" for label, result in enumerate(self.results))


def one_against_rest(x: Any, y: Any, n_classes: int, *, passes: int = 100) -> OneAgainstRest:
    """Learn one perceptron for each class by the perceptron rule: its examples against all others.

    Parameters
    ----------
    x : array, shape (n, n_in)
    y : array, shape (n,)
        Labels from 0 to ``n_classes - 1``, each of them at least once.
    n_classes : int
        Two or more.
    passes : int
        The largest number of passes for each class.

    Returns
    -------
    OneAgainstRest
        ``result.perceptron.predict(x)`` is the class whose weighted input is the largest.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense; the message names it.

    Notes
    -----
    On a random fifth of the bundled digits as test set, it classifies about 94 % correctly (92 to 98 in 20 trials).

    Examples
    --------
    >>> result = one_against_rest([[0.0, 0.0], [0.0, 2.0], [2.0, 0.0]], [0, 1, 2], 3)
    >>> result.perceptron.predict([[0.0, 3.0], [3.0, 0.0]])
    array([1, 2])
    """
    x, labels = check_examples(x, y)
    n_classes, passes = whole("n_classes", n_classes, 2), whole("passes", passes, 1)
    _check_labels(labels, n_classes)
    results = [learn(x, [each == label for each in labels], passes) for label in range(n_classes)]
    xp = namespace(x)
    w, b = (xp.stack(column) for column in zip(*(result.perceptron for result in results), strict=True))
    return OneAgainstRest(Perceptron(w, b), tuple(results))


def _check_labels(labels: list[Any], n_classes: int) -> None:
    present = Counter(labels)
    for row, label in enumerate(labels):
        if label not in range(n_classes):
            raise ValueError(f"y must hold labels between 0 and {n_classes - 1}, got {label:g} in row {row}")
    for label in range(n_classes):
        if not present[label]:
            raise ValueError(f"y must hold every label between 0 and {n_classes - 1}, got no {label}")
