"""The error that every reader of files raises."""

from xpnet.checks import one_line


class FormatError(ValueError):
    """A file does not hold what its reader expects.

    The message names the file, says what is wrong with it and, if known, what to do.  Rows are counted from 0, as in
    NumPy and pandas; lines of a text file from 1, as in an editor.  It is a ``ValueError``, so code that catches
    ``ValueError`` catches it too.  Whatever the file holds, the message is one line of at most 1000 characters.

    Examples
    --------
    >>> try:
    ...     raise FormatError("table.csv: line 3 must have 2 cells, got 1")
    ... except ValueError as error:
    ...     print(error)
    table.csv: line 3 must have 2 cells, got 1
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(one_line(message))
