"""Checkpoints of a path of lambdas: the points so far, and the estimate from which the next one starts."""

from importlib import import_module
from time import monotonic
from typing import Any, NamedTuple

from xpnet.backend import Backend, get, to_numpy
from xpnet.recommend.algorithms.plan import ALONE
from xpnet.recommend.algorithms.soft_impute import LowRankEstimate, PathPoint
from xpnet.training.parallel.parallel import Parallel
from xpnet.training.parallel.parts import check_parallel
from xpnet.training.resuming.checkpoint import check_checkpoint
from xpnet.training.resuming.identity import digest_of, surroundings, told
from xpnet.training.resuming.keeper import Keeper, unchanged
from xpnet.training.resuming.state import number_of, plain


def known_of(model: Any, ratings: Any, home: Backend) -> dict[str, str]:
    """Return what must be the same in all processes of a fit, and in one that goes on."""
    data = [ratings.users, ratings.items, ratings.values]
    return {"model": told(model), "ratings": f"{ratings!r} {digest_of(data)}", "dtype": home.dtype_name}


def share_fit(parallel: Any, model: Any, ratings: Any, backend: Any) -> tuple[Parallel, Backend]:
    """Return the checked `parallel` of a fit and the backend of this process; refuse processes that differ."""
    checked = check_parallel(parallel, 1)
    if checked.workers > 1:
        raise ValueError(f"parallel must be mpi() for a recommender, got {parallel!r}: one process uses all cores")
    home = checked.place(get(backend))
    if checked.size > 1:
        version = import_module("xpnet").__version__
        compare = import_module("xpnet.training.parallel.agreement").compare
        compare(checked, {"xpnet": version, "backend": home.name, **known_of(model, ratings, home)})
    return checked, home


class PathState(NamedTuple):
    """How far a fit has come: the points that choose lambda, those that lead to it, and the newest estimate."""

    tried: tuple[PathPoint, ...] = ()
    last: tuple[PathPoint, ...] = ()
    z: LowRankEstimate | None = None


class PathKeeper:
    """Writes the state of a fit after a lambda, and finds the newest one; without a checkpoint it does nothing.

    Parameters
    ----------
    checkpoint : Checkpoint, path or None
    model : dataclass
        The model that is fitted.
    ratings : Ratings
    home : Backend
    parallel : Parallel
        Of several processes the first one writes.  Their number does not change the bits.
    """

    def __init__(self, checkpoint: Any, model: Any, ratings: Any, home: Backend, parallel: Parallel = ALONE) -> None:
        self.home, self.state, self._keeper = home, PathState(), None
        given = check_checkpoint(checkpoint)
        if given is None:
            return
        known = known_of(model, ratings, home)
        self._keeper = Keeper(given, known, surroundings(home, ALONE, None), monotonic, parallel)
        found = self._keeper.load(unchanged)
        if found is not None:
            arrays, note = found
            tried, last = (tuple(PathPoint(*map(number_of, each)) for each in note[name]) for name in ("tried", "last"))
            z = LowRankEstimate(*(home.asarray(arrays[name]) for name in "udv")) if "u" in arrays else None
            self.state = PathState(tried, last, z)

    def tell(self, state: PathState) -> None:
        """Note a state, and write it if it is time."""
        self.state = state
        if self._keeper is None:
            return
        z = {} if state.z is None else dict(zip("udv", map(to_numpy, state.z), strict=True))
        note = {name: [list(map(plain, each)) for each in getattr(state, name)] for name in ("tried", "last")}
        self._keeper.hold(len(state.tried) + len(state.last), z, note)

    def close(self) -> None:
        """Write the newest state, if it has not been written."""
        if self._keeper is not None:
            self._keeper.close()
