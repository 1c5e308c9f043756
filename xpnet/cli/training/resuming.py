"""The flags ``--checkpoint`` and ``--resume``: a folder knows the command whose training it holds."""

import argparse
import json
import sys
from pathlib import Path

from xpnet.cli.parsing.parser import make_parser
from xpnet.cli.terminal import shown
from xpnet.data import FormatError
from xpnet.io import write_atomically
from xpnet.training import Checkpoint

COMMAND = "command.json"  # beside the checkpoints


def checkpoint_of(options: argparse.Namespace) -> Checkpoint | None:
    """Return the checkpoint that the options name, or None."""
    if options.checkpoint is None:
        return None
    return Checkpoint(options.checkpoint, options.every or "1m")


def note_command(options: argparse.Namespace) -> None:
    """Write the command into the folder of its checkpoints, so that it can go on by the name of the folder alone."""
    if options.every is not None and options.checkpoint is None:
        options.usage_error("--every needs --checkpoint DIR")
    checkpoint = checkpoint_of(options)
    if checkpoint is None or options.dry_run:
        return
    checkpoint.path.mkdir(parents=True, exist_ok=True)
    folder = Path(getattr(options, "folder", None) or Path.cwd())
    known = {"argv": options.argv, "folder": str(folder.resolve())}
    write_atomically(checkpoint.path / COMMAND, json.dumps(known).encode())


def options_of(options: argparse.Namespace) -> argparse.Namespace:
    """Return the options of the command that a folder knows, with those that were given now behind them.

    Raises
    ------
    FormatError, FileNotFoundError
        If the folder holds no command that xpnet wrote.
    """
    path = Path(options.resume) / COMMAND
    if not path.is_file():
        raise FileNotFoundError(f"{shown(path)} does not exist: --resume takes a folder of train --checkpoint")
    try:
        before = json.loads(path.read_text(encoding="utf-8"))["argv"]
        if not all(isinstance(word, str) for word in before):
            raise TypeError("words are text")
    except (KeyError, TypeError, ValueError, UnicodeDecodeError) as error:
        raise FormatError(f"{shown(path)} is not a command that xpnet wrote") from error
    argv = [*before, *_without_resume(options.argv[1:])]
    found = make_parser().parse_args(argv)
    found.argv, found.checkpoint, found.resume = argv, options.resume, None
    return found


def _without_resume(words: list[str]) -> list[str]:
    """Return the words of a command without ``--resume DIR``."""
    kept, skip = [], False
    for word in words:
        if skip or word.startswith("--resume="):
            skip = False
        elif word == "--resume":
            skip = True
        else:
            kept.append(word)
    return kept


def tell_resume(options: argparse.Namespace) -> None:
    """Print how the training goes on."""
    if options.checkpoint is not None:
        print(f"xpnet: go on with: xpnet train --resume {shown(Path(options.checkpoint))}", file=sys.stderr)
