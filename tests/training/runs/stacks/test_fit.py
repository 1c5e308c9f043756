"""Every network of a stack ends as it would have ended alone: bit for bit on NumPy, to rounding elsewhere."""

from time import monotonic

import numpy as np
import pytest

from xpnet import Expansion, Network, adam, clip_norm, momentum, rmsprop, schedules, sgd, train, train_many
from xpnet.backend import to_numpy
from xpnet.training import History, adagrad, adamw, nesterov
from xpnet.training.steps.evaluator import Evaluator
from xpnet.training.watching.stopping import Verdict, halve_on_plateau, no_improvement, target
from xpnet.trees import leaves

SHOWN = ("cost", "accuracy", "validation_cost", "validation_accuracy", "eta")


@pytest.fixture
def one_jax(backend):
    """`backend`; JAX, which compiles every training anew, is left to the tests that take `backend` itself."""
    if backend.name == "jax":
        pytest.skip("JAX compiles every training anew: the seeds and the folds stand for the other tests")
    return backend


def table(n=53, n_in=9, classes=3):
    host = np.random.default_rng(5)
    x, y = host.random((n, n_in)), host.integers(0, classes, n)
    x[:, 0] += y  # there is something to learn
    return x, y


def assert_equal(backend, many, alone):
    """Assert that two results are the same: bits on NumPy; 1e-10 in float64, and float32's rounding elsewhere."""
    assert many.stopped_by == alone.stopped_by
    assert many.history.keep == alone.history.keep
    assert len(many.history) == len(alone.history)
    atol = {"float64": 1e-10, "float32": 2e-4}[backend.dtype_name]
    for name in ("parameters", "best_parameters"):
        for w, expected in zip(leaves(getattr(many, name)), leaves(getattr(alone, name)), strict=True):
            if backend.name == "numpy":
                np.testing.assert_array_equal(w, expected)
            else:
                np.testing.assert_allclose(to_numpy(w), to_numpy(expected), rtol=0.0, atol=atol)
    for record, expected in zip(many.history, alone.history, strict=True):
        for name in SHOWN:
            a, b = getattr(record, name), getattr(expected, name)
            assert a == b if backend.name == "numpy" or b is None else a == pytest.approx(b, abs=10 * atol)


def of_split(data, split):
    x, y = data
    rows, watched = split
    return (x[rows], y[rows]), None if watched is None else (x[watched], y[watched])


def folds(n, k):
    rows = np.random.default_rng(3).permutation(n)
    parts = np.array_split(rows, k)
    return [(np.concatenate([p for p in parts if p is not part]), part) for part in parts]


@pytest.mark.parametrize("optimizer", [sgd(0.3), momentum(0.1), adam(0.01)])
def test_seeds(backend, optimizer):
    if backend.name == "jax" and optimizer.name != "adam":
        pytest.skip("JAX compiles every training anew: adam stands for the others")
    network, (x, y) = Network([9, 6, 3], dropout=0.2), table()
    settings = {"epochs": 2, "optimizer": optimizer, "l2": 0.1, "validation": table(20), "backend": backend}
    many = train_many(network, (x, y), seeds=[4, 7, 8], **settings)
    for result, seed in zip(many, (4, 7, 8), strict=True):
        assert_equal(backend, result, train(network, (x, y), seed=seed, **settings))


def test_folds_of_unequal_size(backend):
    """53 rows in five folds: training sets of 42 and 43 rows, so that the last mini-batches differ."""
    network, data = Network([9, 4, 3], cost="log_likelihood"), table()
    splits = folds(53, 5)
    assert {len(rows) for rows, _ in splits} == {42, 43}
    many = train_many(network, data, splits=splits, seeds=range(5), epochs=2, l1=0.01, backend=backend)
    for i, result in enumerate(many):
        training, validation = of_split(data, splits[i])
        alone = train(network, training, validation=validation, seed=i, epochs=2, l1=0.01, backend=backend)
        assert_equal(backend, result, alone)


