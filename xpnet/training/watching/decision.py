"""What follows from an epoch: whether it is the best so far, and whether training goes on."""

from math import isfinite
from typing import NamedTuple

from xpnet.io.models.history import History
from xpnet.training.watching.stopping import Stopping, Verdict


class Decision(NamedTuple):
    """What follows from the last record of a history."""

    is_best: bool  # the parameters after this epoch are the best so far
    verdict: Verdict  # why training ends, if it does, and the factor on the learning rate

    @property
    def diverged(self) -> bool:
        """Whether the cost or a parameter is no longer finite: the parameters before this epoch are the last good."""
        return self.verdict.reason == "diverged"


def decide(history: History, stopping: Stopping | None, watched: bool) -> Decision:
    """Return what follows from the last record.

    Parameters
    ----------
    history : History
        At least one record.
    stopping : callable or None
        The stopping rule.
    watched : bool
        Whether there is a validation set.  Without one, the best epoch is the last.

    Raises
    ------
    TypeError
        If the stopping rule, a user's own, returns something else than a verdict.

    Examples
    --------
    >>> from xpnet.io.models.history import Record
    >>> record = Record(1, 0.9, None, None, None, eta=0.5, seconds=0.1)
    >>> decide(History((record,)), None, watched=False)
    Decision(is_best=True, verdict=Verdict(reason=None, factor=1.0))
    >>> decide(History((record._replace(cost=float("nan")),)), None, watched=False).diverged
    True
    """
    last = history[-1]
    if not isfinite(last.cost):
        return Decision(False, Verdict("diverged"))
    verdict = stopping(history) if stopping else Verdict()
    if not isinstance(verdict, Verdict):
        raise TypeError(f"stopping must return a Verdict, got {verdict!r}")
    return Decision(not watched or history.best() is last, verdict)
