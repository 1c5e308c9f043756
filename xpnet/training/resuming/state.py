"""The state of a training between two stretches of steps: everything that the rest of it depends on."""

from math import isfinite
from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, namespace, to_numpy
from xpnet.training.watching.history import History, Record
from xpnet.trees import leaves, rebuild


class State(NamedTuple):
    """How far a training has come.

    Dropout, the order of the rows and the learning rate follow from the seed, the epoch and `t`, so that no generator
    of random numbers has a state.
    """

    carry: Any  # parameters and the optimizer's slots
    before: Any  # the parameters at the beginning of the epoch
    best: Any  # the best parameters so far
    history: History
    t: int = 0  # steps so far
    done: int = 0  # steps of the epoch that is running
    factor: float = 1.0  # of the stopping rule, on the learning rate
    measures: tuple[Array, ...] = ()  # each (2, rows), or (1, rows): what the epoch's examples measured so far
    seconds: float = 0.0  # of the epoch so far
    reason: str | None = None  # why training ends after the epochs so far; a checkpoint does not hold it

    @property
    def epoch(self) -> int:
        """The epoch that is running, from 1."""
        return len(self.history) + 1


PLAIN = ("t", "done", "factor", "seconds")


def to_arrays(state: State) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a state as named host arrays and a note of plain JSON."""
    trees = {"carry": state.carry, "before": state.before, "best": state.best}
    arrays = {f"{name}.{i}": to_numpy(x) for name, tree in trees.items() for i, x in enumerate(leaves(tree))}
    if state.measures:
        arrays["measures"] = to_numpy(namespace(*state.measures).concat(state.measures, axis=-1))
    note = {name: getattr(state, name) for name in PLAIN}
    records = [[_plain(value) for value in record] for record in state.history]
    return arrays, note | {"history": records, "keep": state.history.keep}


def from_arrays(arrays: dict[str, Any], note: dict[str, Any], first: State, backend: Backend) -> State:
    """Return the state that `to_arrays` took apart; `first` is the state at the beginning of the same training.

    Raises
    ------
    ValueError
        If the arrays do not have the shapes of the first state's.
    """
    trees = {name: _tree(arrays, name, getattr(first, name), backend) for name in ("carry", "before", "best")}
    measures = (backend.asarray(arrays["measures"], backend.dtype),) if "measures" in arrays else ()
    history = History(tuple(map(_record, note["history"])), note["keep"])
    return State(**trees, history=history, measures=measures, **{name: note[name] for name in PLAIN})


def _plain(value: Any) -> Any:
    """Return a number of a record as JSON knows it: what is not finite is text."""
    return value if value is None or isfinite(value) else str(float(value))


def _record(values: list[Any]) -> Record:
    plain: list[Any] = [float(x) if isinstance(x, str) else x for x in values]
    return Record(*plain)


def _tree(arrays: dict[str, Any], name: str, like: Any, backend: Backend) -> Any:
    found = []
    for i, x in enumerate(leaves(like)):
        saved = arrays.get(f"{name}.{i}")
        if saved is None or tuple(saved.shape) != tuple(x.shape):
            got = "none" if saved is None else str(tuple(saved.shape))
            raise ValueError(f"checkpoint must hold {name}.{i} of shape {tuple(x.shape)}, got {got}")
        found.append(backend.asarray(saved, x.dtype))
    return rebuild(like, iter(found))
