"""The signals that end a program: Ctrl-C (SIGINT), SIGTERM and SIGHUP.  No other module sets a handler.

A library leaves signals alone, so nothing happens here until a program, such as the command line, asks for it with
`caught`.  Then the first signal raises KeyboardInterrupt, whichever it is, and the second one ends the process at
once.  Code that must not be broken off, such as the writing of a file, runs inside `held`.
"""

import _signal  # type: ignore[import-not-found]  # the built-in part of `signal`, which is there at once
import sys


def _starts_the_command() -> bool:
    """Return whether Python was started as ``xpnet`` or ``python -m xpnet``, and not by a program that imports us."""
    if sys.argv[:1] == ["-m"]:
        return "xpnet" in sys.orig_argv and sys.orig_argv[sys.orig_argv.index("xpnet") - 1] == "-m"
    return bool(sys.argv) and sys.argv[0].replace("\\", "/").rpartition("/")[2] in ("xpnet", "xpnet.exe")


# While the command is imported there is nothing to lose: an interrupt ends the process as the shell does, without a
# traceback.  `caught` takes over when the imports are done.  This comes before every other import, for these take time.
if _starts_the_command() and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

# ruff: noqa: E402
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
AGAIN = 0.01  # seconds after which a lost interrupt is sent again


class _State:
    first: int | None = None  # the signal that raised KeyboardInterrupt
    waiting: int | None = None  # a signal that came inside `held`
    depth: int = 0  # of nested `held`, in any thread
    lock = threading.Lock()  # for `depth`


@contextmanager
def caught() -> Iterator[None]:
    """Raise KeyboardInterrupt on the first of the signals, and end the process at once on the second.

    A signal that the caller's shell told us to ignore (``nohup``) stays ignored.  Outside the main thread, where
    Python sets no handlers, this does nothing.
    """
    _State.first = _State.waiting = None
    before = {number: signal.getsignal(number) for number in ENDING}
    hook = sys.unraisablehook
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, _handle)
    except ValueError:  # not the main thread
        before = {}
    sys.unraisablehook = lambda lost: hook(lost) if not _send_again(lost) else None
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)
        # CPython remembers an interrupt inside `exec` of text, handled or not, until the next `exec`: `python -m` would
        # end by SIGINT in place of the exit code
        exec("")


@contextmanager
def held() -> Iterator[None]:
    """Let a signal wait until the block ends."""
    with _State.lock:
        _State.depth += 1
    try:
        yield
    finally:
        with _State.lock:
            _State.depth -= 1
        if _State.waiting is not None and not _State.depth:
            number, _State.waiting = _State.waiting, None
            signal.raise_signal(number)  # not `_end`: in another thread, the handler still runs in the main one


def exit_code() -> int:
    """Return the exit code after an interrupt, as shells count it: 128 and the number of the signal."""
    return 128 + (_State.first or signal.SIGINT)


def _handle(number: int, _frame: FrameType | None) -> None:
    if _State.depth:
        _State.waiting = number
        return
    if _State.first is not None:
        os._exit(exit_code())
    _State.first = number
    raise KeyboardInterrupt


def _send_again(lost: Any) -> bool:
    """Send an interrupt again that Python could not raise, in a destructor for example; return whether it was one."""
    if lost.exc_type is not KeyboardInterrupt or _State.first is None:
        return False
    number, _State.first = _State.first, None
    threading.Timer(AGAIN, os.kill, (os.getpid(), number)).start()
    return True
