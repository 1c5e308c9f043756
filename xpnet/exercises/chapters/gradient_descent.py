"""Exercises on the cost of one neuron, a step by hand, and the learning rate."""

from collections.abc import Callable
from typing import Any

import numpy as np

from xpnet.exercises.answers import Slip, function, value
from xpnet.exercises.words import Words


def descend(gradient: Callable[[Any], Any], v: Any, eta: float, steps: int) -> Any:
    """Return where some steps of gradient descent end."""
    for _ in range(steps):
        v = v - eta * gradient(v)
    return v


EXERCISES = {
    "cost": value(
        0.125,
        Words("First z = w x + b, then a, then the cost.", "先求 z = w x + b，再求 a，最后求代价。"),
        Slip(0.25, Words("The quadratic cost has a factor of 1/2.", "平方损失前面有因子 1/2。")),
    ),
    "step": value(
        [0.75, 0.5],
        Words(
            "Both outputs are 1/2. The derivative by w is (a − y) a (1 − a) x; that by b is the same without x.",
            "两个输出都是 1/2。对 w 的偏导数是 (a − y) a (1 − a) x；对 b 的偏导数少一个 x。",
        ),
        Slip([1.5, 1.0], Words("The step takes the mean over the mini-batch.", "步长用的是小批上的平均值。")),
        Slip([-0.75, -0.5], Words("Against the gradient, not along it.", "应当逆着梯度走，而不是顺着。")),
    ),
    "eta": value(
        1.0,
        Words("A step multiplies v by 1 − 2 eta. When does |v| grow?", "每一步把 v 乘以 1 − 2 eta。|v| 何时变大？"),
        Slip(
            0.5,
            Words(
                "At 0.5 a single step reaches the minimum: that is the best.", "取 0.5 时一步到达最小值：那是最好的。"
            ),
        ),
    ),
    "descend": function(
        descend,
        [(lambda v: 2 * v, np.asarray([1.0, -2.0]), 0.25, 3), (lambda v: v - 3, 0.0, 0.1, 20)],
        Words("Ask for the gradient anew in every step.", "每一步都要重新求梯度。"),
        Slip(lambda g, v, eta, n: descend(g, v, -eta, n), Words("Against the gradient.", "应当逆着梯度走。")),
        Slip(lambda g, v, eta, n: v - n * eta * g(v), Words("The gradient changes on the way.", "梯度一路上在变。")),
        Slip(lambda g, v, eta, n: descend(g, v, eta, 1), Words("Take all of the steps.", "要走完所有的步数。")),
    ),
}
