"""The executor for JAX runs all steps of a call in one `lax.scan`, compiled once for each shape of the inputs."""

from functools import cached_property
from importlib import import_module
from typing import Any

from xpnet.backend import Array
from xpnet.execution.loop import Step
from xpnet.trees import leaves, map_arrays, rebuild


class Scan:
    """Runs one step many times; a call takes and returns what `xpnet.execution.loop.run` does."""

    way = "compiled JAX scan"

    def __init__(self, step: Step) -> None:
        self.step = step

    def __call__(self, carry: Any, inputs: Any) -> tuple[Any, Array]:
        """Run one step for each entry of `inputs`; return the last carry and the stacked outputs."""
        carried, outputs = self._compiled(leaves(carry), leaves(inputs), _Structure(carry), _Structure(inputs))
        return rebuild(carry, iter(carried)), outputs

    @cached_property
    def _compiled(self) -> Any:
        jax = import_module("jax")

        def steps(carry: Any, inputs: Any, carry_structure: "_Structure", inputs_structure: "_Structure") -> Any:
            def step(carry_leaves: Any, input_leaves: Any) -> Any:
                carried, output = self.step(carry_structure.of(carry_leaves), inputs_structure.of(input_leaves))
                return leaves(carried), output

            return jax.lax.scan(step, carry, inputs)

        return jax.jit(steps, static_argnums=(2, 3))


class _Structure:
    """The nesting of a tree, a static argument of the compiler: two are equal if their nestings are equal."""

    def __init__(self, tree: Any) -> None:
        self.tree = map_arrays(lambda _: 0, tree)

    def of(self, values: list[Any]) -> Any:
        """Return the tree with this nesting and these leaves."""
        return rebuild(self.tree, iter(values))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Structure) and self.tree == other.tree

    def __hash__(self) -> int:
        return hash(self.tree)
