"""The base of all estimators: it checks data, moves fitted arrays, and is pickled with host arrays."""

import copy
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from xpnet.backend import Array, Backend, get, of
from xpnet.estimators.common.described import describe, table_of
from xpnet.estimators.common.placing import CopiedInPlace, check_library, home_of, host_data, moved, on_host
from xpnet.estimators.common.tasks import CallbackSupportMixin
from xpnet.io import Model
from xpnet.nn import Network, Parameters

UNMOVED = ("classes_", "feature_names_in_")  # host arrays everywhere: they may hold text


class Estimator(CopiedInPlace, CallbackSupportMixin, BaseEstimator):
    """An estimator with a parameter `backend`, whose fitted arrays lie where it was trained."""

    backend: Any

    def to(self, backend: str | Backend) -> Any:
        """Return a copy of this estimator on another backend: its fitted arrays are moved, and it trains there.

        Parameters
        ----------
        backend : str or Backend
            A backend given by name keeps the dtype of the fitted arrays.
        """
        there = copy.copy(self)
        there.backend = backend
        for name, value in vars(self).items():
            if name.endswith("_") and name not in UNMOVED:
                setattr(there, name, moved(value, backend))
        if not isinstance(backend, Backend):
            get(backend)  # an estimator that is not fitted has no arrays, and the name may be wrong
        return there

    @property
    def model(self) -> Model:
        """The fitted estimator as a model, which `xpnet.save` writes."""
        check_is_fitted(self)
        network, parameters = self._as_network()
        classes = getattr(self, "classes_", None) if network.classifies and not network.several else None
        names = getattr(self, "feature_names_in_", None)
        return Model(
            network,
            parameters,
            classes=None if classes is None else tuple(classes.tolist()),
            data={**table_of(self), "estimator": {**describe(self, self._weights), "progress": self._progress()}},
            features=None if names is None else tuple(map(str, names)),
        )

    _weights: tuple[str, ...]  # the attributes that a model holds as parameters

    def _as_network(self) -> tuple[Network, Parameters]:
        """Return the network that answers as this estimator does, and its parameters."""
        raise NotImplementedError

    def _take(self, model: Model) -> None:
        """Set the attributes that a model holds as parameters."""
        raise NotImplementedError

    @property
    def further_arrays(self) -> dict[str, Array]:
        """Arrays that `xpnet.save` writes besides the parameters of the network, by name."""
        return {}

    def _progress(self) -> Any:
        """Return what training goes on from, beside arrays and fitted attributes, as plain JSON."""
        return None

    def _go_on_from(self, progress: Any, arrays: dict[str, Any]) -> None:
        """Take what `_progress` and `further_arrays` returned before."""

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds: host arrays, so that a machine without the device can read it."""
        state: dict[str, Any] = on_host(super().__getstate__())
        return state

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's description of what the estimator accepts."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.array_api_support = True
        return tags

    def _validated(self, X: Any, y: Any, *, reset: bool, **how: Any) -> tuple[Any, Any]:
        """Return checked X, in its library and precision, and checked y on the host."""
        return validate_data(self, X, host_data(y), accept_sparse=["csr", "csc"], dtype=floating(X), reset=reset, **how)

    def _rows_to_predict(self, X: Any, fitted: str, method: str) -> tuple[Any, Backend, Backend | None]:
        """Return checked X, the backend of the fitted arrays, and where results go; `fitted` names one of them."""
        check_is_fitted(self)
        array: Array = getattr(self, fitted)
        array = array[0] if isinstance(array, list) else array
        check_library(self, X, array, method)
        checked = validate_data(self, X, accept_sparse=["csr", "csc"], dtype=floating(X), reset=False)
        return checked, of(array), home_of(X)


def floating(X: Any) -> list[Any]:
    """Return the dtypes that X may keep: the floating ones of its library, else of NumPy; the first is the default.

    Examples
    --------
    >>> [dtype.name for dtype in floating([[1, 2]])]
    ['float64', 'float32']
    """
    home = home_of(X)
    xp = np if home is None else home.xp
    kinds = xp.__array_namespace_info__().dtypes(device=None if home is None else home.device, kind="real floating")
    return [kinds[name] for name in ("float64", "float32") if name in kinds]
