"""Steps of training to run in every way: what the tests of the executors share."""

from typing import Any

import numpy as np

from xpnet.backend import Backend, get, to_numpy
from xpnet.nn import Network, huber
from xpnet.recommend.factorization import FactorModel
from xpnet.training import OPTIMIZERS as MAKERS
from xpnet.training import Expansion, Optimizer, adam, clip_norm, clip_value, sgd
from xpnet.training.batches.batches import Data, batches
from xpnet.training.optimizing.optimizer import tabulate
from xpnet.training.steps.settings import Settings
from xpnet.training.steps.step import make_step
from xpnet.trees import leaves, map_arrays

NETWORKS = {
    "plain": Network([9, 5, 4, 3]),
    "one layer": Network([9, 3]),
    "one output": Network([9, 4, 1]),
    "square": Network([3, 3, 3]),
    "dropout": Network([9, 6, 5, 3], dropout=0.3, hidden="tanh", cost="log_likelihood"),
    "dropped inputs": Network([9, 6, 5, 3], dropout=[0.2, 0.3, 0.1], hidden=["relu", "leaky_relu"]),
    "regression": Network([9, 4, 2], cost="quadratic", output="linear"),
    "quadratic": Network([9, 4, 3], cost="quadratic"),
    "several": Network([9, 4, 3], labels="several"),
    "counts": Network([9, 5, 4, 2], hidden=["gelu", "elu"], cost="poisson"),
    "outliers": Network([9, 4, 2], cost=huber(0.1)),
}
OPTIMIZERS = {"schedule": sgd(lambda t: 1.0 / (t + 1)), **{name: make() for name, make in MAKERS.items()}}
SETTINGS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "l2": {"l2": 1.0},
    "l1 and l2": {"l1": 0.5, "l2": 0.5},
    "clipped norm": {"clip": clip_norm(0.1)},
    "clipped values": {"clip": clip_value(0.01)},
    "max norm": {"max_norm": 0.5},
    "all": {"max_norm": 0.5, "l1": 0.1, "l2": 1.0, "clip": clip_norm(0.1)},
}
# every network with every optimizer; over them, every setting with every network and with every optimizer
MIXES = [
    (network, optimizer, [*SETTINGS][(i + j) % len(SETTINGS)])
    for i, network in enumerate(NETWORKS)
    for j, optimizer in enumerate(OPTIMIZERS)
]


def random_data(model: Any, n: int, backend: Backend) -> Data:
    """Return examples that fit the model, the same ones every time."""
    rng = np.random.default_rng(1)
    if isinstance(model, FactorModel):
        x = np.stack([rng.integers(0, model.n_users, n), rng.integers(0, model.n_items, n)], axis=1)
        return Data(backend.asarray(x), backend.asarray(rng.random((n, 1))))
    x = backend.asarray(rng.random((n, model.sizes[0])))
    if model.several:
        return Data(x, backend.asarray(rng.integers(0, 2, (n, model.sizes[-1])) * 1.0))
    if not model.classifies or model.sizes[-1] == 1:
        return Data(x, backend.asarray(rng.random((n, model.sizes[-1]))))
    return Data(x, backend.asarray(rng.integers(0, model.sizes[-1], n)))


def prepare(
    model: Any, optimizer: Optimizer, backend: Backend, *, n: int = 38, batch: int = 6, **settings: Any
) -> tuple[Any, Any, list[Any]]:
    """Return a step, the first carry, and the inputs of one epoch: a stretch, and a short batch alone."""
    data = random_data(model, n, backend)
    chosen = Settings(1, batch, optimizer, **settings)
    parameters = model.initialize(backend, 0)
    inputs, t = [], 0
    for each in batches(model, data, batch, 0, 1, backend, chosen.expand):
        steps = each.rows.shape[0]
        inputs.append(each._replace(numbers=tabulate(optimizer, t, steps, backend)))
        t += steps
    return make_step(model, data, chosen, backend), (parameters, optimizer.init(parameters).slots), inputs


def go(run: Any, carry: Any, inputs: list[Any]) -> list[Any]:
    """Return what is left of the carry after all inputs, and all outputs, on the host."""
    outputs = []
    for each in inputs:
        carry, output = run(carry, each)
        outputs.append(to_numpy(output))
    return [np.array(to_numpy(x)) for x in leaves(carry)] + outputs


def expansions() -> list[Expansion]:
    """Return expansions of images of 3 by 3 pixels."""
    return [Expansion(3, shift=1.0), Expansion(3, shift=1.0, rotation=20.0, bend=0.5)]


def stack() -> tuple[Any, Any, list[Any]]:
    """Return a step of three networks side by side with settings of their own, on NumPy, as `prepare` does."""
    home, network, rng = get("numpy"), Network([4, 3, 2]), np.random.default_rng(0)
    parameters = map_arrays(lambda *ws: np.stack(ws), *[network.initialize(home, seed) for seed in range(3)])
    x, y = rng.random((5, 6, 4), dtype=np.float32), np.eye(2, dtype=np.float32)[rng.integers(0, 2, (5, 6))]
    optimizer = adam(eta=np.asarray([0.1, 0.2, 0.3], dtype=np.float32), beta1=0.5)
    l2 = np.asarray([0.0, 1.0, 2.0], dtype=np.float32)

    def step(carry: Any, inputs: Any) -> Any:
        parameters, slots = carry
        gradients, z = network.backward(parameters, *inputs)
        gradients = network.penalize(gradients, parameters, 30, 0.0, l2)
        return optimizer.move(gradients, slots, parameters, optimizer.numbers(0)), z

    return step, (parameters, optimizer.init(parameters).slots), [(x, y)]