def test_every_setting_can_differ(one_jax):
    """Learning rates, betas, penalties, dropout and rows: very unequal ones, with repetitions."""
    data, host = table(), np.random.default_rng(2)
    networks = [Network([9, 5, 3], dropout=rates) for rates in (0.0, 0.5, (0.1, 0.0))]
    rows = [np.arange(53), host.integers(0, 53, 30), host.integers(0, 53, 11)]
    splits = [(each, None) for each in rows]
    optimizer = adam(eta=np.asarray([0.01, 0.02, 0.005]), beta1=np.asarray([0.9, 0.8, 0.9]))
    many = train_many(
        networks, data, splits=splits, seeds=3, epochs=2, optimizer=optimizer, l2=[0.0, 1.0, 0.1], backend=one_jax
    )
    for i, result in enumerate(many):
        alone = adam(eta=[0.01, 0.02, 0.005][i], beta1=[0.9, 0.8, 0.9][i])
        settings = {"epochs": 2, "optimizer": alone, "l2": [0.0, 1.0, 0.1][i], "seed": i, "backend": one_jax}
        assert_equal(one_jax, result, train(networks[i], of_split(data, splits[i])[0], **settings))


NUMPY = [
    {"optimizer": [rmsprop(0.01, rho=0.9), rmsprop(0.01, rho=0.99)]},
    {"optimizer": [nesterov(0.1), nesterov(0.1, mu=0.5)], "max_norm": 0.8},
    {"optimizer": [adagrad(0.1), adagrad(0.1, initial=0.1)], "clip": clip_norm(0.01)},
    {"optimizer": [adamw(schedules.cosine(0.1, 10)), adamw(schedules.exponential(0.1, 0.5, 4))]},
    {"optimizer": sgd(schedules.step(0.5, 0.5, 3)), "batch_size": None, "class_weight": "balanced"},
    {"optimizer": adam(0.01), "sample_weight": [0.0, 1.0, 2.0] * 17 + [1.0, 1.0], "batch_size": 1},
    {"expand": Expansion(3, shift=0.5, rotation=20.0, bend=0.3), "batch_size": 8},
    {"shards": 3, "optimizer": momentum(0.1)},
    {"sample_weight": [0.5, 1.0, 3.0] * 17 + [9.0, 1.0], "l1": 0.3, "l2": 3.0},
    {"keep": "cost", "optimizer": sgd(4.0), "epochs": 5},
    {"keep": "accuracy", "stopping": no_improvement(1), "optimizer": sgd(4.0), "epochs": 5},
]


@pytest.mark.parametrize("settings", NUMPY)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_of_train_bit_for_bit(settings, dtype):
    import xpnet.backend

    numpy = xpnet.backend.get("numpy", dtype=dtype)
    network, data = Network([9, 5, 3], hidden="tanh", dropout=0.1), table()
    splits = folds(53, 2)
    settings = {"epochs": 2, **settings}
    many = train_many(network, data, splits=splits, seeds=2, backend=numpy, **settings)
    for i, result in enumerate(many):
        own = dict(settings)
        if isinstance(own.get("optimizer"), list):
            own["optimizer"] = own["optimizer"][i]
        if "sample_weight" in own:
            own["sample_weight"] = np.asarray(own["sample_weight"])[splits[i][0]]
        training, validation = of_split(data, splits[i])
        assert_equal(numpy, result, train(network, training, validation=validation, seed=i, backend=numpy, **own))


