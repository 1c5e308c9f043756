"""`MLPClassifier`: scikit-learn's, on every backend."""

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target, unique_labels

from xpnet.backend import Array, quiet, to_numpy
from xpnet.estimators.common.placing import host_data, returned
from xpnet.estimators.common.probabilities import log_probabilities
from xpnet.estimators.common.tasks import with_callbacks
from xpnet.estimators.common.weights import weigh
from xpnet.estimators.multilayer.base import MultilayerPerceptron
from xpnet.estimators.multilayer.epochs import Examples
from xpnet.estimators.multilayer.settings import has_epochs, make_network
from xpnet.io import Model
from xpnet.nn import Network


class MLPClassifier(ClassifierMixin, MultilayerPerceptron):
    """A multilayer perceptron that tells classes apart: scikit-learn's parameters, attributes and answers, and more.

    Parameters
    ----------
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
    class_weight : "balanced", dict, list of dict or None
        How much each class counts, as in scikit-learn's other classifiers.
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
    classes_ : array, shape (n_classes,)
    coefs_, intercepts_ : list of array
        Weights, shape (n_in, n_out), and biases, shape (n_out,), of each layer.  They lie on the backend that trained.
    loss_, best_loss_, loss_curve_ : float, float or None, list of float
        Mean cost with penalties over the mini-batches of an epoch, each before its update.
    validation_scores_, best_validation_score_ : list of float or None, float or None
        Accuracy of the held-out rows, if `early_stopping`.
    validation_curve_ : list of float
        Mean cost of the validation rows after each epoch, without penalties; empty without such rows.
    n_iter_, t_, n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_
        As scikit-learn's.

    Notes
    -----
    With scikit-learn's parameters and one `random_state`, the weights are those of scikit-learn's class to within
    rounding.  A row may have several labels: y is then an array of 0s and 1s, shape (n, k).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> MLPClassifier((10,), solver="lbfgs", random_state=0).fit(X, y).score(X, y) > 0.95
    True
    """

    _is_classifier = True
    loss = "log_loss"

    def __init__(
        self,
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
        class_weight: Any = None,
        dropout: Any = 0.0,
        l1: Any = 0.0,
        max_norm: Any = None,
        callbacks: Any = (),
        checkpoint: Any = None,
        backend: Any = None,
    ) -> None:
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
        self.class_weight = class_weight
        self.dropout = dropout
        self.l1 = l1
        self.max_norm = max_norm
        self.callbacks = callbacks
        self.checkpoint = checkpoint
        self.backend = backend

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation: tuple[Any, Any] | None = None) -> Any:
        """Train on rows X, shape (n, n_in), with labels y, shape (n,), or (n, k) of 0s and 1s; return the estimator.

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
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Any:
        """Train one epoch more on the given rows; return the estimator.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array, shape (n_classes,), optional
            All classes that will ever come; the first call needs them.

        Raises
        ------
        ValueError
            If the first call has no `classes`, a later one has others, or y holds a class that is not among them.
        """
        self._check_classes(host_data(y), host_data(classes))
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> Any:
        """Return a label for each row, shape (m,), or 0 and 1 for several labels, shape (m, k)."""
        _, z, home = self._outputs(X, "predict")
        labels = self._label_binarizer.inverse_transform(to_numpy(z), threshold=0.0)
        return labels if labels.dtype.kind in "UO" else returned(labels, home)

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class, shape (m, n_classes), in the order of `classes_`."""
        network, z, home = self._outputs(X, "predict_proba")
        with quiet():
            return returned(network.output.probabilities(z, network.several), home)

    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithm of `predict_proba`, which is accurate where a probability underflows."""
        network, z, home = self._outputs(X, "predict_log_proba")
        with quiet():
            return returned(log_probabilities(network, z), home)

    def decision_function(self, X: Any) -> Any:
        """Return the logits: weighted inputs of the outputs, shape (m,) for two classes, else (m, n_classes)."""
        _, z, home = self._outputs(X, "decision_function")
        return returned(z[:, 0] if self.n_outputs_ == 1 else z, home)

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's description of what the estimator accepts."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    # ---- helpers ------------------------------------------------------------------------------------------

    def _check_classes(self, y: Any, classes: Any) -> None:
        """Note the classes of the first `partial_fit`; refuse others later."""
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight must be a dict in partial_fit, which cannot count classes that will come, got 'balanced'"
            )
        known = getattr(self, "classes_", None)
        if known is None and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if classes is None:
            return
        given = unique_labels(classes)
        if known is None:
            several = type_of_target(y).startswith("multilabel")
            self._label_binarizer = LabelBinarizer().fit(y if several else classes)
            self.classes_ = given
        elif not np.array_equal(known, given):
            raise ValueError(f"classes must be the same as in the last call to partial_fit, {known}, got {given}")

    def _take(self, model: Model) -> None:
        super()._take(model)
        several = np.eye(self.n_outputs_, dtype=int)
        self._label_binarizer = LabelBinarizer().fit(several if model.network.several else self.classes_)

    def _targets(self, y: Any, *, fixed: bool, all_classes: bool = False) -> Any:
        y = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
        if not fixed:
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        else:
            found = unique_labels(y)
            unseen = np.setdiff1d(found, self.classes_)
            if len(unseen):
                raise ValueError(f"y must hold classes that are known, {self.classes_}, got {unseen}")
            if all_classes and len(found) != len(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                    f"Previously got {self.classes_}, `y` has {found}"
                )
        return self._label_binarizer.transform(y)

    def _weigh(self, y: Any, sample_weight: Any) -> Any:
        return weigh(self.class_weight, y, sample_weight)

    def _network(self, n_in: int, n_out: int) -> Network:
        kind = self._label_binarizer.y_type_
        if kind == "multiclass":
            return make_network(self, n_in, n_out, "softmax", "log_likelihood")
        several = "several" if kind.startswith("multilabel") else "one"
        return make_network(self, n_in, n_out, "sigmoid", "cross_entropy", several)

    def _validation_score(self, network: Network, z: Array, examples: Examples) -> float:
        finite = np.isfinite(to_numpy(z)).all()
        right = to_numpy(network.measure(z, examples.y)[1])
        return float(np.average(right, weights=examples.weights)) if finite else float("nan")
