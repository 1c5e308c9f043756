"""Find codes in the text of a table: cells such as 007, whose zeros a number would lose."""

import numpy as np


def has_codes(text: bytes, delimiter: str) -> bool:
    r"""Return whether a cell begins with 0 and another digit.

    Examples
    --------
    >>> has_codes(b"a,b\n1,02139\n", ","), has_codes(b"a,b\n1,0.5\n", ",")
    (True, False)
    """
    signs = np.frombuffer(text, dtype=np.uint8)
    first = (signs[:-2] == ord(delimiter)) | (signs[:-2] == ord("\n"))
    return bool((first & (signs[1:-1] == ord("0")) & (signs[2:] >= ord("0")) & (signs[2:] <= ord("9"))).any())