@pytest.mark.parametrize(
    ("network", "y"),
    [
        (Network([9, 4, 1]), lambda y: (y > 0).astype(int)),
        (Network([9, 4, 2], output="linear", cost="quadratic"), lambda y: np.stack([y, 2.0 * y], axis=1)),
        (Network([9, 4, 3], labels="several"), lambda y: np.eye(3)[y] + np.eye(3)[(y * 2) % 3] > 0),
    ],
)
def test_every_kind_of_target(one_jax, network, y):
    x, labels = table()
    data = (x, np.asarray(y(labels)) * 1.0 if network.sizes[-1] > 1 else y(labels))
    many = train_many(network, data, seeds=2, epochs=1, backend=one_jax)
    for i, result in enumerate(many):
        assert_equal(one_jax, result, train(network, data, seed=i, epochs=1, backend=one_jax))


@pytest.mark.parametrize("rule", [no_improvement(2), halve_on_plateau(1, 0.2)])
def test_each_network_stops_by_itself(one_jax, rule):
    network, data = Network([9, 4, 3]), table()
    splits = folds(53, 4)
    settings = {"epochs": 12, "optimizer": sgd(2.0), "stopping": rule, "backend": one_jax}
    many = train_many(network, data, splits=splits, **settings)
    lengths = [len(result.history) for result in many]
    assert len(set(lengths)) > 1
    for split, result in zip(splits, many, strict=True):
        training, validation = of_split(data, split)
        assert_equal(one_jax, result, train(network, training, validation=validation, **settings))


def test_the_rest_go_on_in_a_smaller_stack(one_jax):
    network, data, etas = Network([9, 4, 3]), table(), [2.0, 1e-3, 1.8, 1.7]
    settings = {"epochs": 12, "stopping": target(0.7, "accuracy"), "backend": one_jax}
    many = train_many(network, data, optimizer=sgd(np.asarray(etas)), **settings)
    assert [result.stopped_by for result in many] == ["target", "epochs", "target", "target"]
    assert "1 network in a stack" in many[1].execution
    assert "4 networks in a stack" in many[0].execution
    for eta, result in zip(etas, many, strict=True):
        assert_equal(one_jax, result, train(network, data, optimizer=sgd(eta), **settings))


def test_one_that_diverges_does_not_reach_the_others(one_jax):
    network, data = Network([9, 4, 1], output="linear", cost="quadratic"), table()
    etas = np.asarray([0.01, 1e6, 0.02])
    with pytest.warns(RuntimeWarning, match=r"1 of 3 networks diverged \(the first is number 1\)"):
        many = train_many(network, data, optimizer=sgd(etas), epochs=9, backend=one_jax)
    assert [result.stopped_by for result in many] == ["epochs", "diverged", "epochs"]
    for eta, result in zip((0.01, 0.02), (many[0], many[2]), strict=True):
        assert_equal(one_jax, result, train(network, data, optimizer=sgd(eta), epochs=9, backend=one_jax))
    assert all(np.isfinite(to_numpy(w)).all() for w in leaves(many[1].parameters))
    assert len(many.sound) == 2


def test_stacks_of_any_size_give_the_same(float64, one_jax):
    network, data = Network([9, 4, 3], dropout=0.3), table()
    whole = train_many(network, data, seeds=5, epochs=2, backend=float64)
    parts = train_many(network, data, seeds=5, epochs=2, backend=float64, at_once=2)
    for a, b in zip(whole, parts, strict=True):
        assert_equal(float64, a, b)


def test_the_loop_gives_what_the_compiled_program_gives(monkeypatch):
    network, data, splits = Network([9, 4, 3], dropout=0.3), table(), folds(53, 3)
    compiled = train_many(network, data, splits=splits, optimizer=adam(0.01), epochs=2)
    monkeypatch.setenv("XPNET_GENERIC", "1")
    loop = train_many(network, data, splits=splits, optimizer=adam(0.01), epochs=2)
    for a, b in zip(compiled, loop, strict=True):
        for w, expected in zip(leaves(a.parameters), leaves(b.parameters), strict=True):
            np.testing.assert_array_equal(w, expected)
        assert a.history[-1].cost == b.history[-1].cost
    assert "plain loop" in loop[0].execution
    assert "compiled" in compiled[0].execution


