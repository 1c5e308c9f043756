"""The book's mathematics on whole batches: where it runs, and that it is the same."""

import numpy as np
import pytest
from book.reference import digits
from tools import assert_at_home

import xpnet
from xpnet.book import descent, network, network2
from xpnet.book.examples import Examples
from xpnet.nn import cross_entropy


def test_home_is_float64_where_the_library_has_it(backend):
    with xpnet.backend.using(backend):
        home = descent.home()
    assert home.dtype_name == ("float32" if "no_float64" in str(backend.device) else "float64")
    assert (home.name, home.device) == (backend.name, backend.device)


@pytest.mark.parametrize("kind", [network.Network, network2.Network])
def test_every_step_is_taken_on_the_library_in_use(at_home, seeded, capsys, monkeypatch, kind):
    taken = []

    def watched(step, library):
        def run(carry, inputs):
            taken.append(inputs.rows.shape[0])
            assert_at_home(descent.home(), carry[0], inputs)
            return original(carry, inputs)

        original = executor(step, library)
        return run

    executor = descent.executor
    monkeypatch.setattr(descent, "executor", watched)
    kind([64, 5, 10]).SGD(digits(23), 2, 10, 0.5)
    assert taken == [2, 1, 2, 1]


def test_outputs_come_in_blocks_that_do_not_show(seeded, monkeypatch):
    net, examples = network.Network([64, 10]), Examples.of("data", digits(25))
    whole = descent.outputs(net, examples)
    monkeypatch.setattr(descent, "rows_at_once", lambda model, data: 10)
    np.testing.assert_allclose(descent.outputs(net, examples), whole, rtol=1e-13)
    assert (whole.shape, whole.dtype) == ((25, 10), np.float64)


def test_descend_leaves_the_network_alone(seeded):
    net, examples = network.Network([64, 10]), Examples.of("data", digits(5))
    w, b = net.weights[0].copy(), net.biases[0].copy()
    descent.descend(net, examples, [4, 2, 0, 1, 3], descent.Descent(cross_entropy, 2, 0.5, 0.1))
    np.testing.assert_array_equal(net.weights[0], w)
    np.testing.assert_array_equal(net.biases[0], b)


def test_the_order_decides(seeded):
    net, examples = network.Network([64, 10]), Examples.of("data", digits(5))
    how = descent.Descent(cross_entropy, 1, 0.5)
    (one, _), (other, _) = (descent.descend(net, examples, order, how) for order in ([0, 1, 2], [2, 1, 0]))
    assert np.abs(one[0] - other[0]).max() > 1e-6
