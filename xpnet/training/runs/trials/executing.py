"""Groups are run one after another, or handed to an executor of `concurrent.futures`."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Any

from xpnet.training.runs.settings.grid import Setting, in_words
from xpnet.training.runs.trials.groups import Group
from xpnet.training.runs.trials.trial import Trial

Run = Callable[[Group], list[Trial]]
Keep = Callable[[list[Trial]], None]


def run_groups(
    groups: Sequence[Group], run: Run, keep: Keep, settings: Sequence[Setting], executor: Executor | None
) -> None:
    """Run every group, and hand the trials of each to `keep` when it has finished.

    Raises
    ------
    Exception
        What a group raised, with its setting named.  Other groups that have finished are kept before; those that have
        not begun are not run.
    KeyboardInterrupt
        After the groups that have finished are kept.
    """
    if executor is None:
        for group in groups:
            try:
                trials = run(group)
            except Exception as error:
                raise _named(error, group, settings) from error
            keep(trials)
        return
    left = {executor.submit(run, group): group for group in groups}
    try:
        while left:
            wait(left, return_when=FIRST_COMPLETED)
            _keep_finished(left, keep, settings)
    except KeyboardInterrupt:
        _keep_finished(left, keep, settings)
        raise
    finally:
        for future in left:
            future.cancel()


def _keep_finished(left: dict[Future[list[Trial]], Group], keep: Keep, settings: Sequence[Setting]) -> None:
    """Take the futures that are done out of those that are left, keep their trials, and then raise what one raised."""
    failed: list[tuple[BaseException, Group]] = []
    for future in [future for future in left if future.done()]:
        error, group = future.exception(), left.pop(future)
        if error is None:
            keep(future.result())
        else:
            failed.append((error, group))
    for error, group in failed:
        if not isinstance(error, Exception):
            raise error
        raise _named(error, group, settings) from error


def _named(error: Exception, group: Group, settings: Sequence[Setting]) -> Exception:
    """Return an error that names the setting, of the same kind if that kind takes a text."""
    numbers = sorted({job.setting for job in group.jobs})
    others = f" or another of the {len(numbers)} settings of its group" if len(numbers) > 1 else ""
    where = f"in the setting {in_words(settings[numbers[0]])}{others}"
    kind: Any = next((k for k in (ValueError, TypeError, MemoryError) if type(error) is k), RuntimeError)
    return kind(f"{error or type(error).__name__}, {where}")
