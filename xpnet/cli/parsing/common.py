"""What the parsers of several commands share: where to compute, how a command is run, and how its help looks."""

import argparse
from collections.abc import Callable
from importlib import import_module

BACKENDS = "numpy, cupy, auto, torch, jax or array_api_strict (default: XPNET_BACKEND, else numpy)"


class Help(argparse.ArgumentDefaultsHelpFormatter):
    """Shows a default only where there is one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.default in (None, False, []) or "default" in (action.help or ""):
            return action.help
        return super()._get_help_string(action)


def command(name: str) -> Callable[[argparse.Namespace], int]:
    """Return a function that imports the command's module and runs it."""

    def run(options: argparse.Namespace) -> int:
        code: int = import_module(f"xpnet.cli.commands.{name}").run(options)
        return code

    return run


def positive(word: str) -> int:
    """Return a word as a whole number, at least 1."""
    return _at_least(1, word)


def counted(word: str) -> int:
    """Return a word as a whole number, at least 0."""
    return _at_least(0, word)


def _at_least(least: int, word: str) -> int:
    try:
        found = int(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, got {word!r}") from None
    if found < least:
        raise argparse.ArgumentTypeError(f"must be at least {least}, got {word}")
    return found


def add_backend(parser: argparse.ArgumentParser) -> None:
    """Add the flags that choose where to compute."""
    group = parser.add_argument_group("where to compute")
    group.add_argument("--backend", metavar="NAME", help=BACKENDS)
    group.add_argument("--device", metavar="NAME", help="index or name of the library's device")
    group.add_argument(
        "--dtype", choices=["float32", "float64"], help="floating dtype (default: float32, or the file's)"
    )
    group.add_argument("--threads", type=int, metavar="N", help="numpy: threads of the BLAS (default: by the work)")
    group.add_argument("--tf32", action="store_true", default=None, help="cupy: matrix products in TF32, less precise")
    group.add_argument("--memory-limit", type=size, metavar="SIZE", help="cupy: bytes, or a fraction such as 0.5")


def size(word: str) -> int | float:
    """Return a memory size: a number of bytes, or a fraction of the device's memory."""
    return float(word) if "." in word else int(word)
