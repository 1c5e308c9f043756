"""Exercises on matrix norms in use: low rank, shrinking singular values, recommenders."""

import numpy as np

from xpnet import linalg
from xpnet.exercises.answers import Slip, function, value
from xpnet.exercises.words import Words

A = np.asarray([[3.0, 1.0], [1.0, 3.0], [0.0, 2.0]])

EXERCISES = {
    "gaps": value(
        [6, 2],
        Words("Rank 1: every row is a multiple of the last one.", "秩为 1：每一行都是最后一行的倍数。"),
        Slip([2, 6], Words("The other order.", "次序反了。")),
    ),
    "nearest": value(
        [[0, 0], [-4, 0]],
        Words("Keep the term of the largest singular value.", "保留最大奇异值对应的那一项。"),
        Slip([[0, 3], [0, 0]], Words("This is the term of the smaller one.", "这是较小奇异值的那一项。")),
        Slip([[0, 0], [4, 0]], Words("The sign belongs to u and v: keep it.", "符号属于 u 和 v：要保留。")),
    ),
    "shrink": value(
        [4, 1, 0],
        Words("Subtract t, but do not go below 0.", "减去 t，但不低于 0。"),
        Slip([4, 1, -0.5], Words("A singular value is never negative.", "奇异值不会是负数。")),
        Slip([5, 2, 0], Words("The large ones shrink, too.", "大的也要减小。")),
    ),
    "prox": function(
        lambda a, t: linalg.prox_nuclear(a, t),
        [(A, 0.5), (A, 3.0)],
        Words("Shrink s, then put u, s and vh together again.", "先缩小 s，再把 u、s、vh 乘回去。"),
        Slip(lambda a, t: a, Words("This is the matrix as it was.", "这还是原来的矩阵。")),
    ),
    "factors": value(
        [6, 6.5],
        Words(
            "A matrix of rank 1 has one singular value: the product of two lengths.",
            "秩 1 矩阵只有一个奇异值：两个长度之积。",
        ),
        Slip([6, 13], Words("The sum of squares has a factor of 1/2.", "平方和前面有因子 1/2。")),
    ),
}
