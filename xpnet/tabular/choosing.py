"""Which epoch of an ensemble is kept: one for all members, by what they say of the rows that they do not train on."""

from collections.abc import Mapping, Sequence
from math import inf, isfinite, log
from statistics import fmean
from typing import Any, NamedTuple

from xpnet.backend import Backend, get, namespace, of, to_numpy
from xpnet.io.models.history import History
from xpnet.tabular.calibration import has_temperature, mean_of, refined
from xpnet.training import Record
from xpnet.training.batches.batches import Data
from xpnet.training.batches.weights import weigh
from xpnet.training.resuming.state import named, number_of, plain, tree_of
from xpnet.training.runs.stacks.fit import Watch
from xpnet.training.watching.stopping import Stopping, Verdict
from xpnet.trees import leaves, map_arrays

TINY = 1e-30  # a cost of 0 has no logarithm
HALF = 0.5  # rows: an error share of 0 of few rows is not endlessly better than one of 1


class Kept(NamedTuple):
    """A member after an epoch."""

    parameters: Any
    z: Any  # (m, n_out), host: the weighted inputs of the output, for the rows that it watches
    temperature: float  # by which z is divided where these rows have the least cost; 1 for values
    cost: float  # their mean cost at this temperature
    wrong: float  # how many of them are taken for another class, weights counted; of values 0
    epoch: int = 1  # 1, 2, …


class EpochChoice:
    """Watches the training of members, and keeps all of them at one epoch: that of the least score.

    The score of values is the mean of the members' costs on their watched rows.  That of classes is the product of this
    mean, each member at its best temperature, and of the share of all watched rows that are wrong: the cost without the
    part that a temperature mends, so that members may be trained until they are too sure of themselves, and the errors,
    which stop falling last.  Where classes have weights, so have costs and errors.

    Parameters
    ----------
    model : Trainable
        Of the members.
    x, y : array
        Encoded rows and targets.
    watched : sequence of host integers
        The rows that each member watches.
    backend : Backend
    class_weight : "balanced", mapping or sequence, optional
        As for `xpnet.train`, by class number.
    together : bool
        Whether the members are one ensemble; else each has an epoch of its own.
    then : callable, optional
        Another function that is told of each epoch, as `xpnet.train_many` tells its ``watch``.

    Attributes
    ----------
    kept : dict of int to Kept
        The members at the epoch that is kept, by number; without those that diverged at once.
    scores : dict of int to list of float
        The scores of all epochs so far, of the ensemble under 0, or of each member.

    References
    ----------
    Berta, Holzmüller, Jordan and Bach 2025, "Rethinking early stopping: refine, then calibrate", arXiv:2501.19195.
    """

    def __init__(
        self,
        model: Any,
        x: Any,
        y: Any,
        watched: Sequence[Any],
        backend: Backend,
        *,
        class_weight: Any = None,
        together: bool = True,
        then: Watch | None = None,
    ) -> None:
        host = get("numpy", dtype="float64")
        labels = host.asarray(to_numpy(y))
        by_row = weigh(model, Data(labels, labels), class_weight, None, host).weights
        self.weights = [None if by_row is None else by_row[rows] for rows in watched]
        self.tempered = has_temperature(getattr(model, "network", model))
        self.model, self.x, self.together, self.then = model, backend.asarray(x), together, then
        self.rows = [backend.asarray(rows) for rows in watched]
        self.targets = [model.targets(labels[rows], host.dtype) for rows in watched]
        self.newest: dict[int, Kept] = {}
        self.kept: dict[int, Kept] = {}
        self.scores: dict[int, list[float]] = {}

    def __call__(self, records: Mapping[int, Record], parameters: Any) -> None:
        """Look at the members after an epoch; those that are left out have stopped, and stay as they were."""
        for place, (number, record) in enumerate(records.items()):
            if isfinite(record.cost):
                own = map_arrays(lambda w, i=place: w[i, ...], parameters)
                self.newest[number] = self._seen(number, record.epoch, own)
        groups = {0: list(self.newest)} if self.together else {number: [number] for number in self.newest}
        for name, group in groups.items():
            score = _score([self.newest[number] for number in group], classes=self.model.classifies)
            before = self.scores.setdefault(name, [])
            if score < min(before, default=inf):
                self.kept |= {number: self.newest[number] for number in group}
            before.append(score)
        if self.then is not None:
            self.then(records, parameters)

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what has been seen, as named host arrays and plain JSON, for a checkpoint."""
        arrays, note = dict[str, Any](), dict[str, Any]()
        for name, group in (("newest", self.newest), ("kept", self.kept)):
            note[name] = {}
            for number, each in group.items():
                arrays |= named(f"{name}.{number}", each.parameters) | {f"{name}.{number}.z": each.z}
                note[name][str(number)] = [plain(x) for x in (each.temperature, each.cost, each.wrong)]
        return arrays, note | {"scores": {str(k): [plain(x) for x in row] for k, row in self.scores.items()}}

    def restore(self, arrays: dict[str, Any], note: dict[str, Any], like: Any) -> None:
        """Go on with what `state` returned; `like` are the parameters of one member."""
        home = of(leaves(like)[0])
        for name, group in (("newest", self.newest), ("kept", self.kept)):
            for number, numbers in note[name].items():
                parameters = tree_of(arrays, f"{name}.{number}", like, home)
                seen = Kept(parameters, arrays[f"{name}.{number}.z"], *map(number_of, numbers))
                group[int(number)] = seen
        self.scores |= {int(k): [number_of(x) for x in row] for k, row in note["scores"].items()}

    def stops_after(self, ends: Sequence[int]) -> Stopping:
        """Return a stopping rule for an ensemble: when a cycle of the learning rate was no better than those before it.

        Parameters
        ----------
        ends : sequence of int
            The last epoch of each cycle but the last one.

        Notes
        -----
        A rule is asked before the newest epoch is known here.  So a cycle is judged one epoch after its end.
        """

        def stop(history: History) -> Verdict:
            scores, done = self.scores.get(0, []), len(history) - 1
            if done not in ends or ends.index(done) == 0:
                return Verdict()
            first = ends[ends.index(done) - 1]
            better = min(scores[first:done], default=inf) < min(scores[:first], default=inf)
            return Verdict(None if better else "no_better_cycle")

        return stop

    def _seen(self, number: int, epoch: int, parameters: Any) -> Kept:
        rows, y, weights = self.rows[number], self.targets[number], self.weights[number]
        z = to_numpy(self.model.outputs(parameters, namespace(self.x).take(self.x, rows, axis=0)))
        z = z.astype("float64")
        costs, right = self.model.measure(z, y)
        wrong = 0.0 if right is None else float(mean_of(1.0 - right, weights)) * len(y)
        best = refined(self.model, z, y, weights) if self.tempered else (1.0, mean_of(costs, weights))
        return Kept(parameters, z, *best, wrong, epoch)


def _score(seen: Sequence[Kept], *, classes: bool) -> float:
    """Return what is to be least: a logarithm, so that shares count and not differences."""
    if not seen:
        return inf
    cost = log(max(fmean(each.cost for each in seen), TINY))
    if not classes:
        return cost
    rows = sum(len(each.z) for each in seen)
    return cost + log((sum(each.wrong for each in seen) + HALF) / rows)
