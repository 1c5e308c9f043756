"""Ways to run one step many times.  Each gives the same results as `run`."""

from xpnet.execution.choice import Executor, executor
from xpnet.execution.loop import run
from xpnet.execution.threads import fitting_threads, limited, threads_for

__all__ = ["Executor", "executor", "fitting_threads", "limited", "run", "threads_for"]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
