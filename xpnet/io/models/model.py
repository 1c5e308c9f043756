"""A trained model: one or more networks, what raw rows go through before them, and what their outputs stand for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from xpnet.backend import Array, Backend, get, of, quiet, to_numpy
from xpnet.checks import whole
from xpnet.data import Table
from xpnet.io.models import pooling
from xpnet.io.models.checking import check_axes, check_classes, check_errors, check_scales, members_of
from xpnet.io.models.intervals import Errors
from xpnet.io.models.raw_rows import as_rows, as_targets, label_array, like, piecewise
from xpnet.io.models.runs import Run, Trained
from xpnet.nn import Network, Parameters
from xpnet.nn.checking.inputs import floating_inputs
from xpnet.trees import leaves, map_arrays

ROWS = 8192  # predicted at once, all members together


@dataclass(frozen=True, repr=False)
class Model(Trained):
    """A trained model, which `xpnet.save` writes and `xpnet.load` returns: a single network, or an ensemble.

    An ensemble holds several networks of one shape, its members.  It predicts the mean of their probabilities, or of
    their values; a single network is its own mean.

    Attributes
    ----------
    network : Network
    parameters : tuple of Layer
        They are on the backend on which the network was trained, or loaded.  In an ensemble of k networks every array
        has a leading axis of length k.
    preprocessing : object, optional
        An object with ``apply(x)``, for raw rows on the host, and ``to_json()``.
    classes : tuple, optional
        The label that each output stands for; of a single output, the labels of 0 and 1.  Default: 0, 1, 2, …
    data : dict, optional
        The origin of the data and how they were split, as plain JSON.
    targets : Scaling, optional
        How the targets of a regression were scaled for training, one scale for all outputs or one for each; predictions
        are scaled back to the data's unit.
    features : tuple of str, optional
        The names of the columns of raw rows, if they have names.  A pandas or polars frame is matched by them.
    errors : Errors, optional
        Of a regression, the sizes of its errors on rows that it was not trained on, for `predict_interval`.  They
        belong to this very model: its members, and ensembles that it enters, have none.

    runs : tuple of Run
        How each network was trained; empty if it was not.  `history` and `settings` are made of them.

    Raises
    ------
    ValueError
        If there are more or fewer classes than the network tells apart, it tells none apart, or two are equal; if the
        arrays of an ensemble differ in the number of members.

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
    errors: Errors | None = None
    runs: tuple[Run, ...] = ()

    def __post_init__(self) -> None:
        check_axes(self.parameters, self.runs)
        check_scales(self.network, self.targets)
        own = getattr(self.preprocessing, "features", None)  # an encoding knows the columns of the table
        object.__setattr__(self, "features", self.features if own is None else own)
        check_classes(self.network, self.classes)
        check_errors(self.network, self.errors)

    @classmethod
    def ensemble(cls, models: Iterable[Any]) -> "Model":
        """Return the ensemble of several models; the members of ensembles become members of the new one.

        Parameters
        ----------
        models : iterable of Model or Result
            One or more.  Their networks may differ in dropout only, which prediction does not use: the new model has
            that of the first.  It knows the origin of the data if all of them have the same.

        Raises
        ------
        TypeError, ValueError
            If there are none, one is not a model, or they differ in the network's sizes, activations, cost or labels,
            in preprocessing, classes, targets or features, or in library, device or dtype; the message says in which.

        Examples
        --------
        >>> network = Network([2, 3, 1], cost="huber")
        >>> models = [Model(network, network.initialize(seed=seed)) for seed in range(8)]
        >>> both = Model.ensemble(models)
        >>> bool(abs(both.predict([[0.0, 1.0]]) - sum(model.predict([[0.0, 1.0]]) for model in models) / 8) < 1e-6)
        True
        """
        given = members_of(models, cls)
        return replace(given[0], **pooling.pooled(given))

    def __repr__(self) -> str:
        """Return how many networks there are, where, and which: not their parameters."""
        many = f"{self.n_members} networks, " if self.n_members > 1 else ""
        return f"Model of {many}{self.backend.dtype_name} on {self.backend.name}: {self.network!r}"

    @cached_property
    def n_members(self) -> int:
        """How many networks there are: 1, or the length of the leading axis of the parameters."""
        return int(self.parameters[0].w.shape[0]) if pooling.is_stack(self.parameters) else 1

    @property
    def members(self) -> "tuple[Model, ...]":
        """The single networks, each a model of its own."""
        return tuple(self.member(i) for i in range(self.n_members))

    def member(self, i: int) -> "Model":
        """Return network number `i`, from 0, as a model of its own."""
        i = whole("i", i, 0, self.n_members - 1)
        if not pooling.is_stack(self.parameters):
            return self
        own = map_arrays(lambda x: x[i, ...], self.parameters)
        return replace(self, parameters=own, errors=None, runs=self.runs[i : i + 1])

    @cached_property
    def backend(self) -> Backend:
        """The library, device and dtype of the parameters."""
        return of(leaves(self.parameters)[0])

    def to(self, backend: str | Backend) -> "Model":
        """Return this model with its parameters on another backend; a backend given by name keeps their dtype."""
        chosen = backend if isinstance(backend, Backend) else get(backend, dtype=self.backend.dtype_name)
        return replace(self, parameters=map_arrays(chosen.asarray, self.parameters))

    def encode(self, x: Any) -> Array:
        """Return the network's inputs for raw rows `x`, shape (m, n_in), on this model's backend."""
        return self._in_pieces(lambda *given: given[-1], x)

    def outputs(self, x: Any) -> Array:
        """Return the output activations of raw rows `x`, (m, n_out), on this model's backend; means of an ensemble."""
        return self._in_pieces(pooling.feedforward, x)

    def decide(self, x: Any) -> Array:
        """Return the decision for raw rows `x`, on this model's backend.

        Numbers of classes, shape (m,); 0 or 1 for each of several labels, shape (m, n_out); or the values of a
        regression, in the unit of the data.  An ensemble decides by the mean probabilities, or gives the mean values.
        """
        decided = self._in_pieces(pooling.predict, x)
        return decided if self.targets is None else decided * self._unit("scale") + self._unit("shift")

    def predict(self, x: Any) -> Array:
        """Return a label for each raw row, shape (m,), or the values of a regression.

        A network for several labels gives 0 or 1 for each of them, shape (m, n_out), in the order of `classes`.
        If `x` is a frame, or one row as a mapping, and the model knows `features`, the columns are taken by name: their
        order does not matter, others are ignored, and a missing one is refused with a ValueError.

        Returns
        -------
        Array
            In the library of `x`; labels that are text come as a NumPy array.
        """
        decided = self.decide(x)
        if self.classes is None or decided.ndim > 1:
            return like(decided, x)
        labels = self._labels[to_numpy(decided)]
        return labels if labels.dtype.kind in "UO" else like(labels, x)

    def predict_interval(self, x: Any, coverage: float = 0.9) -> Array:
        """Return the ends of an interval for the value of each raw row, (m, 2), in the library of `x`; see `Errors`.

        Raises
        ------
        ValueError
            If the model has no `errors`, or too few of them for `coverage`.
        """
        if self.errors is None:
            raise ValueError("model must know its errors on other rows to give intervals: xpnet.tabular.with_intervals")
        middle, width = self.decide(x), self.errors.quantile(coverage)
        return like(self.backend.xp.stack([middle - width, middle + width], axis=-1), x)

    def predict_proba(self, x: Any) -> Array:
        """Return a probability for each class, shape (m, n_classes), in the library of `x`.

        Each row sums to one; sigmoid outputs, one for each class, are divided by their sum.  A single output p becomes
        (1 - p, p).  A network for several labels gives each of them a probability of its own, shape (m, n_out).
        `outputs` gives the activations as they are.  An ensemble gives the means over its members.

        Raises
        ------
        ValueError
            If the network does not tell classes apart.
        """
        if not self.network.classifies:
            raise ValueError(f"network must end in sigmoid or softmax, got {self.network.output.name!r}")
        return like(self._in_pieces(pooling.predict_proba, x), x)

    def spread(self, x: Any) -> Array:
        """Return how far the members of an ensemble are apart for each raw row, in the library of `x`.

        Returns
        -------
        Array
            The standard deviation over the k members (the root of the mean squared distance from their mean): of each
            probability, shaped like `predict_proba`, or of a regression's values, shaped like `predict` and in the unit
            of the data.

        Raises
        ------
        ValueError
            If there is one network only, which has nothing to differ from: a spread of 0 would promise certainty.

        Notes
        -----
        A large spread says that the training data leave the answer open.  A small one does not say that the answer is
        right: members that learned from the same data may share an error, and noise in the targets is no part of it.
        It is not an interval that holds the truth with a known probability.

        Examples
        --------
        >>> network = Network([2, 3, 1], cost="huber")
        >>> models = [Model(network, network.initialize(seed=seed)) for seed in range(8)]
        >>> Model.ensemble(models).spread([[0.0, 1.0]]).shape
        (1,)
        """
        if self.n_members < 2:
            raise ValueError("model must be an ensemble of two or more networks to have a spread, got one network")
        found = self._in_pieces(pooling.spread, x)
        return like(found if self.targets is None else found * abs(self._unit("scale")), x)

    def cost_value(self, x: Any, y: Any) -> float:
        """Return the mean cost over raw rows `x`, without penalties; that of an ensemble is the cost of its `outputs`.

        Parameters
        ----------
        x : array or frame, shape (m, n_in)
        y : array, shape (m,) or (m, n_out)
            Numbers of classes, as `decide` gives them, or targets; of a regression the values in the unit of the data.

        Returns
        -------
        float
            If the targets of a regression were scaled for training, it is the cost of scaled ones.

        Raises
        ------
        ValueError
            If `x` and `y` do not fit each other or the network; if it is an ensemble whose cost is made for an output
            that does not say its link, so that the cost of a mean is not known.
        """
        return float(to_numpy(self._in_pieces(pooling.costs, x, y)).mean(dtype="float64"))

    @cached_property
    def _labels(self) -> Any:  # the labels of the classes as an array
        return label_array(self.classes or ())

    def _unit(self, name: str) -> Any:
        """Return the scale or the shift of the targets: a number, or one for each output."""
        values = getattr(self.targets, name)
        return values[0] if len(values) == 1 else self.backend.asarray(values)

    def _in_pieces(self, function: Callable[..., Array], x: Any, y: Any = None) -> Array:
        """Return ``function(network, parameters, rows)`` for raw rows, some at a time; with `y` also their targets."""
        x = as_rows(x, self.preprocessing, self.features, self.network.sizes[0])
        rows = [x] if y is None else [x, as_targets(y, x.shape[0], self.targets, self.network.sizes[-1])]
        if x.shape[0] <= self._at_once:
            return self._answer(function, *rows)
        return self.backend.xp.concat(piecewise(partial(self._answer, function), self._at_once, *rows))

    def _answer(self, function: Callable[..., Array], x: Any, y: Any = None) -> Array:
        network, home = self.network, self.backend
        if self.preprocessing is not None:
            x = self.preprocessing.apply(x if isinstance(x, Table) else to_numpy(x), dtype=home.dtype_name)
        with quiet():
            if y is None:
                return function(network, self._fitting, floating_inputs(x, network.sizes[0], home))
            return function(network, self._fitting, *network.examples(x, y, home))

    @cached_property
    def _at_once(self) -> int:  # how many rows are computed at a time
        return max(1, ROWS // self.n_members)

    @cached_property
    def _fitting(self) -> Parameters:
        """The parameters, which have been found to fit the network: nothing can replace them."""
        self.network.check(self.parameters)
        return self.parameters
