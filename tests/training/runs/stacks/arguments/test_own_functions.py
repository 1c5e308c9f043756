"""Functions of a user's own train in a stack if they treat each network by itself; the others are refused."""

import numpy as np
import pytest

from xpnet import Network, train, train_many
from xpnet.backend import namespace, to_numpy
from xpnet.nn import Activation, Cost, sigmoid
from xpnet.training import make_optimizer
from xpnet.trees import leaves, map_arrays

X, Y = np.random.default_rng(0).random((40, 4)), np.arange(40) % 3


def layers(value, slope):
    return Network([4, 5, 3], hidden=Activation("mine", value, slope))


def priced(value, delta):
    return Network([4, 5, 3], cost=Cost("mine", value, delta))


def squares(z, a, y):
    return namespace(z).sum((a - y) ** 2, axis=-1)


def slopes(z, a, y, f):
    return 2.0 * (a - y) * f.derivative(z, a)


def globally(gradients):
    xp = namespace(*leaves(gradients))
    norm = xp.sqrt(sum(xp.sum(g * g) for g in leaves(gradients)))
    return map_arrays(lambda g: g * (9.0 / xp.maximum(norm, 9.0 + 0.0 * norm)), gradients)  # few are so large


def bounded(gradients):
    return map_arrays(lambda g: namespace(g).clip(g, -0.1, 0.1), gradients)


def summing(axis):
    def rule(w, g, *, eta):
        xp = namespace(w)
        w2, g2 = (xp.sqrt(xp.sum(each * each, axis=axis, keepdims=True)) for each in (w, g))
        return (w - eta * g * w2 / (g2 + 1e-9),)

    return make_optimizer("lars", rule, 0, eta=0.01)


@pytest.mark.parametrize(
    ("network", "settings"),
    [
        (layers(lambda z: z * sigmoid(z), lambda z, a: a + sigmoid(z) * (1.0 - a)), {}),
        (priced(squares, slopes), {}),
        (Network([4, 5, 3]), {"clip": bounded}),
        (Network([4, 5, 3]), {"optimizer": summing((-2, -1))}),
    ],
)
def test_functions_that_count_axes_from_the_end_train_as_alone(backend, network, settings):
    if backend.name == "jax":
        pytest.skip("JAX compiles every training anew")
    settings = {"epochs": 1, "backend": backend, **settings}
    for seed, result in enumerate(train_many(network, (X, Y), seeds=3, **settings)):
        alone = train(network, (X, Y), seed=seed, **settings)
        for w, expected in zip(leaves(result.parameters), leaves(alone.parameters), strict=True):
            np.testing.assert_allclose(to_numpy(w), to_numpy(expected), rtol=0.0, atol=1e-5)


@pytest.mark.parametrize(
    ("network", "settings", "named"),
    [
        (layers(lambda z: z - namespace(z).mean(z, axis=0), lambda z, a: 1.0 + 0.0 * z), {}, "network"),
        (priced(squares, lambda z, a, y, f: slopes(z, a, y, f) / z.shape[0]), {}, "network"),
        (priced(squares, lambda z, a, y, f: np.einsum("ij,ij->ij", a - y, a)), {}, "network"),
        (Network([4, 5, 3]), {"clip": globally}, "clip"),
        (Network([4, 5, 3]), {"optimizer": summing(None)}, "optimizer"),
    ],
)
def test_functions_that_mix_networks_are_refused(network, settings, named):
    train(network, (X, Y), epochs=1, **settings)
    with pytest.raises(ValueError, match=f"{named} must treat each network of a stack by itself: arrays have"):
        train_many(network, (X, Y), seeds=2, epochs=1, **settings)
