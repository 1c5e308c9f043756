"""Ways of running one step many times; each gives the same numbers as `loop`."""

from xpnet.execution.loop import run

__all__ = ["run"]
