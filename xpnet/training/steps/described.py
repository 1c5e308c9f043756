"""The settings of a training as plain JSON, for the file of its model."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from xpnet.backend import Backend, library_of, to_numpy
from xpnet.checks import is_number
from xpnet.configured import Configured
from xpnet.training.batches.expansion import Expansion
from xpnet.training.optimizing.optimizer import Optimizer
from xpnet.training.steps.settings import Settings

LEFT_OUT = ("callbacks",)


def described_settings(settings: Settings, backend: Backend, n: int, **others: Any) -> dict[str, Any]:
    """Return how n rows are trained on, as plain JSON: functions with their names and settings.

    Examples
    --------
    >>> from xpnet.backend import get
    >>> from xpnet.training import sgd
    >>> found = described_settings(Settings(30, 10, sgd(0.5)), get("numpy"), 1000)
    >>> found["optimizer"], found["rows"], found["backend"]
    ({'name': 'sgd', 'eta': 0.5}, 1000, 'numpy float32')
    """
    given = {name: value for name, value in settings._asdict().items() if name not in LEFT_OUT}
    home = {"rows": n, "backend": f"{backend.name} {backend.dtype_name}"}
    return {name: plain(value) for name, value in (given | others | home).items()}


def plain(value: Any) -> Any:
    """Return a setting as plain JSON; a function of one's own is its name.

    Examples
    --------
    >>> from xpnet.training import clip_norm, schedules
    >>> plain(clip_norm(5.0)), plain(len), plain((30, 10))
    ({'name': 'clip_norm', 'limit': 5.0}, 'len', [30, 10])
    """
    if value is None or isinstance(value, bool | str):
        return value
    if is_number(value):
        return _number(value)
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, Optimizer):
        return {"name": value.name} | plain(value.settings)
    if isinstance(value, Configured):
        return {"name": value.function.__name__.lstrip("_")} | plain(dict(value.settings))
    if isinstance(value, Expansion):
        return plain(vars(value))
    if library_of(value) is not None:
        return plain(to_numpy(value).tolist())
    return str(getattr(value, "__name__", type(value).__name__))


def _number(value: Any) -> Any:
    """Return a number of Python; text if JSON has no such number."""
    made = value if isinstance(value, int) else value.item() if hasattr(value, "item") else float(value)
    return made if isfinite(made) else str(made)
