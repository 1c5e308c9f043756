"""The description of a network: its layers, their activations and its cost.  It holds no weights."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from xpnet.backend import Array, Backend, get, holds, namespace, quiet
from xpnet.backend import of as backend_of
from xpnet.nn.activations import ACTIVATIONS, Activation
from xpnet.nn.backprop import backprop
from xpnet.nn.checking.arguments import check_hidden, check_output, check_rates, check_sizes, look_up
from xpnet.nn.checking.inputs import check_inputs, floating_inputs
from xpnet.nn.checking.kinds import check_kind
from xpnet.nn.checking.one_hot import one_hot
from xpnet.nn.checking.targets import check_one_label, check_targets
from xpnet.nn.costs import COSTS, Cost
from xpnet.nn.forward import forward, last_z
from xpnet.nn.parameters import Parameters, check_parameters, initialize
from xpnet.nn.regularization.dropout import dropout_mask
from xpnet.nn.regularization.max_norm import constrain
from xpnet.nn.regularization.penalties import penalize, penalty


@dataclass(frozen=True, init=False, repr=False)
class Network:
    """A feed-forward network: a description without weights.  Its methods are pure functions of the parameters.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, inputs first: ``[784, 30, 10]``.
    hidden : str, Activation, or a sequence of them
        One activation for all hidden layers, or one for each.
    output : str or Activation, optional
        Activation of the last layer.  Default: the one that fits the cost (softmax for log_likelihood, linear for
        huber, exponential for poisson, else sigmoid).  For a regression with the quadratic cost give ``"linear"``.
    cost : str or Cost
        ``"cross_entropy"`` (binary, summed over the outputs), ``"quadratic"``, ``"log_likelihood"``, ``"poisson"``
        (counts) or ``"huber"`` (outliers); ``xpnet.nn.huber(width)`` for another width.
    dropout : float or sequence of float
        Probability that a hidden neuron is silenced in training; or one number for the inputs and one for each hidden
        layer.
    labels : {"one", "several"}
        ``"one"``: each row has one label.  ``"several"``: a row may have several labels or none; each output is then
        0 or 1 by itself, and y is an array of 0s and 1s, shape (m, n_out).

    Raises
    ------
    ValueError
        If the sizes, a name or a rate makes no sense, the cost is not made for the output, or the output cannot predict
        several labels.

    Examples
    --------
    >>> import numpy as np
    >>> network = Network([2, 3, 2])
    >>> parameters = network.initialize(seed=0)
    >>> network.feedforward(parameters, np.asarray([[0.0, 1.0]])).shape
    (1, 2)
    """

    sizes: tuple[int, ...]
    hidden: tuple[Activation, ...]
    output: Activation
    cost: Cost
    dropout: tuple[float, ...]
    labels: str

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        hidden: str | Activation | Sequence[str | Activation] = "sigmoid",
        output: str | Activation | None = None,
        cost: str | Cost = "cross_entropy",
        dropout: float | Sequence[float] = 0.0,
        labels: str = "one",
    ) -> None:
        checked = check_sizes(sizes)
        chosen_cost = look_up(cost, COSTS, Cost, "cost")
        chosen_output = chosen_cost.output if output is None else look_up(output, ACTIVATIONS, Activation, "output")
        check_output(chosen_output, chosen_cost, labels)
        values: dict[str, Any] = {
            "sizes": checked,
            "hidden": check_hidden(hidden, len(checked) - 2),
            "output": chosen_output,
            "cost": chosen_cost,
            "dropout": check_rates(dropout, len(checked) - 2),
            "labels": labels,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        names = tuple(f.name for f in self.hidden)
        several = ", labels='several'" if self.labels == "several" else ""
        return (
            f"Network({list(self.sizes)}, hidden={names}, output={self.output.name!r}, "
            f"cost={self.cost.name!r}, dropout={self.dropout}{several})"
        )

    # ---- properties ---------------------------------------------------------------------------------------

    @cached_property
    def activations(self) -> tuple[Activation, ...]:
        """One activation function for each layer of weights."""
        return (*self.hidden, self.output)

    @property
    def classifies(self) -> bool:
        """Whether the outputs stand for classes, as the output's activation says."""
        return self.output.threshold is not None

    @property
    def several(self) -> bool:
        """Whether a row may have several labels at once."""
        return self.labels == "several"

    @property
    def n_classes(self) -> int:
        """Number of classes: two for a single output.  With several labels, the number of labels."""
        return self.sizes[-1] if self.several else max(2, self.sizes[-1])

    @property
    def trainable(self) -> bool:
        """Whether every layer has a derivative that can be used for training (step has none)."""
        return all(f.differentiable for f in self.activations)

    @property
    def footprint(self) -> int:
        """How many numbers a training step holds for each example beside its inputs: outputs, targets and masks."""
        masked = (n for n, rate in zip(self.sizes, self.dropout, strict=False) if rate)
        return 2 * self.sizes[-1] + 4 * sum(masked)

    @property
    def largest_product(self) -> float:
        """How many floating-point operations the largest matrix product of a step has for each example."""
        return 2.0 * max(n_in * n_out for n_in, n_out in pairwise(self.sizes))

    # ---- for users ----------------------------------------------------------------------------------------

    def initialize(
        self, backend: str | Backend | None = None, seed: int | None = None, scheme: str = "scaled"
    ) -> Parameters:
        """Return random parameters on `backend`; see `xpnet.nn.initialize` for the schemes.

        Examples
        --------
        >>> Network([2, 3, 1]).initialize("numpy", seed=0, scheme="large")[0].w.shape
        (3, 2)
        """
        return initialize(self.sizes, get(backend), seed, scheme)

    def feedforward(self, parameters: Parameters, x: Array) -> Array:
        """Return the output activations, shape (m, n_out), for inputs `x`, shape (m, n_in)."""
        with quiet():
            return self.output(self.outputs(parameters, self._inputs(parameters, x)))

    def predict(self, parameters: Parameters, x: Array) -> Array:
        """Return a label for each row of `x`, shape (m,), or a regression's values, shape (m,) or (m, n_out).

        A network for several labels gives 0 or 1 for each of them, shape (m, n_out).
        """
        with quiet():
            return self.decide(self.outputs(parameters, self._inputs(parameters, x)))

    def predict_proba(self, parameters: Parameters, x: Array) -> Array:
        """Return a probability for each class, shape (m, n_classes); see `Activation.probabilities`."""
        with quiet():
            return self.output.probabilities(self.outputs(parameters, self._inputs(parameters, x)), self.several)

    def cost_value(self, parameters: Parameters, x: Array, y: Array) -> Array:
        """Return the mean cost over the examples, without penalties: a 0-d array, (k,) for a stack."""
        x, y = self._pair(parameters, x, y)
        with quiet():
            values, _ = self.measure(self.outputs(parameters, x), y)  # (..., m)
            return namespace(values).mean(values, axis=-1)

    def gradients(self, parameters: Parameters, x: Array, y: Array) -> Parameters:
        """Return the gradients of `cost_value` by backpropagation, shaped like the parameters.

        Examples
        --------
        >>> import numpy as np
        >>> network = Network([2, 3, 2])
        >>> parameters = network.initialize(seed=0)
        >>> network.gradients(parameters, np.asarray([[0.0, 1.0]]), np.asarray([1]))[1].w.shape
        (2, 3)
        """
        with quiet():
            return self.backward(parameters, *self._pair(parameters, x, y))[0]

    # ---- for training ---------------------------------------------------------------------------------------

    def check(self, parameters: Parameters) -> None:
        """Refuse parameters that do not fit this network."""
        check_parameters(parameters, self.sizes)

    def examples(self, x: Any, y: Any, backend: Backend, stack: tuple[int, ...] = ()) -> tuple[Array, Array]:
        """Check x and y and return them on `backend`; integer inputs and labels stay integers.

        Both may have the leading axes `stack`, or none.
        """
        x = check_inputs(x, self.sizes[0], backend)
        shapes = [(*axes, x.shape[-2], self.sizes[-1]) for axes in (tuple(x.shape[:-2]), stack)]
        y = check_targets(y, shapes, self.classifies, backend, self.several)
        if holds(y, "real floating"):
            check_kind(y, self.cost.targets, self.cost.name)
            if self.classifies and self.output.elementwise and self.sizes[-1] > 1 and not self.several:
                check_one_label(y)
        return x, y

    def targets(self, y: Array, dtype: object) -> Array:
        """Return the targets (..., n_out) of checked labels; return targets as they are."""
        if holds(y, "integral"):
            return one_hot(y, self.sizes[-1], dtype)
        return y

    def class_numbers(self, y: Array) -> Array | None:
        """Return checked y as integer labels, or None if y holds targets of another kind."""
        if holds(y, "integral"):
            return y
        xp = namespace(y)
        return xp.astype(y[..., 0] > 0.5, xp.int32) if self.classifies and self.n_classes > self.sizes[-1] else None

    def backward(
        self,
        parameters: Parameters,
        x: Array,
        y: Array,
        masks: tuple[Array | None, ...] = (),
        weights: Array | None = None,
    ) -> tuple[Parameters, Array]:
        """Return the gradients and the output's weighted inputs z of one mini-batch of targets."""
        trace = forward(parameters, x, self.activations, masks)
        return backprop(parameters, trace, y, self.activations, self.cost, weights), trace.zs[-1]

    def outputs(self, parameters: Parameters, x: Array) -> Array:
        """Return the output's weighted inputs z for checked inputs."""
        return last_z(parameters, x, self.activations)

    def measure(self, z: Array, y: Array) -> tuple[Array, Array | None]:
        """Return each example's cost and, for classes, 1 for a right answer and 0 for a wrong one.

        With several labels, an answer is right if all labels of the row are right: scikit-learn's subset accuracy.
        """
        values = self.cost.value(z, self.output(z), y)  # (..., m)
        if not self.classifies:
            return values, None
        xp = namespace(z)
        if self.sizes[-1] > 1 and not self.several:
            return values, xp.astype(self.decide(z) == xp.argmax(y, axis=-1), values.dtype)
        wrong = xp.astype((z > self.output.threshold) != (y > 0.5), values.dtype)
        return values, xp.astype(xp.sum(wrong, axis=-1) == 0.0, values.dtype)

    def decide(self, z: Array) -> Array:
        """Return the labels or values that the output's weighted inputs `z` stand for; see `Activation.decide`."""
        return self.output.decide(z, self.several)

    def constrain(self, parameters: Parameters, max_norm: float) -> Parameters:
        """Return the parameters with the weights into each neuron no longer than `max_norm`; see `xpnet.nn`."""
        return constrain(parameters, max_norm)

    def penalty(self, parameters: Parameters, n: float, l1: Any, l2: Any) -> Array:
        """Return what L1 and L2 add to the cost; see `xpnet.nn.penalty`."""
        return penalty(parameters, n, l1, l2)

    def penalize(self, gradients: Parameters, parameters: Parameters, n: float, l1: Any, l2: Any) -> Parameters:
        """Return the sum of the gradients and those of L1 and L2; see `xpnet.nn.penalize`."""
        return penalize(gradients, parameters, n, l1, l2)

    def masks(self, places: Array, keys: Callable[[int], tuple[int, int]], dtype: object) -> tuple[Array | None, ...]:
        """Return the dropout masks of rows at these places of an epoch, one for each layer; () without dropout.

        ``keys(l)`` returns the two int32 numbers that stand for the seed, the epoch and layer l.
        """
        if not any(self.dropout):
            return ()
        return tuple(
            dropout_mask(places, self.sizes[l], keys(l), rate, dtype) if rate else None
            for l, rate in enumerate(self.dropout)
        )

    # ---- helpers ------------------------------------------------------------------------------------------

    def _inputs(self, parameters: Parameters, x: Array) -> Array:
        self.check(parameters)
        namespace(parameters=parameters[0].w, x=x)
        return floating_inputs(x, self.sizes[0], backend_of(parameters[0].w))

    def _pair(self, parameters: Parameters, x: Array, y: Array) -> tuple[Array, Array]:
        self.check(parameters)
        w = parameters[0].w
        xp = namespace(parameters=w, x=x, y=y)
        x, y = self.examples(x, y, backend_of(w), tuple(w.shape[:-2]))
        return xp.astype(x, w.dtype, copy=False), self.targets(y, w.dtype)
