"""Random steps of elementwise operations, views, products and sums: every way of running them has the same bits."""

import numpy as np
import pytest
from loop_compilers import use

from xpnet.backend import namespace
from xpnet.execution.loop import Loop
from xpnet.execution.numpy_tape import compiling, groups, workers
from xpnet.execution.numpy_tape.tape import Tape
from xpnet.trees import leaves

N = 3
# NumPy before 2.3 sums a reversed array, and multiplies some views, in the order of their memory: the last bits of
# products and sums then depend on where a value lies, in the plain loop as well
BY_LAYOUT = ("product", "sum") if np.lib.NumpyVersion(np.__version__) < "2.3.0" else ()
OPERATIONS = {  # of two values that broadcast to (N, N), two matrices and a number
    "add": lambda xp, u, v, a, b, n: u + v,
    "subtract": lambda xp, u, v, a, b, n: u - v,
    "multiply": lambda xp, u, v, a, b, n: 0.5 * u * v,
    "where": lambda xp, u, v, a, b, n: xp.where(a > 0.1, u, v),
    "scale": lambda xp, u, v, a, b, n: 0.1 * n * u + 1 / 3,
    "root": lambda xp, u, v, a, b, n: xp.sqrt(xp.abs(u)),
    "compare": lambda xp, u, v, a, b, n: xp.astype(u > v, u.dtype),
    "cast": lambda xp, u, v, a, b, n: xp.astype(2 * xp.astype(10 * u, xp.int32), u.dtype),
    "tanh": lambda xp, u, v, a, b, n: xp.tanh(u),
    "product": lambda xp, u, v, a, b, n: 0.3 * (a @ b),
    "sum": lambda xp, u, v, a, b, n: xp.sum(a, axis=n % 2, keepdims=True),
    "transposed": lambda xp, u, v, a, b, n: a.T,
    "reversed": lambda xp, u, v, a, b, n: a[::-1, :],
    "row": lambda xp, u, v, a, b, n: a[0:1, :],
    "column": lambda xp, u, v, a, b, n: a[:, 1:2],
}


def random_step(seed):
    """Return a step, its carry and its inputs: the parameters move alike, or each leaf becomes any value.

    The carry may hold an array after the parameters, which becomes any value, too.
    """
    rng = np.random.default_rng(seed)
    known = [name for name in OPERATIONS if name not in BY_LAYOUT]
    names, alike = rng.choice(known, rng.integers(4, 16)), rng.random() < 0.3
    picks, ends = rng.integers(0, 1000, (len(names), 5)), rng.integers(0, 1000, 5)
    after = [(), ((N, N),), ((1, N),)][rng.integers(3)]  # shapes of what comes after the parameters

    def step(carry, x):
        xp, values = namespace(x), [*leaves(carry), x]

        def pick(i, shapes=((N, N),)):
            fitting = [v for v in values if not shapes or v.shape in shapes]
            return fitting[i % len(fitting)]

        for name, (u, v, a, b, n) in zip(names.tolist(), picks.tolist(), strict=True):
            values.append(OPERATIONS[name](xp, pick(u, ()), pick(v, ()), pick(a), pick(b), n % 7))
        new = [pick(int(i), (w.shape,)) for i, w in zip(ends, leaves(carry[0]), strict=False)]
        if alike:
            new = [0.5 * w + each for w, each in zip(leaves(carry[0]), new, strict=True)]
            values += new
        return (tuple(new), *(pick(int(ends[4]), (shape,)) for shape in after)), pick(int(ends[3]))

    shapes = [(N, N), (N, N), (1, N), *after]
    w1, w2, b, *more = (np.asarray(rng.standard_normal(s), order="CF"[rng.integers(2)]) for s in shapes)
    return (
        step,
        ((w1, w2, b), *more),
        rng.standard_normal((3, N, 2 * N))[:, :, ::2] if seed % 2 else rng.standard_normal((3, N, N)),
    )


@pytest.mark.parametrize("way", ["calls", "blocks", "loops", "loops in parts"])
def test_random_steps(way, monkeypatch):
    use(monkeypatch, "python")
    monkeypatch.setenv("XPNET_FAST", "1" if "loops" in way else "0")
    monkeypatch.setattr(workers, "allowed_threads", lambda: 2)
    if way == "blocks":
        monkeypatch.setattr(groups, "BLOCK", 4)
    if way == "loops in parts":
        monkeypatch.setattr(compiling, "PART", 1e-3)
    for seed in range(150):
        step, carry, inputs = random_step(seed)
        tape, plain = Tape(step), Loop(step)
        with np.errstate(all="ignore"):
            found, outputs = tape(carry, inputs)
            expected, wanted = plain(carry, inputs)
            for a, b in zip([*leaves(found), outputs], [*leaves(expected), wanted], strict=True):
                np.testing.assert_array_equal(a, b, err_msg=f"seed {seed}")
                np.testing.assert_array_equal(np.signbit(a[a == 0]), np.signbit(b[b == 0]), err_msg=f"seed {seed}")
        assert tape.way.startswith("compiled NumPy program")
