"""What linear classifiers share: the answers from `coef_`, `intercept_` and `classes_`."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from xpnet.backend import Array, Backend, quiet, to_numpy
from xpnet.estimators.common.estimator import Estimator
from xpnet.estimators.common.placing import returned
from xpnet.estimators.common.rows import Rows
from xpnet.io import Model
from xpnet.nn import Layer, Network, Parameters


class LinearClassifier(ClassifierMixin, Estimator):
    """A classifier with one weighted input for each class; one for two classes."""

    coef_: Any
    intercept_: Any
    classes_: Any

    _weights = ("coef_", "intercept_")

    def decision_function(self, X: Any) -> Any:
        """Return the weighted inputs, shape (m,) for two classes, else (m, n_classes)."""
        z, home = self._weighted_inputs(X, "decision_function")
        return returned(z[:, 0] if z.shape[1] == 1 else z, home)

    def predict(self, X: Any) -> Any:
        """Return a label for each row, shape (m,)."""
        z, home = self._weighted_inputs(X, "predict")
        host = to_numpy(z)
        labels = self.classes_[(host[:, 0] > 0.0).astype(int) if host.shape[1] == 1 else host.argmax(axis=1)]
        return labels if labels.dtype.kind in "UO" else returned(labels, home)

    def densify(self) -> Any:
        """Make `coef_` a dense array again; return the estimator."""
        if issparse(self.coef_):
            self.coef_ = self.coef_.toarray()
        return self

    def sparsify(self) -> Any:
        """Make `coef_` a sparse array, which saves memory if most weights are 0; return the estimator."""
        self.coef_ = csr_array(to_numpy(self.coef_))
        return self

    def _as_network(self) -> tuple[Network, Parameters]:
        w = self.coef_.toarray() if issparse(self.coef_) else self.coef_
        return linear_network(int(w.shape[1]), len(self.classes_)), (Layer(w, self.intercept_[None, :]),)

    def _take(self, model: Model) -> None:
        self.__dict__.update(linear_attributes(model.parameters))

    def _weighted_inputs(self, X: Any, method: str) -> tuple[Array, Backend | None]:
        """Return z of every row, shape (m, 1) or (m, n_classes), and where results go."""
        X, backend, home = self._rows_to_predict(X, "intercept_", method)
        w = backend.asarray(self.coef_.toarray() if issparse(self.coef_) else self.coef_, backend.dtype)
        b = backend.asarray(self.intercept_, backend.dtype)
        with quiet(), backend.active():
            found = [x @ w.mT + b for _, x in Rows.of(X, backend).parts()]
        return (found[0] if len(found) == 1 else backend.xp.concat(found)), home


def linear_network(n_in: int, n_classes: int) -> Network:
    """Return a network without hidden layers: sigmoid for two classes, softmax for more.

    Examples
    --------
    >>> linear_network(4, 3).output.name
    'softmax'
    """
    if n_classes == 2:
        return Network([n_in, 1])
    return Network([n_in, n_classes], output="softmax", cost="log_likelihood")


def linear_attributes(parameters: Parameters) -> dict[str, Any]:
    """Return parameters as the fitted attributes that hold them."""
    w, b = parameters[0]
    return {"coef_": w, "intercept_": b[0, :]}


def check_labels(y: Any) -> Any:
    """Return the sorted classes of checked y, of which there must be two at least.

    Examples
    --------
    >>> import numpy as np
    >>> check_labels(np.asarray(["b", "a", "b"])).tolist()
    ['a', 'b']
    """
    check_classification_targets(y)
    classes = np.unique(y)
    if len(classes) < 2:
        raise ValueError(f"y must hold at least 2 classes, got one class: {classes[0]!r}")
    return classes
