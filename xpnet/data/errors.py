"""The error that every reader of files raises."""


class FormatError(ValueError):
    """A file does not hold what its reader expects.

    The message names the file, says what is wrong with it and, when known, what to do.  Being a
    ``ValueError``, it is caught by code that only knows about values.

    Examples
    --------
    >>> try:
    ...     raise FormatError("table.csv: line 3 must have 2 cells, got 1")
    ... except ValueError as error:
    ...     print(error)
    table.csv: line 3 must have 2 cells, got 1
    """
