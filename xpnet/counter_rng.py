"""Random numbers that are a hash of where they are needed: the same on every array library.

A draw is named by a place (of a row in its epoch), a unit and two keys, and computed in int32 arrays, which wrap in
the same way everywhere: nothing is transferred, no generator has a state, and any step of any epoch can be made again.
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


def draw_bits(places: Array, n: int, keys: tuple[int, int]) -> Array:
    """Return n integers for each place, even between 0 and 2^24 - 1.

    Parameters
    ----------
    places : Array, shape (...), int32, at least one axis
    n : int
        Units: how many draws each place needs.
    keys : tuple of two int
        Two int32 numbers that name what the draws are for.

    Returns
    -------
    Array, shape (..., n), int32

    Examples
    --------
    >>> import numpy as np
    >>> drawn = draw_bits(np.arange(1000, dtype=np.int32), 50, (1, 2))
    >>> drawn.shape, bool(abs(drawn.mean() / 2**24 - 0.5) < 0.01)
    ((1000, 50), True)
    """
    xp = namespace(places)
    units = xp.arange(1, n + 1, dtype=xp.int32, device=places.device)
    rows = scramble(scramble(places[..., None] * _GOLDEN ^ keys[0]) ^ keys[1])  # (..., 1)
    return (scramble(scramble(rows ^ (units * _GOLDEN)) ^ keys[0]) >> 8) & 0xFFFFFF  # (..., n)
