"""The flag ``--distributed``: a command in the processes of an MPI job, of which the first one prints and saves."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO

from xpnet.training.parallel import Parallel, mpi


@contextmanager
def sharing(options: argparse.Namespace) -> Iterator[Parallel | None]:
    """Give the processes of the job, or None without the flag; an error in one process ends all."""
    if not options.distributed:
        yield None
        return
    ranks = mpi()
    with ranks.together():
        if ranks.rank == 0:
            yield ranks
            return
        options.quiet, options.json = True, False
        with redirect_stdout(StringIO()):
            yield ranks
