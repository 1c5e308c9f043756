"""`Perceptron`: scikit-learn's, on every backend; one class against the rest, all classes at once."""

import warnings
from math import inf
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_class_weight

from xpnet.backend import Array, Backend, namespace, quiet, to_numpy
from xpnet.checks import number, whole
from xpnet.estimators.common.linear import LinearClassifier, check_labels
from xpnet.estimators.common.placing import training_backend
from xpnet.estimators.common.rows import Rows
from xpnet.estimators.common.weights import check_sample_weight
from xpnet.execution import executor, limited
from xpnet.training.batches.batches import STRETCH

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
        A class stops after `n_iter_no_change` epochs whose mean loss is above its best minus `tol`; None: none stops.
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
    t_ : int
        Updates that were possible: epochs times rows, plus 1.

    Notes
    -----
    Without shuffling, the weights are scikit-learn's.  Its order of shuffled rows comes from a generator of its own, so
    that the weights differ as they do between two seeds.

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
        last = getattr(self, "coef_", None) if self.warm_start else None
        X, y = self._validated(X, y, reset=True)
        classes = check_labels(y)
        backend = training_backend(self.backend, X)
        shape = (1 if len(classes) == 2 else len(classes), int(X.shape[1]))
        if last is not None and tuple(last.shape) == shape and coef_init is None:
            coef_init, intercept_init = last, self.intercept_
        start = _start(coef_init, intercept_init, shape, backend)
        self.classes_, self.t_ = classes, 1.0
        self._learn(X, y, start, sample_weight, backend, self.max_iter)
        if self.n_iter_ == self.max_iter and self.tol is not None:
            warnings.warn(
                "Maximum number of iteration reached before convergence. Consider increasing max_iter to improve the "
                "fit.",
                ConvergenceWarning,
                stacklevel=2,
            )
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
        self._learn(X, y, start, sample_weight, backend, 1)
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
        self, X: Any, y: Any, start: tuple[Array, Array], sample_weight: Any, backend: Backend, epochs: int
    ) -> None:
        """Run epochs until every class has stopped, and set the fitted attributes."""
        rng, rows = check_random_state(self.random_state), Rows.of(X, backend)
        signs = 2.0 * (y[:, None] == (self.classes_[1:] if len(self.classes_) == 2 else self.classes_)) - 1.0
        weights = self._weigh(y, signs, check_sample_weight(sample_weight, rows.n))
        order, held = np.arange(rows.n), None
        if self.early_stopping:
            order, held = train_test_split(order, test_size=self.validation_fraction, random_state=rng, stratify=y)
        run = executor(_make_step(self._shrink(), float(self.eta0), self.fit_intercept), backend.name)
        carry, patience = start, _Patience(signs.shape[1], self.tol, self.n_iter_no_change, rises=held is not None)
        self.n_iter_ = 0
        with quiet(), backend.active(), limited(1):
            while self.n_iter_ < epochs and patience.active.any():
                order = rng.permutation(order) if self.shuffle else order
                moved, loss = _epoch(run, carry, rows, signs * patience.active, weights, order)
                carry = _kept(moved, carry, patience.active, backend)
                self.n_iter_ += 1
                seen = loss / len(order) if held is None else _accuracy(carry, rows, signs, held)
                patience.see(seen)
        self.coef_, self.intercept_ = carry[0], carry[1][0, :]
        self.t_ += float(self.n_iter_ * len(order))
        if not all(np.isfinite(to_numpy(w)).all() for w in carry):
            raise ValueError("eta0 must be smaller, or X scaled: the weights are no longer finite")

    def _weigh(self, y: Any, signs: Any, sample_weight: Any) -> Any:
        """Return the weight of each row for each output, shape (n, k): of several classes the one of its own only."""
        weights = np.ones_like(signs)
        if self.class_weight is not None:
            by_class = compute_class_weight(self.class_weight, classes=self.classes_, y=y)
            own, rest = (by_class[1], by_class[0]) if len(self.classes_) == 2 else (by_class, 1.0)
            weights = np.where(signs > 0.0, own, rest)
        return weights if sample_weight is None else weights * sample_weight[:, None]

    def _shrink(self) -> tuple[float, float]:
        """Return the strengths of L2 and L1."""
        share = {None: None, "l2": 0.0, "l1": 1.0, "elasticnet": self.l1_ratio}[self.penalty]
        return (0.0, 0.0) if share is None else ((1.0 - share) * self.alpha, share * self.alpha)


