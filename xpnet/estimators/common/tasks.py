"""scikit-learn's callback protocol (`set_callbacks`): a fit is a task, and so is each of its epochs or iterations."""

from collections.abc import Callable
from functools import partial
from typing import Any

from xpnet.nn import Parameters

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn before 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """scikit-learn's class, without callbacks."""

    def with_callbacks(method: Any) -> Any:
        """Return the method as it is."""
        return method


__all__ = ["CallbackSupportMixin", "FitTask", "NoTask", "begin_fit", "with_callbacks"]


class NoTask:
    """What training tells of its epochs where nobody listens: each method does nothing."""

    listened_to = False

    def begin(self, parameters: Parameters) -> None:
        """Begin an epoch, before which the estimator has these parameters."""

    def end(self, parameters: Parameters) -> bool:  # noqa: ARG002
        """End the epoch, after which the estimator has these parameters; return whether a callback asks to stop."""
        return False

    def close(self) -> None:
        """End the fit, and an epoch that was begun and never ran."""


class FitTask(NoTask):
    """The task of one fit, whose callbacks are called as it and its epochs begin and end.

    Parameters
    ----------
    estimator : estimator
    given : dict
        X, y and metadata, for callbacks that ask for them.
    name : str
        The name of an epoch.
    most : int
        The largest number of epochs; 0 if the fit is told as a whole.
    attributes : callable
        Returns the fitted attributes that stand for parameters.
    """

    def __init__(
        self, estimator: Any, given: dict[str, Any], name: str, most: int, attributes: Callable[[Parameters], Any]
    ) -> None:
        self._about, self._name, self._attributes = {"estimator": estimator, **given}, name, attributes
        self._fit = estimator._init_callback_context(max_subtasks=most)
        self.listened_to = hasattr(estimator, "_skl_callbacks")
        self._epoch: Any = None
        self._fit.call_on_fit_task_begin(**self._about)

    def begin(self, parameters: Parameters) -> None:  # noqa: D102
        if self.listened_to:
            self._epoch = self._fit.subcontext(task_name=self._name)
            self._epoch.call_on_fit_task_begin(
                **self._about, reconstruction_attributes=partial(self._attributes, parameters)
            )

    def end(self, parameters: Parameters) -> bool:  # noqa: D102
        epoch, self._epoch = self._epoch, None
        if epoch is None:
            return False
        return bool(
            epoch.call_on_fit_task_end(**self._about, reconstruction_attributes=partial(self._attributes, parameters))
        )

    def close(self) -> None:  # noqa: D102
        if self._epoch is not None:
            self._epoch.call_on_fit_task_end(estimator=self._about["estimator"])
        self._fit.call_on_fit_task_end(**self._about, reconstruction_attributes={})


def begin_fit(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    name: str = "",
    most: int = 0,
    attributes: Callable[[Parameters], dict[str, Any]] = lambda _: {},
) -> NoTask:
    """Return the task of a fit that begins; see `FitTask`.

    Callbacks receive X and y as they were given to ``fit``, so that the names of columns are still there.
    """
    if not hasattr(estimator, "_init_callback_context"):
        return NoTask()
    metadata = None if sample_weight is None else {"sample_weight": sample_weight}
    return FitTask(estimator, {"X": X, "y": y, "metadata": metadata}, name, most, attributes)
