"""Exercises on sigmoid neurons: the curve, its slope, odds, and small changes."""

import numpy as np

from xpnet import nn
from xpnet.exercises.answers import Slip, function, value
from xpnet.exercises.words import Words

AT = [(np.asarray([-3.0, -0.5, 0.0, 2.0]),), (np.asarray([[1.0], [4.0]]),)]


def slope(z: np.ndarray) -> np.ndarray:
    """Return the derivative of the sigmoid."""
    return nn.sigmoid.derivative(z, nn.sigmoid(z))


EXERCISES = {
    "sigmoid": function(
        nn.sigmoid,
        AT,
        Words("At z = 0 it is 1/2. What is yours there?", "z = 0 时它等于 1/2。你的函数在那里是多少？"),
        Slip(lambda z: nn.sigmoid(-z), Words("The exponent has the other sign.", "指数的符号反了。")),
    ),
    "slope": function(
        slope,
        AT,
        Words("At z = 0 the slope is 1/4. What is yours there?", "z = 0 时斜率是 1/4。你的函数在那里是多少？"),
        Slip(nn.sigmoid, Words("This is the sigmoid itself.", "这是 sigmoid 函数本身。")),
        Slip(lambda z: z * (1 - z), Words("The formula wants the output a, not z.", "公式里应代入输出 a，而不是 z。")),
    ),
    "odds": value(
        np.log(9),
        Words("Solve a = 1 / (1 + exp(−z)) for z.", "从 a = 1 / (1 + exp(−z)) 解出 z。"),
        Slip(np.log10(9), Words("It is the natural logarithm.", "用的是自然对数。")),
        Slip(9, Words("These are the odds; z is their logarithm.", "这是几率；z 是它的对数。")),
        Slip(nn.sigmoid(np.asarray(0.9)), Words("The other way round: 0.9 is the output.", "反过来：0.9 是输出。")),
    ),
    "small-change": value(
        0.015,
        Words("First z: then you know the slope there.", "先求 z，就知道那里的斜率了。"),
        Slip(
            0.06,
            Words("This is the change of z. By what factor does a follow?", "这是 z 的变化。a 随之变化时要乘什么？"),
        ),
    ),
    "sharp": value(
        46,
        Words("Solve sigmoid(0.1 c) = 0.99, and round up.", "解方程 sigmoid(0.1 c) = 0.99，再向上取整。"),
        Slip(45, Words("At 45 the output is still a little below 0.99.", "取 45 时输出还略小于 0.99。")),
    ),
}
