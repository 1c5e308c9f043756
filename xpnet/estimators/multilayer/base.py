"""What the classifier and the regressor share: fitting, and the outputs of rows."""

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from xpnet.backend import Array, Backend, namespace, of, quiet, to_numpy
from xpnet.estimators.common.estimator import Estimator
from xpnet.estimators.common.placing import check_library, check_same_place, pair, training_backend
from xpnet.estimators.common.rows import Rows
from xpnet.estimators.common.tasks import NoTask, begin_fit
from xpnet.estimators.common.weights import check_sample_weight
from xpnet.estimators.multilayer.epochs import Examples, scale_of
from xpnet.estimators.multilayer.lbfgs import ITERATION, fit_lbfgs
from xpnet.estimators.multilayer.settings import check_settings, contiguous, draw_parameters
from xpnet.estimators.multilayer.stochastic import OptimizerProgress, fit_stochastic, outputs_of
from xpnet.io import Model
from xpnet.nn import Layer, Network, Parameters
from xpnet.trees import leaves

OUTPUTS = {"linear": "identity", "exponential": "exp", "sigmoid": "logistic"}  # scikit-learn's names of outputs


class MultilayerPerceptron(Estimator):
    """The part of `MLPClassifier` and `MLPRegressor` that does not depend on what the outputs stand for."""

    _is_classifier: bool

    # ---- fitting ------------------------------------------------------------------------------------------

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, validation: tuple[Any, Any] | None = None, *, incremental: bool
    ) -> "MultilayerPerceptron":
        check_settings(self)
        if incremental and self.early_stopping:
            raise ValueError("early_stopping must be False in partial_fit, which has one epoch, got True")
        first = not hasattr(self, "coefs_") or (not self.warm_start and not incremental)
        if incremental and not first:
            check_library(self, X, self.coefs_[0], "partial_fit")
        given = X, y, sample_weight
        X, y = self._validated(X, y, reset=first, **self._kind_of_y)
        going_on = self.warm_start and hasattr(self, "classes_")
        targets = self._targets(y, fixed=incremental or going_on, all_classes=going_on)
        weights = self._weigh(y, check_sample_weight(sample_weight, X.shape[0]))
        backend, rng = training_backend(self.backend, X), check_random_state(self.random_state)
        network = self._network(int(X.shape[1]), targets.shape[1])
        examples = Examples(Rows.of(X, backend), backend.asarray(targets, backend.dtype), weights)
        watched = self._watched(validation, X, backend)
        if first:
            self._begin(network)
        if self.solver != "lbfgs" and (first or not self._curves_go_on()):
            self._begin_curves()
        parameters = draw_parameters(network, rng, backend) if first else self._start(network, backend)
        task = NoTask() if incremental else self._begin_task(*given)
        if self.solver == "lbfgs":
            parameters = self._fit_lbfgs(network, examples, parameters, task)
        else:
            training = self, network, parameters, examples, rng, watched
            parameters = fit_stochastic(*training, incremental=incremental, task=task)
        self._refuse_nonfinite(parameters)
        self.__dict__.update(attributes_of(parameters))
        for callback in self.callbacks:
            callback.end(self)
        task.close()
        return self

    def _begin_task(self, X: Any, y: Any, sample_weight: Any) -> NoTask:
        """Tell scikit-learn's callbacks that a fit begins."""
        by_epochs = self.solver != "lbfgs"
        name, most = ("epoch", self.max_iter) if by_epochs else (ITERATION, self.max_iter + 1)
        return begin_fit(self, X, y, sample_weight, name=name, most=most, attributes=attributes_of)

    def _refuse_nonfinite(self, parameters: Parameters) -> None:
        # a loss that is lost comes a little before weights that are; early stopping keeps weights from before
        lost = not self.early_stopping and not np.isfinite(getattr(self, "loss_", 0.0))
        if lost or not all(np.isfinite(to_numpy(w)).all() for w in leaves(parameters)):
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
                "preprocessed."
            )

    def _begin(self, network: Network) -> None:
        """Set the attributes of an estimator that begins anew."""
        self.n_iter_, self.t_ = 0, 0
        self.n_outputs_, self.n_layers_ = network.sizes[-1], len(network.sizes)
        self.out_activation_ = OUTPUTS.get(network.output.name, network.output.name)
        self.__dict__.pop("_optimizer", None)

    def _curves_go_on(self) -> bool:
        """Return whether the curves of the last fit can go on: it had epochs, and stopped by the same measure."""
        return hasattr(self, "loss_curve_") and (self.validation_scores_ is not None) == self.early_stopping

    def _begin_curves(self) -> None:
        """Set the attributes of training by epochs."""
        early = self.early_stopping
        self.loss_curve_, self.validation_curve_ = list[float](), list[float]()
        self.validation_scores_ = list[float]() if early else None
        self.best_loss_ = None if early else float("inf")
        self.best_validation_score_ = -float("inf") if early else None
        self._no_improvement_count = 0

    def _fit_lbfgs(self, network: Network, examples: Examples, parameters: Parameters, task: NoTask) -> Parameters:
        options = {"maxfun": self.max_fun, "maxiter": self.max_iter, "gtol": self.tol}
        found = fit_lbfgs(network, examples, parameters, float(self.alpha), options, task, verbose=self.verbose)
        scale = scale_of(network)
        self.n_iter_, self.loss_ = found.iterations, scale * found.cost + (1.0 - scale) * found.penalty
        return found.parameters

    def _watched(self, validation: tuple[Any, Any] | None, like: Any, backend: Backend) -> Examples | None:
        """Return the examples of the argument `validation`, whose rows lie where X does, or None."""
        if validation is None:
            return None
        rows, values = pair("validation", validation)
        if self.solver == "lbfgs":
            raise ValueError("validation must be None with solver 'lbfgs', got a pair; sgd and adam have epochs")
        check_same_place("validation", rows, like)
        X, y = self._validated(rows, values, reset=False, **self._kind_of_y)
        targets = self._targets(y, fixed=True)
        return Examples(Rows.of(X, backend), backend.asarray(targets, backend.dtype))

    @property
    def _kind_of_y(self) -> dict[str, bool]:
        return {"multi_output": True, "y_numeric": not self._is_classifier}

    # ---- predicting ---------------------------------------------------------------------------------------

    def _outputs(self, X: Any, method: str) -> tuple[Network, Array, Backend | None]:
        """Return the network, z of the last layer for the rows of X, shape (m, n_out), and where results go."""
        X, backend, home = self._rows_to_predict(X, "coefs_", method)
        network = self._network(self.n_features_in_, self.n_outputs_)
        with quiet(), backend.active():
            z = outputs_of(network, self._layers(network, backend), Rows.of(X, backend))
        return network, z, home

    def _layers(self, network: Network, backend: Backend) -> Parameters:
        """Return `coefs_` and `intercepts_`, which may have been replaced, as the network's parameters."""
        layers = tuple(
            Layer(backend.asarray(w, backend.dtype).mT, backend.asarray(b, backend.dtype)[None, :])
            for w, b in zip(self.coefs_, self.intercepts_, strict=True)
        )
        network.check(layers)
        return layers

    def _start(self, network: Network, backend: Backend) -> Parameters:
        """Return the fitted parameters for training to go on from."""
        return tuple(Layer(contiguous(w), b) for w, b in self._layers(network, backend))

    # ---- files --------------------------------------------------------------------------------------------

    _weights = ("coefs_", "intercepts_")

    def _as_network(self) -> tuple[Network, Parameters]:
        network = self._network(self.n_features_in_, self.n_outputs_)
        return network, self._layers(network, of(self.coefs_[0]))

    def _take(self, model: Model) -> None:
        self.__dict__.update(attributes_of(model.parameters))

    @property
    def further_arrays(self) -> dict[str, Array]:
        """The optimizer's slots, which `xpnet.save` writes besides the weights."""
        kept = getattr(self, "_optimizer", None)
        slots = () if kept is None else kept.slots
        return {
            f"optimizer.{i}.{l}.{name}": x
            for i, slot in enumerate(slots)
            for l, layer in enumerate(slot)
            for name, x in layer._asdict().items()
        }

    def _progress(self) -> Any:
        kept = getattr(self, "_optimizer", None)
        return None if kept is None else [kept.learning_rate, kept.t, len(kept.slots)]

    def _go_on_from(self, progress: Any, arrays: dict[str, Any]) -> None:
        if progress is None:
            return
        rate, t, n = progress
        layers = range(len(self.coefs_))
        names = [[(f"optimizer.{i}.{l}.w", f"optimizer.{i}.{l}.b") for l in layers] for i in range(n)]
        if all(name in arrays for slot in names for pair in slot for name in pair):
            slots = tuple(tuple(Layer(arrays[w], arrays[b]) for w, b in slot) for slot in names)
            self._optimizer = OptimizerProgress(rate, t, slots)

    # ---- what the two kinds differ in ---------------------------------------------------------------------

    def _targets(self, y: Any, *, fixed: bool, all_classes: bool = False) -> Any:
        """Return targets (n, n_out) for checked y; its classes, or outputs, may be `fixed` by an earlier call."""
        raise NotImplementedError

    def _weigh(self, y: Any, sample_weight: Any) -> Any:  # noqa: ARG002
        """Return the weights of the examples, or None."""
        return sample_weight

    def _network(self, n_in: int, n_out: int) -> Network:
        """Return the network that the parameters describe."""
        raise NotImplementedError


def attributes_of(parameters: Parameters) -> dict[str, Any]:
    """Return parameters as the fitted attributes that hold them, copied."""
    xp = namespace(parameters[0].w)
    return {
        "coefs_": [xp.asarray(w.mT, copy=True) for w, _ in parameters],
        "intercepts_": [xp.asarray(b[0, :], copy=True) for _, b in parameters],
    }
