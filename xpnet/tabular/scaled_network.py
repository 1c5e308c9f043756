"""A network whose inputs have learned scales: columns that tell nothing are turned down, others up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, namespace
from xpnet.nn import Layer, Network, Parameters

RATE = 6.0  # how much faster than the weights the scales move, with an optimizer whose steps have the size of eta


class ScaledParameters(NamedTuple):
    """The scales of the inputs, as ``1 + RATE u``, and the layers behind them."""

    u: Array  # (1, n_in); 0 at the start
    layers: Parameters


@dataclass(frozen=True)
class ScaledNetwork:
    """A network with one learned factor ``1 + 6 u`` for each input, trained by the `Trainable` protocol.

    The factors are the same as other weights of the first layer, ``w (1 + 6 u)``: `fold` returns them, so that a model
    file and a prediction need no scales.  What differs is how they are learned: one number for a whole column, at six
    times the rate of a weight if the optimizer's steps are as large as its eta (Adam's).

    Attributes
    ----------
    network : Network
        The network behind the scales.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet import Network, adam, train
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal((500, 3))
    >>> scaled = ScaledNetwork(Network([3, 16, 1], hidden="tanh", output="linear", cost="quadratic"))
    >>> result = train(scaled, (x, np.sin(2.0 * x[:, :1])), optimizer=adam(0.01), batch_size=50, epochs=40)
    >>> factors = 1.0 + RATE * result.parameters.u[0]
    >>> bool(factors[0] > 1.0 > max(abs(factors[1:])))  # the first input is the one that tells something
    True
    >>> layers = scaled.fold(result.parameters)
    >>> scaled.network.feedforward(layers, x).shape
    (500, 1)
    """

    network: Network

    # ---- what the scales change ---------------------------------------------------------------------------

    def fold(self, parameters: ScaledParameters) -> Parameters:
        """Return the parameters of `network` that give the same outputs without scales."""
        first, *rest = parameters.layers
        return (Layer(first.w * _factors(parameters.u), first.b), *rest)  # (n_out, n_in) * (1, n_in)

    def initialize(self, backend: Backend, seed: int | None = None, scheme: str = "he") -> ScaledParameters:
        """Return random layers, and scales of 1."""
        layers = self.network.initialize(backend, seed, scheme)
        zeros = backend.xp.zeros((1, self.network.sizes[0]), dtype=backend.dtype, device=backend.device)
        return ScaledParameters(zeros, layers)

    def check(self, parameters: ScaledParameters) -> None:
        """Refuse parameters that do not fit this network."""
        self.network.check(parameters.layers)
        expected = (*parameters.layers[0].w.shape[:-2], 1, self.network.sizes[0])
        if tuple(parameters.u.shape) != expected:
            raise ValueError(f"parameters must have scales of shape {expected}, got {tuple(parameters.u.shape)}")

    def backward(
        self,
        parameters: ScaledParameters,
        x: Array,
        y: Array,
        masks: tuple[Array | None, ...] = (),
        weights: Array | None = None,
    ) -> tuple[ScaledParameters, Array]:
        """Return the gradients and the output's weighted inputs z of one mini-batch of targets.

        With v = w (1 + 6 u), the chain rule gives dC/dw = dC/dv (1 + 6 u), and dC/du = 6 times the sum over the
        neurons of dC/dv w.
        """
        w = parameters.layers[0].w
        (first, *rest), z = self.network.backward(self.fold(parameters), x, y, masks, weights)
        u = RATE * namespace(w).sum(first.w * w, axis=-2, keepdims=True)  # (1, n_in)
        return ScaledParameters(u, (Layer(first.w * _factors(parameters.u), first.b), *rest)), z

    def outputs(self, parameters: ScaledParameters, x: Array) -> Array:
        """Return the output's weighted inputs z for checked inputs."""
        return self.network.outputs(self.fold(parameters), x)

    def penalize(self, gradients: ScaledParameters, parameters: ScaledParameters, n: float, l1: Any, l2: Any) -> Any:
        """Return the gradients with those of the penalties on weights added; scales have no penalty."""
        return gradients._replace(layers=self.network.penalize(gradients.layers, parameters.layers, n, l1, l2))

    def constrain(self, parameters: ScaledParameters, max_norm: float) -> ScaledParameters:
        """Return the parameters with the weights into each neuron no longer than `max_norm`, scales left out."""
        return parameters._replace(layers=self.network.constrain(parameters.layers, max_norm))

    # ---- what they leave as it is -------------------------------------------------------------------------

    @property
    def activations(self) -> Any:
        """The activation function of each layer."""
        return self.network.activations

    @property
    def cost(self) -> Any:
        """The cost."""
        return self.network.cost

    @property
    def trainable(self) -> bool:
        """Whether every layer has a derivative."""
        return self.network.trainable

    @property
    def classifies(self) -> bool:
        """Whether the outputs are classes."""
        return self.network.classifies

    @property
    def n_classes(self) -> int:
        """How many classes there are."""
        return self.network.n_classes

    @property
    def footprint(self) -> int:
        """How many numbers a step holds for each example."""
        return self.network.footprint

    @property
    def largest_product(self) -> float:
        """Floating-point operations of the largest matrix product of a step, for each example."""
        return self.network.largest_product

    def examples(self, x: Any, y: Any, backend: Backend) -> tuple[Array, Array]:
        """Return x and y checked and on `backend`."""
        return self.network.examples(x, y, backend)

    def targets(self, y: Array, dtype: object) -> Array:
        """Return y as floating targets."""
        return self.network.targets(y, dtype)

    def masks(self, places: Array, keys: Callable[[int], tuple[int, int]], dtype: object) -> tuple[Array | None, ...]:
        """Return the dropout masks of rows at these places of an epoch."""
        return self.network.masks(places, keys, dtype)

    def class_numbers(self, y: Array) -> Array | None:
        """Return checked y as integer labels, or None."""
        return self.network.class_numbers(y)

    def measure(self, z: Array, y: Array) -> tuple[Array, Array | None]:
        """Return each example's cost and, for classes, whether it was right."""
        return self.network.measure(z, y)


def _factors(u: Array) -> Array:
    return 1.0 + RATE * u
