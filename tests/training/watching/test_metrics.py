"""Accuracy and confusion."""

import numpy as np

from xpnet.backend import to_numpy
from xpnet.training import accuracy, confusion


def test_confusion_counts_what_was_read_as_what(backend):
    y, predicted = (backend.asarray(np.asarray(v)) for v in ([0, 1, 1, 2, 2, 2], [0, 0, 1, 2, 2, 0]))
    assert to_numpy(confusion(y, predicted, 3)).tolist() == [[1, 0, 0], [1, 1, 0], [1, 0, 2]]
    assert accuracy(y, predicted) == 4 / 6
