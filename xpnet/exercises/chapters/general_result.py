"""Exercises on several outputs: softmax, log-likelihood, and their simple error."""

import numpy as np

from xpnet import nn
from xpnet.exercises.answers import Slip, function, value
from xpnet.exercises.words import Words

AT = [(np.asarray([0.0, 1.0, 2.0]),), (np.asarray([-1.0, 3.0]),)]


EXERCISES = {
    "softmax": function(
        nn.softmax,
        AT,
        Words("Exponentials, divided by their sum.", "先取指数，再除以它们的和。"),
        Slip(lambda z: np.exp(z), Words("The outputs must add up to 1.", "输出之和必须是 1。")),
        Slip(
            lambda z: nn.sigmoid(z), Words("These are sigmoids: they do not add up to 1.", "这是 sigmoid：和不是 1。")
        ),
    ),
    "shift": function(
        lambda z: z.max(),
        [(np.asarray([1000.0, 2.0]),), (np.asarray([-900.0, -905.0]),)],
        Words(
            "Exponentials must not overflow, and not all vanish: what is the largest number that exp should see?",
            "指数既不能溢出，也不能全部变成 0：exp 见到的最大数应当是多少？",
        ),
    ),
    "log-likelihood": value(
        np.log(4),
        Words(
            "Find the probability of the right class; its logarithm is the cost, but for the sign.",
            "先求正确类别的概率；代价是它的对数，差一个符号。",
        ),
        Slip(-np.log(4), Words("A cost is not negative.", "代价不会是负数。")),
        Slip(0.25, Words("This is the probability of the class.", "这是该类别的概率。")),
    ),
    "error": value(
        [0.125, -0.75, 0.625],
        Words("The error is a − y, and y is 1 for one class only.", "误差是 a − y，y 只在一个类别上为 1。"),
        Slip([-0.125, 0.75, -0.625], Words("The sign: a − y.", "符号：是 a − y。")),
        Slip([0.125, 0.25, 0.625], Words("These are the outputs; subtract the targets.", "这是输出；还要减去目标。")),
    ),
    "pair": function(
        lambda z0, z1: z1 - z0,
        [(0.0, 1.0), (2.0, -1.5)],
        Words("Divide numerator and denominator by exp(z1).", "分子、分母同除以 exp(z1)。"),
        Slip(
            lambda z0, z1: z0 - z1, Words("This gives the probability of the other class.", "这给出的是另一类的概率。")
        ),
    ),
}
