"""Three kinds of exercise: a value, a function, and an answer that has a property."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np

from xpnet.exercises.words import KIND, NOT_YET, RAISED, SHAPE, Words


class Fault(NamedTuple):
    """What is wrong with an answer, and the values in its words."""

    words: Words
    values: tuple[object, ...] = ()


class Slip(NamedTuple):
    """A wrong answer that many give, and what to say of it."""

    wrong: Any
    words: Words


Judge = Callable[[Any], Fault | None]


def is_open(answer: Any) -> bool:
    """Return whether an answer still holds dots.

    Examples
    --------
    >>> is_open((1.0, [2.0, ...])), is_open((1.0, 2.0))
    (True, False)
    """
    if isinstance(answer, np.ndarray) and answer.dtype == object:
        return is_open(answer.tolist())
    return answer is ... or (isinstance(answer, list | tuple) and any(is_open(part) for part in answer))


def numbers(answer: Any) -> Any:
    """Return an answer as an array of floats, or None if it holds no real numbers."""
    try:
        found = np.asarray(answer)
        return None if found.dtype.kind in "cSU" else found.astype(np.float64)
    except (TypeError, ValueError):
        return None


def close(found: Any, expected: Any) -> bool:
    """Return whether two arrays agree to about four decimals, as computed by hand."""
    return bool(found.shape == expected.shape and np.allclose(found, expected, rtol=1e-3, atol=2e-4))


def compare(answer: Any, expected: Any) -> Fault | None:
    """Return why an answer has the wrong kind or shape; its numbers are not looked at."""
    found, wanted = numbers(answer), numbers(expected)
    if found is None:
        return Fault(KIND)
    return None if found.shape == wanted.shape else Fault(SHAPE, (wanted.shape, found.shape))


def value(expected: Any, hint: Words, *slips: Slip) -> Judge:
    """Return the judge of numbers: right if they agree to about four decimals.

    Examples
    --------
    >>> judge = value(0.5, Words("Halve it.", ""), Slip(1.0, Words("Halve it once.", "")))
    >>> judge(0.5), judge(2.0).words.en, judge(1.0).words.en
    (None, 'Halve it.', 'Halve it once.')
    """

    def judge(answer: Any) -> Fault | None:
        if fault := compare(answer, expected):
            return fault
        if close(numbers(answer), numbers(expected)):
            return None
        said = [slip.words for slip in slips if close(numbers(answer), numbers(slip.wrong))]
        return Fault(said[0] if said else hint)

    return judge


def function(expected: Callable[..., Any], at: Sequence[tuple[Any, ...]], hint: Words, *slips: Slip) -> Judge:
    """Return the judge of a function, which is called with each of some arguments."""

    def judge(answer: Any) -> Fault | None:
        if not callable(answer):
            return Fault(KIND)
        try:
            found = [answer(*deepcopy(arguments)) for arguments in at]  # it may write to what it is given
        except Exception as error:  # whatever a student's function raises
            return Fault(RAISED, (type(error).__name__, error))
        if is_open(found):
            return Fault(NOT_YET)
        judged = [
            value(expected(*arguments), hint, *[Slip(slip.wrong(*arguments), slip.words) for slip in slips])(one)
            for arguments, one in zip(at, found, strict=True)
        ]
        return next((fault for fault in judged if fault), None)

    return judge


def holds(test: Callable[[Any], bool], hint: Words) -> Judge:
    """Return the judge of an answer that is right if a test of it is true: many answers may be."""

    def judge(answer: Any) -> Fault | None:
        try:
            right = test(answer)
        except Exception:  # whatever is not what the test expects
            return Fault(KIND)
        return None if right else Fault(hint)

    return judge
