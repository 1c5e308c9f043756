"""What training needs of a model: a network has it, and so can anything else that gives gradients."""

from collections.abc import Callable
from typing import Any, Protocol

from xpnet.backend import Array, Backend


class Trainable(Protocol):
    """A description of a model without parameters, whose methods are pure and run where the arrays are."""

    @property
    def trainable(self) -> bool:
        """Whether the model has gradients."""

    @property
    def classifies(self) -> bool:
        """Whether the outputs are classes."""

    @property
    def n_classes(self) -> int:
        """How many classes there are."""

    def initialize(self, backend: Backend, seed: int | None = None) -> Any:
        """Return random parameters."""

    def check(self, parameters: Any) -> None:
        """Raise an error if parameters do not fit this model."""

    def examples(self, x: Any, y: Any, backend: Backend) -> tuple[Array, Array]:
        """Return x and y checked and on `backend`; integer x and labels stay integers."""

    def targets(self, y: Array, dtype: object) -> Array:
        """Return y as floating targets."""

    @property
    def footprint(self) -> int:
        """How many numbers a step holds for each example, inputs not counted."""

    @property
    def largest_product(self) -> float:
        """Floating-point operations of the largest matrix product of a step, for each example; 0 if there is none."""

    def masks(self, places: Array, keys: Callable[[int], tuple[int, int]], dtype: object) -> tuple[Array | None, ...]:
        """Return the dropout masks of rows in these places of an epoch; ``keys(layer)`` gives the hash keys."""

    def class_numbers(self, y: Array) -> Array | None:
        """Return checked y as integer labels, or None if they are targets of another kind."""

    def backward(
        self, parameters: Any, x: Array, y: Array, masks: Any = (), weights: Array | None = None
    ) -> tuple[Any, Array]:
        """Return the gradients and outputs of one mini-batch; weights (m,) of the examples have mean 1 over all."""

    def penalize(self, gradients: Any, parameters: Any, n: float, l1: Any, l2: Any) -> Any:
        """Return the gradients with those of the penalties added."""

    def constrain(self, parameters: Any, max_norm: float) -> Any:
        """Return the parameters with weights shortened to a norm of at most `max_norm` for each neuron."""

    def outputs(self, parameters: Any, x: Array) -> Array:
        """Return the outputs for a batch."""

    def measure(self, z: Array, y: Array) -> tuple[Array, Array | None]:
        """Return each example's cost and, for classes, whether it was right."""
