"""Exercises on perceptrons: logic by hand, and the perceptron rule."""

from typing import Any

import numpy as np

from xpnet.exercises.answers import Slip, holds, value
from xpnet.exercises.words import Words

CORNERS = np.asarray([[0, 0], [0, 1], [1, 0], [1, 1]])


def fires(w: Any, b: Any, x: Any) -> Any:
    """Return 1 where a perceptron's weighted input is above 0, else 0."""
    return (x @ np.asarray(w, dtype=np.float64).T + np.asarray(b, dtype=np.float64) > 0).astype(int)


def is_nor(answer: Any) -> bool:
    """Return whether (w1, w2, b) makes NOR."""
    w1, w2, b = answer
    return fires([w1, w2], b, CORNERS).tolist() == [1, 0, 0, 0]


def is_xor(answer: Any) -> bool:
    """Return whether the weights and biases of two layers make XOR."""
    hidden_w, hidden_b, output_w, output_b = answer
    hidden = fires(hidden_w, hidden_b, CORNERS)
    return fires(output_w, output_b, hidden).ravel().tolist() == [0, 1, 1, 0]


EXERCISES = {
    "nor": holds(
        is_nor,
        Words(
            "At (0, 0) only the bias is left: which sign must it have? And what must one input be able to do to it?",
            "在 (0, 0) 处只剩偏置：它应取什么符号？任何一个输入为 1 时又应当怎样改变它？",
        ),
    ),
    "xor": holds(
        is_xor,
        Words(
            "Let one hidden perceptron say OR and another NAND. What must the output make of the two?",
            "让一个隐藏感知机实现“或”，另一个实现“与非”。输出应当怎样合并二者？",
        ),
    ),
    "rule": value(
        [2, 1, 1],
        Words(
            "First find what the perceptron says; then (y − a) is 1, 0 or −1.",
            "先求感知机的输出；y − a 是 1、0 或 −1。",
        ),
        Slip(
            [0, -3, -1],
            Words("The step has the wrong direction: y − a, not a − y.", "方向反了：是 y − a，不是 a − y。"),
        ),
        Slip(
            [1, -1, 0],
            Words("Is the perceptron right here? Compute w·x + b.", "感知机在这里答对了吗？算一算 w·x + b。"),
        ),
    ),
    "separable": value(
        [1, 1, 0, 1, 0],
        Words(
            "Draw the four corners of the square: can a straight line separate the 1s from the 0s?",
            "画出正方形的四个角：能用一条直线把 1 和 0 分开吗？",
        ),
    ),
}
