"""`train`, from its arguments to its result."""

import numpy as np
import pytest
from tools import UNGUARDED, assert_at_home, assert_close, no_looking

from xpnet.backend import Backend, get, to_numpy
from xpnet.data import load_digits, stratified_split
from xpnet.execution.loop import Loop
from xpnet.nn import Layer, Network
from xpnet.training import Callback, adam, adamw, clip_norm, momentum, schedules, sgd, train
from xpnet.training import loop as loop_module
from xpnet.training.watching.stopping import no_improvement
from xpnet.trees import leaves, map_arrays


@pytest.fixture(scope="module")
def digits():
    found = load_digits()
    return found.x / 16.0, found.y


@pytest.fixture
def few(digits):
    """A quarter of the digits: PyTorch and array-api-strict take a millisecond for a step."""
    return digits[0][::4], digits[1][::4]


@pytest.fixture
def blobs(rng):
    """Two clouds, well apart: 40 rows of 3 numbers, labels 0 and 1."""
    y = np.arange(40) % 2
    return rng.standard_normal((40, 3)) + 4.0 * y[:, None], y


# ---- learning ---------------------------------------------------------------------------------------------


def test_train_learns_on_every_backend(backend, blobs):
    x, y = blobs
    result = train(Network([3, 4, 2]), (x, y), epochs=8, backend=backend, validation=(x, y))
    assert_at_home(backend, result.parameters, result.best_parameters)
    assert result.history[-1].validation_accuracy == 1.0
    assert result.stopped_by == "epochs"
    predicted = result.predict(backend.asarray(x))
    assert_at_home(backend, predicted)
    assert to_numpy(predicted).tolist() == y.tolist()
    assert (result.predict(x) == y).all()
    assert type(result.predict(x)) is np.ndarray


@pytest.mark.parametrize("seed", range(3))
def test_digits_are_read_above_95_percent(digits, seed):
    x, y = digits
    split = stratified_split(y, 0.2, seed)
    result = train(Network([64, 30, 10]), (x[split.train], y[split.train]), seed=seed)
    assert (result.predict(x[split.test]) == y[split.test]).mean() > 0.95


@pytest.mark.parametrize(
    ("network", "optimizer", "l2"),
    [
        (Network([64, 30, 10]), sgd(0.5), 0.0),
        (Network([64, 20, 10], hidden="tanh", cost="log_likelihood", dropout=0.2), adam(0.01), 0.1),
        (Network([64, 20, 10], cost="quadratic"), momentum(0.5, 0.5), 1.0),
    ],
    ids=["sgd", "adam-dropout", "momentum-l2"],
)
def test_five_epochs_of_digits_end_at_the_same_weights_everywhere(few, float64, network, optimizer, l2):
    there, numpy = float64, get("numpy", dtype="float64")
    fit = {"epochs": 5, "optimizer": optimizer, "l2": l2, "seed": 7}
    first, second = (train(network, few, backend=home, **fit) for home in (numpy, there))
    assert_at_home(there, second.parameters)
    for a, b in zip(leaves(first.parameters), leaves(second.parameters), strict=True):
        np.testing.assert_allclose(to_numpy(b), a, rtol=0, atol=1e-10)
    assert second.history[-1].cost == pytest.approx(first.history[-1].cost, rel=1e-10)


def test_seeds_name_the_run(blobs):
    first, again, other = (train(Network([3, 4, 2]), blobs, epochs=2, seed=seed) for seed in (1, 1, 2))
    assert first.parameters[0].w.tobytes() == again.parameters[0].w.tobytes()
    assert first.parameters[0].w.tobytes() != other.parameters[0].w.tobytes()


def test_train_starts_where_initialize_does(blobs):
    network = Network([3, 4, 2])
    untouched = train(network, blobs, epochs=0, seed=3)
    assert untouched.parameters[0].w.tobytes() == network.initialize("numpy", seed=3)[0].w.tobytes()
    assert len(untouched.history) == 0


def test_batch_sizes_from_one_to_all(backend, blobs):
    for batch_size in (1, 7, 40, 1000, None):
        result = train(Network([3, 2]), blobs, epochs=1, batch_size=batch_size, backend=backend)
        assert np.isfinite(result.history[0].cost)


def test_a_full_batch_step_is_gradient_descent_by_hand(backend, blobs):
    network, (x, y) = Network([3, 4, 2]), blobs
    start = network.initialize(backend, seed=0)
    g = network.gradients(start, backend.asarray(x), backend.asarray(y))
    expected = map_arrays(lambda w, g: w - 0.5 * g, start, network.penalize(g, start, 40, 0.0, 2.0))
    result = train(network, blobs, epochs=1, batch_size=None, l2=2.0, backend=backend)
    for w, e in zip(leaves(result.parameters), leaves(expected), strict=True):
        assert_close(backend, w, to_numpy(e), "product")


