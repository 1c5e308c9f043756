"""Look at the quotes of a text table as a whole: whether they are proper, and what is outside of them."""

import numpy as np

QUOTE, NEWLINE, RETURN = ord('"'), ord("\n"), ord("\r")
PIECE = 2**22  # bytes that are looked at at once


def outside_quotes(text: bytes, delimiter: str) -> int | None:
    """Return how many delimiters are outside of quoted cells; None if a quote is not a proper one.

    A proper quote opens a cell, closes it, or is one of two that stand for one inside of it.

    Examples
    --------
    >>> outside_quotes(b'a,b,"c, d"', ","), outside_quotes(b'a,5" pipe', ","), outside_quotes(b'"a"b,', ",")
    (2, None, None)
    """
    signs = np.frombuffer(text, dtype=np.uint8)
    mark, quotes, outside = ord(delimiter), 0, 0
    for start in range(0, len(signs), PIECE):
        piece = signs[start : start + PIECE]
        is_quote = piece == QUOTE
        places = np.flatnonzero(is_quote) + start
        opens = (np.arange(len(places)) + quotes) % 2 == 0
        before = np.where(places > 0, signs[places - 1], NEWLINE)
        after = np.where(places < len(signs) - 1, signs[np.minimum(places + 1, len(signs) - 1)], NEWLINE)
        beside = np.where(opens, before, after)
        proper = (beside == mark) | (beside == NEWLINE) | (beside == QUOTE) | (~opens & (beside == RETURN))
        if not proper.all():
            return None
        inside = (np.cumsum(is_quote, dtype=np.uint8) + quotes % 2) % 2 == 1  # overflow keeps the parity
        outside += int(np.count_nonzero((piece == mark) & ~inside))
        quotes += len(places)
    return outside if quotes % 2 == 0 else None
