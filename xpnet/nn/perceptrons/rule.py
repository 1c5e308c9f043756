"""The perceptron rule: learning from mistakes, example by example."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from xpnet.backend import Array, device_of, namespace
from xpnet.checks import whole
from xpnet.nn.perceptrons.perceptron import Perceptron, weighted_input
from xpnet.nn.perceptrons.separation import check_bits, check_examples, margin_of

BLOCK = 256  # rows computed together; a mistake repeats the work of one block, not of the whole data set


class Update(NamedTuple):
    """One step of the rule: the pass and the row in which it happened, and the perceptron after it."""

    epoch: int  # 1, 2, …
    row: int
    perceptron: Perceptron


class PerceptronResult(NamedTuple):
    """What the rule found; it prints as a sentence."""

    perceptron: Perceptron
    mistakes: tuple[int, ...]  # one number for each pass
    separated: bool  # whether the last pass made no mistake
    margin: float | None  # see `xpnet.nn.margin`; None if the classes are not separated

    def __str__(self) -> str:
        passes = _count(len(self.mistakes), "pass", "passes")
        if self.separated:
            made = _count(sum(self.mistakes), "mistake", "mistakes")
            return f"separates after {passes} and {made}, with margin {self.margin:.4g}"
        made = _count(self.mistakes[-1], "mistake", "mistakes")
        return f"does not separate after {passes}: {made} in the last"


def perceptron_rule(x: Any, y: Any, *, passes: int = 100) -> PerceptronResult:
    """Learn a perceptron by the perceptron rule, until a pass makes no mistake.

    Parameters
    ----------
    x : array, shape (n, n_in)
        Examples, one a row; the rule takes them in this order.
    y : array, shape (n,)
        Labels 0 and 1, or booleans.
    passes : int
        The largest number of passes over the examples.

    Returns
    -------
    PerceptronResult
        ``(perceptron, mistakes, separated, margin)``, in the library of `x` and, if it is floating, in its dtype.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense; the message names it.

    Notes
    -----
    The rule starts from zero.  After each example, w becomes ``w + (y - output) x`` and b becomes ``b + (y - output)``.
    Only a mistake changes them, so the implementation searches for the next mistake.  If a perceptron separates the
    classes, the rule finds one after at most `xpnet.nn.novikoff_bound` mistakes.  If none does, it never stops by
    itself.

    References
    ----------
    Rosenblatt, doi:10.1037/h0042519; Novikoff, "On convergence proofs for perceptrons" (1962).

    Examples
    --------
    >>> corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> result = perceptron_rule(corners, [0, 0, 0, 1])
    >>> result.perceptron.predict(corners), result.mistakes
    (array([0, 0, 0, 1], dtype=int32), (1, 3, 3, 2, 1, 0))
    >>> print(perceptron_rule(corners, [0, 1, 1, 0]))
    does not separate after 100 passes: 4 mistakes in the last
    """
    x, labels = check_examples(x, y)
    return learn(x, check_bits(labels), whole("passes", passes, 1))


def perceptron_updates(x: Any, y: Any, *, passes: int = 100) -> Iterator[Update]:
    """Return an iterator over the updates that `perceptron_rule` makes, one for each mistake.

    Parameters
    ----------
    x, y, passes
        As for `perceptron_rule`.

    Examples
    --------
    >>> updates = perceptron_updates([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1])
    >>> [(epoch, row) for epoch, row, _ in updates][:4]
    [(1, 3), (2, 0), (2, 1), (2, 3)]
    """
    x, labels = check_examples(x, y)
    return _updates(x, check_bits(labels), whole("passes", passes, 1))


def learn(x: Array, y: list[bool], passes: int) -> PerceptronResult:
    """Return what the rule finds on checked examples."""
    counts: Counter[int] = Counter()
    for update in _updates(x, y, passes):  # at least one: zero weights give 0, and some label is 1
        counts[update.epoch] += 1
    last, perceptron = update.epoch, update.perceptron
    separated = last < passes
    mistakes = tuple(counts[epoch] for epoch in range(1, last + 1 + separated))
    return PerceptronResult(perceptron, mistakes, separated, margin_of(perceptron, x, y) if separated else None)


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def _updates(x: Array, y: list[bool], passes: int) -> Iterator[Update]:
    xp = namespace(x)
    labels = xp.asarray(y, device=device_of(x))
    perceptron = Perceptron(xp.zeros_like(x[0, ...]), xp.zeros_like(x[0, 0]))
    cuts = [slice(start, min(start + BLOCK, x.shape[0])) for start in range(0, x.shape[0], BLOCK)]
    blocks = [(cut.start, x[cut, ...], labels[cut]) for cut in cuts]
    for epoch in range(1, passes + 1):
        before = perceptron
        for start, *block in blocks:
            corrections = _corrections(perceptron, *block)
            for row, perceptron in corrections:
                yield Update(epoch, start + row, perceptron)
        if perceptron is before:
            return


def _corrections(perceptron: Perceptron, x: Array, y: Array) -> Iterator[tuple[int, Perceptron]]:
    """Yield each row of x for which the current perceptron is wrong, and the perceptron after its correction."""
    xp, m, row = namespace(x), x.shape[0], -1
    places = xp.arange(m, dtype=xp.int32, device=device_of(x))
    errors = 2.0 * xp.astype(y, x.dtype) - 1.0  # y - output, where the output is wrong
    while True:
        wrong = ((weighted_input(perceptron, x) > 0.0) != y) & (places > row)
        first = xp.min(xp.where(wrong, places, m))
        row = int(first)  # the only transfer to the host for each mistake
        if row == m:
            return
        here = xp.reshape(first, (1,))
        error = xp.take(errors, here)[0]
        perceptron = Perceptron(perceptron.w + error * xp.take(x, here, axis=0)[0, ...], perceptron.b + error)
        yield row, perceptron