@pytest.mark.parametrize(
    ("optimizer", "smallest"),
    [(adam(0.01), 1e-4), (sgd(lambda t: 0.5 / (t + 1)), 1e-2), (adamw(schedules.cosine(0.01, 12)), 1e-4)],
    ids=["adam", "schedule", "both"],
)
def test_training_is_a_loop_of_updates_written_by_hand(float64, blobs, optimizer, smallest):
    """Mini-batches in the epochs' orders, step by step: whoever miscounts the steps ends elsewhere."""
    network, (x, y) = Network([3, 4, 2]), blobs
    w = network.initialize(float64, seed=2)
    state = optimizer.init(w)
    for epoch in (1, 2, 3):
        order = float64.rng((2, epoch)).permutation(40)
        for rows in (order[:15], order[15:30], order[30:]):
            g = network.gradients(w, float64.asarray(x[rows]), float64.asarray(y[rows]))
            g = clip_norm(0.2)(network.penalize(g, w, 40, 0.0, 20.0))
            w, state = optimizer.update(g, state, w)
            w = network.constrain(w, 1.5)
    fit = {"l2": 20.0, "clip": clip_norm(0.2), "max_norm": 1.5, "seed": 2, "backend": float64}
    result = train(network, blobs, epochs=3, batch_size=15, optimizer=optimizer, **fit)
    for found, expected in zip(leaves(result.parameters), leaves(w), strict=True):
        assert_close(float64, found, to_numpy(expected), "training")
    first = optimizer.update(g, optimizer.init(w), w)[0][0].w  # the step that comes of counting from 0 again
    later = optimizer.update(g, state, w)[0][0].w
    assert np.abs(to_numpy(first) - to_numpy(later)).max() > smallest


def test_accuracy_of_targets_whose_rows_do_not_sum_to_one(backend, blobs):
    network, (x, _) = Network([3, 4, 3]), blobs
    y = np.random.default_rng(3).random((40, 3)) * [1.0, 0.2, 0.4]
    result = train(network, (x, y), validation=(x, y), epochs=1, batch_size=None, backend=backend)
    start, here = network.initialize(backend, seed=0), backend.asarray(x)
    before, after = (to_numpy(network.feedforward(w, here)).argmax(1) for w in (start, result.parameters))
    record = result.history[0]
    assert record.accuracy == pytest.approx((before == y.argmax(1)).mean(), abs=1e-6)
    assert record.validation_accuracy == pytest.approx((after == y.argmax(1)).mean(), abs=1e-6)
    assert 0.0 < record.validation_accuracy < 1.0


def test_history_costs_are_means_before_each_update(backend, blobs):
    network, (x, y) = Network([3, 4, 2]), blobs
    start = network.initialize(backend, seed=0)
    here = backend.asarray(x), backend.asarray(y)
    result = train(network, blobs, validation=blobs, epochs=1, batch_size=None, backend=backend)
    record = result.history[0]
    assert record.cost == pytest.approx(float(to_numpy(network.cost_value(start, *here))), rel=1e-5)
    after = float(to_numpy(network.cost_value(result.parameters, *here)))
    assert record.validation_cost == pytest.approx(after, rel=1e-5)
    assert record.accuracy == np.mean(to_numpy(network.predict(start, here[0])) == y)
    assert (record.epoch, record.eta) == (1, 0.5)
    assert record.seconds > 0


def test_running_means_weigh_a_short_last_batch_by_its_rows(blobs):
    network, (x, y) = Network([3, 2]), blobs
    start = network.initialize("numpy", seed=0)
    result = train(network, blobs, epochs=1, batch_size=30, optimizer=sgd(0.0), parameters=start)
    assert result.history[0].cost == pytest.approx(float(network.cost_value(start, x, y)), rel=1e-6)


def test_regression_learns_a_line_and_has_no_accuracy(backend, rng):
    x = rng.standard_normal((50, 2))
    y = x @ [2.0, -1.0] + 0.5
    network = Network([2, 1], output="linear", cost="quadratic")
    result = train(network, (x, y), epochs=60, optimizer=sgd(0.1), backend=backend, validation=(x, y))
    assert_close(backend, result.parameters[0].w, [[2.0, -1.0]], "training")
    assert (result.history[-1].accuracy, result.history[-1].validation_accuracy) == (None, None)
    assert result.history.best().validation_cost < 1e-6
    with pytest.raises(ValueError, match="network must end in sigmoid or softmax, got 'linear'"):
        result.predict_proba(x)


