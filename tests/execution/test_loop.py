"""Running a step many times."""

import numpy as np
from tools import assert_close

from xpnet.backend import to_numpy
from xpnet.execution import run
from xpnet.trees import leaves


def test_run_hands_the_carry_on_and_stacks_the_outputs(backend):
    def step(carry, entry):
        total, count = carry
        x, _ = entry
        return (total + x, count + 1), 2.0 * x

    inputs = (backend.asarray([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), None)
    (total, count), outputs = run(step, (backend.full((2,)), 0), inputs)
    assert_close(backend, total, [9.0, 12.0])
    assert count == 3
    assert_close(backend, outputs, 2.0 * np.asarray([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))


def test_run_leaves_its_arguments_alone(backend):
    carry = (backend.full((2,), 5.0), (backend.asarray([[1.0], [2.0]]),))
    inputs = (backend.asarray([[1.0, 2.0], [3.0, 4.0]]), backend.asarray([7.0, 8.0]))
    given = [*leaves(carry), *leaves(inputs)]
    before = [np.array(to_numpy(x)) for x in given]

    def step(carry, entry):
        (total, (column,)), (x, number) = carry, entry
        return (total + x, (column * number,)), 2.0 * x

    run(step, carry, inputs)
    assert all(x is y for x, y in zip([*leaves(carry), *leaves(inputs)], given, strict=True))
    for x, y in zip(given, before, strict=True):
        np.testing.assert_array_equal(to_numpy(x), y)
