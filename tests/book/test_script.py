"""A reader's script in a process of its own, written only against what chapters 1 to 3 of the book describe."""

import importlib.util
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from xpnet.data import load_digits

SCRIPT = """\
import random
import numpy as np
from xpnet.book import mnist_loader, network, network2

random.seed(1)
np.random.seed(1)
training_data, validation_data, test_data = mnist_loader.load_data_wrapper()

# chapter 1
net = network.Network([784, 15, 10])
net.SGD(training_data, 2, 10, 3.0, test_data=test_data)
net.SGD(training_data, 1, 10, 3.0)
print(net.num_layers, [w.shape for w in net.weights], np.argmax(net.feedforward(test_data[0][0])))

# chapter 2
x, y = training_data[0]
nabla_b, nabla_w = net.backprop(x, y)
epsilon = 1e-5
costs = []
for sign in (1, -1):
    net.biases[-1][3, 0] += sign * epsilon
    costs.append(0.5 * np.linalg.norm(net.feedforward(x) - y) ** 2)
    net.biases[-1][3, 0] -= sign * epsilon
print(abs((costs[0] - costs[1]) / (2 * epsilon) - nabla_b[-1][3, 0]) < 1e-8)

# chapter 3
net = network2.Network([784, 15, 10], cost=network2.CrossEntropyCost)
net.large_weight_initializer()
evaluation_cost, evaluation_accuracy, training_cost, training_accuracy = net.SGD(
    training_data[:300], 2, 10, 0.5, lmbda=5.0, evaluation_data=validation_data,
    monitor_evaluation_cost=True, monitor_evaluation_accuracy=True,
    monitor_training_cost=True, monitor_training_accuracy=True)
print(len(evaluation_cost), len(training_accuracy))
net.save("net.json")
again = network2.load("net.json")
print(again.accuracy(validation_data) == evaluation_accuracy[-1],
      abs(again.total_cost(training_data[:300], 5.0) - 0.0) > 0, again.cost.__name__)

class Absolute(object):
    @staticmethod
    def fn(a, y):
        return np.sum(np.abs(a - y))
    @staticmethod
    def delta(z, a, y):
        return np.sign(a - y) * network2.sigmoid_prime(z)

net = network2.Network([784, 10], cost=Absolute)
net.SGD(training_data[:50], 1, 10, 0.5, monitor_training_cost=True)
"""
EXPECTED = r"""Epoch 0: \d+ / 100
Epoch 1: \d+ / 100
Epoch 0 complete
3 \[\(15, 784\), \(10, 15\)\] \d
True
Epoch 0 training complete
Cost on training data: [\d.]+
Accuracy on training data: \d+ / 300
Cost on evaluation data: [\d.]+
Accuracy on evaluation data: \d+ / 100

Epoch 1 training complete
Cost on training data: [\d.]+
Accuracy on training data: \d+ / 300
Cost on evaluation data: [\d.]+
Accuracy on evaluation data: \d+ / 100

2 2
True True CrossEntropyCost
Epoch 0 training complete
Cost on training data: [\d.]+

"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a small mnist.npz: bundled digits, blown up to 28 x 28."""
    digits = load_digits()
    grid = np.kron(digits.x[:700].reshape(-1, 8, 8), np.ones((1, 3, 3), dtype=np.uint8)) * 15
    images = np.pad(grid, ((0, 0), (2, 2), (2, 2))).astype(np.uint8)
    parts = {"train": slice(0, 500), "validation": slice(500, 600), "test": slice(600, 700)}
    arrays = {f"x_{part}": images[rows] for part, rows in parts.items()}
    np.savez(tmp_path / "mnist.npz", **arrays, **{f"y_{part}": digits.y[rows] for part, rows in parts.items()})
    return tmp_path


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_a_readers_script_runs_and_prints_the_books_lines(folder, library):
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    environment = os.environ | {"XPNET_BACKEND": library, "XPNET_DATA_DIR": str(folder), "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-W", "error", "-c", SCRIPT]
    ran = subprocess.run(words, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.fullmatch(EXPECTED, ran.stdout)
