"""Which library an estimator computes with, and in which library its results come back."""

import copy
from typing import Any

from sklearn import get_config

from xpnet.backend import Array, Backend, get, library_of, of, to_numpy


def training_backend(given: Any, X: Any) -> Backend:
    """Return the backend that trains on validated `X`: the one `given`, else that of `X`, in the dtype of `X`.

    A `Backend` that is given keeps its own dtype.

    Examples
    --------
    >>> import numpy as np
    >>> training_backend(None, np.zeros((2, 2))).dtype_name
    'float64'
    """
    if isinstance(given, Backend):
        return given
    if given is None and library_of(X) not in (None, "numpy"):
        return of(X)
    name = X.dtype.name if library_of(X) in (None, "numpy") else of(X).dtype_name
    return get(given, dtype="float32" if name == "float32" else "float64")


def dispatches() -> bool:
    """Return whether scikit-learn passes arrays of other libraries through (``array_api_dispatch``)."""
    return bool(get_config()["array_api_dispatch"])


def home_of(X: Any) -> Backend | None:
    """Return the backend of `X` if results come back there; None: they come back as NumPy arrays."""
    return of(X) if dispatches() and library_of(X) not in (None, "numpy") else None


def returned(result: Array, home: Backend | None) -> Any:
    """Return a result in the library of the data: see `home_of`."""
    if home is None:
        return to_numpy(result)
    return result if library_of(result) == home.name else home.xp.asarray(to_numpy(result), device=home.device)


def check_library(estimator: Any, X: Any, fitted: Array, method: str) -> None:
    """Refuse `X` in another library or device than that of the `fitted` arrays.

    Host arrays are accepted if the estimator was told its ``backend``, and always if dispatch is off.

    Raises
    ------
    ValueError
        As scikit-learn's ``check_same_namespace``.
    """
    if not dispatches():
        return
    there, here = _place(of(fitted)), _place(home_of(X))
    if here == there or (home_of(X) is None and estimator.backend is not None):
        return
    raise ValueError(
        f"Inputs passed to {type(estimator).__name__}.{method}() must use the same namespace and the same device as "
        f"those passed to fit(): X must be on {there}, got {here}; move the estimator by .to(backend)"
    )


def pair(name: str, given: Any) -> tuple[Any, Any]:
    """Return rows and targets that the argument called `name` gives; a list of one pair is that pair.

    Raises
    ------
    TypeError
        If it is not a pair.

    Examples
    --------
    >>> pair("eval_set", ([[1.0]], [0]))
    ([[1.0]], [0])
    """
    given = given[0] if isinstance(given, list) and len(given) == 1 else given
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise TypeError(f"{name} must be a pair (X, y), got {type(given).__name__}")
    return given[0], given[1]


def check_same_place(name: str, X: Any, like: Any) -> None:
    """Refuse `X` of the argument called `name` in another library or on another device than `like`, the X of ``fit``.

    Examples
    --------
    >>> import numpy as np
    >>> check_same_place("validation", np.zeros((2, 2)), np.zeros((3, 2)))
    """
    there, here = _place(home_of(like)), _place(home_of(X))
    if here != there:
        raise ValueError(f"{name} must use the same namespace and the same device as X, {there}, got {here}")


def _place(home: Backend | None) -> str:
    return "numpy (cpu)" if home is None else f"{home.name} ({home.device})"


def host_data(data: Any) -> Any:
    """Return arrays of other libraries as NumPy's, and anything else as it is.

    Examples
    --------
    >>> host_data([1, 2])
    [1, 2]
    """
    return data if library_of(data) in (None, "numpy") else to_numpy(data)


class CopiedInPlace:
    """Copies of an estimator keep its arrays where they lie; a pickle moves them to the host."""

    def __copy__(self) -> Any:
        """Return a copy with the same arrays."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Return a copy with arrays of its own."""
        made = type(self).__new__(type(self))
        memo[id(self)] = made
        made.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return made


def moved(tree: Any, backend: str | Backend) -> Any:
    """Return a fitted attribute with its arrays on another backend; a name keeps their dtype.

    Examples
    --------
    >>> import numpy as np
    >>> moved([np.zeros(2), 3], get("array_api_strict", dtype="float32"))
    [Array([0., 0.], dtype=array_api_strict.float32), 3]
    """
    if isinstance(tree, list):
        return [moved(value, backend) for value in tree]
    if library_of(tree) is None:
        return tree
    if isinstance(backend, Backend):
        return backend.asarray(tree)
    own = str(tree.dtype).rpartition(".")[2]
    return get(backend, dtype=own if own in ("float32", "float64") else None).asarray(tree)


def on_host(tree: Any) -> Any:
    """Return nested tuples, lists and dictionaries with their arrays on the host, for a pickle.

    Examples
    --------
    >>> import numpy as np
    >>> on_host({"coefs_": [np.asarray([1.0])], "n_iter_": 3})
    {'coefs_': [array([1.])], 'n_iter_': 3}
    """
    if isinstance(tree, dict):
        return {name: on_host(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [on_host(value) for value in tree]
    if isinstance(tree, tuple):
        parts = [on_host(value) for value in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return tree if library_of(tree) in (None, "numpy") else to_numpy(tree)
