"""The lines that an estimator prints if it is ``verbose``, in scikit-learn's words."""

from typing import Any


def say(verbose: Any, text: str) -> None:
    """Print a line, if it is wanted.

    Examples
    --------
    >>> say(True, "Iteration 1, loss = 0.69314718")
    Iteration 1, loss = 0.69314718
    """
    if verbose:
        print(text)
