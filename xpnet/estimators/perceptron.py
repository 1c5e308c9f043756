"""`Perceptron`: scikit-learn's, on every backend; one class against the rest, all classes at once."""

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_class_weight

from xpnet.backend import Array, Backend, quiet, to_numpy
from xpnet.checks import number, whole
from xpnet.estimators.common.linear import LinearClassifier, check_labels, linear_attributes
from xpnet.estimators.common.placing import check_library, host_data, training_backend
from xpnet.estimators.common.rows import Rows
from xpnet.estimators.common.rule import Patience, State, kept, make_rule, row_orders, rule_state, run_epoch
from xpnet.estimators.common.tasks import NoTask, begin_fit, with_callbacks
from xpnet.estimators.common.weights import check_sample_weight
from xpnet.execution import executor, limited
from xpnet.nn import Layer, Parameters

PENALTIES = (None, "l2", "l1", "elasticnet")


class Perceptron(LinearClassifier):
    """The perceptron rule with scikit-learn's parameters and attributes: each mistake moves the weights.

    Parameters
    ----------
    penalty : {None, "l2", "l1", "elasticnet"}
    alpha, l1_ratio : float
        The strength of the penalty, and the share of L1 in an elastic net.
    fit_intercept : bool
    max_iter : int
        The largest number of epochs.
    tol : float or None
        A class stops after `n_iter_no_change` epochs whose mean loss, with penalties, is above its best minus `tol`;
        None: none stops.
    shuffle : bool
        Whether each epoch has an order of its own.
    verbose : bool or int
        Not used.
    eta0 : float
        Learning rate.
    n_jobs
        Not used.
    random_state : int, RandomState or None
    early_stopping, validation_fraction : bool, float
        Whether a share of the rows is held out, whose accuracy decides when a class stops.
    n_iter_no_change : int
    class_weight : "balanced", dict or None
    warm_start : bool
    backend : str, Backend or None
        The library that trains; see `MLPClassifier`.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    coef_ : array, shape (1, n_features) for two classes, else (n_classes, n_features)
    intercept_ : array, shape (1,) or (n_classes,)
    n_iter_ : int
        Epochs until the last class stopped.
    t_ : float
        Rows seen, plus 1.

    Notes
    -----
    The weights are scikit-learn's from the same `random_state`, each class with its own order of the rows.  For a
    sparse X scikit-learn moves the intercept by a hundredth of a step; here it moves as for a dense one.

    Examples
    --------
    >>> corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> Perceptron(random_state=0).fit(corners, [0, 0, 0, 1]).predict(corners)
    array([0, 0, 0, 1])
    """

    def __init__(
        self,
        *,
        penalty: Any = None,
        alpha: Any = 0.0001,
        l1_ratio: Any = 0.15,
        fit_intercept: Any = True,
        max_iter: Any = 1000,
        tol: Any = 1e-3,
        shuffle: Any = True,
        verbose: Any = 0,
        eta0: Any = 1.0,
        n_jobs: Any = None,
        random_state: Any = 0,
        early_stopping: Any = False,
        validation_fraction: Any = 0.1,
        n_iter_no_change: Any = 5,
        class_weight: Any = None,
        warm_start: Any = False,
        backend: Any = None,
    ) -> None:
        self.penalty = penalty
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.shuffle = shuffle
        self.verbose = verbose
        self.eta0 = eta0
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.backend = backend

    @with_callbacks
    def fit(self, X: Any, y: Any, coef_init: Any = None, intercept_init: Any = None, sample_weight: Any = None) -> Any:
        """Train on rows X, shape (n, n_in), with labels y, shape (n,); return the estimator.

        Parameters
        ----------
        X : array, frame or sparse matrix
        y : array
        coef_init, intercept_init : array, optional
            Where training begins.  Default: zeros.
        sample_weight : array, shape (n,), optional
        """
        self._check()
        given = X, y, sample_weight
        last = getattr(self, "coef_", None) if self.warm_start else None
        X, y = self._validated(X, y, reset=True)
        classes = check_labels(y)
        backend = training_backend(self.backend, X)
        shape = (1 if len(classes) == 2 else len(classes), int(X.shape[1]))
        if last is not None and tuple(last.shape) == shape and coef_init is None:
            coef_init, intercept_init = last, self.intercept_
        start = _start(coef_init, intercept_init, shape, backend)
        self.classes_, self.t_ = classes, 1.0
        task = begin_fit(self, *given, name="epoch", most=self.max_iter, attributes=linear_attributes)
        self._learn(X, y, start, sample_weight, backend, self.max_iter, task)
        if self.n_iter_ == self.max_iter and self.tol is not None:
            warnings.warn(
                "Maximum number of iteration reached before convergence. Consider increasing max_iter to improve the "
                "fit.",
                ConvergenceWarning,
                stacklevel=3,
            )
        task.close()
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Any:
        """Train one epoch more on the given rows; return the estimator.

        Raises
        ------
        ValueError
            If the first call has no `classes`, a later one has others, or y holds a class that is not among them.
        """
        self._check()
        if self.class_weight == "balanced" or self.early_stopping:
            name, value = ("early_stopping", True) if self.early_stopping else ("class_weight", "balanced")
            raise ValueError(f"{name} must be left out in partial_fit, which sees some rows only, got {value!r}")
        first = not hasattr(self, "coef_")
        if first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if not first:
            check_library(self, X, self.intercept_, "partial_fit")
        classes = host_data(classes)
        X, y = self._validated(X, y, reset=first)
        known = check_labels(np.asarray(classes)) if first else self.classes_
        if classes is not None and not np.array_equal(np.unique(classes), known):
            raise ValueError(f"classes must be the same as in the last call to partial_fit, {known}, got {classes}")
        unseen = np.setdiff1d(y, known)
        if len(unseen):
            raise ValueError(f"y must hold classes that are known, {known}, got {unseen}")
        backend = training_backend(self.backend, X)
        shape = (1 if len(known) == 2 else len(known), int(X.shape[1]))
        start = _start(None if first else self.coef_, None if first else self.intercept_, shape, backend)
        self.classes_, self.t_ = known, 1.0 if first else self.t_
        self._learn(X, y, start, sample_weight, backend, 1, NoTask())
        return self

    # ---- helpers ------------------------------------------------------------------------------------------

    def _check(self) -> None:
        if self.penalty not in PENALTIES:
            raise ValueError(f"penalty must be one of {', '.join(map(str, PENALTIES))}, got {self.penalty!r}")
        for name in ("alpha", "l1_ratio", *(["tol"] if self.tol is not None else [])):
            number(name, getattr(self, name))
        if self.l1_ratio > 1.0:
            raise ValueError(f"l1_ratio must be between 0 and 1, got {self.l1_ratio}")
        number("eta0", self.eta0, above=True)
        number("validation_fraction", self.validation_fraction, above=True, below=1.0)
        for name in ("max_iter", "n_iter_no_change"):
            whole(name, getattr(self, name), 1)

    def _learn(
        self,
        X: Any,
        y: Any,
        start: tuple[Array, Array],
        sample_weight: Any,
        backend: Backend,
        epochs: int,
        task: NoTask,
    ) -> None:
        """Run epochs until every class has stopped, and set the fitted attributes."""
        rng, rows = check_random_state(self.random_state), Rows.of(X, backend)
        signs = 2.0 * (y[:, None] == (self.classes_[1:] if len(self.classes_) == 2 else self.classes_)) - 1.0
        given = check_sample_weight(sample_weight, rows.n)
        weights, held = self._weigh(y, signs, given), self._held_out(y)
        turns = row_orders(rng, signs.shape[1], rows.n) if self.shuffle else None
        rule = make_rule(self._strengths(), float(self.eta0), intercept=self.fit_intercept)
        run, orders = executor(rule, backend.name), np.tile(np.arange(rows.n), (signs.shape[1], 1))
        carry = rule_state(*start)
        patience = Patience(signs.shape[1], self.tol, self.n_iter_no_change, rises=held is not None)
        self.n_iter_, stops = 0, False
        with quiet(), backend.active(), limited(1):
            while self.n_iter_ < epochs and patience.active.any() and not stops:
                task.begin(_layers(carry))
                orders = orders if turns is None else np.take_along_axis(orders, turns, axis=1)
                taken = orders if held is None else orders[~held[orders]].reshape(len(orders), -1)
                moved, losses = run_epoch(run, carry, rows, signs, weights, taken)
                carry = kept(moved, carry, patience.active, backend)
                self.n_iter_ += 1
                if held is None:
                    patience.see(losses / taken.shape[1])
                else:
                    patience.see(_accuracy(carry[:2], rows.subset(np.nonzero(held)[0]), signs[held], given, held))
                stops = task.end(_layers(carry))
        self.__dict__.update(linear_attributes(_layers(carry)))
        self.t_ += float(self.n_iter_ * rows.n)
        if not all(np.isfinite(to_numpy(w)).all() for w in carry[:2]):
            raise ValueError("eta0 must be smaller, or X scaled: the weights are no longer finite")

    def _held_out(self, y: Any) -> Any:
        """Return which rows are held out, or None."""
        if not self.early_stopping:
            return None
        split = StratifiedShuffleSplit(test_size=self.validation_fraction, random_state=self.random_state)
        held = np.zeros(len(y), dtype=bool)
        held[next(split.split(np.zeros((len(y), 1)), y))[1]] = True
        return held

    def _weigh(self, y: Any, signs: Any, sample_weight: Any) -> Any:
        """Return the weight of each row for each output, shape (n, k): of several classes the one of its own only."""
        weights = np.ones_like(signs)
        if self.class_weight is not None:
            by_class = compute_class_weight(self.class_weight, classes=self.classes_, y=y)
            own, rest = (by_class[1], by_class[0]) if len(self.classes_) == 2 else (by_class, 1.0)
            weights = np.where(signs > 0.0, own, rest)
        return weights if sample_weight is None else weights * sample_weight[:, None]

    def _strengths(self) -> tuple[float, float]:
        """Return the strengths of L2 and L1."""
        share = {None: None, "l2": 0.0, "l1": 1.0, "elasticnet": self.l1_ratio}[self.penalty]
        return (0.0, 0.0) if share is None else ((1.0 - share) * self.alpha, share * self.alpha)


def _layers(carry: State) -> Parameters:
    w, b = carry[:2]
    return (Layer(w, b.mT),)


def _accuracy(carry: tuple[Array, Array], rows: Rows, signs: Any, weights: Any, held: Any) -> Any:
    """Return the share of the held-out rows that are right, for each class against the rest."""
    w, b = carry
    z = np.concatenate([to_numpy(x @ w.mT + b.mT) for _, x in rows.parts()])
    return np.average((z > 0.0) == (signs > 0.0), axis=0, weights=None if weights is None else weights[held])


def _start(coef: Any, intercept: Any, shape: tuple[int, int], backend: Backend) -> tuple[Array, Array]:
    """Return weights (k, n_in) and biases (k, 1): those given, or zeros."""
    given = []
    for name, value, like in (("coef_init", coef, shape), ("intercept_init", intercept, (shape[0],))):
        array = backend.full(like) if value is None else backend.asarray(value, backend.dtype, name=name)
        if name == "coef_init" and array.ndim == 1 and shape[0] == 1:
            array = array[None, :]
        if tuple(array.shape) != like:
            raise ValueError(f"{name} must have shape {like}, got {tuple(array.shape)}")
        given.append(array)
    return given[0], given[1][:, None]
