"""The C text of a fused operation, compiled for this processor, gives what NumPy gives.

On a GPU the same text is compiled by NVRTC; that has not been tested on a GPU yet.
"""

import numpy as np
import pytest
from c_kernels import compiled, needs_compiler, ulps
from every_kernel import MIXED, single
from training_steps import NETWORKS, OPTIMIZERS, SETTINGS, expansions, prepare

from xpnet.backend import get
from xpnet.execution.fused.fusion import Fused, Input, Local, Operation, evaluate_on_numpy, fuse, layout_of
from xpnet.execution.fused.kernels import NVRTC_OPTIONS, Operand, source
from xpnet.execution.fused.operations import BOOL, FLOATING, INTEGER
from xpnet.execution.recording.calls import Layout, Value
from xpnet.execution.recording.flat import flatten
from xpnet.execution.recording.recorder import UnrecordableError
from xpnet.execution.recording.recording import record_step
from xpnet.training import sgd

pytestmark = needs_compiler

# rounded as IEEE 754 says, so equal to the last bit; the others are as good as a library makes them
ROUNDED = {"exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh"} | {
    "asin",
    "acos",
    "atan",
    "pow",
    "power",
}
# of zeros with two signs NumPy gives the first or the second, as the processor has it
OPEN = ("maximum", "minimum")
COMPARED = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-40, -1e-40, 88.0, -104.0, 0.5, 3.7e4]


