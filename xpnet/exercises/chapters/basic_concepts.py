"""Exercises on the common terms: bias, cost, vectorizing, mini-batches, singular values."""

from itertools import product
from typing import Any

import numpy as np

from xpnet import nn
from xpnet.exercises.answers import Slip, function, holds, value
from xpnet.exercises.words import Words

RANDOM = np.random.default_rng(1)
W, B, X = RANDOM.standard_normal((2, 3)), RANDOM.standard_normal((2, 1)), RANDOM.standard_normal((3, 1))


def is_majority(bias: Any) -> bool:
    """Return whether three inputs of weight 1 with this bias fire if two of them are 1."""
    return all((sum(corner) + float(bias) > 0) == (sum(corner) >= 2) for corner in product((0, 1), repeat=3))


EXERCISES = {
    "bias": holds(
        is_majority,
        Words(
            "Write down w·x + b for one, two and three inputs that are 1: where must the sign change?",
            "分别写出有一个、两个、三个输入为 1 时的 w·x + b：符号应当在哪里改变？",
        ),
    ),
    "cost": value(
        0.15,
        Words(
            "Square the difference of each output, and add the six squares.", "先把每个输出的差平方，再把六个平方相加。"
        ),
        Slip(0.30, Words("The quadratic cost has a factor of 1/2.", "平方损失前面有因子 1/2。")),
        Slip(0.45, Words("Is it a sum over the examples, or a mean?", "对样本是求和，还是求平均？")),
    ),
    "layer": function(
        lambda w, b, x: nn.sigmoid(w @ x + b),
        [(W, B, X), (W, 0 * B, X)],
        Words(
            "The weighted input is a product of a matrix and a vector, plus a vector.",
            "带权输入是矩阵与向量之积再加一个向量。",
        ),
        Slip(lambda w, b, x: nn.sigmoid(w @ x), Words("Where is the bias?", "偏置到哪里去了？")),
        Slip(
            lambda w, b, x: w @ x + b,
            Words("This is the weighted input, not yet the activation.", "这是带权输入，还不是激活值。"),
        ),
    ),
    "steps": value(
        65,
        Words("How many mini-batches are there in one epoch?", "一个迭代期里有几个小批？"),
        Slip(60, Words("The last, shorter mini-batch is a step, too.", "最后那个较小的小批也要走一步。")),
        Slip(62.5, Words("There is no half step: the last mini-batch is shorter.", "没有半步：最后一个小批较小。")),
    ),
    "energy": value(
        36 / 49,
        Words("The energy is the sum of squares.", "能量是平方和。"),
        Slip(6 / 11, Words("Energy adds squares, not the values themselves.", "能量是平方相加，不是数值本身相加。")),
    ),
}
