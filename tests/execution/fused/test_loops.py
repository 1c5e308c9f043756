"""The loop of a fused operation, by Python and by Numba, gives NumPy's bits."""

import numpy as np
import pytest
from every_kernel import single
from loop_compilers import COMPILERS, by_python

from xpnet.execution.fused.fusion import Fused, Input, Local, Operation, evaluate_on_numpy
from xpnet.execution.fused.loops import loop_of
from xpnet.execution.fused.operations import BOOL, COMPARISONS, INTEGER, SHIFTS
from xpnet.execution.fused.python_operations import EXACT, has_equal_bits
from xpnet.execution.numpy_tape.compiling import fixed_view
from xpnet.execution.numpy_tape.numba_compiler import _compile
from xpnet.execution.recording.calls import Call, Layout, Value

SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-40, -1e-40, 88.0, -104.0, 0.5, -2.5, 3.7e4]
ALONE = {"positive", "negative", "abs", "sign", "square", "sqrt", "reciprocal", "floor", "ceil", "trunc"} | {
    "isnan",
    "isfinite",
    "isinf",
}
PAIRS = {"add", "subtract", "multiply", "divide"} | COMPARISONS


@pytest.fixture(params=COMPILERS)
def compiler(request):
    return by_python if request.param == "python" else by_numba


def by_numba(text, kinds):
    return _compile(text, kinds, True)


