"""`TabularRegressor`: values from tables, without settings."""

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.validation import check_consistent_length

from xpnet.backend import to_numpy
from xpnet.estimators.common.placing import host_data, pair
from xpnet.estimators.common.tables import TabularEstimator
from xpnet.estimators.common.tasks import with_callbacks


class TabularRegressor(RegressorMixin, TabularEstimator):
    """An ensemble of networks that predicts values of a table's rows, by the recipe of `xpnet train`.

    Parameters
    ----------
    members : int
        Networks whose mean is taken.
    fast : bool
        One network and few epochs: a first look at a large table.
    categorical : sequence of str or int
        Columns whose numbers are codes, by name or by place from 0; categories by dtype or text are known as such.
    random_state : int, RandomState or None
        With a whole number, the model is that of `xpnet.train_table` with this seed.
    backend : str, Backend or None
        Where to train, such as ``"cupy"``.
    checkpoint : Checkpoint or path, optional
        A folder in which `fit` writes its state, and from which it goes on: see `xpnet.Checkpoint`.

    Attributes
    ----------
    model_ : xpnet.Model
        The ensemble inside.
    n_features_in_, feature_names_in_
        As scikit-learn's.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> TabularRegressor(members=2, random_state=0).fit(X, y).predict_interval(X[:3], coverage=0.9).shape
    (3, 2)
    """

    def __init__(
        self,
        *,
        members: Any = 5,
        fast: Any = False,
        categorical: Any = (),
        random_state: Any = None,
        backend: Any = None,
        checkpoint: Any = None,
    ) -> None:
        self.members = members
        self.fast = fast
        self.categorical = categorical
        self.random_state = random_state
        self.backend = backend
        self.checkpoint = checkpoint

    @with_callbacks
    def fit(self, X: Any, y: Any, *, eval_set: Any = None, sample_weight: Any = None, groups: Any = None) -> Any:
        """Train on rows X and their values y.

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
            If X and y do not fit each other, or y is not finite.
        """
        y = _values(X, y)
        if eval_set is not None:
            rows, values = pair("eval_set", eval_set)
            eval_set = rows, _values(rows, values)
        return self._fitted(X, y, None, eval_set, sample_weight, groups)

    def predict(self, X: Any) -> Any:
        """Return the value of each row, shape (m,)."""
        rows = self._rows(X)
        return to_numpy(self._precise.decide(rows)).astype(np.float64)

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Any:
        """Return the ends of an interval for each row, shape (m, 2); see `xpnet.Model.predict_interval`.

        Raises
        ------
        ValueError
            If it was fitted with an `eval_set`, so that its errors on other rows are not known.
        """
        rows = self._rows(X)
        return to_numpy(self._precise.predict_interval(rows, coverage)).astype(np.float64)


def _values(X: Any, y: Any) -> Any:
    if y is None:
        raise ValueError("y must be given: this estimator requires y to be passed, but the target y is None")
    y = column_or_1d(check_array(host_data(y), ensure_2d=False, dtype=np.float64, input_name="y"), warn=True)
    check_consistent_length(X, y)
    return y
