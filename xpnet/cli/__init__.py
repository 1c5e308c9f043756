"""The command line: parse, call, print."""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from xpnet.cli.parser import make_parser

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Returns
    -------
    int
        0 done, 1 failed with one line on standard error, 2 wrong usage, 130 or 143 interrupted.
    """
    parser = make_parser()
    options = parser.parse_args(argv)
    before = _on_sigterm(_terminate)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("xpnet: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: end quietly
        return 0
    except _expected_errors() as error:
        print(f"xpnet: error: {' '.join(str(error).split()) or type(error).__name__}", file=sys.stderr)
        return 1
    finally:
        _on_sigterm(before)


def _expected_errors() -> tuple[type[Exception], ...]:
    from xpnet.backend import BackendError

    return (BackendError, ImportError, MemoryError, OSError, TypeError, ValueError)


def _terminate(number: int, frame: Any) -> NoReturn:
    raise SystemExit(143)


def _on_sigterm(handler: Any) -> Any:
    try:
        return signal.signal(signal.SIGTERM, handler)
    except ValueError:  # not the main thread: signals are somebody else's business
        return None
