"""Read a column of yes and no, in every spelling, at once."""

from collections.abc import Sequence

import numpy as np

from xpnet.data.columns.column import Array
from xpnet.data.columns.spelling import Spelling

PAIRS = (
    *(("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"), ("off", "on")),
    *(("nein", "ja"), ("non", "oui"), ("no", "sí"), ("no", "si"), ("否", "是")),
)
DIGITS = {"0": False, "0.0": False, "1": True, "1.0": True}


def booleans(texts: Sequence[str], known: Spelling | None) -> tuple[Array, Spelling | None] | None:
    """Return the booleans that distinct texts write, and their words; None if they are something else.

    Parameters
    ----------
    texts : sequence of str
        Words of one pair, in any case, and 0 or 1 beside them.  Both words must occur: a column of ``F`` only is not
        one of booleans; but ``true`` or ``false`` may stand alone.
    known : Spelling or None
        How the column was written when a model was trained; its words may stand alone.

    Examples
    --------
    >>> booleans(["Yes", "no", "YES"], None)
    (array([ True, False,  True]), Spelling(..., words=('no', 'Yes')))
    >>> booleans(["F", "M"], None)
    """
    lower = [text.lower() for text in texts]
    found = set(lower)
    pairs = [tuple(word.lower() for word in known.words)] if known and known.words else []
    for pair in (*pairs, *PAIRS):
        words = found & set(pair)
        alone = pair == PAIRS[0] or pair in pairs
        if words and found <= {*pair, *DIGITS} and (len(words) == 2 or alone):
            flags = np.asarray([DIGITS.get(text, text == pair[1]) for text in lower], dtype=np.bool_)
            return flags, None if pair == PAIRS[0] else Spelling(words=_written(texts, lower, pair))
    return None


def _written(texts: Sequence[str], lower: list[str], pair: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a pair as they are first written."""
    return tuple(texts[lower.index(word)] if word in lower else word for word in pair)
