"""Read numbers from a column of text at once: plainly written ones."""

from collections.abc import Sequence

import numpy as np

from xpnet.data.columns.column import Array

WHOLE = b"+-0123456789\n"


def plain_numbers(texts: Sequence[str]) -> Array | None:
    """Return numbers that Python can read, or None if one of the texts is none.

    Parameters
    ----------
    texts : sequence of str, length n

    Returns
    -------
    array, shape (n,), or None
        int64 if all are whole numbers, written without point and exponent, that it holds; else float64.

    Examples
    --------
    >>> plain_numbers(["3", "-4"]), plain_numbers(["3", "2.5e1"]), plain_numbers(["3", "1_000"])
    (array([ 3, -4]), array([ 3., 25.]), None)
    """
    joined = "\n".join(texts)
    if "_" in joined or not joined.isascii():  # Python reads 1_000 and the digits of other scripts
        return None
    try:
        if not joined.encode().translate(None, WHOLE):
            return np.fromiter(map(int, texts), np.int64, len(texts))
    except (ValueError, OverflowError):
        pass  # too large, or no number
    try:
        return np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        return None