def test_integer_inputs_stay_small_until_their_batch(backend, rng):
    x, y = rng.integers(0, 17, (30, 4), dtype=np.uint8), np.arange(30) % 3
    seen = []

    class Spy(Network):
        def examples(self, *args, **kwargs):
            seen.append(super().examples(*args, **kwargs)[0].dtype)
            return super().examples(*args, **kwargs)

    whole = train(Spy([4, 3]), (x, y), epochs=2, backend=backend)
    floats = train(Network([4, 3]), (x.astype(float), y), epochs=2, backend=backend)
    assert backend.xp.isdtype(seen[0], "integral")
    assert_close(backend, whole.parameters[0].w, to_numpy(floats.parameters[0].w))


# ---- purity and the device --------------------------------------------------------------------------------


def test_a_training_step_never_looks_at_a_value(backend, blobs, monkeypatch):
    """Inside the steps of an epoch no array becomes a number, and everything stays in its dtype and place."""
    steps = []

    class Guarded(Loop):
        def __call__(self, carry, inputs):
            with no_looking(backend):
                carry, outputs = Loop.__call__(self, carry, inputs)
            assert_at_home(backend, carry, inputs, outputs)
            steps.append(inputs.rows.shape[0])
            return carry, outputs

    monkeypatch.setattr(loop_module, "executor", lambda step, library, steps=None: Guarded(step))
    for optimizer in (sgd(0.5), momentum(0.1), adam(0.01)):
        train(Network([3, 4, 2], dropout=0.5), blobs, epochs=1, optimizer=optimizer, l1=0.1, l2=0.1, backend=backend)
    assert steps == [4, 4, 4]


@pytest.mark.parametrize("validated", [False, True])
def test_an_epoch_is_read_once(backend, blobs, monkeypatch, validated):
    looks, read = [], loop_module.to_numpy
    monkeypatch.setattr(loop_module, "to_numpy", lambda x: looks.append(x) or read(x))
    train(Network([3, 2]), blobs, epochs=3, batch_size=7, validation=blobs if validated else None, backend=backend)
    assert len(looks) == 3


def test_the_guard_notices_a_look(backend):
    if backend.name in UNGUARDED:
        pytest.skip(f"the methods of {backend.name}'s arrays cannot be replaced")
    with no_looking(backend), pytest.raises(AssertionError, match="looked at a value"):
        float(backend.full((1,)))


def test_train_leaves_its_inputs_alone(backend, blobs):
    x, y = (backend.asarray(a) for a in blobs)
    network = Network([3, 4, 2], dropout=0.5)
    start = network.initialize(backend, seed=0)
    before = [to_numpy(a).copy() for a in (x, y, *leaves(start))]
    train(network, (x, y), epochs=2, parameters=start, optimizer=adam(0.1), backend=backend)
    for a, b in zip((x, y, *leaves(start)), before, strict=True):
        np.testing.assert_array_equal(to_numpy(a), b)


def test_train_runs_where_the_data_are(backend: Backend, blobs):
    x, y = blobs
    result = train(Network([3, 2]), (get(backend.name, device=backend.device).asarray(x), y), epochs=1)
    assert result.model.backend.name == backend.name


def test_result_moves_to_another_backend(blobs):
    result = train(Network([3, 2]), blobs, epochs=2)
    moved = result.to(get("array_api_strict", device="device1"))
    assert moved.model.backend.name == "array_api_strict"
    np.testing.assert_allclose(moved.predict_proba(blobs[0]), result.predict_proba(blobs[0]), atol=1e-6)


def test_predict_proba_of_one_output_has_two_columns(blobs):
    proba = train(Network([3, 1]), blobs, epochs=2).predict_proba(blobs[0])
    assert proba.shape == (40, 2)
    np.testing.assert_allclose(proba.sum(axis=1), 1.0, rtol=1e-6)


# ---- stopping ---------------------------------------------------------------------------------------------


def test_early_stopping_ends_training_and_keeps_the_best(digits):
    x, y = digits
    fit = {"epochs": 200, "stopping": no_improvement(3), "validation": (x[300:400], y[300:400])}
    result = train(Network([64, 30, 10]), (x[:300], y[:300]), **fit)
    history = result.history
    assert result.stopped_by == "no_improvement"
    assert len(history) == history.best().epoch + 3
    best = result.network.predict(result.best_parameters, np.asarray(x[300:400], dtype="float32"))
    assert (best == y[300:400]).mean() == pytest.approx(history.best().validation_accuracy)
    assert (result.parameters[0].w != result.best_parameters[0].w).any()


