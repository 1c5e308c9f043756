"""What the caller chooses about all columns, and the checks of it."""

from typing import NamedTuple

IMPUTE = ("mean", "median", "indicator")


class Choices(NamedTuple):
    """How columns become inputs; the arguments of `Encoding.fit`.

    Examples
    --------
    >>> Choices(bins=16).rare
    0
    """

    impute: str | None = None
    bins: int = 0
    rare: int = 0

    def checked(self) -> "Choices":
        """Return the choices if they make sense.

        Raises
        ------
        ValueError
            If ``impute`` is unknown, or a count is negative.
        TypeError
            If a count is no whole number.
        """
        if self.impute is not None and self.impute not in IMPUTE:
            raise ValueError(f"impute must be one of {', '.join(IMPUTE)}, got {self.impute!r}")
        for name in ("bins", "rare"):
            count = getattr(self, name)
            if isinstance(count, bool) or not hasattr(count, "__index__"):
                raise TypeError(f"{name} must be a whole number, got {count!r}")
            if count < 0:
                raise ValueError(f"{name} must be at least 0, got {count}")
        return self._replace(bins=int(self.bins), rare=int(self.rare))
