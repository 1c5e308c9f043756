"""Estimators in model files, without a pickle: `xpnet.save` writes one, `load` gives the estimator back."""

import os
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from xpnet.backend import Backend
from xpnet.data import FormatError
from xpnet.estimators.common.described import rebuilt
from xpnet.io import further_arrays
from xpnet.io import load as load_model
from xpnet.nn import Activation, Cost

KINDS = {
    "LogisticRegression": "logistic_regression",
    "MLPClassifier": "mlp_classifier",
    "MLPRegressor": "mlp_regressor",
    "Perceptron": "perceptron",
    "TabularClassifier": "tabular_classifier",
    "TabularRegressor": "tabular_regressor",
    "TruncatedSVD": "truncated_svd",
}


def load(
    path: str | os.PathLike[str],
    backend: str | Backend | None = None,
    *,
    functions: Iterable[Activation | Cost] = (),
) -> Any:
    """Read an estimator that `xpnet.save` wrote.

    Parameters
    ----------
    path : path
    backend : str or Backend, optional
        The backend for the fitted arrays; they keep the dtype in which they were saved.  Default: NumPy.
    functions : sequence of Activation and Cost, optional
        Functions of your own that the estimator's parameters name.

    Returns
    -------
    estimator
        With its parameters, its fitted attributes and its optimizer's progress: ``partial_fit`` and ``warm_start`` go
        on as they would have without the file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it holds no estimator, was changed, or needs a function of your own that is not in `functions`.

    Examples
    --------
    >>> import pathlib, tempfile, xpnet
    >>> from xpnet.estimators import LogisticRegression
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "and.safetensors"
    >>> corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> xpnet.save(path, LogisticRegression(C=100.0).fit(corners, ["no", "no", "no", "yes"]))
    >>> load(path).predict([[1, 1]]).tolist(), xpnet.load(path).predict([[1, 1]]).tolist()
    (['yes'], ['yes'])
    """
    own = tuple(functions)
    model = load_model(path, "numpy" if backend is None else backend, functions=own)
    described = (model.data or {}).get("estimator")
    if not isinstance(described, dict) or described.get("kind") not in list(KINDS):  # also what has no hash
        raise FormatError(f"{path} holds a model, but no estimator that this xpnet knows; use xpnet.load")
    kind = described["kind"]
    made = getattr(import_module(f"xpnet.estimators.{KINDS[kind]}"), kind)
    try:
        estimator = rebuilt(made, described, model, {f.name: f for f in own})
        estimator._go_on_from(described.get("progress"), further_arrays(path))
        return estimator
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        told = f"{path} describes an estimator that this xpnet does not know: {error}"
        raise FormatError(told) from error
