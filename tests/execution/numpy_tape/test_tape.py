"""The tape gives the plain loop's numbers, bit for bit, whatever the step is made of."""

import gc
import re
import tracemalloc
import warnings

import numpy as np
import pytest
from training_steps import MIXES, NETWORKS, OPTIMIZERS, SETTINGS, expansions, go, prepare, stack

from xpnet.backend import get, namespace
from xpnet.execution.loop import Loop
from xpnet.execution.numpy_tape.tape import Tape
from xpnet.nn import Network
from xpnet.recommend.factorization import FactorModel
from xpnet.training import adam, momentum, sgd
from xpnet.trees import leaves


def same_bits(step, carry, inputs):
    tape = Tape(step)
    with np.errstate(all="ignore"):
        replayed, plain = go(tape, carry, inputs), go(Loop(step), carry, inputs)
    assert tape.way.startswith("compiled NumPy program")
    for a, b in zip(replayed, plain, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(np.signbit(a[a == 0]), np.signbit(b[b == 0]))
    return tape


@pytest.mark.parametrize(("network", "optimizer", "settings"), MIXES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_optimizer_and_network(network, optimizer, settings, dtype):
    backend = get("numpy", dtype=dtype)
    same_bits(*prepare(NETWORKS[network], OPTIMIZERS[optimizer], backend, **SETTINGS[settings]))


@pytest.mark.parametrize("batch", [1, 2, 38])
def test_every_batch_size(batch):
    for optimizer in (sgd(0.5), adam(0.01)):
        same_bits(*prepare(NETWORKS["plain"], optimizer, get("numpy"), batch=batch, l2=1.0))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_large_layers_are_moved_block_by_block(optimizer, monkeypatch):
    monkeypatch.setenv("XPNET_FAST", "0")
    monkeypatch.setattr("xpnet.execution.numpy_tape.groups.BLOCK", 50)
    tape = same_bits(*prepare(Network([9, 20, 3]), OPTIMIZERS[optimizer], get("numpy"), l2=1.0))
    assert "in blocks" in tape.sources[0]


@pytest.mark.parametrize("expansion", expansions())
def test_expanded_images(expansion):
    same_bits(*prepare(NETWORKS["plain"], sgd(0.5), get("numpy"), expand=expansion))


@pytest.mark.parametrize(
    ("penalty", "settings"),
    [("frobenius", {"l2": 0.1}), ("l21", {"l1": 0.1, "l2": 0.1}), ("max_norm", {"max_norm": 1.0})],
)
def test_factor_models(penalty, settings):
    model = FactorModel(n_users=5, n_items=7, k=3, mean=3.0, penalty=penalty)
    for optimizer in (momentum(0.1), adam(0.01)):
        same_bits(*prepare(model, optimizer, get("numpy"), **settings))


def test_a_stack_of_networks_with_settings_of_their_own():
    same_bits(*stack())


# ---- what a recording must not do --------------------------------------------------------------------------


def test_nothing_that_is_given_is_written_to():
    step, carry, inputs = prepare(NETWORKS["dropout"], adam(0.01), get("numpy"), l2=1.0)
    given = [*leaves(carry), *leaves(tuple(inputs))]
    before = [x.copy() for x in given]
    tape = Tape(step)
    for _ in range(2):
        go(tape, carry, inputs)
    for x, y in zip(given, before, strict=True):
        np.testing.assert_array_equal(x, y)


def test_a_carry_from_elsewhere_is_taken_up_between_calls():
    step, carry, (inputs, _) = prepare(NETWORKS["plain"], momentum(0.1), get("numpy"))
    tape = Tape(step)
    first = go(tape, carry, [inputs])
    moved, _ = tape(carry, inputs)
    again = go(tape, carry, [inputs])  # from the start, though the tape's own memory is further on
    assert moved is not carry
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)


def test_each_shape_has_its_own_program_and_all_share_the_carrys_memory():
    step, carry, inputs = prepare(NETWORKS["plain"], sgd(0.5), get("numpy"))
    tape = Tape(step)
    stretch, _ = tape(carry, inputs[0])
    tail, _ = tape(stretch, inputs[1])
    assert len(tape.sources) == 2
    assert all(a is b for a, b in zip(leaves(stretch), leaves(tail), strict=True))


def test_a_layout_that_is_rare_is_left_to_the_plain_loop(monkeypatch):
    monkeypatch.setattr("xpnet.execution.numpy_tape.tape.WORTH_RECORDING", 3)
    calls, (step, carry, inputs) = [], prepare(NETWORKS["plain"], momentum(0.1), get("numpy"), l2=1.0)

    def noted(carry, inputs):
        calls.append(type(inputs.y).__name__)
        return step(carry, inputs)

    epochs = 4 * inputs  # a stretch, and a short mini-batch
    tape = same_bits(noted, carry, epochs)
    assert len(tape.sources) == 2
    recorded = [i for i, name in enumerate(calls) if name == "Recorded"]
    assert recorded == [0, 3]  # the stretch, two short mini-batches by the loop, and the third is worth it


def test_steps_that_are_known_to_be_few_are_left_to_the_plain_loop(monkeypatch):
    monkeypatch.setattr("xpnet.execution.numpy_tape.tape.WORTH_RECORDING", 10)
    monkeypatch.delenv("XPNET_FAST", raising=False)
    step, carry, inputs = prepare(NETWORKS["plain"], momentum(0.1), get("numpy"))
    few, more = Tape(step, 9), Tape(step, 10)
    for a, b in zip(go(few, carry, inputs), go(more, carry, inputs), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (len(few.sources), few.way) == (0, "plain loop: the steps are too few to be compiled")
    assert len(more.sources) == 1
    assert more.way.startswith("compiled NumPy program")  # other tests may have compiled its loops


def test_each_dtype_has_its_own_program():
    def step(carry, x):
        return (carry[0] + 1.0,), x * x

    counts = np.arange(6, dtype=np.int32).reshape(3, 2)
    tape = same_bits(step, (np.zeros(2, np.float32),), [counts.astype(np.float32), counts])
    assert len(tape.sources) == 2


def test_steps_that_swap_keep_or_end_in_constants():
    def step(carry, x):
        a, b, c, d = carry
        return (b, a, c, np.ones(2, dtype=np.float32)), a + x + d

    carry = tuple(np.full(2, float(i), dtype=np.float32) for i in range(4))
    same_bits(step, carry, [np.arange(6, dtype=np.float32).reshape(3, 2)])


def test_matrices_that_the_blas_cannot_read():
    def step(carry, x):
        (w,) = carry
        return (w + (x[:, ::2] @ w[::-1, :]),), x[:, ::2].T @ x

    same_bits(step, (np.eye(3, dtype=np.float32),), [np.random.default_rng(0).random((5, 3, 6), dtype=np.float32)])


@pytest.mark.parametrize("view", [lambda q: q, lambda q: q.T, lambda q: q[::-1, :]])
def test_leaves_may_move_by_one_value(view):
    def step(carry, x):
        ((a, b),) = carry
        q = view(namespace(x).tanh(x))
        return ((0.5 * a + q, 0.5 * b + q),), x

    carry = ((np.ones((2, 2)), np.full((2, 2), 2.0)),)
    same_bits(step, carry, [np.random.default_rng(0).random((3, 2, 2))])


@pytest.mark.parametrize(
    "choose",
    [
        lambda xp, x, d: xp.where(x > 0.5, d, x),
        lambda xp, x, d: xp.where(x > 0.5, x, d),
        lambda xp, x, d: xp.where(d > 0.5, x, d),
        lambda xp, x, d: xp.where(d > 0.5, 2.0 * d, x),
    ],
)
def test_a_choice_is_not_written_over_what_it_chooses_from(choose):
    def step(carry, x):
        xp = namespace(x)
        return carry, xp.tanh(2.0 * choose(xp, x, xp.tanh(x)))

    same_bits(step, (np.ones(2),), [np.random.default_rng(0).random((4, 2, 3))])


def test_an_old_value_that_is_still_needed_is_kept():
    def step(carry, x):
        (w,) = carry
        new = w * 0.5 + x
        return (new,), new - w  # the output looks at both

    same_bits(step, (np.ones(3, dtype=np.float32),), [np.arange(6, dtype=np.float32).reshape(2, 3)])


@pytest.mark.parametrize(
    "move",
    [
        lambda w, x: w.T + w[0:1, :],
        lambda w, x: w[:, 0:1] - w.T,
        lambda w, x: w[::-1, :] + w[0:1, :],
        lambda w, x: (w @ x) * w[0:1, :],
        lambda w, x: w[1:2, :] / (w @ x),
    ],
)
def test_a_row_or_column_spread_over_the_result_may_lie_in_it(move):
    def step(carry, x):
        return (move(carry[0], x),), x

    w, x = np.random.default_rng(0).random((2, 3, 3), dtype=np.float32)
    same_bits(step, (w,), [np.stack([x, x, x])])


def test_the_output_may_be_a_view_or_part_of_the_carry():
    def step(carry, x):
        (w,) = carry
        new = w + x
        return (new,), new.T

    same_bits(step, (np.ones((2, 3), dtype=np.float32),), [np.arange(12, dtype=np.float32).reshape(2, 2, 3)])
    same_bits(lambda carry, x: ((carry[0] + x,), x), (np.ones(3),), [np.arange(6.0).reshape(2, 3)])
    same_bits(lambda carry, x: ((carry[0] + x,), carry[0]), (np.ones(3),), [np.arange(6.0).reshape(2, 3)])


def test_the_output_may_be_a_leaf_of_a_vector():
    def step(carry, x):
        ((a, b),) = carry
        new = 0.5 * a + x
        return ((new, 0.5 * b + x),), new

    same_bits(step, ((np.ones((2, 2)), np.full((2, 2), 2.0)),), [np.random.default_rng(0).random((3, 2, 2))])


def test_numbers_may_be_carried_and_put_out():
    def step(carry, x):
        (total,) = carry
        return (total + x,), 2.0 * x

    same_bits(step, (np.asarray(1.0),), [np.arange(4.0)])
    same_bits(lambda carry, x: (carry, namespace(x).sum(x)), (np.ones(2),), [np.arange(6.0).reshape(2, 3)])


def test_a_sum_over_the_steps_is_not_computed_in_place(monkeypatch):
    """NumPy takes three times as long to add one number in place; the product of a row and a column is `dot`'s."""
    monkeypatch.setenv("XPNET_FAST", "0")

    def step(carry, x):
        w, added = carry
        return (w - x, added + w @ w.mT + 0.5), w

    tape = same_bits(step, (np.ones((1, 5)), np.zeros((1, 1))), [np.ones((3, 1, 5))])
    assert "dot(" in tape.sources[0]
    sums = re.findall(r"add\((\w+), (\w+), (\w+)\)", tape.sources[0])
    assert len(sums) == 2
    assert all(out not in (a, b) for a, b, out in sums)


def test_numbers_that_are_equal_but_differ_in_type_or_sign_are_not_taken_for_one_another():
    def signs(carry, x):
        return (1.0 / (x * -0.0),), 1.0 / (x * 0.0)

    def types(carry, x):
        n = namespace(x).astype(x, np.int64)
        return (carry[0] + n * 1,), n * 1.0

    for step in (signs, types):
        same_bits(step, (np.ones(3),), [np.arange(1.0, 7.0).reshape(2, 3)])


def test_operations_that_cannot_write_into_a_buffer_are_plain_calls():
    def step(carry, x):
        (w,) = carry
        xp = namespace(x)
        order = xp.argsort(x)
        ranked = xp.take(x, order, axis=0)
        parts = xp.unstack(xp.stack([w, ranked]))
        wide = xp.where(ranked > 0.5, xp.cumulative_sum(parts[0]), xp.roll(parts[1], 1))
        return (w + xp.flip(wide) * xp.linalg.vector_norm(x) ** 3,), xp.clip(wide, 0.1, 0.9)

    x = np.random.default_rng(0).random((4, 5), dtype=np.float32)
    same_bits(step, (np.ones(5, dtype=np.float32),), [x])


# ---- what cannot be recorded ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("look", "why"),
    [
        (lambda x: float(namespace(x).sum(x)), "looks at a value"),
        (lambda x: 1.0 if namespace(x).any(x > 0) else 2.0, "looks at a value"),
        (lambda x: np.asarray(x).sum(), "looks at a value"),
        (lambda x: x[x > 0].shape[0], "what a mask selects"),
        (lambda x: namespace(x).nonzero(x)[0].shape[0], "nonzero"),
        (lambda x: x.tolist()[0], "asks an array for 'tolist'"),
    ],
)
def test_a_step_that_depends_on_values_runs_step_by_step_and_says_so(look, why):
    def step(carry, x):
        return (carry[0] + look(x),), x

    carry, inputs = (np.ones(3),), np.arange(1.0, 7.0).reshape(2, 3)
    tape = Tape(step)
    with pytest.warns(RuntimeWarning, match=f"training runs step by step, slower: .*{why}"):
        (found,), _ = tape(carry, inputs)
    assert why in tape.way
    (expected,), _ = Loop(step)(carry, inputs)
    np.testing.assert_array_equal(found, expected)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tape(carry, inputs)  # said once


def test_an_error_of_the_step_is_the_steps():
    def step(carry, x):
        return (carry[0] @ x,), x

    with pytest.raises(ValueError, match="matmul"):
        Tape(step)((np.ones((2, 3)),), np.ones((1, 2, 3)))


# ---- memory -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("optimizer", "copies"), [("sgd", 2), ("momentum", 3), ("adam", 4)])
def test_memory_is_the_carry_the_gradients_and_little_more(optimizer, copies):
    step, carry, (inputs,) = prepare(Network([256, 512, 512, 3]), OPTIMIZERS[optimizer], get("numpy"), n=16, batch=8)
    size = sum(x.nbytes for x in leaves(carry[0]))
    tape = Tape(step)
    tape(carry, inputs)
    tracemalloc.start()
    tape = Tape(step)
    tape(carry, inputs)
    gc.collect()
    now, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert now < (copies + 1) * size + 2**20


def test_a_carry_of_another_shape_has_its_own_memory():
    """Two stacks of networks may read the same inputs: neither may see the other's parameters."""

    def step(carry, x):
        return (carry[0] + x,), carry[0] * x

    tape, inputs = Tape(step), np.asarray([1.0, 2.0])
    for carry in (np.zeros((3, 2)), np.zeros((1, 2)), np.ones((3, 2))):
        (result,), outputs = tape((carry,), inputs)
        np.testing.assert_array_equal(result, carry + 3.0)
        np.testing.assert_array_equal(outputs, [carry, 2.0 * (carry + 1.0)])


def shares_an_operand(reshaped):
    """Return a step whose two leaves are multiplied by the same array of their shape, a view or not."""

    def step(carry, x):
        (first, second), xp = carry[0], namespace(x)
        factor = 1.0 / (1.0 + xp.sum(first * first + second * second, axis=(-2, -1), keepdims=not reshaped))
        factor = xp.reshape(factor, (2, 1, 1)) if reshaped else factor
        return ((first - x * (factor * first), second - x * (factor * second)),), x

    return step


def crosses_operands(carry, x):
    """Two leaves that are computed from the same two values, in the two orders."""
    (first, second), xp = carry[0], namespace(x)
    first, second = xp.exp(first), xp.sqrt(xp.abs(second))
    return ((first - second, second - first),), x


@pytest.mark.parametrize("step", [shares_an_operand(True), shares_an_operand(False), crosses_operands])
def test_leaves_of_one_shape_may_share_an_operand_of_that_shape(step, rng):
    carry = ((rng.standard_normal((2, 1, 1)), rng.standard_normal((2, 1, 1))),)
    same_bits(step, carry, [rng.random(9)])
