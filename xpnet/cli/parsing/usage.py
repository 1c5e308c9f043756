"""Errors of usage: one line, with the flag or word that was probably meant."""

import argparse
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from xpnet.cli.inputs.sources import NAMED
from xpnet.cli.terminal import one_line
from xpnet.data.tables.formats import endings


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line.  The parsers of its commands are of this class, too."""

    def error(self, message: str) -> NoReturn:
        """Print the message in one line, and exit with 2."""
        self.exit(2, f"{self.prog}: error: {one_line(message)}{_meant(message)} ({self.prog} --help tells more)\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse.  Each command reports its own unknown flags, since it knows which ones are near."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            flags = [word for word in unknown if word.startswith("-")]
            near = _nearest(flags[0].partition("=")[0], self._option_string_actions) if flags else ""
            self.error(f"unrecognized arguments: {' '.join(unknown)}{near}")
        for action in self._actions:
            if isinstance(action, Words):
                action.finish(self, found)
        return found, unknown


class Words(argparse.Action):
    """A flag with one or more words.  The last one is taken for DATA if it looks like it and nothing else is DATA.

    ``--ignore id table.csv`` reads to argparse like two columns, and to people like a column and a table.
    """

    def __init__(self, option_strings: Sequence[str], dest: str, kind: type = str, **how: Any) -> None:
        super().__init__(option_strings, dest, nargs="+", **how)
        self.kind = kind

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        """Keep the words.  Names are added to the earlier ones of this flag; numbers replace them."""
        kept = (getattr(namespace, self.dest) or []) if self.kind is str else []
        setattr(namespace, self.dest, [*kept, *values])

    def finish(self, parser: Parser, found: argparse.Namespace) -> None:
        """Move DATA to where it belongs, and convert the other words."""
        if getattr(found, self.dest) is None:
            return
        words: list[Any] = list(getattr(found, self.dest))
        if found.data is None and len(words) > 1 and not self._reads(words[-1]) and looks_like_data(words[-1]):
            found.data = words.pop()
        wrong = [word for word in words if self.kind is not str and not self._reads(word)]
        if wrong:
            parser.error(f"argument {self.option_strings[0]}: invalid {self.kind.__name__} value: {wrong[0]!r}")
        setattr(found, self.dest, [self.kind(word) for word in words])

    def _reads(self, word: Any) -> bool:
        """Return whether a word can only be a value of this flag."""
        return self.kind is not str and re.fullmatch(r"[+-]?\d+", str(word)) is not None


def looks_like_data(word: str) -> bool:
    """Return whether a word names a data set, a file or folder that exists, or a table by its ending."""
    return word in NAMED or Path(word).exists() or Path(word).suffix.lower() in endings()


def _meant(message: str) -> str:
    """Return "; did you mean …?" for a choice that is none, else ""."""
    found = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message)
    return _nearest(found[1], re.findall(r"[\w-]+", found[2])) if found else ""


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near and near[0] != word else ""
