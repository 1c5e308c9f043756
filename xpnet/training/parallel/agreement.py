"""What the processes of a training must have in common; they compare it before they begin."""

import hashlib
import json
from importlib import import_module
from typing import Any

from xpnet.backend import Backend, to_numpy
from xpnet.training.batches.batches import Data
from xpnet.training.parallel.parallel import Parallel
from xpnet.training.parallel.ranks import DisagreementError
from xpnet.training.steps.settings import Settings
from xpnet.trees import leaves

SAMPLE = 64  # rows of the data that are compared


def agree(
    parallel: Parallel, model: Any, parameters: Any, data: Data, watched: Data | None, settings: Settings, home: Backend
) -> None:
    """Refuse a training whose processes differ in version, model, data, settings or first parameters.

    Raises
    ------
    DisagreementError
        In every process; it is a ValueError that names what differs, and where.
    """
    plain = settings._replace(callbacks=())
    mine = {
        "xpnet": import_module("xpnet").__version__,
        "backend": f"{home.name}, {home.dtype_name}",
        "network": repr(model),
        **{name: repr(value) for name, value in plain._asdict().items()},
        "data": _told(data),
        "validation": "none" if watched is None else _told(watched),
        "parameters": _digest([to_numpy(x) for x in leaves(parameters)]),
    }
    compare(parallel, mine)


def compare(parallel: Parallel, mine: dict[str, str]) -> None:
    """Refuse work whose processes differ in what they tell of themselves; each of them raises the error."""
    for rank, other in enumerate(all_of := parallel.gather(mine)):
        for name, value in all_of[0].items():
            if other[name] != value:
                raise DisagreementError(
                    f"processes must have the same {name}, got {value:.200} in rank 0 and {other[name]:.200} in {rank}"
                )


def _told(data: Data) -> str:
    """Return the shape of the data, and a digest of some of their rows."""
    rows = range(0, data.n, max(1, data.n // SAMPLE))
    seen = [to_numpy(array[i, ...]) for i in rows for array in (data.x, data.y)]
    return json.dumps([data.n, int(data.x.shape[-1]), _digest(seen)])


def _digest(arrays: list[Any]) -> str:
    digest = hashlib.sha256()
    for x in arrays:
        digest.update(x.tobytes())
    return digest.hexdigest()[:16]
