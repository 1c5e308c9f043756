"""How text writes numbers, booleans and dates: what was found out of a column, and what the reader was told."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from xpnet.data.errors import FormatError

ORDERS = ("ymd", "dmy", "mdy")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the cells of one column write their values, if not plainly.

    Attributes
    ----------
    decimal : str
        The character before the decimals.
    thousands : str
        The character between groups of three digits; empty if there is none.
    unit : str
        What stands beside each number: ``"%"``, ``"‰"`` or a currency.  A percentage is read as a fraction.
    order : {"", "ymd", "dmy", "mdy"}
        The order of year, month and day in dates; empty if the column holds no dates.
    words : tuple of str
        What stands for False and for True; empty if the column holds no booleans.

    Examples
    --------
    >>> Spelling(decimal=",", thousands=".", unit="€").told
    "a decimal comma, thousands separated by '.', the unit €"
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""
    order: str = ""
    words: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """Words for a message."""
        parts = [
            "a decimal comma" if self.decimal == "," else "",
            f"thousands separated by '{self.thousands}'" if self.thousands else "",
            f"the unit {self.unit}" if self.unit else "",
            f"the order {', '.join(_PARTS[letter] for letter in self.order)}" if self.order not in ("", "ymd") else "",
            f"{' and '.join(self.words)} for false and true" if self.words else "",
        ]
        return ", ".join(part for part in parts if part)

    def to_json(self) -> dict[str, Any]:
        """Return what differs from plain writing, as plain JSON.

        Examples
        --------
        >>> Spelling(decimal=",").to_json()
        {'decimal': ','}
        """
        plain = asdict(Spelling())
        return {
            name: list(value) if name == "words" else value
            for name, value in asdict(self).items()
            if value != plain[name]
        }

    @classmethod
    def from_json(cls, value: Any) -> "Spelling":
        """Return the spelling that `to_json` wrote.

        Raises
        ------
        FormatError
            If ``value`` is anything else.
        """
        try:
            given: dict[str, Any] = {name: tuple(each) if name == "words" else each for name, each in value.items()}
            made = cls(**given)
        except (AttributeError, TypeError) as error:
            raise FormatError(f"spelling must be what to_json returned, got {value!r:.200}") from error
        written = (made.decimal, made.thousands, made.unit, *made.words)
        plain = all(isinstance(each, str) for each in written) and made.order in ("", *ORDERS)
        if not plain or made.decimal not in (".", ",") or len(made.words) not in (0, 2) or len(made.thousands) > 1:
            raise FormatError(f"spelling must be what to_json returned, got {value!r:.200}")
        return made


_PARTS = {"y": "year", "m": "month", "d": "day"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the caller says about the text of a table; what he does not say is found out column by column.

    Attributes
    ----------
    missing : tuple of str
        More markers of missing cells, beside the usual ones (empty, ?, NA, N/A, NaN, NaT, null, None).
    decimal : {None, ".", ","}
        The character before the decimals where a column could be read both ways, such as ``1,234``.
    dates : {None, "ymd", "dmy", "mdy"}
        The order of dates where a column could be read both ways, such as ``1/2/2024``.
    encoding : str, optional
        Of text files; default: UTF-8, or what the byte order mark says.
    kinds : mapping of str to str
        Columns whose kind is known: ``"category"`` keeps codes such as 007, and ``"text"`` every character;
        ``"target"`` is numbers or text, and ``"label"`` plainly written numbers or text.
    spellings : mapping of str to Spelling
        How columns were written when a model was trained; it decides where a column could be read both ways.

    Raises
    ------
    ValueError
        If ``decimal`` or ``dates`` is not one of the above.

    Examples
    --------
    >>> Reading(decimal=";")
    Traceback (most recent call last):
    ValueError: decimal must be '.' or ',', got ';'
    """

    missing: tuple[str, ...] = ()
    decimal: str | None = None
    dates: str | None = None
    encoding: str | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    spellings: Mapping[str, Spelling] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.decimal not in (None, ".", ","):
            raise ValueError(f"decimal must be '.' or ',', got {self.decimal!r}")
        if self.dates not in (None, *ORDERS):
            raise ValueError(f"dates must be one of {', '.join(ORDERS)}, got {self.dates!r}")
