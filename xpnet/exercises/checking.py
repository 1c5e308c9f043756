"""A chapter's check: it says of an answer whether it is right, and gives a hint if not."""

from dataclasses import dataclass
from typing import Any

from xpnet.exercises.answers import Fault, Judge, is_open
from xpnet.exercises.chapters import (
    backpropagation,
    basic_concepts,
    cross_entropy,
    general_result,
    gradient_descent,
    linear_algebra,
    matrix_norms,
    perceptrons,
    practice,
    sigmoid_neurons,
)
from xpnet.exercises.words import LANGUAGES, NOT_YET, RIGHT, WRONG

CHAPTERS: dict[str, dict[str, Judge]] = {
    "basic-concepts": basic_concepts.EXERCISES,
    "perceptrons": perceptrons.EXERCISES,
    "sigmoid-neurons": sigmoid_neurons.EXERCISES,
    "gradient-descent": gradient_descent.EXERCISES,
    "backpropagation": backpropagation.EXERCISES,
    "cross-entropy": cross_entropy.EXERCISES,
    "general-result": general_result.EXERCISES,
    "linear-algebra": linear_algebra.EXERCISES,
    "matrix-norms": matrix_norms.EXERCISES,
    "practice": practice.EXERCISES,
}


@dataclass(frozen=True, repr=False)
class Verdict:
    """What a check says of an answer; true if the answer is right.

    Attributes
    ----------
    state
        ``"right"``, ``"wrong"`` or ``"not yet"``.
    text
        The same in words, with a hint if the answer is wrong.
    """

    state: str
    text: str

    def __bool__(self) -> bool:
        return self.state == "right"

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Chapter:
    """The check of a chapter's exercises.

    Attributes
    ----------
    name
        The chapter, see `chapter`.
    language
        ``"en"`` or ``"zh-CN"``.
    """

    name: str
    language: str

    @property
    def exercises(self) -> tuple[str, ...]:
        """The names of the exercises, in their order."""
        return tuple(CHAPTERS[self.name])

    def __call__(self, exercise: str, answer: Any) -> Verdict:
        """Return what is to be said of an answer; an answer with dots (``...``) is not yet one."""
        if exercise not in CHAPTERS[self.name]:
            raise ValueError(f"exercise must be one of {', '.join(self.exercises)}, got {exercise!r}")
        fault = Fault(NOT_YET) if is_open(answer) else CHAPTERS[self.name][exercise](answer)
        if fault is None:
            return Verdict("right", RIGHT.say(self.language))
        if fault.words is NOT_YET:
            return Verdict("not yet", NOT_YET.say(self.language))
        hint = fault.words.say(self.language, *fault.values)
        return Verdict("wrong", f"{WRONG.say(self.language)}{hint}")


def chapter(name: str, language: str = "en") -> Chapter:
    """Return the check of a chapter's exercises.

    Parameters
    ----------
    name
        One of ``basic-concepts``, ``perceptrons``, ``sigmoid-neurons``, ``gradient-descent``, ``backpropagation``,
        ``cross-entropy``, ``general-result``, ``linear-algebra``, ``matrix-norms``, ``practice``: the chapters of the
        study notes.
    language
        The language of what it says: ``"en"`` or ``"zh-CN"``.

    Returns
    -------
    Chapter
        Call it with the name of an exercise and an answer.

    Raises
    ------
    ValueError
        If there is no such chapter or language.

    Examples
    --------
    >>> check = chapter("sigmoid-neurons")
    >>> check("odds", ...)
    Not yet: put your answer in place of the dots.
    >>> check("odds", 2.1972)
    Right.
    >>> chapter("sigmoid-neurons", "zh-CN")("odds", 2.1972)
    正确。
    """
    if name not in CHAPTERS:
        raise ValueError(f"name must be one of {', '.join(CHAPTERS)}, got {name!r}")
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {language!r}")
    return Chapter(name, language)
