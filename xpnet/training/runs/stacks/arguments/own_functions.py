"""Functions of a user's own in a stack: they must treat each network by itself, as if it were alone.

They get arrays with one leading axis more than in `train`.  A function that sums over all axes, or counts axes from
the front, would mix the networks, and no error would say so.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from xpnet.backend import Backend, to_numpy
from xpnet.configured import Configured
from xpnet.training.batches.batches import Data, gather
from xpnet.training.model import Trainable
from xpnet.training.runs.stacks.members import Member
from xpnet.training.steps.step import floating
from xpnet.trees import leaves, map_arrays, stacked

ROWS = 3  # of a mini-batch; not 2, the number of networks
LARGE = 1e6  # times the gradients of the second network: a clipping of both together shortens those of the first
NEAR = 1e-2  # a mix of two networks is much further off, rounding much less


def check_own_functions(members: list[Member], starts: list[Any], data: Data, backend: Backend) -> None:
    """Try functions of a user's own on a stack of two networks, and on each of them; refuse those that differ.

    A network that trains alone, in a stack of one, stands in it twice.
    """
    model, clip, optimizer = members[0].model, members[0].settings.clip, members[0].settings.optimizer
    optimizer = replace(optimizer, settings={**optimizer.settings, "eta": 1.0})
    own = {
        "network": any(map(_is_own, _functions(model))),
        "clip": clip is not None and _is_own(clip),
        "optimizer": _is_own(optimizer.rule),
    }
    if not any(own.values()):
        return
    starts = (starts * 2)[:2]
    batches = [_batch(model, data, member.reads, backend) for member in (members * 2)[:2]]
    alone = [model.backward(w, *batch)[0] for w, batch in zip(starts, batches, strict=True)]
    if own["network"]:
        pair = stacked(starts), *(stacked(each) for each in zip(*batches, strict=True))
        _compare("network", lambda: model.backward(*pair)[0], alone)
    if clip and own["clip"]:
        grown = [map_arrays(lambda g, by=by: by * g, each) for by, each in zip((1.0, LARGE), alone, strict=True)]
        _compare("clip", lambda: clip(stacked(grown)), [clip(each) for each in grown])
    if own["optimizer"]:
        moved = [optimizer.update(g, optimizer.init(w), w)[0] for g, w in zip(alone, starts, strict=True)]
        w = stacked(starts)
        _compare("optimizer", lambda: optimizer.update(stacked(alone), optimizer.init(w), w)[0], moved)


def _functions(model: Trainable) -> Iterator[Any]:
    """Yield the functions that a model is made of: those of its activations and its cost, or its gradients."""
    parts = (*getattr(model, "activations", ()), getattr(model, "cost", None))
    yield type(model)
    for part in parts:
        yield from (getattr(part, name) for name in ("value", "derivative", "delta") if hasattr(part, name))


def _is_own(f: Any) -> bool:
    f = f.function if isinstance(f, Configured) else f
    return not str(getattr(f, "__module__", "")).startswith("xpnet.")


def _batch(model: Trainable, data: Data, reads: Any, backend: Backend) -> tuple[Any, Any]:
    rows = backend.asarray([int(reads[i % len(reads)]) for i in range(ROWS)])
    return floating(gather(data.x, rows), backend.dtype), model.targets(gather(data.y, rows), backend.dtype)


def _compare(name: str, together: Callable[[], Any], alone: list[Any]) -> None:
    told = f"{name} must treat each network of a stack by itself: arrays have a leading axis for the networks"
    try:
        found = [to_numpy(w) for w in leaves(together())]
    except Exception as error:
        raise ValueError(f"{told}, got {type(error).__name__}: {error}") from error
    for i, tree in enumerate(alone):
        wanted = [to_numpy(w) for w in leaves(tree)]
        near = NEAR * max(float(abs(w).max()) for w in wanted)
        for w, expected in zip(found, wanted, strict=True):
            if w.shape[1:] != expected.shape or abs(w[i] - expected).max() > near:
                raise ValueError(f"{told}, got functions that mix them; count axes from the end (axis=-1)")
