"""Operators as JAX is meant to run them: compiled, a whole one at a time.

Every operation of its own, for every shape, would take JAX longer than all the other libraries together.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from xpnet.backend import Backend

# these look at values, to refuse what is not finite
LOOKING = ("prox_nuclear", "prox_spectral", "project_nuclear", "project_spectral")


def compiled(backend: Backend, operator: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Return `operator` with its options settled, compiled where `backend` has a compiler and `operator` allows it."""
    if backend.name != "jax" or operator.__name__ in LOOKING:
        return partial(operator, **options)
    return _compiled(backend, operator, tuple(options.items()))


@cache
def _compiled(backend: Backend, operator: Callable[..., Any], options: tuple[tuple[str, Any], ...]) -> Any:
    return backend.compile(partial(operator, **dict(options)))
