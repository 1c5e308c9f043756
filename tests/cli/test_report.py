"""What a test showed, class by class."""

import numpy as np

from xpnet.cli.report import Classified, class_rows
from xpnet.io import Model
from xpnet.nn import Network
from xpnet.training import accuracy, confusion


def test_a_class_is_most_often_taken_for_another_one():
    """The diagonal holds what was right, and is not what a class is taken for."""
    network = Network([2, 3])
    model = Model(network, network.initialize(seed=0), classes=("a", "b", "c"))
    y, predicted = np.asarray([0, 0, 0, 1, 1, 1, 2]), np.asarray([0, 0, 1, 2, 0, 2, 2])
    rows = list(class_rows(model, Classified(predicted, accuracy(y, predicted), confusion(y, predicted, 3))))
    assert rows == [("a", 3, 2, 2 / 3, "b (1)"), ("b", 3, 0, 0.0, "c (2)"), ("c", 1, 1, 1.0, "")]
