"""Exercises on Gram-Schmidt and on norms of vectors and matrices."""

from typing import Any

import numpy as np

from xpnet import linalg
from xpnet.exercises.answers import Slip, holds, value
from xpnet.exercises.words import Words


def is_between_balls(point: Any) -> bool:
    """Return whether a point of the plane is outside the L1 unit ball and inside the L2 unit ball."""
    x = np.asarray(point, dtype=np.float64)
    return x.shape == (2,) and bool(linalg.norm(x, 1) > 1 and linalg.norm(x) < 1)


EXERCISES = {
    "gram-schmidt": value(
        [[0.6, 0.8, 0], [0, 0, 1], [0.8, -0.6, 0]],
        Words(
            "Each vector: take away its parts along those before, then divide by the length of what is left.",
            "对每个向量：减去它沿前面各方向的分量，再除以剩余部分的长度。",
        ),
        Slip(
            [[3, 4, 0], [0, 0, 5], [0.64, -0.48, 0]],
            Words("Orthogonal, but not of length 1.", "已经正交，但长度不是 1。"),
        ),
    ),
    "norms": value(
        [3, 11, 7, 6],
        Words("Count, add, square, take the largest: of absolute values.", "计数、相加、平方、取最大：都用绝对值。"),
        Slip([4, 11, 7, 6], Words("L0 counts entries that are not 0.", "L0 数的是不为 0 的元素。")),
        Slip([3, 5, 7, 6], Words("L1 adds absolute values.", "L1 是绝对值相加。")),
        Slip([3, 11, 49, 6], Words("L2 has a square root.", "L2 还要开平方。")),
    ),
    "balls": holds(
        is_between_balls,
        Words(
            "The L1 ball is a square on its corner, the L2 ball a circle around it: where is the circle outside?",
            "L1 球是立在角上的正方形，L2 球是它的外接圆：圆在哪里超出正方形？",
        ),
    ),
    "matrix": value(
        [5, 4, 7],
        Words(
            "First the singular values: two of them, from a matrix that is nearly diagonal.",
            "先求两个奇异值：这个矩阵差不多是对角的。",
        ),
        Slip([25, 4, 7], Words("Frobenius has a square root.", "Frobenius 范数还要开平方。")),
        Slip([5, 3, 7], Words("The spectral norm is the largest singular value.", "谱范数是最大的奇异值。")),
        Slip([5, 4, -1], Words("Singular values are never negative.", "奇异值不会是负数。")),
    ),
}
