"""The handwritten digits that come with the package: small enough to learn from in seconds."""

from importlib import resources

import numpy as np

from xpnet.data.tables.dataset import Dataset


def load_digits() -> Dataset:
    """Return the 1,797 handwritten digits of 8 x 8 pixels that the package bundles.

    Returns
    -------
    Dataset
        ``x`` uint8 of shape (1797, 64), ink per pixel from 0 to 16, rows of the image one after the other;
        ``y`` int64 of shape (1797,); ``classes`` the digits 0 to 9.

    Notes
    -----
    The rows have the order of the source, writer by writer.  An ordered split (the last 360 rows as test) therefore
    tests on writers that the training part does not have, which is harder than a shuffled split.

    References
    ----------
    .. [1] E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
       Repository (1998), https://doi.org/10.24432/C50P49, CC BY 4.0.

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.x.shape, digits.y[:3]
    ((1797, 64), array([0, 1, 2]))
    """
    with (
        resources.files("xpnet.data.images").joinpath("digits.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        x, y = arrays["x"], arrays["y"]
    return Dataset(x, y.astype(np.int64), classes=tuple(range(10)), name="digits")
