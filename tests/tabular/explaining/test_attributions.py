"""Attributions: exact for linear models, complete for all, of classes, values, ensembles and encodings."""

import numpy as np
import pytest

from xpnet import Model, Network
from xpnet.backend import to_numpy
from xpnet.data import Encoding, Scaling
from xpnet.nn import Layer
from xpnet.tabular import attributions

LINEAR = Network([2, 1], output="linear", cost="quadratic")
WEIGHTS = (Layer(np.asarray([[3.0, -1.0]]), np.asarray([[7.0]])),)


def test_of_a_linear_model_they_are_weight_times_distance():
    model = Model(LINEAR, WEIGHTS, features=("a", "b"))
    found = attributions(model, [[2.0, 4.0], [0.0, 1.0]], baseline=[[1.0, 1.0]], steps=1)
    np.testing.assert_allclose(found.values, [[3.0, -3.0], [-3.0, 0.0]])
    np.testing.assert_allclose(found.output - found.baseline, found.values.sum(axis=1))


def test_values_are_explained_in_their_unit():
    model = Model(LINEAR, WEIGHTS, targets=Scaling((100.0,), (10.0,)))
    found = attributions(model, [[2.0, 4.0]])
    np.testing.assert_allclose(found.values, [[60.0, -40.0]])
    np.testing.assert_allclose([found.output[0], found.baseline[0]], [190.0, 170.0])


def test_the_sum_is_the_answer_less_that_of_the_baseline(backend, rng):
    network = Network([4, 8, 3], hidden="tanh", output="softmax", cost="log_likelihood")
    made = [Model(network, network.initialize(backend, seed), classes=("x", "y", "z")) for seed in range(2)]
    model, x = Model.ensemble(made), rng.standard_normal((5, 4))
    found = attributions(model, x, steps=200)
    assert found.names == tuple(to_numpy(model.predict(x)).tolist())
    assert abs(found.gap).max() < 1e-3
    z = np.stack([to_numpy(network.outputs(m.parameters, backend.asarray(x))) for m in made]).mean(axis=0)
    chosen = [("x", "y", "z").index(name) for name in found.names]
    np.testing.assert_allclose(found.output, z[range(5), chosen], rtol=1e-4)
    other = attributions(model, x, output="y")
    np.testing.assert_allclose(other.output, z[:, 1], rtol=1e-4, atol=1e-6)


def test_inputs_of_a_raw_column_are_summed():
    cells = np.asarray([[float(i % 5), ("red", "blue")[i % 2]] for i in range(60)], dtype=object)
    encoding = Encoding.fit(cells, ("size", "color"), bins=4)
    network = Network([len(encoding.names), 6, 1], hidden="relu", output="linear", cost="quadratic")
    model = Model(network, network.initialize(seed=0, scheme="he"), encoding)
    found = attributions(model, cells[:4], steps=500)
    assert (found.columns, found.values.shape) == (("size", "color"), (4, 2))
    assert abs(found.gap).max() < 2e-2


@pytest.mark.parametrize(
    ("how", "message"),
    [({"steps": 0}, "steps must be at least 1"), ({"output": "blue"}, "output|blue"), ({"baseline": [[1.0]]}, "shape")],
)
def test_bad_input(how, message):
    network = Network([2, 2])
    model = Model(network, network.initialize(seed=0), classes=("no", "yes"))
    with pytest.raises(ValueError, match=message):
        attributions(model, [[1.0, 2.0]], **how)
