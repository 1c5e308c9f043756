"""Exercises on the four equations: a 2-2-1 network by hand, and finite differences."""

from collections.abc import Callable

from xpnet.exercises.answers import Slip, function, value
from xpnet.exercises.words import Words


def central(f: Callable[[float], float], v: float, h: float) -> float:
    """Return the central difference of a function."""
    return (f(v + h) - f(v - h)) / (2 * h)


EXERCISES = {
    "forward": value(
        [0.5, 0.5, 0.5],
        Words("The weighted inputs are simple numbers: look at them first.", "带权输入都是简单的数：先看看它们。"),
        Slip([0, 0, 0], Words("These are the weighted inputs; now the sigmoid.", "这是带权输入；再代入 sigmoid。")),
    ),
    "bp1": value(
        -0.125,
        Words("BP1: the derivative of the cost by a, times the slope at z.", "BP1：代价对 a 的导数，乘以 z 处的斜率。"),
        Slip(-0.5, Words("The slope of the sigmoid is missing.", "漏了 sigmoid 的斜率。")),
        Slip(0.125, Words("Mind the sign of a − y.", "注意 a − y 的符号。")),
    ),
    "bp2": value(
        [-0.0625, 0.125],
        Words("BP2: send the error back through the weights, then the slopes.", "BP2：误差经权重传回，再乘斜率。"),
        Slip([-0.25, 0.5], Words("The slopes of the hidden neurons are missing.", "漏了隐藏神经元的斜率。")),
    ),
    "bp4": value(
        [[-0.0625, -0.125], [0.125, 0.25]],
        Words(
            "BP4: row j, column k is the error of neuron j times input k.",
            "BP4：第 j 行第 k 列是神经元 j 的误差乘输入 k。",
        ),
        Slip([[-0.0625, 0.125], [-0.125, 0.25]], Words("Transposed: a row is a neuron.", "转置了：一行是一个神经元。")),
    ),
    "difference": function(
        central,
        [(lambda v: v**3, 2.0, 0.1), (lambda v: 1 / v, 4.0, 0.5)],
        Words("Look to both sides of v, at a distance of 2 h.", "在 v 的两侧各取一点，相距 2 h。"),
        Slip(lambda f, v, h: (f(v + h) - f(v)) / h, Words("This looks to one side only.", "这只看了一侧。")),
        Slip(lambda f, v, h: 2 * central(f, v, h), Words("How far apart are the two points?", "两点相距多远？")),
    ),
}
