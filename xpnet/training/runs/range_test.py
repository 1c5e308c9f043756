"""The learning-rate range test: the cost while the learning rate rises step by step."""

from typing import Any, NamedTuple

from xpnet.backend import Array, Backend, namespace, resolve, to_numpy
from xpnet.checks import number, whole
from xpnet.execution import executor
from xpnet.training.batches.batches import Data, batches, check_pair, place
from xpnet.training.model import Trainable
from xpnet.training.optimizing.optimizer import tabulate
from xpnet.training.optimizing.optimizers import OPTIMIZERS
from xpnet.training.optimizing.schedules import exponential
from xpnet.training.steps.settings import Settings
from xpnet.training.steps.step import make_step


class RangeTest(NamedTuple):
    """The learning rate of each step, and the cost of its mini-batch before the step."""

    etas: list[float]
    costs: list[float]


def learning_rate_range(
    network: Trainable,
    data: tuple[Any, Any],
    *,
    low: float = 1e-4,
    high: float = 10.0,
    steps: int = 100,
    batch_size: int = 10,
    optimizer: str = "sgd",
    seed: int = 0,
    backend: str | Backend | None = None,
) -> RangeTest:
    """Return the costs while the learning rate rises from `low` to `high`.

    A good learning rate is where the cost falls fastest, well below the rate at which the cost begins to rise.

    Parameters
    ----------
    network : Network
    data : (x, y)
    low, high : float
        First and last learning rate, 0 < low < high.
    steps : int
        Number of mini-batches; epochs are repeated until there are enough.
    batch_size : int
    optimizer : str
        Name of an optimizer, with its own defaults for the rest.
    seed : int
    backend : str or Backend, optional

    References
    ----------
    Smith, arXiv:1506.01186, section 3.3; Nielsen, chapter 3, on how to choose eta.

    Examples
    --------
    >>> from xpnet import Network
    >>> from xpnet.data import load_digits
    >>> digits = load_digits()
    >>> found = learning_rate_range(Network([64, 10]), (digits.x / 16, digits.y), low=1e-3, high=100.0)
    >>> len(found.costs), min(found.costs) < 0.5 * found.costs[0]
    (100, True)
    """
    low, high = number("low", low, above=True), number("high", high, above=True)
    if not low < high:
        raise ValueError(f"low must be below high, got low {low} and high {high}")
    steps, batch_size = whole("steps", steps, 2), whole("batch_size", batch_size, 1)
    if optimizer not in OPTIMIZERS:
        raise ValueError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, got {optimizer!r}")
    x, y = check_pair("data", data)
    chosen = resolve(backend, x=x, y=y)
    examples = place(network, x, y, chosen)
    schedule = exponential(low, high / low, every=steps - 1)
    settings = Settings(epochs=1, batch_size=min(batch_size, examples.n), optimizer=OPTIMIZERS[optimizer](schedule))
    costs = _costs(network, examples, settings, steps, seed, chosen)
    return RangeTest([schedule(t) for t in range(steps)], costs)


def _costs(network: Trainable, data: Data, settings: Settings, steps: int, seed: int, backend: Backend) -> list[float]:
    run = executor(make_step(network, data, settings, backend), backend.name)
    parameters = network.initialize(backend, seed)
    carry, epoch, t = (parameters, settings.optimizer.init(parameters).slots), 0, 0
    costs: list[Array] = []  # each (steps of a stretch,)
    while sum(each.shape[0] for each in costs) < steps:
        epoch += 1
        for inputs in batches(network, data, settings.batch_size, seed, epoch, backend):
            inputs = inputs._replace(numbers=tabulate(settings.optimizer, t, inputs.rows.shape[0], backend))
            carry, z = run(carry, inputs)
            t += inputs.rows.shape[0]
            costs.append(namespace(z).mean(network.measure(z, inputs.y)[0], axis=-1))  # (steps,)
    return to_numpy(backend.xp.concat(costs)).tolist()[:steps]