def run(fused, given, compiler, *, over=None, parts=1):
    """Return the outputs of a fused operation for these arrays; output i lies in the array of input ``over[i]``."""
    over = over or {}
    given = [np.array(x, order="K") if i in over.values() else x for i, x in enumerate(given)]
    layouts = [Layout.of(x) for x in given]
    outputs = [
        given[over[i]] if i in over else fused.operations[local - len(given)].layout.zeros()
        for i, (local, _) in enumerate(fused.outputs)
    ]
    arrays = [*given, *outputs]
    same = [next(j for j, y in enumerate(arrays) if y is x) for x in arrays]
    loop = loop_of(fused, [*layouts, *map(Layout.of, outputs)], same)
    views = [fixed_view(arrays[view.array], view) for view in loop.views]
    made = compiler(loop.text, loop.kinds)
    for part in range(parts):
        made(*views, loop.length * part // parts, loop.length * (part + 1) // parts)
    return outputs


def check(fused, given, compiler, **how):
    with np.errstate(all="ignore"):
        expected = evaluate_on_numpy(fused, [np.array(x) for x in given])
    for a, b in zip(run(fused, given, compiler, **how), map(np.asarray, expected), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(np.signbit(a[a == 0]), np.signbit(b[b == 0]))


def check_all(cases, compiler):
    """Check operations, each on its own arrays, as one loop for all that have the same ones: to compile is slow."""
    groups = {}
    for fused, given in cases:
        groups.setdefault(tuple(map(id, given)), []).append((fused, given))
    for group in groups.values():
        n = len(group[0][1])
        operations = tuple(fused.operations[0] for fused, _ in group)
        outputs = tuple((Local(n + i), Value(operation.layout)) for i, operation in enumerate(operations))
        fused, given = group[0]
        check(Fused(fused.shape, fused.inputs, operations, outputs), given, compiler)


def equal(name, *args):
    """Return whether a compiled loop is said to give NumPy's bits for an operation."""
    values = [Value(Layout.of(x)) if isinstance(x, np.ndarray) else x for x in args]
    with np.errstate(all="ignore"):
        made = Layout.of(np.asarray(getattr(np, name)(*args)))
    call = Call(name, tuple(values), {}, ())
    call.outs = (Value(made, call),)
    return has_equal_bits(call)


# ---- each operation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_floating_operation(dtype, compiler, rng):
    special = np.asarray(SPECIAL, dtype)
    x, y = (np.concatenate([np.repeat(special, len(special)), rng.standard_normal(50).astype(dtype)]) for _ in "xy")
    y[: len(special) ** 2] = np.tile(special, len(special))
    cases = [(single(name, x), [x]) for name in sorted(ALONE)]
    cases += [(single(name, x, y), [x, y]) for name in sorted(PAIRS)]
    cases += [(single(name, x, number), [x]) for name in sorted(PAIRS) for number in (0.1, 3, float("inf"))]
    cases += [(single(name, 1 / 3, x), [x]) for name in sorted(PAIRS)]
    cases += [(single(name, x, number), [x]) for name in ("maximum", "minimum") for number in (-0.1, 40)]
    cases += [(single("where", x > y, x, y), [x > y, x, y]), (single("where", x > y, x, -0.0), [x > y, x])]
    check_all(cases, compiler)


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint8", "uint32", "uint64"])
def test_each_integer_operation_wraps(dtype, compiler, rng):
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    x, y = (np.concatenate([rng.integers(low, high, 50, dtype), np.asarray([low, high, 0, 1], dtype)]) for _ in "xy")
    alone = {"negative", "abs", "square", "bitwise_invert", "sign", "logical_not"}
    pairs = {*INTEGER, *COMPARISONS, "maximum", "minimum", "divide", "logical_and", "logical_or"} - alone
    cases = [(single(name, x), [x]) for name in sorted(alone)]
    cases += [(single(name, x, y), [x, y]) for name in sorted(pairs)]
    cases += [(single(name, x, n), [x]) for name in sorted(SHIFTS) for n in (0, 3, 7)]
    cases += [(single("multiply", x, 3), [x]), (single("add", 0.5, x), [x])]
    if compiler is by_python:  # NumPy's scalars have their own rules for what is out of range
        cases = [case for case in cases if case[0].operations[0].name not in ("negative", "abs", "bitwise_invert")]
    check_all(cases, compiler)


def test_each_operation_on_truth_values_and_every_cast(compiler):
    x, y = np.asarray([True, True, False, False]), np.asarray([True, False, True, False])
    cases = [(single(name, x, y), [x, y]) for name in sorted(BOOL.keys() - {"bitwise_invert"})]
    cases += [(single(name, x), [x]) for name in ("bitwise_invert", "logical_not")]
    for a in ("bool", "uint8", "int32", "int64", "float32", "float64"):
        given = np.asarray([0.0, 0.5 if a == "uint8" else -1.75, 2.5, 100.0]).astype(a)
        for b in ("bool", "int32", "int64", "float32", "float64"):
            layout = Layout.of(given.astype(b))
            cast = Operation("astype", (Local(0), layout.dtype), layout)
            fused = Fused((4,), (Input(Value(Layout.of(given))),), (cast,), ((Local(1), Value(layout)),))
            cases.append((fused, [given]))
    check_all(cases, compiler)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_constants_are_exact(dtype, compiler):
    x = np.zeros(1, dtype)
    numbers = [0.1, 1 / 3, -2.5e-40, 1e-320, 3.4e38, 1e39, float("inf"), -float("inf"), float("nan"), 7, True]
    with np.errstate(over="ignore"):
        check_all([(single("add", x, number), [x]) for number in numbers], compiler)


def test_integers_wrap_between_operations(compiler, rng):
    x = rng.integers(-(2**31), 2**31, 50, np.int32)
    whole, real = Layout.of(x), Layout.of(np.zeros(50))
    operations = (
        Operation("multiply", (Local(0), 0x21F0AAAD), whole),
        Operation("bitwise_right_shift", (Local(1), 3), whole),
        Operation("astype", (Local(1), real.dtype), real),
        Operation("less", (Local(1), 0), Layout.of(x < 0)),
    )
    outputs = tuple((Local(k), Value(operations[k - 1].layout)) for k in (2, 3, 4))
    check(Fused((50,), (Input(Value(whole)),), operations, outputs), [x], compiler)


def test_nothing_is_contracted(compiler, rng):
    x, y, z = (rng.random(100) for _ in "xyz")
    values = [Value(Layout.of(v)) for v in (x, y, z)]
    layout = values[0].layout
    operations = Operation("multiply", (Local(0), Local(1)), layout), Operation("add", (Local(3), Local(2)), layout)
    check(Fused((100,), tuple(map(Input, values)), operations, ((Local(4), Value(layout)),)), [x, y, z], compiler)


def test_what_rounds_or_ties_otherwise_is_left_to_numpy():
    x, n = np.ones(3, np.float32), np.ones(3, np.int32)
    assert all(equal(name, x) for name in ALONE)
    assert not any(equal(name, x) for name in ("exp", "tanh", "log1p", "sin", "rint"))
    assert not equal("pow", x, 2.0)
    assert not equal("maximum", x, 0.0)  # of two zeros
    assert not equal("maximum", x, x)
    assert equal("maximum", x, 1.0)
    assert equal("maximum", n, 0)
    assert equal("bitwise_right_shift", n, 31)
    assert not equal("bitwise_right_shift", n, 32)
    assert not equal("bitwise_right_shift", n, n)
    assert not equal("less", n.astype(np.int64), n.astype(np.uint64))
    assert not equal("add", x.astype(np.float16), 1.0)
    assert not equal("add", x.astype(complex), 1.0)
    assert not equal("add", x.astype(">f4"), x)
    layout = Layout.of(np.ones(3, np.uint8))
    cast = Call("astype", (Value(Layout.of(x)), layout.dtype), {}, ())
    cast.outs = (Value(layout, cast),)
    assert not has_equal_bits(cast)  # of a number out of range
    assert EXACT > COMPARISONS


# ---- shapes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [1, 3, 7])
def test_rows_columns_numbers_stacks_and_views_broadcast(parts, compiler, rng):
    a, b, stack = rng.random((4, 3)), rng.random((3, 4)).T, rng.random((2, 4, 3))
    shapes = [(4, 3), (1, 3), (4, 1), (3,), (), (1, 1)]
    cases = [(x, rng.random(s)) for s in shapes for x in (a, b, a[:, ::-1], a[::2][:1])]
    cases += [(stack, rng.random(s)) for s in [(2, 1, 1), (1, 4, 1), (2, 1, 3), (4, 1), (2, 4, 3)]]
    cases += [(b, b), (rng.random((2, 1, 3)), b), (a[1:, :], a[:3, :])]
    cases += [(np.asarray(2.0), np.asarray(3.0)), (a[:1, :1], a[1:2, 1:2])]
    for x, y in cases:
        check(single("subtract", x, y), [x, y], compiler, parts=parts)
        if compiler is by_python:
            check(single("subtract", y, x), [y, x], compiler, parts=parts)


def test_neighboring_axes_become_one():
    def lengths(*arrays):
        fused = single("add", *arrays)
        layouts = [*map(Layout.of, arrays), fused.operations[0].layout]
        return [view.shape for view in loop_of(fused, layouts, [0, 1, 2]).views]

    stack = np.zeros((2, 4, 3))
    assert lengths(stack, stack) == [(24,)] * 3
    assert lengths(stack, np.zeros((2, 1, 1))) == [(2, 12), (2,), (2, 12)]
    assert lengths(stack, np.zeros(3)) == [(8, 3), (3,), (8, 3)]
    assert lengths(stack, np.zeros((2, 1, 3))) == [(2, 4, 3), (2, 3), (2, 4, 3)]
    assert lengths(stack[:, ::2, :], stack[:, ::2, :]) == [(4, 3)] * 3
    assert lengths(stack[:, 1:3, :], stack[:, 1:3, :]) == [(2, 6)] * 3
    assert lengths(stack[:, 1:3, 1:], stack[:, 1:3, 1:]) == [(2, 2, 2)] * 3
    assert lengths(stack[:, :1, :], stack[:1, :1, :1]) == [(2, 3), (1,), (2, 3)]


def test_a_result_may_lie_in_an_argument(compiler, rng):
    x, y = rng.random((4, 3)), rng.random(3)
    check(single("subtract", x, y), [x, y], compiler, over={0: 0})
    values = [Value(Layout.of(v)) for v in (x, x, y)]
    layout = values[0].layout
    operations = (
        Operation("subtract", (Local(0), Local(1)), layout),
        Operation("multiply", (Local(0), Local(2)), layout),
        Operation("add", (Local(3), Local(4)), layout),
    )
    outputs = (Local(3), Value(layout)), (Local(5), Value(layout))
    check(Fused((4, 3), tuple(map(Input, values)), operations, outputs), [x, 2 * x, y], compiler, over={0: 0, 1: 1})


def test_only_the_range_that_is_asked_for_is_written(compiler):
    x = np.arange(1.0, 8.0)
    fused = single("negative", x)
    loop = loop_of(fused, [Layout.of(x), Layout.of(x)], [0, 1])
    y = np.zeros(7)
    compiler(loop.text, loop.kinds)(x, y, 2, 5)
    np.testing.assert_array_equal(y, [0, 0, -3, -4, -5, 0, 0])


def test_equal_operations_on_other_sizes_share_a_text():
    texts = set()
    for n in (5, 50):
        x = np.zeros((n, 3))
        fused = single("add", x, np.zeros(3))
        texts.add(loop_of(fused, [Layout.of(x), Layout.of(np.zeros(3)), Layout.of(x)], [0, 1, 2]).text)
    assert len(texts) == 1
