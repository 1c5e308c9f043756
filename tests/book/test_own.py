"""Noticing a reader's own mathematics, and running it."""

import functools

import numpy as np
import pytest

from xpnet.book import network, network2
from xpnet.book.own import unchanged

COLUMN, UNIT = np.ones((3, 1)), np.eye(2)[:, :1]


def test_unchanged_tells_the_doors_own_methods_from_a_readers(monkeypatch):
    class Reader(network.Network):
        def backprop(self, x, y):
            return super().backprop(x, y)

    net = network.Network([3, 2])
    assert unchanged(net.backprop, net.evaluate, network.sigmoid)
    assert not unchanged(Reader([3, 2]).backprop)
    assert unchanged(Reader([3, 2]).update_mini_batch)
    net.evaluate = lambda test_data: 0
    assert not unchanged(net.evaluate)
    monkeypatch.setattr(network.Network, "feedforward", lambda self, a: a)
    assert not unchanged(net.feedforward)


def test_unchanged_is_not_misled_by_a_wrapper():
    wrapped = functools.wraps(network.sigmoid)(lambda z: network.sigmoid(z))
    assert not unchanged(wrapped)


def test_an_error_of_a_wrong_shape_is_refused_before_it_broadcasts():
    class Flat:
        fn = staticmethod(lambda a, y: 0.0)
        delta = staticmethod(lambda z, a, y: (a - y)[:, 0])

    with pytest.raises(ValueError, match=r"the output's error must have shape \(2, 1\), got \(2,\)"):
        network2.Network([3, 2], cost=Flat).backprop(COLUMN, UNIT)
    net = network.Network([3, 2])
    net.cost_derivative = lambda a, y: (a - y)[:, 0]
    with pytest.raises(ValueError, match=r"cost_derivative must have shape \(2, 1\), got \(2,\)"):
        net.backprop(COLUMN, UNIT)
