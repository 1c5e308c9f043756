"""`TabularClassifier`: classes from tables, without settings."""

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length

from xpnet.backend import to_numpy
from xpnet.estimators.common.placing import host_data, pair
from xpnet.estimators.common.tables import TabularEstimator
from xpnet.estimators.common.tasks import with_callbacks


class TabularClassifier(ClassifierMixin, TabularEstimator):
    """An ensemble of networks that tells classes of a table's rows apart, by the recipe of `xpnet train`.

    Parameters
    ----------
    members : int
        Networks whose mean is taken.
    fast : bool
        One network and few epochs: a first look at a large table.
    categorical : sequence of str or int
        Columns whose numbers are codes, by name or by place from 0; categories by dtype or text are known as such.
    class_weight : "balanced", dict or None
        How much each class counts.
    random_state : int, RandomState or None
        With a whole number, the model is that of `xpnet.train_table` with this seed.
    backend : str, Backend or None
        Where to train, such as ``"cupy"``.
    checkpoint : Checkpoint or path, optional
        A folder in which `fit` writes its state, and from which it goes on: see `xpnet.Checkpoint`.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    model_ : xpnet.Model
        The ensemble inside.
    n_features_in_, feature_names_in_
        As scikit-learn's.

    Notes
    -----
    X is a frame of pandas or polars, or an array; text, categories, dates and gaps are taken as they are.  Each member
    watches another part of the rows, or all of them watch `eval_set`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> TabularClassifier(members=2, random_state=0).fit(X, y).score(X, y) > 0.9
    True
    """

    def __init__(
        self,
        *,
        members: Any = 5,
        fast: Any = False,
        categorical: Any = (),
        class_weight: Any = None,
        random_state: Any = None,
        backend: Any = None,
        checkpoint: Any = None,
    ) -> None:
        self.members = members
        self.fast = fast
        self.categorical = categorical
        self.class_weight = class_weight
        self.random_state = random_state
        self.backend = backend
        self.checkpoint = checkpoint

    @with_callbacks
    def fit(self, X: Any, y: Any, *, eval_set: Any = None, sample_weight: Any = None, groups: Any = None) -> Any:
        """Train on rows X and their classes y.

        Parameters
        ----------
        X : frame or array, shape (n, n_columns)
        y : array, shape (n,)
        eval_set : (X, y) or [(X, y)], optional
            Rows that all members watch to choose their epoch.
        sample_weight : array, shape (n,), optional
        groups : array, shape (n,), optional
            Rows of a group are watched by one member.

        Raises
        ------
        ValueError
            If X and y do not fit each other, y has one class or is no class, or `eval_set` has a class that y lacks.
        """
        y = _labels(X, y)
        if not len(y):
            raise ValueError("Found array with 0 sample(s): y must have a row")
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y must hold at least two classes to tell apart, got 1 class, {self.classes_[0]!r}")
        if eval_set is not None:
            rows, labels = pair("eval_set", eval_set)
            eval_set = rows, self._codes(_labels(rows, labels))
        return self._fitted(X, codes, tuple(self.classes_.tolist()), eval_set, sample_weight, groups)

    def _codes(self, labels: Any) -> Any:
        unknown = ~np.isin(labels, self.classes_)
        if unknown.any():
            raise ValueError(f"eval_set must hold classes that y has, got {labels[unknown][0]!r}")
        return np.searchsorted(self.classes_, labels)

    def _weights(self, classes: tuple[Any, ...] | None) -> Any:
        if not isinstance(self.class_weight, dict):
            return self.class_weight
        place = {label: i for i, label in enumerate(classes or ())}
        unknown = [label for label in self.class_weight if label not in place]
        if unknown:
            raise ValueError(f"class_weight must name classes of y, got {unknown[0]!r}")
        return {place[label]: weight for label, weight in self.class_weight.items()}

    def predict(self, X: Any) -> Any:
        """Return the most likely class of each row, shape (m,)."""
        rows = self._rows(X)
        return self.classes_[to_numpy(self.model_.decide(rows))]

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class, shape (m, n_classes), in the order of `classes_`."""
        rows = self._rows(X)
        return to_numpy(self.model_.predict_proba(rows))


def _labels(X: Any, y: Any) -> Any:
    if y is None:
        raise ValueError("y must be given: this estimator requires y to be passed, but the target y is None")
    y = column_or_1d(host_data(y), warn=True)
    check_classification_targets(y)
    check_consistent_length(X, y)
    return y
