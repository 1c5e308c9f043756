"""Dropout masks that are the same on every array library.

A neuron is silenced or not by a hash of (seed, epoch, layer, place of the row in the epoch, unit), computed in
int32 arrays: nothing is transferred, no generator has a state, and any step of any epoch can be made again.  The
neurons that stay are scaled up by 1/keep ("inverted dropout"), so that prediction needs no change.  Source: Nielsen,
chapter 3; Srivastava et al., JMLR 15 (2014).
"""

from xpnet.backend import Array, namespace

_GOLDEN = 0x1E3779B9  # odd; spreads neighbouring places and units over all bits


def scramble(x: Array) -> Array:
    """Return int32 `x` with its bits mixed: a bijection without visible pattern.  Overflow wraps, as meant.

    Notes
    -----
    Two rounds of xor-shift and multiply, in the family of SplitMix and Murmur finalizers.
    """
    x = x ^ ((x >> 16) & 0xFFFF)
    x = x * 0x21F0AAAD
    x = x ^ ((x >> 15) & 0x1FFFF)
    x = x * 0x735A2D97
    return x ^ ((x >> 15) & 0x1FFFF)


def dropout_mask(places: Array, n: int, keys: tuple[int, int], rate: float, dtype: object) -> Array:
    """Return factors, 0 with probability `rate` and else ``1 / (1 - rate)``, for n units in each place.

    Parameters
    ----------
    places : Array, shape (...), int32
        The place of each row in its epoch.
    n : int
        Units in the layer.
    keys : tuple of two int
        Two int32 numbers that name the seed, epoch and layer.
    rate : float
        Probability of being silenced, from 0 to below 1.
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
    xp = namespace(places)
    units = xp.arange(1, n + 1, dtype=xp.int32, device=places.device)
    rows = scramble(scramble(places[..., None] * _GOLDEN ^ keys[0]) ^ keys[1])  # (..., 1)
    drawn = scramble(scramble(rows ^ (units * _GOLDEN)) ^ keys[0])  # (..., n)
    kept = ((drawn >> 8) & 0xFFFFFF) < int((1.0 - rate) * 2**24)
    return xp.astype(kept, dtype) * (1.0 / (1.0 - rate))
