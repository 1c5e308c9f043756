"""Digits in the book's form, and the book's loop in plain NumPy, for the door to be held against."""

# ruff: noqa: NPY002  (the book draws from the global generators, and so must what is held against it)

import random
from itertools import pairwise

import numpy as np

from xpnet.data import load_digits


def digits(n, labels=False, start=0):
    """Return n digits as pairs of columns, pixels 0 to 1, with unit columns or labels."""
    found = load_digits()
    x, y = found.x[start : start + n, :, None] / 16.0, found.y[start : start + n]
    return list(zip(x, y.tolist() if labels else np.eye(10)[y][..., None], strict=True))


class Reference:
    """What the book describes, written once more: example after example, sum by sum, in plain NumPy."""

    def __init__(self, sizes, cross_entropy):
        self.b = [np.random.randn(n, 1) for n in sizes[1:]]
        self.w = [np.random.randn(n, m) for m, n in pairwise(sizes)]
        if cross_entropy:
            self.w = [w / np.sqrt(w.shape[1]) for w in self.w]
        self.cross_entropy = cross_entropy

    def activations(self, x):
        found = [x]
        for w, b in zip(self.w, self.b, strict=True):
            found.append(1.0 / (1.0 + np.exp(-(w.dot(found[-1]) + b))))
        return found

    def add_gradient(self, x, y, sum_b, sum_w):
        a = self.activations(x)
        delta = a[-1] - y
        if not self.cross_entropy:
            delta = delta * a[-1] * (1.0 - a[-1])
        for l in reversed(range(len(self.w))):
            sum_b[l] += delta
            sum_w[l] += np.outer(delta, a[l])
            delta = self.w[l].T.dot(delta) * a[l] * (1.0 - a[l])

    def train(self, data, epochs, size, eta, lmbda=0.0):
        for _ in range(epochs):
            random.shuffle(data)
            for k in range(0, len(data), size):
                batch = data[k : k + size]
                sum_b, sum_w = [0.0 * b for b in self.b], [0.0 * w for w in self.w]
                for x, y in batch:
                    self.add_gradient(x, y, sum_b, sum_w)
                step = eta / len(batch)
                self.w = [w - eta * lmbda / len(data) * w - step * g for w, g in zip(self.w, sum_w, strict=True)]
                self.b = [b - step * g for b, g in zip(self.b, sum_b, strict=True)]

    def hits(self, data):
        return sum(int(np.argmax(self.activations(x)[-1]) == label) for x, label in data)

    def cost(self, data, lmbda):
        total = 0.0
        for x, y in data:
            a = self.activations(x)[-1]
            if self.cross_entropy:
                total -= np.sum(y * np.log(a) + (1.0 - y) * np.log(1.0 - a))
            else:
                total += 0.5 * np.sum((a - y) ** 2)
        return (total + 0.5 * lmbda * sum(np.sum(w**2) for w in self.w)) / len(data)
