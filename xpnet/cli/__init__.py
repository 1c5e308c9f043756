"""The command line: parse, call, print."""

import argparse
import errno
import sys
from collections.abc import Sequence

from xpnet import signals
from xpnet.cli.inputs.flags import in_flags
from xpnet.cli.parsing.parser import make_parser
from xpnet.cli.terminal import BROKEN_PIPE, Stream, one_line, standard_streams

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Returns
    -------
    int
        0 done, 1 failed with one line on standard error, 2 wrong usage, 130 interrupted (129 by SIGHUP, 143 by
        SIGTERM), 141 if the reader of standard output went away.
    """
    options = argparse.Namespace()
    try:
        with signals.caught(), standard_streams() as (out, _):
            code = _run(argv, options)
            out.flush()
            return code or _code_of_lost_output(out, options)
    except KeyboardInterrupt:  # while the last lines were printed
        return signals.exit_code()


def _run(argv: Sequence[str] | None, options: argparse.Namespace) -> int:
    try:
        options.argv = list(sys.argv[1:] if argv is None else argv)
        make_parser().parse_args(argv, options)
        code: int = options.run(options)
        return code
    except SystemExit as stop:  # --help, --version, or wrong usage
        return stop.code if isinstance(stop.code, int) else 0
    except KeyboardInterrupt:
        print("xpnet: interrupted", file=sys.stderr)
        return signals.exit_code()
    except _expected_errors() as error:
        print(f"xpnet: error: {_words(error)}", file=sys.stderr)
        return 1


def _expected_errors() -> tuple[type[Exception], ...]:
    from xpnet.backend import BackendError

    return (BackendError, ImportError, MemoryError, OSError, TypeError, ValueError)


def _words(error: Exception) -> str:
    """Return the message of an error, with flags in the place of arguments."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"
    return one_line(in_flags(text)) or type(error).__name__


def _code_of_lost_output(out: Stream, options: argparse.Namespace) -> int:
    """Return the exit code for what could not be printed: 0 if the command has saved its result in a file."""
    saved = getattr(options, "saves", False) or getattr(options, "out", None)
    if out.lost is None or (saved and out.abandoned):
        return 0
    if out.lost.errno == errno.EPIPE:
        return BROKEN_PIPE
    print(f"xpnet: error: standard output was lost: {out.lost.strerror}", file=sys.stderr)
    return 1
