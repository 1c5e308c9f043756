"""The book's mnist_loader.py: the MNIST digits as pairs of columns.  Reads npz or IDX files; never a pickle."""

import os
from pathlib import Path
from typing import TypeAlias

import numpy as np

from xpnet.book.functions import Array, vectorized_result
from xpnet.data import Dataset, load_mnist

__all__ = ["load_data", "load_data_wrapper", "vectorized_result"]

PathLike: TypeAlias = str | os.PathLike[str]
Part: TypeAlias = tuple[Array, Array]
Training: TypeAlias = list[tuple[Array, Array]]
Evaluation: TypeAlias = list[tuple[Array, int]]

SHADES = 256  # the book's pixels are k/256


def load_data(path: PathLike | None = None) -> tuple[Part, Part, Part]:
    """Return (training_data, validation_data, test_data), each a pair (images, digits) of arrays.

    Parameters
    ----------
    path : path, optional
        An npz file with ``x_train``, ``y_train``, ``x_test``, ``y_test``, or a folder with such a ``mnist.npz`` or the
        four IDX files.  Default: the copy in the user's cache, downloaded the first time; see `xpnet.data.load_mnist`.

    Returns
    -------
    three pairs
        Images float32 of shape (n, 784), k/256 for ink k from 0 to 255; digits int64 of shape (n,).  50,000 to train
        on, 10,000 to validate on and 10,000 to test on, in the book's order.

    Raises
    ------
    FileNotFoundError, FormatError, ImportError, OSError
        As `xpnet.data.load_mnist`.
    ValueError
        If `path` names a pickle, such as the book's own mnist.pkl.gz.
    """
    if path is not None and {".pkl", ".pickle"} & set(Path(path).suffixes):
        raise ValueError(
            f"path must name an npz file or a folder of IDX files, got {os.fspath(path)!r}: pickles are not read "
            "(they can run any code); load_data() without a path downloads the same digits as IDX files"
        )
    train, validation, test = map(_pair, load_mnist(path))
    return train, validation, test


def load_data_wrapper(path: PathLike | None = None) -> tuple[Training, Evaluation, Evaluation]:
    """Return (training_data, validation_data, test_data), each a list of pairs (x, y).

    Parameters
    ----------
    path : path, optional
        As for `load_data`.

    Returns
    -------
    three lists
        x is a column of shape (784, 1).  In the training data y is a unit vector, shape (10, 1); in the others it is
        the digit, an int.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> images, digits = np.full((12, 784), 64, np.uint8), np.arange(12) % 10
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "small.npz")
    ...     np.savez(path, x_train=images, y_train=digits, x_test=images, y_test=digits)
    ...     training_data, validation_data, test_data = load_data_wrapper(path)
    >>> x, y = training_data[3]
    >>> x.shape, float(x[0, 0]), y.T
    ((784, 1), 0.25, array([[0., 0., 0., 1., 0., 0., 0., 0., 0., 0.]]))
    >>> test_data[3][1]
    3
    """
    train, validation, test = load_data(path)
    training = list(zip(_columns(train[0]), _columns(np.eye(10)[train[1]]), strict=True))
    return training, _labeled(validation), _labeled(test)


def _pair(part: Dataset) -> Part:
    return part.x.astype(np.float32) / SHADES, np.asarray(part.y)


def _columns(rows: Array) -> list[Array]:
    return list(rows[..., None])


def _labeled(part: Part) -> Evaluation:
    return list(zip(_columns(part[0]), part[1].tolist(), strict=True))
