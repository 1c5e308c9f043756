"""A function with its settings, as a value: schedules, stopping rules and clippings are such."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, repr=False)
class Configured:
    """A function of one argument, made of a function of a module and its settings.

    Two are equal if their functions and settings are; copies, pickles and other processes give equal ones.

    Examples
    --------
    >>> nearest = Configured.of(round, ndigits=1)
    >>> nearest(0.26), nearest == Configured.of(round, ndigits=1), nearest
    (0.3, True, round(ndigits=1))
    """

    function: Callable[..., Any]
    settings: tuple[tuple[str, Any], ...]

    @staticmethod
    def of(function: Callable[..., Any], **settings: Any) -> "Configured":
        """Return the function ``function(argument, **settings)`` of its argument."""
        return Configured(function, tuple(settings.items()))

    def __call__(self, argument: Any) -> Any:
        """Return what the function gives for `argument` with these settings."""
        return self.function(argument, **dict(self.settings))

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.settings)
        return f"{self.function.__name__.lstrip('_')}({settings})"
