"""Run lines of the command as Windows, macOS or a bare container would, as far as Linux can play them.

    python tests/another_system.py '["train digits --epochs 1", ...]'

Modules, functions and signals that other systems lack are gone, a file that is open or mapped can be neither replaced
nor removed, there are no links and no home folder, and xpnet opens no file in the encoding of the locale.
"""

import builtins
import importlib
import io
import json
import os
import pathlib
import select
import shlex
import signal
import sys
import types
import warnings

ABSENT_MODULES = ("fcntl", "resource", "pwd", "grp")
ABSENT = {
    os: (
        *("fork", "forkpty", "sched_getaffinity", "chown", "fchmod", "fchown", "mkfifo", "getuid", "geteuid", "uname"),
        *("O_NONBLOCK", "O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC", "getpgid", "setsid", "killpg", "posix_fadvise"),
    ),
    signal: ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGKILL", "SIGPIPE", "pthread_sigmask", "setitimer", "alarm"),
    select: ("poll", "epoll"),
}


def is_used(path):
    """Return whether this process has a file open or mapped."""
    name = os.path.realpath(path)
    if f" {name}\n" in pathlib.Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape"):
        return True
    return any(os.path.realpath(link) == name for link in pathlib.Path("/proc/self/fd").iterdir())


def refuse_what_is_used():
    """Make the functions that move and remove files raise what Windows raises for one that is in use."""

    def refusing(function):
        def checked(*paths, **options):
            for path in paths:
                if isinstance(path, str | os.PathLike) and pathlib.Path(path).exists() and is_used(path):
                    raise PermissionError(13, "The process cannot access the file because it is being used", str(path))
            return function(*paths, **options)

        return checked

    for name in ("replace", "rename", "unlink", "remove"):
        setattr(os, name, refusing(getattr(os, name)))


def forget():
    """Remove what other systems do not have."""
    found = builtins.__import__

    def importing(name, *rest, **named):
        if name in ABSENT_MODULES:
            raise ImportError(f"No module named '{name}'")
        return found(name, *rest, **named)

    builtins.__import__ = importing
    for name in ABSENT_MODULES:
        sys.modules.pop(name, None)
    for module, names in ABSENT.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    os.environ.pop("HOME", None)

    def no_links(*paths, **options):
        raise OSError("A required privilege is not held by the client")

    os.symlink = os.link = no_links
    synced = os.fsync

    def fsync(number):
        if not pathlib.Path(f"/proc/self/fd/{number}").is_file():
            raise PermissionError(13, "Permission denied")
        synced(number)

    os.fsync = fsync


def start():
    """Import the libraries, which are made for this system, and then become another one."""
    for name in ("numpy", "array_api_compat", "safetensors.numpy", "threadpoolctl", "rich.console", "numba", "polars"):
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    forget()
    refuse_what_is_used()
    warnings.filterwarnings("error", category=EncodingWarning, module=r"xpnet")
    import xpnet.io.atomic

    xpnet.io.atomic.sys = types.SimpleNamespace(platform="win32")


def main():
    start()
    from xpnet.cli import main as run

    said = []
    for line in json.loads(sys.argv[1]):
        out, error = io.TextIOWrapper(io.BytesIO(), "cp1252"), io.TextIOWrapper(io.BytesIO(), "cp1252")
        kept, sys.stdout, sys.stderr = (sys.stdout, sys.stderr), out, error
        try:
            code = run(shlex.split(line))
        except SystemExit as ended:
            code = ended.code
        finally:
            sys.stdout, sys.stderr = kept
        out.flush(), error.flush()
        texts = [stream.buffer.getvalue().decode("cp1252") for stream in (out, error)]
        said.append([line, code, *texts])
    print(json.dumps(said))


if __name__ == "__main__":
    main()
