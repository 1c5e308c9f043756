"""Exercises on the practice of chapter 3: weight decay, dropout, initial weights, momentum, a training."""

from typing import Any

import numpy as np

from xpnet import data
from xpnet.exercises.answers import Slip, holds, value
from xpnet.exercises.words import Words


def reads_digits(result: Any) -> bool:
    """Return whether a trained network reads 95 % of the digits that were put aside."""
    digits = data.load_digits()
    labels = np.asarray(digits.y)
    test = data.stratified_split(labels, 0.2, seed=0).test
    return bool((np.asarray(result.predict(digits.x[test] / 16)) == labels[test]).mean() >= 0.95)


EXERCISES = {
    "decay": value(
        0.9975,
        Words("1 − eta lambda / n.", "1 − eta lambda / n。"),
        Slip(-1.5, Words("Where is n?", "n 到哪里去了？")),
        Slip(
            0.0025,
            Words("This is what is taken away; the factor is what is left.", "这是减去的部分；因子是剩下的部分。"),
        ),
    ),
    "dropout": value(
        0.5,
        Words(
            "The mean must stay: what was multiplied by the share that is kept must be divided by it.",
            "平均值要保持不变：保留的比例是多少，就除以多少。",
        ),
        Slip(0.32, Words("The other way round: divide.", "反了：应当除。")),
        Slip(2.0, Words("0.2 is the share that is dropped.", "0.2 是丢掉的比例。")),
    ),
    "initial": value(
        [np.sqrt(101), np.sqrt(1.25)],
        Words(
            "Variances of independent numbers add up: one for each input that is 1, and one for the bias.",
            "独立随机数的方差相加：每个取 1 的输入贡献一份，偏置贡献一份。",
        ),
        Slip([101, 1.25], Words("These are the variances.", "这是方差。")),
        Slip([10, 0.5], Words("The bias scatters, too.", "偏置也在波动。")),
    ),
    "momentum": value(
        [0.7, 3.7],
        Words("First v' = mu v − eta g, then w' = w + v'.", "先算 v' = mu v − eta g，再算 w' = w + v'。"),
        Slip([1.1, 4.1], Words("Against the gradient.", "应当逆着梯度走。")),
    ),
    "digits": holds(
        reads_digits,
        Words(
            "It reads fewer than 95 % of the digits put aside. Train longer, or change eta or the hidden layer.",
            "留出的数字识别正确的不到 95 %。可以多训练几个迭代期，或改变 eta、隐藏层。",
        ),
    ),
}
