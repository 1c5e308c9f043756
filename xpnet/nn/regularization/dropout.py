"""Dropout masks that are the same on every array library.

A hash of (seed, epoch, layer, place of the row in the epoch, unit) decides whether a neuron is silenced.  The other
neurons are multiplied by 1/keep ("inverted dropout"), so that prediction needs no change.  The seed, the epoch and the
layer become `keys` in training/batches/batches.py.  Source: Nielsen, chapter 3; Srivastava et al., JMLR 15 (2014).
"""

from xpnet.backend import Array, namespace
from xpnet.counter_rng import draw_bits


def dropout_mask(places: Array, n: int, keys: tuple[int, int], rate: float, dtype: object) -> Array:
    """Return factors for n units in each place: 0 with probability `rate`, otherwise ``1 / (1 - rate)``.

    Parameters
    ----------
    places : Array, shape (...), int32
        The place of each row in its epoch.
    n : int
        Units in the layer.
    keys : tuple of two int
        Two int32 numbers that name the seed, epoch and layer.
    rate : float
        Probability that a unit is silenced, at least 0 and below 1.
    dtype : object
        Floating dtype of the mask.

    Returns
    -------
    Array, shape (..., n)

    Examples
    --------
    >>> import numpy as np
    >>> mask = dropout_mask(np.arange(1000, dtype=np.int32), 50, (1, 2), 0.5, np.float64)
    >>> sorted({float(v) for v in mask.ravel()}), bool(abs(mask.mean() - 1.0) < 0.02)
    ([0.0, 2.0], True)
    """
    kept = draw_bits(places, n, keys) < int((1.0 - rate) * 2**24)
    return namespace(places).astype(kept, dtype) * (1.0 / (1.0 - rate))
