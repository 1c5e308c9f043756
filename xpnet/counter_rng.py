"""Random numbers by hashing a counter: the same on every array library.

A draw is the hash of a place (of a row in its epoch), a unit and two keys.  It is computed in int32 arrays, which wrap
in the same way on every library.  So nothing is transferred, no generator has a state, and the draws of any step of any
epoch can be computed again.
"""

from xpnet.backend import Array, device_of, namespace

_GOLDEN = 0x1E3779B9  # odd; spreads neighboring places and units over all bits


def scramble(x: Array) -> Array:
    """Return int32 `x` with its bits mixed by a bijection.  Overflow wraps; this is intended.

    Notes
    -----
    Two rounds of xor-shift and multiplication, like the finalizers of SplitMix and MurmurHash.
    """
    x = x ^ ((x >> 16) & 0xFFFF)
    x = x * 0x21F0AAAD
    x = x ^ ((x >> 15) & 0x1FFFF)
    x = x * 0x735A2D97
    return x ^ ((x >> 15) & 0x1FFFF)


def draw_bits(places: Array, n: int, keys: tuple[int, int]) -> Array:
    """Return n integers for each place, uniformly distributed in [0, 2^24).

    Parameters
    ----------
    places : Array, shape (...), int32, at least one axis
    n : int
        The number of draws for each place: one for each unit.
    keys : tuple of two int
        Two int32 numbers that name the purpose of the draws.

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
    units = xp.arange(1, n + 1, dtype=xp.int32, device=device_of(places))
    rows = scramble(scramble(places[..., None] * _GOLDEN ^ keys[0]) ^ keys[1])  # (..., 1)
    return (scramble(scramble(rows ^ (units * _GOLDEN)) ^ keys[0]) >> 8) & 0xFFFFFF  # (..., n)
