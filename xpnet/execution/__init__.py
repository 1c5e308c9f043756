"""Ways of running one step many times; each gives the same numbers as `run`."""

from xpnet.execution.choice import Executor, executor
from xpnet.execution.loop import run
from xpnet.execution.threads import fitting_threads, limited, threads_for

__all__ = ["Executor", "executor", "fitting_threads", "limited", "run", "threads_for"]
