"""Fused operations give the bits of the operations that they are made of, and there are few of them."""

import numpy as np
import pytest
from training_steps import MIXES, NETWORKS, OPTIMIZERS, SETTINGS, expansions, prepare

from xpnet.backend import get, namespace
from xpnet.execution.fused.fusion import Fused, evaluate_on_numpy, fuse
from xpnet.execution.loop import run
from xpnet.execution.recording.calls import Call, Layout, Value, function, map_nested
from xpnet.execution.recording.flat import FlatCall, FlatRecording, Vector, VectorPart, flatten, members
from xpnet.execution.recording.recording import Recording, record_step
from xpnet.nn import Network
from xpnet.recommend.factorization import FactorModel
from xpnet.training import adam, sgd
from xpnet.trees import leaves, map_arrays


def fused_items(step, carry, inputs):
    recording = record_step(step, carry, inputs)
    return recording, fuse(recording, flatten(recording))


def play(recording, items, carry, entry):
    """Run the items of one step with plain NumPy, each value in its own array."""
    known = {id(s): x for s, x in zip([*recording.carry, *recording.inputs], [*carry, *entry], strict=True)}

    def look(x):
        if isinstance(x, VectorPart):
            return np.concatenate([known[id(value)].reshape(-1) for value in members(x)])
        return known[id(x)] if isinstance(x, Value) else x

    def put(place, value):
        values = members(place) if isinstance(place, VectorPart) else (place,)
        cuts = np.cumsum([value.layout.size for value in values])[:-1]
        for member, piece in zip(values, np.split(np.reshape(value, -1), cuts), strict=True):
            known[id(member)] = piece.reshape(member.layout.shape)

    for item in items:
        if isinstance(item, Fused):
            values = evaluate_on_numpy(item, [look(x.place) for x in item.inputs])
            for (_, place), value in zip(item.outputs, values, strict=True):
                put(place, value)
        else:
            made = function(item.name, np)(*map_nested(look, item.args), **map_nested(look, item.kwargs))
            known.update({id(s): x for s, x in zip(item.outs, made if item.several else (made,), strict=True)})
    return [look(x) for x in recording.new_carry], look(recording.output)


def same_bits(step, carry, inputs):
    with np.errstate(all="ignore"):
        for each in inputs:
            recording, items = fused_items(step, carry, each)
            first = map_arrays(lambda x: x[:1], each)
            expected, output = run(step, carry, first)
            found, shown = play(recording, items, leaves(carry), [x[0] for x in leaves(first)])
            for a, b in zip([*leaves(expected), output[0]], [*found, shown], strict=True):
                assert a.dtype == b.dtype
                np.testing.assert_array_equal(a, b)
            carry = expected
    return items


def kernels(items):
    return [x for x in items if isinstance(x, Fused) or x.outs[0].base is None]


@pytest.mark.parametrize(("network", "optimizer", "settings"), MIXES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fused_steps_keep_every_bit(network, optimizer, settings, dtype):
    backend = get("numpy", dtype=dtype)
    same_bits(*prepare(NETWORKS[network], OPTIMIZERS[optimizer], backend, **SETTINGS[settings]))


@pytest.mark.parametrize("expansion", expansions())
def test_expanded_images(expansion):
    items = same_bits(*prepare(NETWORKS["plain"], sgd(0.5), get("numpy"), expand=expansion))
    assert not any(isinstance(x, Call) and x.name == "take_along_axis" for x in items)


@pytest.mark.parametrize("penalty", ["frobenius", "l21"])
def test_factor_models(penalty):
    model = FactorModel(n_users=5, n_items=7, k=3, mean=3.0, penalty=penalty)
    same_bits(*prepare(model, adam(0.01), get("numpy"), l2=0.1))


# ---- how many there are -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "optimizer", "expected"),
    [([784, 30, 10], "sgd", 12), ([784, 30, 10], "adam", 12), ([784, 512, 512, 10], "adam", 18)],
)
def test_a_step_is_few_kernels(sizes, optimizer, expected):
    step, carry, inputs = prepare(Network(sizes), OPTIMIZERS[optimizer], get("numpy"), n=20, batch=10)
    _, items = fused_items(step, carry, inputs[0])
    assert len(kernels(items)) == expected