def check(cases, folder):
    """Assert that compiled kernels and NumPy agree on (fused, arrays)."""
    kernels = compiled([source(fused) for fused, _ in cases], folder)
    zero = np.zeros(1, np.int32)
    for kernel, (fused, given) in zip(kernels, cases, strict=True):
        with np.errstate(all="ignore"):
            expected = evaluate_on_numpy(fused, given)
        found = [layout_of(place).zeros() for _, place in fused.outputs]
        kernel(*given, *found, zero, 0)
        far = {operation.name for operation in fused.operations} & ROUNDED
        for a, b in zip(found, map(np.asarray, expected), strict=True):
            assert a.dtype == b.dtype
            if not far:
                np.testing.assert_array_equal(a, b)
                if len(fused.operations) == 1 and fused.operations[0].name not in OPEN:
                    np.testing.assert_array_equal(np.signbit(a[a == 0.0]), np.signbit(b[b == 0.0]))
            elif len(fused.operations) == 1:
                assert ulps(a, b) <= 2, far
            else:
                np.testing.assert_allclose(a, b, rtol=0, atol=1e-5 if a.dtype == "float32" else 1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_floating_operation(dtype, tmp_path, rng):
    special = np.asarray(SPECIAL, dtype)
    x, y = (np.concatenate([np.repeat(special, 13), special, rng.standard_normal(500).astype(dtype)]) for _ in "xy")
    y[:169] = np.tile(special, 13)
    pairs = {"add", "subtract", "multiply", "divide", "pow", "power", "maximum", "minimum", *COMPARED}
    names = (FLOATING.keys() | {"sign", "positive", *pairs}) - {"power"}
    arguments = {name: (x, y) if name in pairs else (x,) for name in sorted(names)}
    cases = [(single(name, *given), list(given)) for name, given in arguments.items()]
    cases += [(single(name, x, 0.1), [x]) for name in ("add", "multiply", "maximum", "less")]
    cases += [(single(name, 1, x), [x]) for name in ("subtract", "divide")]
    cases += [(single("where", x > 0, x, float("inf")), [x > 0, x]), (single("power", x, 3), [x])]
    check(cases, tmp_path)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_each_integer_operation(dtype, tmp_path, rng):
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    x, y = (np.concatenate([rng.integers(low, high, 200, dtype), np.asarray([low, high, 0, 1], dtype)]) for _ in "xy")
    alone = {"negative", "abs", "square", "bitwise_invert"}
    cases = [(single(name, x), [x]) for name in sorted(alone)]
    cases += [(single(name, x, y), [x, y]) for name in sorted({*INTEGER, *COMPARED, "maximum", "minimum"} - alone)]
    cases += [(single("divide", x, y), [x, y]), (single("multiply", x, 3), [x]), (single("add", 0.5, x), [x])]
    check(cases, tmp_path)


def test_each_operation_on_truth_values_and_every_cast(tmp_path):
    x, y = np.asarray([True, True, False, False]), np.asarray([True, False, True, False])
    numbers = np.asarray([0.0, -1.75, 2.5, 100.0])
    cases = [(single(name, x, y), [x, y]) for name in sorted(BOOL.keys() - {"bitwise_invert"})]
    cases += [(single(name, x), [x]) for name in ("bitwise_invert", "logical_not")]
    for a in ("bool", "uint8", "int32", "int64", "float32", "float64"):
        given = np.abs(numbers).astype(a)
        for b in ("bool", "uint8", "int32", "int64", "float32", "float64"):
            layout = Layout.of(given.astype(b))
            cast = Operation("astype", (Local(0), layout.dtype), layout)
            cases.append(
                (Fused((4,), (Input(Value(Layout.of(given))),), (cast,), ((Local(1), Value(layout)),)), [given])
            )
    check(cases, tmp_path)


def test_rows_columns_numbers_and_views_broadcast(tmp_path, rng):
    a, b = rng.random((4, 3)), rng.random((3, 4)).T
    shapes = [(4, 3), (1, 3), (4, 1), (3,), (), (1, 1)]
    cases = [(single("subtract", x, rng.random(s)), None) for s in shapes for x in (a, b, a[:, ::-1], a[::2][:1])]
    cases += [(single("subtract", rng.random((2, 1, 3)), b), None), (single("multiply", b, b), None)]
    check([(fused, [_like(x.place.layout, rng) for x in fused.inputs]) for fused, _ in cases], tmp_path)


def test_rows_are_counted_from_the_end_if_they_are_negative(tmp_path, rng):
    table, rows = rng.random((5, 3)), np.asarray([4, -1, 0, -5])
    columns, chosen = np.asarray(table.T, order="C"), rng.integers(-5, 5, (3, 4))
    values = [Value(Layout.of(x)) for x in (table, rows, columns, chosen)]
    cases = []
    for name, (x, y), role in [("take", values[:2], "rows"), ("take_along_axis", values[2:], "broadcast")]:
        layout = Layout.of(np.zeros((4, 3) if name == "take" else (3, 4)))
        operation = Operation(name, (Local(0), Local(1)), layout)
        inputs = Input(x, "table"), Input(y, role)
        given = [table, rows] if name == "take" else [columns, chosen]
        cases.append((Fused(layout.shape, inputs, (operation,), ((Local(2), Value(layout)),)), given))
    check(cases, tmp_path)


def _like(layout, rng):
    made = layout.zeros()
    made[...] = (
        rng.random(layout.shape) < 0.5
        if layout.dtype.kind == "b"
        else rng.integers(0, 2, layout.shape).astype(layout.dtype)
    )
    if layout.dtype.kind == "f":
        made[...] += rng.random(layout.shape).astype(layout.dtype)
    return made


# ---- whole steps ------------------------------------------------------------------------------------------


def fused_steps():
    """Yield every fused operation of many steps."""
    given = [(NETWORKS[n], OPTIMIZERS[o], SETTINGS[s]) for n, o, s in MIXED] + [
        (NETWORKS["plain"], sgd(0.5), {"expand": expansion}) for expansion in expansions()
    ]
    for network, optimizer, settings in given:
        step, carry, inputs = prepare(network, optimizer, get("numpy"), **settings)
        recording = record_step(step, carry, inputs[0])
        yield from (x for x in fuse(recording, flatten(recording)) if isinstance(x, Fused))


def test_whole_steps(tmp_path, rng):
    cases = [(fused, [_like(layout_of(x.place), rng) for x in fused.inputs]) for fused in fused_steps()]
    assert len(cases) > 200
    check(cases, tmp_path)


# ---- steps, constants, and what cannot run in a kernel ---------------------------------------------------------------


def test_what_moves_on_with_the_step_is_read_where_counter_and_ahead_say(tmp_path):
    x, y = np.arange(12.0).reshape(4, 3), np.full((4, 3), -1.0)
    fused = single("multiply", x[0], 2.0)
    layout = layout_of(fused.inputs[0].place)
    (kernel,) = compiled([source(fused, [Operand(layout, 3)], [Operand(layout, 3)])], tmp_path)
    kernel(x, y, np.asarray([1], np.int32), 2)
    np.testing.assert_array_equal(y[3], 2.0 * x[3])
    assert (y[:3] == -1.0).all()


def test_nothing_is_contracted(tmp_path, rng):
    x, y, z = (rng.random(1000) for _ in "xyz")
    values = [Value(Layout.of(v)) for v in (x, y, z)]
    layout = values[0].layout
    operations = Operation("multiply", (Local(0), Local(1)), layout), Operation("add", (Local(3), Local(2)), layout)
    check(
        [(Fused(layout.shape, tuple(map(Input, values)), operations, ((Local(4), Value(layout)),)), [x, y, z])],
        tmp_path,
    )
    assert "-fmad=false" in NVRTC_OPTIONS


@pytest.mark.parametrize(
    "number", [0.1, 0.1 + 0.2, 1 / 3, -2.5e-40, 1e-320, 3.4e38, 1e39, float("inf"), float("nan"), 7, True]
)
def test_constants_are_exact(number, tmp_path):
    cases = []
    for dtype in ("float32", "float64"):
        x = np.zeros(1, dtype)
        with np.errstate(over="ignore"):
            cases.append((single("add", x, number), [x]))
    check(cases, tmp_path)


def test_an_operation_without_a_form_is_refused():
    x = np.ones(3)
    with pytest.raises(UnrecordableError, match="arctan2 cannot run in a kernel"):
        source(single("arctan2", x, x))
    with pytest.raises(UnrecordableError, match="kernels cannot compute in complex128"):
        source(single("add", x, np.ones(3, complex)))
