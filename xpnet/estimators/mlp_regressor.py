"""`MLPRegressor`: scikit-learn's, on every backend."""

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if

from xpnet.backend import Array, quiet, to_numpy
from xpnet.estimators.common.placing import returned
from xpnet.estimators.common.tasks import with_callbacks
from xpnet.estimators.multilayer.base import MultilayerPerceptron
from xpnet.estimators.multilayer.epochs import Examples
from xpnet.estimators.multilayer.settings import has_epochs, make_network
from xpnet.nn import COSTS, Cost, Network
from xpnet.nn.checking.kinds import check_kind

LOSSES = {"squared_error": "quadratic", "poisson": "poisson", "huber": "huber"}


class MLPRegressor(RegressorMixin, MultilayerPerceptron):
    """A multilayer perceptron that predicts numbers: scikit-learn's parameters, attributes and answers, and more.

    Parameters
    ----------
    loss : {"squared_error", "poisson", "huber"} or Cost
        Half the squared error; half the Poisson deviance, for y of at least 0; Huber's, for outliers; or an
        `xpnet.nn.Cost` of your own.
    hidden_layer_sizes : int or sequence of int
        Neurons of each hidden layer; ``()`` for none.
    activation : str, Activation, or a list of them
        ``"identity"``, ``"logistic"``, ``"tanh"``, ``"relu"``, any other name of `xpnet.nn.ACTIVATIONS`, or an
        `xpnet.nn.Activation` of your own; a list names one for each hidden layer.
    solver : {"adam", "sgd", "lbfgs"}
    alpha : float
        L2 penalty: each mini-batch's mean cost gets ``alpha / (2 s) sum w^2``, s the sum of its weights.
    batch_size : int or "auto"
        Rows in a mini-batch; auto is ``min(200, n)``.
    learning_rate : {"constant", "invscaling", "adaptive"}
        Schedule of sgd.
    learning_rate_init, power_t : float
        The first learning rate, and the exponent of ``"invscaling"``.
    max_iter : int
        Epochs, or iterations of lbfgs.
    shuffle : bool
    random_state : int, RandomState or None
        Gives scikit-learn's initial weights, held-out rows and order of the rows.
    tol, n_iter_no_change : float, int
        Training stops after so many epochs without an improvement of at least `tol`.
    verbose : bool or int
        Whether to print a line for each epoch.
    warm_start : bool
        Whether `fit` goes on from the last solution.  Adam's running means are kept too, unlike scikit-learn's.
    momentum, nesterovs_momentum : float, bool
        Of sgd.
    early_stopping, validation_fraction : bool, float
        Whether a share of the rows is held out to decide when to stop; the best epoch's weights are kept.
    beta_1, beta_2, epsilon : float
        Of adam.
    max_fun : int
        Of lbfgs: the largest number of evaluations.
    dropout : float or sequence of float
        Probability that a hidden neuron is silenced in training; or one for the inputs and each hidden layer.
    l1 : float
        L1 penalty, divided as `alpha` is: ``l1 / s sum |w|``.
    max_norm : float or None
        Limit on the Euclidean norm of the weights into each neuron.
    callbacks : sequence of xpnet.Callback
        Called at the start, after each epoch with its `Record` and the network's parameters, and at the end with the
        estimator; sgd and adam.
    checkpoint : Checkpoint or path, optional
        A folder in which `fit` writes its state after an epoch, and from which it goes on: see `xpnet.Checkpoint`.
        `random_state` must be a number.
    backend : str, Backend or None
        The library that trains, such as ``"cupy"``: a name keeps the dtype of X.  Default: NumPy, or the library of X
        where scikit-learn's ``array_api_dispatch`` is on.

    Attributes
    ----------
    coefs_, intercepts_ : list of array
        Weights, shape (n_in, n_out), and biases, shape (n_out,), of each layer.  They lie on the backend that trained.
    loss_, best_loss_, loss_curve_ : float, float or None, list of float
        Mean cost with penalties over the mini-batches of an epoch, each before its update.
    validation_scores_, best_validation_score_ : list of float or None, float or None
        R^2 of the held-out rows, if `early_stopping`.
    validation_curve_ : list of float
        Mean cost of the validation rows after each epoch, without penalties; empty without such rows.
    n_iter_, t_, n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_
        As scikit-learn's.

    Notes
    -----
    With scikit-learn's parameters and one `random_state`, the weights are those of scikit-learn's class to within
    rounding.  With several outputs and lbfgs they differ: scikit-learn's cost is a mean over the outputs while its
    gradient is that of their sum; here both are of the sum.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(100, 5, random_state=0)
    >>> model = MLPRegressor(hidden_layer_sizes=(10,), solver="lbfgs", max_iter=1000, random_state=0)
    >>> model.fit(X, y).score(X, y) > 0.9
    True
    """

    _is_classifier = False

    def __init__(
        self,
        loss: Any = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: Any = "adam",
        alpha: Any = 0.0001,
        batch_size: Any = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: Any = 0.001,
        power_t: Any = 0.5,
        max_iter: Any = 200,
        shuffle: Any = True,
        random_state: Any = None,
        tol: Any = 1e-4,
        verbose: Any = False,
        warm_start: Any = False,
        momentum: Any = 0.9,
        nesterovs_momentum: Any = True,
        early_stopping: Any = False,
        validation_fraction: Any = 0.1,
        beta_1: Any = 0.9,
        beta_2: Any = 0.999,
        epsilon: Any = 1e-8,
        n_iter_no_change: Any = 10,
        max_fun: Any = 15000,
        dropout: Any = 0.0,
        l1: Any = 0.0,
        max_norm: Any = None,
        callbacks: Any = (),
        checkpoint: Any = None,
        backend: Any = None,
    ) -> None:
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.dropout = dropout
        self.l1 = l1
        self.max_norm = max_norm
        self.callbacks = callbacks
        self.checkpoint = checkpoint
        self.backend = backend

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation: tuple[Any, Any] | None = None) -> Any:
        """Train on rows X, shape (n, n_in), with values y, shape (n,) or (n, n_out); return the estimator.

        Parameters
        ----------
        X : array, frame or sparse matrix
        y : array
        sample_weight : array, shape (n,), optional
        validation : (X, y), optional
            Rows of your own that are measured after each epoch (`validation_curve_`), and decide when to stop if
            `early_stopping`.
        """
        return self._fit(X, y, sample_weight, validation, incremental=False)

    @available_if(has_epochs)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Train one epoch more on the given rows; return the estimator."""
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> Any:
        """Return the values of each row, shape (m,) or (m, n_out)."""
        network, z, home = self._outputs(X, "predict")
        with quiet():
            a = network.output(z)
        return returned(a[:, 0] if self.n_outputs_ == 1 else a, home)

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's description of what the estimator accepts."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    # ---- helpers ------------------------------------------------------------------------------------------

    def _targets(self, y: Any, *, fixed: bool, all_classes: bool = False) -> Any:  # noqa: ARG002
        y = column_or_1d(y, warn=True)[:, None] if y.ndim == 2 and y.shape[1] == 1 else y
        y = y[:, None] if y.ndim == 1 else y
        if fixed and y.shape[1] != getattr(self, "n_outputs_", y.shape[1]):
            raise ValueError(f"y must have {self.n_outputs_} outputs, as in the previous call, got {y.shape[1]}")
        if self.loss == "poisson" and (y < 0).any():
            raise ValueError(f"y must be at least 0 for loss 'poisson', got {y.min():g}")
        if isinstance(self.loss, Cost):
            check_kind(y, self.loss.targets, self.loss.name)
        return y

    def _network(self, n_in: int, n_out: int) -> Network:
        given: Any = self.loss
        if not isinstance(given, Cost) and given not in LOSSES:
            raise ValueError(f"loss must be one of {', '.join(LOSSES)}, or a Cost, got {given!r}")
        cost = given if isinstance(given, Cost) else COSTS[LOSSES[given]]
        output = cost.output.name if cost.outputs else "linear"
        return make_network(self, n_in, n_out, output, cost)

    def _validation_score(self, network: Network, z: Array, examples: Examples) -> float:
        with quiet():
            a = to_numpy(network.output(z))
            finite = np.isfinite(a).all()
            score = float(r2_score(to_numpy(examples.y), a, sample_weight=examples.weights)) if finite else float("nan")
        return score if np.isfinite(score) else float("nan")