def test_values_in_between_are_not_written():
    def step(carry, x):
        a = namespace(x).tanh(0.5 * x + carry[0])
        return (carry[0] - 0.1 * a,), a

    (fused,) = same_bits(step, (np.ones(3),), [np.arange(6.0).reshape(2, 3)])
    assert [operation.name for operation in fused.operations] == ["multiply", "add", "tanh", "multiply", "subtract"]
    assert len(fused.inputs) == 2
    assert len(fused.outputs) == 2


# ---- what may not be fused --------------------------------------------------------------------------------


def test_operations_with_a_reduction_or_a_view_between_them_are_not_fused():
    def step(carry, x):
        xp = namespace(x)
        a = 2.0 * x
        b = a - xp.max(a, axis=-1, keepdims=True)
        return (carry[0] + b.T,), b[::-1, :] * a

    items = same_bits(step, (np.ones((3, 2)),), [np.arange(12.0).reshape(2, 2, 3) ** 2])
    shapes = [x.shape for x in items if isinstance(x, Fused)]
    assert shapes.count((2, 3)) == 3  # a; b; and, behind the view, the output
    assert shapes.count((3, 2)) == 1


def test_a_table_is_read_from_memory_even_if_it_was_just_computed():
    def step(carry, x):
        xp = namespace(x)
        doubled = 2.0 * carry[0]
        order = xp.astype(x, xp.int64)
        return (doubled,), xp.take(doubled, order, axis=0) + x

    items = same_bits(step, (np.arange(3.0),), [np.asarray([[2.0, 0.0, 1.0], [-1.0, 1.0, 0.0]])])
    assert len(items) == 2
    assert [operation.name for operation in items[1].operations] == ["astype", "take", "add"]


def test_neighbors_in_a_vector_are_not_mistaken_for_one_another():
    def step(carry, x):
        ((w, v),) = (carry[0],)
        w, v = w + x, v + x  # both in one vector, both needed alone as well
        return ((w * 2.0, v * 2.0),), w - v

    same_bits(step, ((np.ones(3), np.zeros(3)),), [np.arange(6.0).reshape(2, 3)])


def test_parts_that_overlap_are_not_mistaken_for_one_another():
    layout = Layout.of(np.zeros(2))
    given, made, last = (tuple(Value(layout) for _ in range(n)) for n in (2, 3, 2))
    source, middle, end = Vector(given), Vector(made), Vector(last)
    doubled = FlatCall("multiply", (2.0, VectorPart(source)), VectorPart(middle, 0, 2), made[:2])
    moved = FlatCall("negative", (VectorPart(middle, 1, 3),), VectorPart(end), last)
    recording = Recording([], list(given), [made[2]], list(last), last[0])
    items = fuse(recording, FlatRecording([doubled, moved], [source, middle, end]))
    assert [len(x.operations) for x in items] == [1, 1]
    numbers = [np.full(2, float(i)) for i in (1, 2)]
    carried, _ = play(recording, items, numbers, [np.full(2, 5.0)])
    np.testing.assert_array_equal(carried, [[-4.0, -4.0], [-5.0, -5.0]])


def test_python_numbers_types_and_where():
    def step(carry, x):
        xp = namespace(x)
        n = xp.astype(x, xp.int32) % 3
        kept = xp.where(n == 1, x, -0.5) ** 3
        return (carry[0] + xp.astype(n << 2, x.dtype) / 7,), xp.sign(kept) * xp.astype(x > 2, x.dtype)

    same_bits(step, (np.ones(3),), [np.arange(6.0).reshape(2, 3)])
