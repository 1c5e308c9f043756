"""Trees: nested tuples with arrays at the leaves, such as parameters, gradients and optimizer states.

None is an empty leaf and stays None.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from xpnet.backend import namespace

Tree = TypeVar("Tree")


def map_arrays(f: Callable[..., Any], tree: Tree, *others: Any) -> Tree:
    """Return a tree shaped like `tree` whose leaves are ``f(leaf, *leaves of the others)``.

    Examples
    --------
    >>> map_arrays(lambda a, b: a + b, (1, (2, None)), (10, (20, None)))
    (11, (22, None))
    """
    columns = [leaves(t) for t in (tree, *others)]
    return rebuild(tree, (f(*row) for row in zip(*columns, strict=True)))


def stacked(trees: Iterable[Tree]) -> Tree:
    """Return trees of one shape as one tree, whose arrays have a leading axis: one place for each tree.

    Examples
    --------
    >>> import numpy as np
    >>> stacked([(np.asarray([1.0, 2.0]), None), (np.asarray([3.0, 4.0]), None)])
    (array([[1., 2.],
           [3., 4.]]), None)
    """
    first, *others = trees
    return map_arrays(lambda *xs: namespace(*xs).stack(xs), first, *others)


def copied(tree: Tree) -> Tree:
    """Return a tree with copies of the arrays: an executor, for example, reuses its memory."""
    return map_arrays(lambda x: namespace(x).asarray(x, copy=True), tree)


def leaves(tree: Any) -> list[Any]:
    """Return the leaves of `tree` from left to right, without the Nones.

    Examples
    --------
    >>> leaves((1, (2, None), 3))
    [1, 2, 3]
    """
    if not isinstance(tree, tuple):
        return [] if tree is None else [tree]
    found = []
    for branch in tree:
        found += leaves(branch)
    return found


def rebuild(tree: Tree, values: Iterator[Any]) -> Tree:
    """Return a tree shaped like `tree` with `values` for its leaves, taken from left to right.

    Examples
    --------
    >>> rebuild((1, (2, None), 3), iter("abc"))
    ('a', ('b', None), 'c')
    """
    if not isinstance(tree, tuple):
        return tree if tree is None else next(values)
    branches = [rebuild(branch, values) for branch in tree]
    kind: Any = type(tree)
    return kind(branches) if kind is tuple else kind(*branches)  # type: ignore[return-value]


def is_zero(h: Any) -> bool:
    """Return whether the hyper-parameter `h` is the number 0; an array is not looked at."""
    return isinstance(h, int | float) and h == 0


def expand(h: Any, like: Any) -> Any:
    """Return the hyper-parameter `h` shaped to multiply `like`.

    A number or a 0-d array is returned unchanged.  An array of shape (k,), a value for each network of a stack, gets
    trailing axes of length 1: plain broadcasting would silently align (k,) with the wrong axis.

    Parameters
    ----------
    h : number or Array, shape (k,)
    like : Array, shape (k, ...)

    Examples
    --------
    >>> import numpy as np
    >>> expand(np.asarray([1.0, 2.0]), np.zeros((2, 3, 4))).shape
    (2, 1, 1)
    >>> expand(0.5, np.zeros((2, 3, 4)))
    0.5
    """
    if not getattr(h, "shape", ()):
        return h
    return namespace(h).reshape(h, h.shape + (1,) * (like.ndim - h.ndim))