def test_divergence_ends_with_the_last_good_parameters(backend, blobs):
    network = Network([3, 4, 1], hidden="relu", output="linear", cost="quadratic")
    with pytest.warns(RuntimeWarning, match=r"training diverged in epoch \d+: .*smaller eta") as told:
        result = train(network, blobs, optimizer=sgd(50.0), backend=backend)
    assert len(told) == 1
    assert told[0].filename == __file__
    assert result.stopped_by == "diverged"
    assert not np.isfinite(result.history[-1].cost)
    assert all(np.isfinite(to_numpy(w)).all() for w in leaves((result.parameters, result.best_parameters)))
    assert "smaller eta" in result.advice


def test_parameters_that_overflow_after_a_finite_cost_are_divergence_too(blobs):
    network = Network([3, 1], output="linear", cost="quadratic")
    with pytest.warns(RuntimeWarning, match="training diverged in epoch 1"):
        result = train(network, blobs, epochs=1, batch_size=None, optimizer=sgd(3e38))
    assert result.stopped_by == "diverged"
    assert np.isfinite(result.parameters[0].w).all()


def test_callbacks_are_told_start_epochs_and_end(blobs):
    told = []

    class Listen(Callback):
        def start(self, plan):
            told.append((plan.examples, plan.batch_size, plan.epochs))

        def epoch(self, record, parameters):
            told.append((record.epoch, parameters[0].w.shape))

        def end(self, result):
            told.append(result.stopped_by)

    train(Network([3, 2]), blobs, epochs=2, callbacks=[Listen()])
    assert told == [(40, 10, 2), (1, (2, 3)), (2, (2, 3)), "epochs"]


def test_callbacks_may_look_in_every_few_steps(backend, blobs):
    class Listen(Callback):
        def __init__(self, every):
            self.every, self.told = every, []

        def steps(self, t, parameters):
            self.told.append((t, to_numpy(parameters[0].w).copy()))

    often, seldom = Listen(2), Listen(3)
    watched = train(Network([3, 2]), blobs, epochs=2, batch_size=5, callbacks=[often, seldom], backend=backend)
    assert [t for t, _ in often.told] == [2, 4, 6, 8, 10, 12, 14, 16]
    assert [t for t, _ in seldom.told] == [3, 6, 11, 14]
    alone = train(Network([3, 2]), blobs, epochs=2, batch_size=5, backend=backend)
    np.testing.assert_array_equal(to_numpy(watched.parameters[0].w), to_numpy(alone.parameters[0].w))
    np.testing.assert_array_equal(often.told[-1][1], to_numpy(watched.parameters[0].w))


def test_the_clock_is_an_argument():
    ticks = iter(range(100))
    settings = loop_module.Settings(epochs=2, batch_size=10, optimizer=sgd())
    numpy, network = get("numpy"), Network([3, 2])
    data = loop_module.Data(numpy.full((10, 3)), numpy.asarray(np.arange(10) % 2))
    outcome = loop_module.fit(
        network, network.initialize(numpy, seed=0), data, None, settings, numpy, clock=lambda: float(next(ticks))
    )
    assert outcome.history.column("seconds") == [1.0, 1.0]


# ---- bad input --------------------------------------------------------------------------------------------

X, Y = np.zeros((4, 2)), np.asarray([0, 1, 0, 1])


