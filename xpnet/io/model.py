"""A trained model: a network, its parameters, what raw rows go through before it, and what its outputs stand for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xpnet.backend import Array, Backend, get, library_of, of, to_numpy
from xpnet.data import Encoding, Table
from xpnet.data.tables.frames import take_features
from xpnet.nn import Network, Parameters
from xpnet.trees import leaves, map_arrays

ROWS = 8192  # predicted at once


@dataclass(frozen=True)
class Model:
    """A trained model, which `xpnet.save` writes and `xpnet.load` returns.

    Attributes
    ----------
    network : Network
    parameters : tuple of Layer
        They are on the backend on which the network was trained, or loaded.
    preprocessing : object, optional
        An object with ``apply(x)``, for raw rows on the host, and ``to_json()``.
    classes : tuple, optional
        The label that each output stands for; of a single output, the labels of 0 and 1.  Default: 0, 1, 2, …
    data : dict, optional
        The origin of the data and how they were split, as plain JSON.
    targets : Scaling, optional
        How the targets of a regression were scaled for training; predictions are scaled back to the data's unit.
    features : tuple of str, optional
        The names of the columns of raw rows, if they have names.  A pandas or polars frame is matched by them.

    Raises
    ------
    ValueError
        If there are more or fewer classes than the network tells apart, it tells none apart, or two are equal.

    Examples
    --------
    >>> network = Network([2, 3, 2])
    >>> model = Model(network, network.initialize(seed=0), classes=("no", "yes"))
    >>> model.predict([[0.0, 1.0]]).shape
    (1,)
    """

    network: Network
    parameters: Parameters
    preprocessing: Any = None
    classes: tuple[Any, ...] | None = None
    data: dict[str, Any] | None = None
    targets: Any = None
    features: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        own = getattr(self.preprocessing, "features", None)  # an encoding knows the columns of the table
        if own is not None:
            object.__setattr__(self, "features", own)
        if self.classes is None:
            return
        if not self.network.classifies:
            raise ValueError(f"classes must be left out for outputs that are values, got {len(self.classes)}")
        if len(self.classes) != self.network.n_classes:
            raise ValueError(f"classes must name {self.network.n_classes} classes, got {len(self.classes)}")
        if None in self.classes or len(set(self.classes)) < len(self.classes):
            raise ValueError(f"classes must be labels that differ, got {list(self.classes)}")

    @property
    def backend(self) -> Backend:
        """The library, device and dtype of the parameters."""
        return of(leaves(self.parameters)[0])

    def to(self, backend: str | Backend) -> "Model":
        """Return this model with its parameters on another backend; a backend given by name keeps their dtype."""
        chosen = backend if isinstance(backend, Backend) else get(backend, dtype=self.backend.dtype_name)
        return replace(self, parameters=map_arrays(chosen.asarray, self.parameters))

    def outputs(self, x: Any) -> Array:
        """Return the output activations of raw rows `x`, shape (m, n_out), on this model's backend."""
        return self._in_pieces(self.network.feedforward, x)

    def decide(self, x: Any) -> Array:
        """Return the network's decision for raw rows `x`, on this model's backend.

        Numbers of classes, shape (m,); 0 or 1 for each of several labels, shape (m, n_out); or the values of a
        regression, in the unit of the data.
        """
        decided = self._in_pieces(self.network.predict, x)
        return decided if self.targets is None else decided * self.targets.scale[0] + self.targets.shift[0]

    def predict(self, x: Any) -> Array:
        """Return a label for each raw row, shape (m,), or the values of a regression.

        A network for several labels gives 0 or 1 for each of them, shape (m, n_out), in the order of `classes`.
        If `x` is a frame and the model knows `features`, the columns are taken by name: their order does not matter,
        others are ignored, and a missing one is refused with a ValueError.

        Returns
        -------
        Array
            In the library of `x`; labels that are text come as a NumPy array.
        """
        decided = self.decide(x)
        if self.classes is None or decided.ndim > 1:
            return _like(decided, x)
        labels = _label_array(self.classes)[to_numpy(decided)]
        return labels if labels.dtype.kind in "UO" else _like(labels, x)

    def predict_proba(self, x: Any) -> Array:
        """Return a probability for each class, shape (m, n_classes), in the library of `x`.

        Each row sums to one; sigmoid outputs, one for each class, are divided by their sum.  A single output p becomes
        (1 - p, p).  A network for several labels gives each of them a probability of its own, shape (m, n_out).
        `outputs` gives the activations as they are.

        Raises
        ------
        ValueError
            If the network does not tell classes apart.
        """
        if not self.network.classifies:
            raise ValueError(f"network must end in sigmoid or softmax, got {self.network.output.name!r}")
        return _like(self._in_pieces(self.network.predict_proba, x), x)

    def _in_pieces(self, function: Callable[[Any, Array], Array], x: Any) -> Array:
        """Return ``function(parameters, rows)`` for raw rows, some rows at a time."""
        x = self._rows(x)
        if x.ndim != 2:
            raise ValueError(f"x must have shape (m, {self.network.sizes[0]}), got {tuple(x.shape)}")
        starts = range(0, max(1, x.shape[0]), ROWS)
        found = [
            function(self.parameters, self._prepared(x[start : min(start + ROWS, x.shape[0]), ...])) for start in starts
        ]
        return found[0] if len(found) == 1 else self.backend.xp.concat(found)

    def _rows(self, x: Any) -> Any:
        """Return raw rows with the columns of this model, to be taken in slices."""
        if isinstance(self.preprocessing, Encoding):
            return self.preprocessing.table(x if library_of(x) is None else to_numpy(x))
        x = take_features("x", x, self.features)
        return to_numpy(x) if library_of(x) is None else x  # a mapped array stays in its file

    def _prepared(self, x: Any) -> Array:
        if self.preprocessing is not None:
            x = self.preprocessing.apply(x if isinstance(x, Table) else to_numpy(x), dtype=self.backend.dtype_name)
        return self.backend.asarray(x, name="x")


def _label_array(classes: tuple[Any, ...]) -> Any:
    """Return the labels as an array that keeps each as it is: a number beside text stays a number."""
    mixed = len({isinstance(label, str) for label in classes}) > 1
    return np.asarray(classes, dtype=object) if mixed else to_numpy(list(classes))


def _like(result: Array, x: Any) -> Array:
    """Return `result` in the library and on the device of `x`; plain sequences get NumPy."""
    home = library_of(x)
    if home is None or home == "numpy":
        return to_numpy(result)
    if library_of(result) == home:
        return result
    there = of(x) if of(x).xp.isdtype(x.dtype, "real floating") else get(home, device=of(x).device)
    return there.asarray(result)
