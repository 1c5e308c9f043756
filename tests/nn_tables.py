"""Which activations and costs the tests of networks run with, told by what these say of themselves."""

from math import inf

from xpnet.nn import ACTIVATIONS, COSTS

ELEMENTWISE = [f for f in ACTIVATIONS.values() if f.elementwise]
# hidden layers to learn through: several layers that each grow exponentially have no derivative that can be measured
HIDDEN = [f.name for f in ELEMENTWISE if f.differentiable and f.overflows_above == inf]
# each cost with the output that it wants, and the quadratic one with every other
PAIRS = [(cost.name, cost.output.name) for cost in COSTS.values()] + [
    ("quadratic", name) for name in HIDDEN if name != "sigmoid"
]
# what leads to the output and what follows it do not know of each other: not all of one with all of the other
NETWORKS = [(name, "cross_entropy", "sigmoid") for name in HIDDEN] + [("tanh", *pair) for pair in PAIRS]