@pytest.mark.parametrize(
    ("data", "arguments", "error", "message"),
    [
        (X, {}, TypeError, r"data must be a pair \(x, y\), got ndarray"),
        ((X, Y), {"validation": X}, TypeError, r"validation must be a pair \(x, y\), got ndarray"),
        ((X, Y), {"validation": (X, Y[:3])}, ValueError, r"validation: y must have shape \(4,\)"),
        ((X, Y), {"validation": (X, Y * 0 + 1)}, ValueError, "validation: y must hold at least two classes .* only 1"),
        ((X, Y), {"epochs": -1}, ValueError, "epochs must be at least 0, got -1"),
        ((X, Y), {"epochs": 2.5}, TypeError, "epochs must be a whole number, got 2.5"),
        ((X, Y), {"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
        ((X, Y), {"seed": -1}, ValueError, "seed must be at least 0, got -1"),
        ((X, Y), {"l2": -1.0}, ValueError, "l2 must be finite and at least 0, got -1.0"),
        ((X, Y), {"l1": "much"}, TypeError, "l1 must be a number, got 'much'"),
        ((X, np.asarray([["a", "b"]] * 4)), {}, TypeError, "y must hold real numbers, got dtype <U1"),
        (([["a", "b"]] * 4, Y), {}, TypeError, "x must hold real numbers"),
        (([[1.0], [2.0, 3.0]], Y), {}, TypeError, "x must be a rectangular array of numbers"),
        ((X, np.zeros(4, dtype=int)), {}, ValueError, "y must hold at least two classes to tell apart, got only 0"),
        ((X, Y + 1), {}, ValueError, "y must hold labels between 0 and 1, got 2 in row 1"),
        ((X[:0], Y[:0]), {}, ValueError, "x must hold at least one example"),
        ((np.full((4, 2), np.nan), Y), {}, ValueError, "x must be finite, got nan in row 0, column 0"),
        ((X, Y), {"backend": "abacus"}, ValueError, "backend must be one of numpy, .* got 'abacus'"),
        ((X, Y), {"parameters": (Layer(np.zeros((2, 3)), np.zeros((1, 2))),)}, ValueError, r"parameters\[0\].w must"),
    ],
)
def test_train_refuses_bad_input_and_names_it(data, arguments, error, message):
    with pytest.raises(error, match=message):
        train(Network([2, 2]), data, **arguments)


def test_train_refuses_a_network_without_a_slope():
    with pytest.raises(ValueError, match="network must be differentiable to train, got a step activation"):
        train(Network([2, 3, 2], hidden="step"), (X, Y))


def test_divergence_keeps_the_best_epoch_of_the_validation(blobs):
    network, (x, y) = Network([3, 1], output="linear", cost="quadratic"), blobs
    how = {"validation": (x[:20], y[:20]), "batch_size": None, "optimizer": sgd(lambda t: 0.05 if t < 3 else 1e12)}
    with pytest.warns(RuntimeWarning, match="training diverged"):
        result = train(network, (x, y), epochs=9, **how)
    best = train(network, (x, y), epochs=3, **how)
    assert result.history.best().epoch == 3
    assert len(result.history) > 5  # the epochs in between were worse, and finite
    assert result.best_parameters[0].w.tobytes() == best.parameters[0].w.tobytes()


def test_weights_that_overflow_end_training_with_one_warning(rng):
    x, y = rng.random((200, 8)).astype("float32"), rng.integers(0, 3, 200)
    network = Network([8, 3])
    with pytest.warns(RuntimeWarning, match="training diverged") as told:
        result = train(network, (x, y), validation=(x, y), epochs=40, l2=1000.0, optimizer=sgd(10.0))
    assert len(told) == 1
    assert result.stopped_by == "diverged"


def test_the_learning_rate_of_a_record_is_that_of_the_last_step():
    x, y = np.eye(4), np.asarray([0, 1, 0, 1])
    schedule = schedules.exponential(1.0, 0.5, every=1)
    records = train(Network([4, 2]), (x, y), epochs=2, batch_size=2, optimizer=sgd(schedule)).history
    assert records.column("eta") == [schedule(1), schedule(3)]


def test_the_epoch_of_least_validation_cost_is_kept():
    host = np.random.default_rng(0)
    x, y = host.random((40, 4)), np.arange(40) % 3
    settings = {"validation": (host.random((30, 4)), np.arange(30) % 3), "epochs": 30, "optimizer": sgd(3.0)}
    by = {keep: train(Network([4, 20, 3]), (x, y), keep=keep, **settings) for keep in ("cost", "accuracy")}
    for keep, name, place in (("cost", "validation_cost", min), ("accuracy", "validation_accuracy", max)):
        values = by[keep].history.column(name)
        assert by[keep].best_record.epoch == values.index(place(values)) + 1
    assert by["cost"].best_record.epoch != by["accuracy"].best_record.epoch
    default = train(Network([4, 20, 3]), (x, y), **settings)
    assert default.best_record._replace(seconds=0.0) == by["cost"].best_record._replace(seconds=0.0)
    best = by["cost"]
    cost = float(best.network.cost_value(best.best_parameters, *(np.asarray(a) for a in settings["validation"])))
    assert cost == pytest.approx(best.best_record.validation_cost, rel=1e-5)


@pytest.mark.parametrize(
    ("network", "keep", "message"),
    [
        (Network([4, 3]), "loss", "keep must be one of cost, accuracy, got 'loss'"),
        (Network([4, 1], output="linear", cost="quadratic"), "accuracy", "keep must be cost for outputs that are"),
    ],
)
def test_what_cannot_be_kept(network, keep, message):
    with pytest.raises(ValueError, match=message):
        train(network, (np.eye(4), np.asarray([0, 1, 0, 1])), keep=keep)
