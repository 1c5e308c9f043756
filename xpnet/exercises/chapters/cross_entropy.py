"""Exercises on the cross-entropy: its value, its slope, and learning slowdown."""

import numpy as np

from xpnet import nn
from xpnet.exercises.answers import Slip, function, value
from xpnet.exercises.words import Words

X, Y = np.asarray([[1.0, 0.0], [2.0, -1.0], [0.0, 3.0]]), np.asarray([1.0, 0.0, 1.0])


def gradient(w: np.ndarray, b: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the derivatives by the weights of one neuron with cross-entropy."""
    return x.T @ (nn.sigmoid(x @ w + b) - y) / len(y)


def with_slope(w: np.ndarray, b: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the derivatives with the quadratic cost."""
    a = nn.sigmoid(x @ w + b)
    return x.T @ ((a - y) * a * (1 - a)) / len(y)


EXERCISES = {
    "value": value(
        -(np.log(0.8) + np.log(0.9)) / 2,
        Words(
            "Where y is 1, only ln a counts; where it is 0, only ln(1 − a).",
            "y 为 1 时只有 ln a；为 0 时只有 ln(1 − a)。",
        ),
        Slip(-(np.log(0.8) + np.log(0.9)), Words("A mean over the examples, not a sum.", "对样本求平均，不是求和。")),
        Slip(-(np.log10(0.8) + np.log10(0.9)) / 2, Words("The natural logarithm.", "用自然对数。")),
    ),
    "slowdown": value(
        [0.98 * 0.98 * 0.02, 0.98],
        Words(
            "Quadratic: (a − y) a (1 − a) x. Cross-entropy: what cancels?",
            "平方：(a − y) a (1 − a) x。交叉熵：约去了什么？",
        ),
        Slip(
            [0.98, 0.98 * 0.98 * 0.02], Words("The other order: the quadratic cost first.", "次序反了：先写平方损失。")
        ),
    ),
    "half": value(
        np.log(2),
        Words("Put a = y = 1/2 into the formula.", "把 a = y = 1/2 代入公式。"),
        Slip(0, Words("It is 0 only if y is 0 or 1.", "只有 y 是 0 或 1 时才等于 0。")),
    ),
    "gradient": function(
        gradient,
        [(np.asarray([0.5, -1.0]), 0.2, X, Y), (np.asarray([0.0, 0.0]), 0.0, X, Y)],
        Words("The mean over the examples of x (a − y).", "x (a − y) 对样本的平均值。"),
        Slip(with_slope, Words("The slope should have cancelled.", "斜率应当已经约去。")),
        Slip(
            lambda w, b, x, y: len(y) * gradient(w, b, x, y),
            Words("Divide by the number of examples.", "要除以样本数。"),
        ),
        Slip(lambda w, b, x, y: -gradient(w, b, x, y), Words("The sign: a − y.", "符号：是 a − y。")),
    ),
}