def test_an_interrupt_keeps_the_complete_epochs():
    network, data = Network([9, 4, 3]), table()

    def interrupt(records, parameters):
        if records[0].epoch == 2:
            raise KeyboardInterrupt

    many = train_many(network, data, seeds=3, epochs=5, watch=interrupt, interrupt="return", at_once=2)
    assert [len(result.history) for result in many] == [1, 1, 0]
    assert {result.stopped_by for result in many} == {"interrupted"}
    with pytest.raises(KeyboardInterrupt):
        train_many(network, data, seeds=3, epochs=5, watch=interrupt)


def test_nothing_is_trained_in_no_epochs(one_jax):
    network, data = Network([9, 4, 3]), table()
    many = train_many(network, data, seeds=2, epochs=0, backend=one_jax)
    for seed, result in enumerate(many):
        assert result.history == History()
        for w, expected in zip(leaves(result.parameters), leaves(network.initialize(one_jax, seed)), strict=True):
            np.testing.assert_array_equal(to_numpy(w), to_numpy(expected))


def test_mini_batches_of_one_row_are_summed_in_the_order_of_the_rows():
    """The measures of a stack come step by step: NumPy would add them in another order than one network's."""
    network, data = Network([9, 1], output="linear", cost="quadratic"), table(n=200)
    settings = {"epochs": 1, "batch_size": 1, "optimizer": sgd(0.01)}
    many = train_many(network, data, seeds=3, **settings)
    for seed, result in enumerate(many):
        assert result.history[0].cost == train(network, data, seed=seed, **settings).history[0].cost


def test_the_steps_of_an_epoch_may_come_in_parts(monkeypatch):
    """Each stretch begins where the last ended: rows, masks, and the number of steps."""
    network, data = Network([9, 4, 3], dropout=0.3), table()
    alone = [train(network, data, seed=seed, epochs=2, batch_size=4, optimizer=adam(0.01)) for seed in range(2)]
    monkeypatch.setattr("xpnet.training.runs.stacks.batches.STRETCH", 8 * network.footprint * 4 * 2 * 3)
    many = train_many(network, data, seeds=2, epochs=2, batch_size=4, optimizer=adam(0.01))
    for result, expected in zip(many, alone, strict=True):
        for w, v in zip(leaves(result.parameters), leaves(expected.parameters), strict=True):
            np.testing.assert_array_equal(w, v)


def bursting(epoch):
    """Return a schedule that diverges in an epoch of six steps."""
    return lambda t: 0.01 if t < 6 * (epoch - 1) else 1e300


def test_what_diverges_late_keeps_its_last_epoch(one_jax):
    """Before and after the stack has become smaller."""
    network, data = Network([9, 4, 1], output="linear", cost="quadratic"), table()
    optimizers = [sgd(bursting(epoch)) for epoch in (9, 2, 3, 4)]
    with pytest.warns(RuntimeWarning, match="3 of 4 networks diverged"):
        many = train_many(network, data, optimizer=optimizers, seeds=4, epochs=6, backend=one_jax)
    assert [len(result.history) for result in many] == [6, 2, 3, 4]
    for seed in (1, 2, 3):
        with pytest.warns(RuntimeWarning, match="training diverged"):
            alone = train(network, data, optimizer=optimizers[seed], seed=seed, epochs=6, backend=one_jax)
        for w, expected in zip(leaves(many[seed].parameters), leaves(alone.parameters), strict=True):
            np.testing.assert_allclose(to_numpy(w), to_numpy(expected), rtol=1e-4)


