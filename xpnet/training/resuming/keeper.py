"""The keeper of a training's checkpoints: writes its state when it is time, and finds the newest one."""

import warnings
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, TypeAlias, TypeVar

from xpnet.backend import Backend, quiet
from xpnet.checks import one_line
from xpnet.data import FormatError
from xpnet.io.archives import read_archive, write_archive
from xpnet.training.parallel.parallel import Parallel
from xpnet.training.resuming.checkpoint import Checkpoint
from xpnet.training.resuming.identity import differences, identity, surroundings
from xpnet.training.resuming.state import State, from_arrays, to_arrays

KIND = "checkpoint 1"
NAME = "step-{:012d}.npz"
PATIENCE = 0.5  # seconds that a stretch may take, so that an interrupt is soon followed by a checkpoint
FIRST = 256  # steps of a stretch while their pace is not known


Arrays: TypeAlias = dict[str, Any]
Found = TypeVar("Found")


class Keeper:
    """Writes and reads the checkpoints of one training.

    Parameters
    ----------
    checkpoint : Checkpoint
    identity, surroundings : dict of str to str
        What must be the same to go on, and what the last bits depend on.
    clock : callable
        Returns seconds.
    parallel : Parallel
        Of several processes only the first one writes, and only between two epochs: each has measured its own rows.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        identity: dict[str, str],
        surroundings: dict[str, str],
        clock: Callable[[], float],
        parallel: Parallel,
    ) -> None:
        self.checkpoint, self.identity, self.surroundings = checkpoint, identity, surroundings
        self.clock, self._last, self._written = clock, clock(), 0
        self.parallel = parallel
        self._pace: float | None = None  # seconds a step
        self._held: tuple[int, Arrays, dict[str, Any]] | None = None  # the newest state, if it is not written
        checkpoint.path.mkdir(parents=True, exist_ok=True)

    # ---- when ---------------------------------------------------------------------------------------------

    def most(self) -> int:
        """Return how many steps may run between two looks at the clock."""
        if self.checkpoint.steps is not None:
            return self.checkpoint.steps
        if not self._pace:
            return FIRST
        return max(1, int(min(PATIENCE, self.checkpoint.seconds or PATIENCE) / self._pace))

    def offer(self, state: State) -> None:
        """Write a state if it is time; note how long a step takes."""
        if state.done:
            self._pace = state.seconds / state.done
        if self.is_due(state.t):
            self.write(state)

    def is_due(self, t: int) -> bool:
        """Return whether it is time for a checkpoint after t steps."""
        seconds, steps = self.checkpoint.seconds, self.checkpoint.steps
        by_steps = steps is not None and t - self._written >= steps
        return by_steps or (seconds is not None and self.clock() - self._last >= seconds)

    # ---- files --------------------------------------------------------------------------------------------

    def write(self, state: State) -> None:
        """Write a state."""
        if self.parallel.rank > 0 or (self.parallel.size > 1 and state.done):
            return
        self.save(state.t, *to_arrays(state))

    def save(self, t: int, arrays: dict[str, Any], note: dict[str, Any]) -> None:
        """Write what a state after t steps consists of, and remove the checkpoints that are too many."""
        whole = {"identity": self.identity, "surroundings": self.surroundings, "state": note}
        write_archive(self.checkpoint.path / NAME.format(t), KIND, arrays, whole)
        self._last, self._written = self.clock(), t
        for old in written(self.checkpoint.path)[self.checkpoint.keep :]:
            old.unlink(missing_ok=True)

    def hold(self, t: int, arrays: Arrays, note: dict[str, Any]) -> None:
        """Write what a state after t steps consists of if it is time; else hold it until `close`."""
        self._held = t, arrays, note
        if self.is_due(t):
            self.close()

    def close(self) -> None:
        """Write the state that is held, if there is one."""
        if self._held is not None:
            self.save(*self._held)
        self._held = None

    def newest(self, first: State, backend: Backend) -> State | None:
        """Return the state of the newest checkpoint; `load` describes which one."""
        return self.load(lambda path, arrays, note: state_of(path, arrays, note, first, backend))

    def load(self, made: Callable[[Path, Arrays, dict[str, Any]], Found]) -> Found | None:
        """Return what is made of the newest checkpoint that can be read, or None if there is none.

        Parameters
        ----------
        made : callable
            ``made(path, arrays, note)`` of what `save` wrote; a FormatError says that the checkpoint is damaged.

        Raises
        ------
        ValueError
            If it is that of another training; the message names what differs.

        Warns
        -----
        RuntimeWarning
            If a newer one is damaged, or if something that bits depend on is no longer the same.
        """
        for path in written(self.checkpoint.path):
            try:
                arrays, note = read_checkpoint(path)
                other = differences(note["identity"], self.identity)
                found = None if other else made(path, arrays, note["state"])
            except (FormatError, OSError) as error:
                warnings.warn(f"{path} is left out: {error}", RuntimeWarning, stacklevel=4)
                continue
            if other:
                raise ValueError(
                    f"checkpoint must be of the same training, got one in {self.checkpoint.path} that differs in "
                    f"{', '.join(other)}; take another folder"
                )
            changed = differences(note["surroundings"], self.surroundings)
            if changed:
                words = f"the training goes on, but its last bits may differ: {', '.join(changed)}"
                warnings.warn(words, RuntimeWarning, stacklevel=4)
            self._written = int(path.stem.removeprefix("step-"))
            return found
        return None


def read_checkpoint(path: Path) -> tuple[Arrays, dict[str, Any]]:
    """Return the arrays and the note of a checkpoint.

    Raises
    ------
    FormatError
        If it is damaged, or its note is not one that a keeper wrote.
    """
    arrays, note = read_archive(path, KIND)
    words = [note.get("identity"), note.get("surroundings")]
    if not all(isinstance(each, dict) for each in [*words, note.get("state")]) or not all(
        isinstance(word, str) for each in words if each for word in each.values()
    ):
        raise FormatError(f"{path}: must be a checkpoint, got an archive without a state")
    return arrays, note


def unchanged(path: Path, arrays: Arrays, note: dict[str, Any]) -> tuple[Arrays, dict[str, Any]]:  # noqa: ARG001
    """Return what a checkpoint holds, for `Keeper.load`."""
    return arrays, note


def state_of(path: Path, arrays: Arrays, note: dict[str, Any], first: State, backend: Backend) -> State:
    """Return the state in a checkpoint of a training that begins with the state `first`.

    Raises
    ------
    FormatError
        If it is the state of something else.
    """
    try:
        with quiet():
            return from_arrays(arrays, note, first, backend)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise FormatError(f"{path}: must hold a state of this training, got {one_line(error)}") from error


def written(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder, the newest first."""
    return sorted(folder.glob("step-*.npz"), reverse=True)


def threads_of(checkpoint: Checkpoint) -> int | None:
    """Return the threads of the BLAS with which the newest checkpoint was written; None if that is not known."""
    for path in written(checkpoint.path):
        try:
            _, note = read_checkpoint(path)
        except (FormatError, OSError):
            continue
        threads: Any = note["surroundings"].get("threads", "None")
        return int(threads) if threads.isdigit() else None
    return None


def keeper_of(checkpoint: Checkpoint, what: tuple[Any, ...], parallel: Parallel, threads: int | None) -> Keeper:
    """Return the keeper of a training; `what` are the arguments of `identity`."""
    return Keeper(checkpoint, identity(*what), surroundings(what[-1], parallel, threads), monotonic, parallel)
