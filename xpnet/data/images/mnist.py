"""Load MNIST, split as in the book, from a file, from a folder or from a mirror."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.images.idx import read_idx
from xpnet.data.images.mnist_files import REGISTRY, data_folder, locate, mirrors_to_try
from xpnet.data.tables.dataset import Array, Dataset
from xpnet.data.tables.readers.npz import read_arrays

KEYS = ("x_train", "y_train", "x_test", "y_test")  # the arrays of the four files, in order
PIXELS = 784


class MNIST(NamedTuple):
    """The three parts of MNIST.

    Parameters
    ----------
    train, validation, test : Dataset
        ``x`` uint8 of shape (n, 784), ink from 0 to 255; ``y`` int64 digits.

    Examples
    --------
    >>> MNIST._fields
    ('train', 'validation', 'test')
    """

    train: Dataset
    validation: Dataset
    test: Dataset


def load_mnist(
    path: PathLike | None = None, *, mirrors: Sequence[str] | None = None, folder: PathLike | None = None
) -> MNIST:
    """Return MNIST: 50,000 digits to train on, 10,000 to validate on, 10,000 to test on.

    Parameters
    ----------
    path : str or path-like, optional
        A copy on this machine; nothing is downloaded then.  An npz file with ``x_train``, ``y_train``,
        ``x_test``, ``y_test`` and perhaps ``x_validation``, ``y_validation``; or a folder with such a
        ``mnist.npz`` or the four IDX files, compressed or not.
        Default: look in ``folder`` and download what is not there.
    mirrors : sequence of str, optional
        Addresses to download from, tried in turn; each ends in a slash.  Default: those that the environment
        variable ``XPNET_MNIST_MIRRORS`` lists (separated by commas or spaces; folders too), then Google's and Amazon's.
    folder : str or path-like, optional
        Where downloads are kept.  Default: the environment variable ``XPNET_DATA_DIR``, else the user's
        cache folder.

    Returns
    -------
    MNIST
        Images as uint8 of shape (n, 784) with values 0 to 255, labels as int64.

    Raises
    ------
    FileNotFoundError
        If ``path`` is given and there is nothing to read.
    FormatError
        If a file is damaged, or images and labels do not belong together.
    ImportError
        If a download is needed and pooch is not installed.
    OSError
        If a download is needed and no mirror gives the file.
    ValueError
        If both ``path`` and ``folder`` are given, or ``XPNET_MNIST_MIRRORS`` lists an address of another kind.

    Notes
    -----
    Without ``x_validation`` the last sixth of the training images becomes the validation part: 10,000 of 60,000,
    as in the book.  The book's own file holds the pixels divided by 256: ``Scaling.divide_by(256)`` gives its numbers.
    Downloads are checked against the SHA-256 sums of the original files.

    References
    ----------
    .. [1] M. A. Nielsen, "Neural Networks and Deep Learning", Determination Press (2015), chapter 1.
    .. [2] Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits" (1998).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> images, labels = np.zeros((12, 28, 28), np.uint8), np.arange(12) % 10
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "small.npz")
    ...     np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    ...     small = load_mnist(path)
    >>> small.train.n, small.validation.y, small.test.x.shape
    (10, array([0, 1]), (12, 784))
    """
    if path is not None and folder is not None:
        raise ValueError(f"folder must be None when path is given, got '{os.fspath(folder)}'")
    if path is None:
        return _read_folder(data_folder(folder), mirrors_to_try() if mirrors is None else mirrors)
    if Path(path).is_dir():
        return _read_folder(Path(path), None)
    return _split(path, read_arrays(path))


def _read_folder(folder: Path, mirrors: Sequence[str] | None) -> MNIST:
    """Return the MNIST of a folder; download missing files, unless ``mirrors`` is None."""
    whole = folder / "mnist.npz"
    if whole.is_file():
        return _split(whole, read_arrays(whole))
    paths = [locate(folder, name, mirrors) for name in REGISTRY]
    return _split(folder, {key: read_idx(path) for key, path in zip(KEYS, paths, strict=True)})


def _split(path: PathLike, arrays: dict[str, Array]) -> MNIST:
    """Return the three parts; without validation images, take the last sixth of the training images."""
    missing = [key for key in KEYS if key not in arrays]
    if missing:
        raise FormatError(f"{path}: must hold the arrays {', '.join(KEYS)}, got none named {', '.join(missing)}")
    train, test = _part(path, arrays, "train"), _part(path, arrays, "test")
    if "x_validation" in arrays and "y_validation" in arrays:
        return MNIST(train, _part(path, arrays, "validation"), test)
    cut = train.n - train.n // 6
    if cut == train.n:
        raise FormatError(f"{path}: x_train must hold at least 6 images to set some aside, got {train.n}")
    rows = np.arange(train.n)
    return MNIST(train.take(rows[:cut]), train.take(rows[cut:]), test)


def _part(path: PathLike, arrays: dict[str, Array], part: str) -> Dataset:
    """Return one part, after checking that images and labels are what they should be."""
    x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
    if x.dtype.kind not in "iu" or x.ndim not in (2, 3) or x.size != len(x) * PIXELS:
        raise FormatError(
            f"{path}: x_{part} must be integer images of 28 x 28 pixels, got {x.dtype} of shape {x.shape}"
        )
    if y.dtype.kind not in "iu" or y.shape != (len(x),) or not len(x):
        raise FormatError(
            f"{path}: y_{part} must be one integer label for each of {len(x)} images, got {y.dtype} of shape {y.shape}"
        )
    for name, values, last in (("x", x, 255), ("y", y, 9)):
        if values.min() < 0 or values.max() > last:
            raise FormatError(f"{path}: {name}_{part} must lie in 0..{last}, got {values.min()} to {values.max()}")
    pixels = x.reshape(len(x), PIXELS).astype(np.uint8)  # (n, 784)
    return Dataset(pixels, y.astype(np.int64), classes=tuple(range(10)), name="mnist")
