"""The film of learning: what a network says at each place of a plane, or its first weights, after some epochs."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from xpnet.backend import to_numpy
from xpnet.data import Encoding, Table
from xpnet.data.preparing.encoders.numbers import NumberEncoder
from xpnet.io import Model
from xpnet.report.measuring.columns import column_names
from xpnet.report.measuring.described import framing_of
from xpnet.report.measuring.packing import pack
from xpnet.report.planes import plane_at, wider
from xpnet.tabular.scaled_network import ScaledNetwork, ScaledParameters
from xpnet.training import Callback, Record, TrainingInfo

GRID = 48  # places on a side of the plane
UNITS = 16  # neurons whose weights are recorded
POINTS = 300  # rows that are drawn on the plane
MARGIN = 0.08  # of the range of the rows, beyond them


class Film(Callback):
    """A callback of `xpnet.train` that records frames, more often at the beginning.

    Parameters
    ----------
    model : Model
        What is trained: its network, preprocessing, classes and targets; its parameters do not matter.
    x : array or Table, shape (m, n_columns)
        Raw rows of the training.
    y : host array, shape (m,), optional
        Their class numbers, for the dots on the plane.
    frames : int
        The most frames that are recorded.

    Raises
    ------
    ValueError
        If the rows have neither two columns of numbers nor the pixels of digits.

    Examples
    --------
    >>> import xpnet
    >>> x, y = np.asarray([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.asarray([0, 1, 1, 0])
    >>> network = xpnet.Network([2, 4, 1])
    >>> film = Film(xpnet.Model(network, network.initialize(seed=0)), x, y)
    >>> result = xpnet.train(network, (x, y), epochs=5, callbacks=[film])
    >>> film.epochs, film.frames[0].shape
    ([1, 2, 3, 4, 5], (48, 48, 2))
    """

    def __init__(self, model: Model, x: Any, y: Any = None, *, frames: int = 40) -> None:
        self.model, self.most, self.framing = model, frames, framing_of(model)
        if self.framing is None:
            self.plane = _Plane.of(model, x, y)
        self.chosen: set[int] = set()
        self.costs: list[float | None] = []
        self.epochs: list[int] = []
        self.frames: list[Any] = []
        self.limits: list[float] = []

    def start(self, plan: TrainingInfo) -> None:
        """Choose the epochs: their distances grow."""
        n = min(self.most, plan.epochs)
        self.chosen = {round(plan.epochs ** (i / max(1, n - 1))) for i in range(n)}
        others = [epoch for epoch in range(1, plan.epochs + 1) if epoch not in self.chosen]
        self.chosen |= set(others[: n - len(self.chosen)])

    def epoch(self, record: Record, parameters: Any) -> None:
        """Record a frame, if it is its turn; the parameters may be those of an ensemble, or have scales."""
        self.costs.append(float(record.cost) if isfinite(record.cost) else None)
        if record.epoch not in self.chosen:
            return
        if isinstance(parameters, ScaledParameters):
            parameters = ScaledNetwork(self.model.network).fold(parameters)
        self.epochs.append(record.epoch)
        self.frames.append(self._frame(replace(self.model, parameters=parameters)))

    def _frame(self, model: Model) -> Any:
        if self.framing is None:
            return self.plane.frame(model)
        w = to_numpy(model.member(0).parameters[0].w)[:UNITS]
        limit = float(np.abs(w).max()) or 1.0
        self.limits.append(limit)
        return np.clip(127.0 + np.round(w * (127.0 / limit)), 0, 254).astype(np.uint8)

    def to_json(self) -> dict[str, Any] | None:
        """Return the film as plain JSON, for `report_numbers`; None if no epoch was recorded."""
        if not self.frames:
            return None
        film = {"epochs": self.epochs, "all_epochs": list(range(1, len(self.costs) + 1)), "cost": self.costs}
        film |= {"frames": pack(np.stack(self.frames))}
        if self.framing is None:
            return film | self.plane.to_json()
        return film | {
            "kind": "weights",
            "side": self.framing.side,
            "units": len(self.frames[0]),
            "limits": self.limits,
        }


class _Plane:
    """Places in the plane of two columns, and rows in it."""

    def __init__(self, names: tuple[str, str], ranges: list[list[float]], points: list[Any], model: Model, y: Any):
        self.names, self.ranges, self.points = names, ranges, points
        self.across, self.up = centers(ranges[0], GRID), centers(ranges[1], GRID)[::-1]  # the first line is the top
        self.planes, self.middle, self.half = 2 if model.network.classifies else 1, 0.0, 1.0
        if y is not None and not model.network.classifies:
            self.middle, self.half = (y.max() + y.min()) / 2.0, (y.max() - y.min()) / 2.0 or 1.0

    @classmethod
    def of(cls, model: Model, x: Any, y: Any) -> "_Plane":
        """Return the plane of rows with two columns of numbers."""
        encoders = model.preprocessing.columns if isinstance(model.preprocessing, Encoding) else ()
        if x.shape[1] != 2 or not all(isinstance(encoder, NumberEncoder) for encoder in encoders):
            raise ValueError("film must have images of digits or two columns of numbers")
        if isinstance(x, Table):
            columns = [column.numbers() for column in x.columns]
        else:
            columns = [to_numpy(x)[:, i].astype("float64") for i in range(2)]
        first, second = column_names(model, x)
        ranges = [list(wider(np.nanmin(column), np.nanmax(column), MARGIN)) for column in columns]
        inside = [(column - low) / (high - low) for column, (low, high) in zip(columns, ranges, strict=True)]
        labels = [None] * len(columns[0]) if y is None or not model.network.classifies else y.tolist()
        rows = zip(*(values.round(4).tolist() for values in inside), labels, strict=True)
        points = [list(row) for row in rows if row[0] == row[0] and row[1] == row[1]][:POINTS]  # NaN is a gap
        return cls((first, second), ranges, points, model, y)

    def frame(self, model: Model) -> Any:
        """Return the class and its probability, of 255, at each place; of values, how far from the middle they are."""
        said = plane_at(model, self.across, self.up)
        if not said.n_classes:
            return ((said.values - self.middle) / self.half).astype(np.float32)[..., None]
        return np.stack([said.values, np.round(255.0 * said.proba)], axis=-1).astype(np.uint8)

    def to_json(self) -> dict[str, Any]:
        """Return what does not change from frame to frame."""
        return {
            "kind": "boundary",
            "grid": GRID,
            "planes": self.planes,
            "names": list(self.names),
            "ranges": self.ranges,
            "points": self.points,
        }


def centers(ends: Sequence[float], n: int) -> Any:
    """Return the middles of n equal parts of a range."""
    low, high = ends
    return low + (high - low) * (np.arange(n) + 0.5) / n
