"""Checks of the exercises to the study notes, in English and Chinese.

The exercises are notebooks in docs/exercises; a check says whether an answer is right, with a hint if not, and does not
give the answer away.

Examples
--------
>>> from xpnet.exercises import chapter
>>> check = chapter("practice")
>>> check("decay", 0.9975)
Right.
>>> bool(check("decay", 1.5))
False
"""

from xpnet.exercises.checking import Chapter, Verdict, chapter

__all__ = ["Chapter", "Verdict", "chapter"]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