class _Patience:
    """Which classes still learn: a class stops after some epochs without improvement."""

    def __init__(self, n: int, tol: float | None, epochs: int, *, rises: bool) -> None:
        self.active, self._waited = np.ones(n, dtype=bool), np.zeros(n, dtype=int)
        self._tol, self._epochs, self._sign = -inf if tol is None else float(tol), epochs, -1.0 if rises else 1.0
        self._best = np.full(n, inf)

    def see(self, measured: Any) -> None:
        """Take the losses, or the accuracies, of an epoch: one for each class."""
        value = self._sign * measured
        late = value > self._best - self._tol if self._tol > -inf else np.zeros_like(self.active)
        self._waited = np.where(late, self._waited + 1, 0)
        self._best = np.minimum(self._best, value)
        self.active = self.active & (self._waited < self._epochs)


def _make_step(shrink: tuple[float, float], eta: float, intercept: bool) -> Any:
    """Return the rule for one row x (1, n_in) and the signs (1, k) of its classes; its output is the losses (1, k)."""
    l2, l1 = shrink

    def step(carry: tuple[Array, Array], inputs: tuple[Array, Array, Array]) -> tuple[tuple[Array, Array], Array]:
        (w, b), (x, signs, weight) = carry, inputs
        xp = namespace(x)
        agreement = signs * (x @ w.mT + b)  # (1, k): negative where the perceptron is wrong
        pull = eta * weight * signs * xp.astype(agreement <= 0.0, x.dtype)
        w = w * max(0.0, 1.0 - eta * l2) if l2 else w
        w = w + pull.mT @ x
        if l1:
            w = xp.sign(w) * xp.maximum(xp.abs(w) - eta * l1, 0.0)
        return (w, b + pull if intercept else b), weight * xp.maximum(-agreement, 0.0)

    return step


def _epoch(
    run: Any, carry: tuple[Array, Array], rows: Rows, signs: Any, weights: Any, order: Any
) -> tuple[tuple[Array, Array], Any]:
    """Return the weights and biases after an epoch, and the sum of each class's losses on the host."""
    backend, most, losses = rows.backend, max(1, STRETCH // (8 * int(rows.x.shape[1]))), []
    for begin in range(0, len(order), most):
        part = order[begin : begin + most]
        inputs = (rows.take(part), backend.asarray(signs[part]), backend.asarray(weights[part]))
        carry, lost = run(carry, tuple(x[:, None, :] for x in inputs))
        losses.append(backend.xp.sum(lost, axis=(0, 1)))
    return carry, to_numpy(sum(losses[1:], losses[0])).astype("float64")


def _kept(
    moved: tuple[Array, Array], before: tuple[Array, Array], active: Any, backend: Backend
) -> tuple[Array, Array]:
    """Return copies of the new weights of the classes that learn, and the old ones of the others."""
    xp, mask = backend.xp, backend.asarray(active)
    return xp.where(mask[:, None], moved[0], before[0]), xp.where(mask[None, :], moved[1], before[1])


def _accuracy(carry: tuple[Array, Array], rows: Rows, signs: Any, held: Any) -> Any:
    """Return the share of the held-out rows that are right, for each class against the rest."""
    w, b = carry
    z = np.concatenate([to_numpy(x @ w.mT + b) for _, x in rows.subset(held).parts()])
    return ((z > 0.0) == (signs[held] > 0.0)).mean(axis=0)


def _start(coef: Any, intercept: Any, shape: tuple[int, int], backend: Backend) -> tuple[Array, Array]:
    """Return weights (k, n_in) and biases (1, k): those given, or zeros."""
    given = []
    for name, value, like in (("coef_init", coef, shape), ("intercept_init", intercept, (shape[0],))):
        array = backend.full(like) if value is None else backend.asarray(value, backend.dtype, name=name)
        if name == "coef_init" and array.ndim == 1 and shape[0] == 1:
            array = array[None, :]
        if tuple(array.shape) != like:
            raise ValueError(f"{name} must have shape {like}, got {tuple(array.shape)}")
        given.append(array)
    return given[0], given[1][None, :]