def test_networks_are_told_by_their_numbers():
    """Whatever their order in the stack, and after others have stopped."""
    network, (x, y), seen = Network([9, 4, 3]), table(), []
    first = train(network, (x[:40], y[:40]), epochs=1).history[0].cost
    train_many(
        network,
        (x, y),
        splits=[(np.arange(n), None) for n in (20, 40, 30)],
        epochs=3,
        stopping=lambda history: Verdict("mine" if history[0].cost == first else None),
        watch=lambda records, _: seen.append({i: record.cost for i, record in records.items()}),
    )
    assert [set(each) for each in seen] == [{0, 1, 2}, {0, 2}, {0, 2}]
    assert seen[0][1] == first


def test_an_interrupt_leaves_what_had_stopped():
    network, data = Network([9, 4, 3]), table()

    def interrupt(records, parameters):
        if records[1].epoch == 2:
            raise KeyboardInterrupt

    etas = np.asarray([2.0, 1e-3, 1e-4])
    settings = {"stopping": target(0.4, "accuracy"), "watch": interrupt, "interrupt": "return"}
    many = train_many(network, data, optimizer=sgd(etas), epochs=5, **settings)
    assert [result.stopped_by for result in many] == ["target", "interrupted", "interrupted"]


def test_the_seconds_of_all_networks_are_those_of_the_stack():
    network, data = Network([9, 4, 3]), table()
    began = monotonic()
    many = train_many(network, data, seeds=20, epochs=2)
    taken = monotonic() - began
    assert 0.0 < sum(sum(result.history.column("seconds")) for result in many) <= taken


def test_a_result_keeps_no_stack_alive():
    network, data = Network([9, 4, 3]), table()
    for result in train_many(network, data, seeds=3, epochs=2, validation=data):
        for w in (*leaves(result.parameters), *leaves(result.best_parameters)):
            assert w.base is None or w.base.size == w.size


def test_rows_without_weight_are_not_read():
    network, (x, y) = Network([9, 1], output="linear", cost="quadratic"), table()
    x[3] = 1e30  # its cost is infinite in float32
    settings = {"sample_weight": np.arange(53) != 3, "epochs": 2, "optimizer": sgd(0.001)}
    many = train_many(network, (x, y), seeds=2, **settings)
    for seed, result in enumerate(many):
        alone = train(network, (x, y), seed=seed, **settings)
        assert result.stopped_by == "epochs"
        np.testing.assert_array_equal(result.parameters[0].w, alone.parameters[0].w)


def test_own_validation_rows_are_measured_in_parts(monkeypatch):
    monkeypatch.setattr("xpnet.training.steps.evaluator.rows_at_once", lambda model, data: 4)
    network, data = Network([9, 4, 3]), table()
    splits = [(np.arange(30), np.arange(30, 53)), (np.arange(23, 53), np.arange(23))]
    many = train_many(network, data, splits=splits, epochs=1)
    for split, result in zip(splits, many, strict=True):
        training, validation = of_split(data, split)
        expected = train(network, training, validation=validation, epochs=1).history[0]
        assert result.history[0].validation_cost == expected.validation_cost
        assert result.history[0].validation_accuracy == expected.validation_accuracy


@pytest.mark.parametrize("own_rows", [True, False])
def test_networks_are_measured_some_at_a_time(monkeypatch, own_rows):
    network, (x, y), seen = Network([9, 4, 3]), table(), []
    measure = Evaluator.data
    monkeypatch.setattr(Evaluator, "data", lambda self, w, *rest: seen.append(len(w[0].w)) or measure(self, w, *rest))
    watched = {"splits": [(np.arange(53), np.arange(20))] * 5} if own_rows else {"validation": (x[:20], y[:20])}
    whole = train_many(network, (x, y), seeds=5, epochs=1, **watched)
    each = 8 * (4 * 20 + 20 * (network.footprint + 9))
    monkeypatch.setattr("xpnet.training.runs.stacks.measuring.AT_ONCE", 2 * each)
    parts = train_many(network, (x, y), seeds=5, epochs=1, **watched)
    assert seen == [5, 2, 2, 1]
    assert parts.values("validation_cost") == whole.values("validation_cost")
