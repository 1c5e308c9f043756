"""`LogisticRegression`: scikit-learn's with its default solver, on every backend."""

from math import inf
from typing import Any

import numpy as np

from xpnet.backend import Backend, quiet
from xpnet.checks import number, whole
from xpnet.estimators.common.linear import LinearClassifier, check_labels, linear_attributes, linear_network
from xpnet.estimators.common.placing import returned, training_backend
from xpnet.estimators.common.probabilities import log_probabilities
from xpnet.estimators.common.rows import Rows
from xpnet.estimators.common.tasks import begin_fit, with_callbacks
from xpnet.estimators.common.weights import check_sample_weight, weigh
from xpnet.estimators.multilayer.epochs import Examples
from xpnet.estimators.multilayer.lbfgs import ITERATION, fit_lbfgs
from xpnet.nn import Layer, Network, Parameters

# what scikit-learn's other solvers would need
ONLY = {"solver": ("lbfgs",), "dual": (False,), "l1_ratio": (0, None), "penalty": ("deprecated", "l2", None)}


class LogisticRegression(LinearClassifier):
    """Logistic regression with an L2 penalty: scikit-learn's parameters, attributes and answers.

    Parameters
    ----------
    penalty : {"l2", None}
        None: no penalty, as with ``C=inf``.
    C : float
        The inverse of the penalty's strength: the cost is ``C sum_i cost_i + 1/2 sum w^2``, intercepts are free.
    l1_ratio, dual, solver
        Only 0, False and ``"lbfgs"``.
    tol : float
        The search ends where no component of the gradient is larger.
    fit_intercept : bool
    intercept_scaling, random_state, n_jobs
        Not used by this solver.
    class_weight : "balanced", dict or None
    max_iter : int
    verbose : bool or int
    warm_start : bool
        Whether `fit` begins at the last solution.
    backend : str, Backend or None
        The library that trains; see `MLPClassifier`.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    coef_ : array, shape (1, n_features) for two classes, else (n_classes, n_features)
    intercept_ : array, shape (1,) or (n_classes,)
    n_iter_ : array, shape (1,)
    n_features_in_, feature_names_in_
        As scikit-learn's.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LogisticRegression(max_iter=1000).fit(X, y)
    >>> model.coef_.shape, model.score(X, y) > 0.97
    ((3, 4), True)
    """

    def __init__(
        self,
        penalty: Any = "deprecated",
        *,
        C: Any = 1.0,
        l1_ratio: Any = 0.0,
        dual: Any = False,
        tol: Any = 1e-4,
        fit_intercept: Any = True,
        intercept_scaling: Any = 1,
        class_weight: Any = None,
        random_state: Any = None,
        solver: Any = "lbfgs",
        max_iter: Any = 100,
        verbose: Any = 0,
        warm_start: Any = False,
        n_jobs: Any = None,
        backend: Any = None,
    ) -> None:
        self.penalty = penalty
        self.C = C
        self.l1_ratio = l1_ratio
        self.dual = dual
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.verbose = verbose
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.backend = backend

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Train on rows X, shape (n, n_in), with labels y, shape (n,); return the estimator."""
        self._check()
        given = X, y, sample_weight
        X, y = self._validated(X, y, reset=True)
        classes = check_labels(y)
        weights = weigh(self.class_weight, y, check_sample_weight(sample_weight, X.shape[0]))
        backend = training_backend(self.backend, X)
        network = linear_network(int(X.shape[1]), len(classes))
        targets = (y[:, None] == (classes[1:] if len(classes) == 2 else classes)).astype("float64")
        examples = Examples(Rows.of(X, backend), backend.asarray(targets, backend.dtype), weights)
        l2 = 0.0 if self.penalty is None or inf == self.C else 1.0 / float(self.C)
        options = {"maxiter": self.max_iter, "maxls": 50, "gtol": self.tol, "ftol": 64 * np.finfo(float).eps}
        start = self._start(network, backend)
        biases = bool(self.fit_intercept)
        self.classes_ = classes
        task = begin_fit(self, *given, name=ITERATION, most=self.max_iter + 1, attributes=linear_attributes)
        found = fit_lbfgs(network, examples, start, l2, options, task, biases=biases, verbose=self.verbose)
        self.__dict__.update(linear_attributes(found.parameters))
        xp = backend.xp
        self.n_iter_ = xp.asarray([found.iterations], dtype=xp.int32, device=backend.device)
        task.close()
        return self

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class, shape (m, n_classes), in the order of `classes_`."""
        z, home = self._weighted_inputs(X, "predict_proba")
        with quiet():
            return returned(linear_network(1, len(self.classes_)).output.probabilities(z), home)

    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithm of `predict_proba`, which is accurate where a probability underflows."""
        z, home = self._weighted_inputs(X, "predict_log_proba")
        with quiet():
            return returned(log_probabilities(linear_network(1, len(self.classes_)), z), home)

    def _check(self) -> None:
        for name, allowed in ONLY.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError(
                    f"{name} must be {' or '.join(map(repr, allowed))}, got {value!r}; "
                    "sklearn.linear_model.LogisticRegression has the other solvers"
                )
        if inf != self.C:
            number("C", self.C, above=True)
        number("tol", self.tol)
        whole("max_iter", self.max_iter, 0)

    def _start(self, network: Network, backend: Backend) -> Parameters:
        """Return where the search begins: at zero, or at the last solution."""
        n_in, n_out = network.sizes
        if self.warm_start and getattr(self, "coef_", None) is not None and self.coef_.shape == (n_out, n_in):
            b = backend.asarray(self.intercept_, backend.dtype)
            return (Layer(backend.asarray(self.coef_, backend.dtype), b[None, :]),)
        return (Layer(backend.full((n_out, n_in)), backend.full((1, n_out))),)
