"""The state of a training between two stretches of steps: everything that the rest of it depends on."""

from math import isfinite
from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, namespace, to_numpy
from xpnet.io.models.history import History, Record
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
    arrays = {key: x for name, tree in trees.items() for key, x in named(name, tree).items()}
    if state.measures:
        arrays["measures"] = to_numpy(namespace(*state.measures).concat(state.measures, axis=-1))
    note = {name: getattr(state, name) for name in PLAIN}
    return arrays, note | {"history": in_json(state.history)}


def from_arrays(arrays: dict[str, Any], note: dict[str, Any], first: State, backend: Backend) -> State:
    """Return the state that `to_arrays` took apart; `first` is the state at the beginning of the same training.

    Raises
    ------
    ValueError
        If the arrays do not have the shapes of the first state's.
    """
    trees = {name: tree_of(arrays, name, getattr(first, name), backend) for name in ("carry", "before", "best")}
    measures = (backend.asarray(arrays["measures"], backend.dtype),) if "measures" in arrays else ()
    history = history_of(note["history"])
    return State(**trees, history=history, measures=measures, **{name: note[name] for name in PLAIN})


def in_json(history: History) -> dict[str, Any]:
    """Return a history as plain JSON."""
    return {"keep": history.keep, "records": [[plain(value) for value in record] for record in history]}


def history_of(value: dict[str, Any]) -> History:
    """Return the history that `in_json` wrote."""
    records = ([number_of(x) for x in values] for values in value["records"])
    return History(tuple(Record(*each) for each in records), value["keep"])


def plain(value: Any) -> Any:
    """Return a number as JSON knows it: what is not finite is text."""
    return value if value is None or isfinite(value) else str(float(value))


def number_of(value: Any) -> Any:
    """Return the number that `plain` wrote."""
    return float(value) if isinstance(value, str) else value


def named(name: str, tree: Any) -> dict[str, Any]:
    """Return the arrays of a tree on the host, numbered."""
    return {f"{name}.{i}": to_numpy(x) for i, x in enumerate(leaves(tree))}


def tree_of(arrays: dict[str, Any], name: str, like: Any, backend: Backend) -> Any:
    """Return the tree whose arrays `named` numbered; it has the branches, shapes and dtypes of `like`."""
    found = []
    for i, x in enumerate(leaves(like)):
        saved = arrays.get(f"{name}.{i}")
        if saved is None or tuple(saved.shape) != tuple(x.shape):
            got = "none" if saved is None else str(tuple(saved.shape))
            raise ValueError(f"checkpoint must hold {name}.{i} of shape {tuple(x.shape)}, got {got}")
        found.append(backend.asarray(saved, x.dtype))
    return rebuild(like, iter(found))
