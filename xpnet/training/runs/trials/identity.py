"""What tells one search from another: plain JSON, equal only for searches with equal trials."""

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from inspect import isfunction
from typing import Any

from xpnet.backend import library_of, to_numpy
from xpnet.training.runs.settings.grid import Setting
from xpnet.training.runs.trials.rows import digest_of
from xpnet.training.runs.trials.running import Plan


def identity(
    plan: Plan, data: tuple[Any, Any], settings: Sequence[Setting], seeds: Sequence[int], fixed: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a results file says of its search in its first line."""
    backend = plan.backend
    return {
        "xpnet": import_module("xpnet").__version__,
        "backend": f"{backend.name} {backend.dtype_name}",
        "data": digest_of(*data),
        "settings": [in_json(setting) for setting in settings],
        "folds": [digest_of(*pair) for pair in plan.folds],
        "seeds": list(seeds),
        "score": plan.score.name,
        "preprocessing": in_json(plan.preprocessing),
        "targets": in_json(plan.targets),
        "sample_weight": None if plan.sample_weight is None else digest_of(to_numpy(plan.sample_weight)),
        "fixed": in_json(fixed),
    }


def in_json(value: Any) -> Any:
    """Return a value as plain JSON, functions and other objects by their names.

    Examples
    --------
    >>> from xpnet.training import sgd
    >>> in_json({"hidden": (30, 10), "optimizer": sgd(0.1), "activation": len})
    {'hidden': [30, 10], 'optimizer': "Optimizer(name='sgd', settings={'eta': 0.1})", 'activation': 'builtins.len'}
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(name): in_json(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [in_json(each) for each in value]
    if library_of(value) is not None:
        return to_numpy(value).tolist()
    if isfunction(value) or hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))  # an address differs from run to run
