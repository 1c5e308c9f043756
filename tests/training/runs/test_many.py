"""The arguments of `train_many`: lists for the networks, rows, starts; each error names what is wrong."""

import gc
import math
import tracemalloc

import numpy as np
import pytest

from xpnet import Network, adam, momentum, sgd, train, train_many
from xpnet.training import make_optimizer
from xpnet.training.watching.stopping import Verdict
from xpnet.trees import leaves, map_arrays

X, Y = np.random.default_rng(0).random((20, 4)), np.arange(20) % 3
NETWORK = Network([4, 3, 3])
ALL = np.arange(20)


def mine(rule=None, numbers=None, **settings):
    return make_optimizer("mine", rule or plain_rule, 0, step_numbers=numbers, eta=0.1, **settings)


def plain_rule(w, g, *, eta, **settings):
    return (w - eta * g,)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {},
            ValueError,
            "seeds must say how many networks to train, or one of network, splits",
        ),
        ({"seeds": 0}, ValueError, "seeds must be at least 1, got 0"),
        ({"seeds": []}, ValueError, "seeds must hold at least one network, got none"),
        ({"seeds": 2.5}, TypeError, "seeds must be a whole number"),
        ({"seeds": [0, -1]}, ValueError, "seed must be at least 0, got -1"),
        ({"seeds": [3, 1, 3]}, ValueError, "seeds must differ where nothing else does, got 3 for networks 0 and 2"),
        ({"l2": [0.1, 0.1]}, ValueError, "seeds must differ where nothing else does, got 0 for networks 0 and 1"),
        ({"seeds": 3, "l2": [0.1, 0.2]}, ValueError, "l2 must hold a value for each network, 3 as seeds says, got 2"),
        ({"l2": [0.1, -0.2]}, ValueError, "l2 must be"),
        ({"optimizer": sgd(np.asarray([0.1, 0.2])), "seeds": 3}, ValueError, "optimizer must hold a value for each"),
        ({"optimizer": momentum(np.ones(2), np.zeros(3))}, ValueError, "mu must hold 2 values, as eta does, got 3"),
        (
            {"optimizer": [sgd(0.1), adam(0.1)]},
            ValueError,
            "optimizer must hold optimizers of one kind, got sgd and",
        ),
        ({"network": [NETWORK, Network([4, 2, 3])]}, ValueError, "got another sizes in place 1"),
        ({"network": [NETWORK, Network([4, 3, 3], hidden="tanh")]}, ValueError, "got another hidden in place 1"),
        ({"network": [NETWORK, 3]}, TypeError, "network must be a Network, got 3"),
        ({"splits": [(ALL, None), (ALL[:5], ALL[5:])]}, ValueError, "for all networks or for none, got 1 of 2"),
        (
            {"splits": [ALL, ALL]},
            TypeError,
            r"splits must hold pairs .*, got a ndarray in place 0",
        ),
        (
            {"splits": [(ALL, ALL[:0])]},
            ValueError,
            r"splits\[0\]\[1\] must hold row numbers, .* at least one",
        ),
        ({"splits": [(ALL, [20])]}, ValueError, r"splits\[0\]\[1\] must hold row numbers from 0 to 19, got 20"),
        ({"splits": [(ALL > 3, None)]}, TypeError, r"splits\[0\]\[0\] must hold whole numbers of rows, got dtype bool"),
        ({"splits": [(ALL[::3], None)]}, ValueError, r"splits\[0\]\[0\]: y must hold at least two classes"),
        ({"splits": [(ALL, ALL)], "validation": (X, Y)}, ValueError, "validation must be left out if splits hold"),
        ({"seeds": 2, "parameters": NETWORK.initialize("numpy")}, ValueError, r"arrays of shape \(2, 3, 4\), a stack"),
        ({"seeds": 2, "at_once": 0}, ValueError, "at_once must be at least 1, got 0"),
        ({"seeds": 2, "interrupt": "no"}, ValueError, "interrupt must be one of raise, return"),
        ({"seeds": 2, "shards": 11}, ValueError, "shards must be between 1 and 10"),
        ({"seeds": 2, "batch_size": 0}, ValueError, "batch_size must be at least 1"),
        ({"seeds": {1, 2}}, TypeError, "seeds must be a whole number"),
        ({"splits": 5}, TypeError, "splits must be a sequence of pairs .*, got 5"),
        ({"splits": [([[1, 2], [3]], None)]}, ValueError, r"splits\[0\]\[0\] must hold row numbers, .* unequal length"),
        ({"optimizer": sgd(np.asarray([0.1, -5.0]))}, ValueError, r"eta\[1\] must be finite and at least 0, got -5"),
        ({"optimizer": momentum(0.1, np.asarray([0.5, 1.5]))}, ValueError, r"mu\[1\] must be .* below 1, got 1.5"),
        ({"optimizer": sgd(np.ones((2, 2)))}, ValueError, r"eta must be a number or .* \(k,\), got shape \(2, 2\)"),
        ({"optimizer": [sgd(np.ones(2)), sgd(0.1)]}, ValueError, r"optimizer must have one number as eta .* \(2,\)"),
        ({"optimizer": [mine(c=1.0), mine(c=1.0, d=2.0)]}, ValueError, "another set of settings of mine in place 1"),
        ({"optimizer": [mine(c=1.0), mine(numbers=dict)]}, ValueError, "another step_numbers .* of mine in place 1"),
        ({"optimizer": [mine(), mine(rule=print)]}, ValueError, "another rule .* of mine in place 1"),
        ({"seeds": 2, "watch": 3}, TypeError, "watch must be callable, got 3"),
        ({"seeds": 2, "sample_weight": np.ones(25)}, ValueError, r"sample_weight must have shape \(20,\), got \(25,\)"),
        ({"seeds": 2, "sample_weight": 1.0}, ValueError, r"sample_weight must have shape \(20,\), got \(\)"),
        (
            {"splits": [(ALL, None), (ALL[:5], None)], "sample_weight": ALL > 5},
            ValueError,
            r"sample_weight .* must leave an example some weight, .* \(for network 1\)",
        ),
        ({"seeds": 2, "parameters": [1.0]}, ValueError, r"arrays of shape \(2, 3, 4\), a stack, got a list$"),
    ],
)
def test_a_bad_argument_is_named(arguments, error, message):
    given = {"network": NETWORK, **arguments}
    with pytest.raises(error, match=message):
        train_many(given.pop("network"), (X, Y), **given)


def test_a_mapped_file_is_refused(tmp_path):
    np.save(tmp_path / "x.npy", X)
    with pytest.raises(ValueError, match=r"data must lie in memory .* pass np.array\(x\)"):
        train_many(NETWORK, (np.load(tmp_path / "x.npy", mmap_mode="r"), Y), seeds=2)


def test_own_initial_parameters():
    starts = [NETWORK.initialize("numpy", seed) for seed in (5, 6)]
    stack = map_arrays(lambda *ws: np.stack(ws), *starts)
    many = train_many(NETWORK, (X, Y), seeds=2, parameters=stack, epochs=1)
    for seed, (start, result) in enumerate(zip(starts, many, strict=True)):
        alone = train(NETWORK, (X, Y), seed=seed, parameters=start, epochs=1)
        for w, expected in zip(leaves(result.parameters), leaves(alone.parameters), strict=True):
            np.testing.assert_array_equal(w, expected)


def test_no_argument_is_written_to():
    x, y, rows = X.copy(), Y.copy(), ALL.copy()
    for array in (x, y, rows):
        array.flags.writeable = False
    train_many(NETWORK, (x, y), splits=[(rows, rows[:5]), (rows[::-1], rows[5:])], epochs=1)


def test_rows_of_a_frame_are_found_by_name():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcd"))
    many = train_many(NETWORK, (frame, Y), seeds=2, epochs=1)
    assert many[0].features == ("a", "b", "c", "d")
    np.testing.assert_array_equal(many[1].predict(frame[list("dcba")]), many[1].predict(X))


def test_each_network_is_watched():
    seen = []
    many = train_many(NETWORK, (X, Y), seeds=2, epochs=2, watch=lambda records, stack: seen.append((records, stack)))
    assert [sorted(records) for records, _ in seen] == [[0, 1], [0, 1]]
    assert [records[1].epoch for records, _ in seen] == [1, 2]
    for place, number in enumerate(seen[-1][0]):
        for w, expected in zip(leaves(seen[-1][1]), leaves(many[number].parameters), strict=True):
            np.testing.assert_array_equal(w[place], expected)


def test_what_is_read_once_is_a_list_too():
    """scikit-learn's splitters give generators."""
    splits = [(ALL[:12], ALL[12:]), (ALL[5:], ALL[:5])]
    listed = train_many(NETWORK, (X, Y), splits=splits, epochs=1)
    read = train_many(NETWORK, (X, Y), splits=(pair for pair in splits), seeds=iter([0, 0]), epochs=1)
    stacked = train_many(NETWORK, (X, Y), splits=np.asarray([[ALL[:9], ALL[9:18]], [ALL[5:14], ALL[:9]]]), epochs=1)
    assert [result.history[0].cost for result in read] == [result.history[0].cost for result in listed]
    assert len(stacked) == 2


def test_networks_may_differ_in_what_they_watch_only():
    many = train_many(NETWORK, (X, Y), splits=[(ALL[:10], ALL[10:15]), (ALL[:10], ALL[15:])], epochs=1)
    assert many[0].history[0].cost == many[1].history[0].cost
    assert many[0].history[0].validation_cost != many[1].history[0].validation_cost


class Falling:
    """A schedule without a hash."""

    __hash__ = None

    def __init__(self, eta):
        self.eta = eta

    def __eq__(self, other):
        return self.eta == other.eta

    def __call__(self, t):
        return self.eta / (1 + t)


def numbers_of_numbers(*, t, eta, **others):
    return {"c": math.sqrt(eta) / t}


def scaled_rule(w, g, *, eta, c):
    return (w - c * g,)


def test_optimizers_of_ones_own_see_numbers_as_alone():
    def made(eta):
        return make_optimizer("mine", scaled_rule, 0, step_numbers=numbers_of_numbers, eta=eta)

    for optimizers in ([sgd(Falling(0.1)), sgd(Falling(0.2))], [made(0.3), made(0.6)]):
        many = train_many(NETWORK, (X, Y), optimizer=optimizers, epochs=2)
        for result, optimizer in zip(many, optimizers, strict=True):
            alone = train(NETWORK, (X, Y), optimizer=optimizer, epochs=2)
            np.testing.assert_array_equal(result.parameters[0].w, alone.parameters[0].w)


def test_one_network_has_one_number_for_each_setting():
    with pytest.raises(ValueError, match=r"optimizer must have one number as eta for one network, got an array"):
        train(NETWORK, (X, Y), optimizer=sgd(np.asarray([0.1, 0.2, 0.3])))


def test_a_rule_may_call_its_reason_as_it_likes():
    def rule(history):
        return Verdict("epochs" if len(history) == 2 else None)

    many = train_many(NETWORK, (X, Y), seeds=2, epochs=9, stopping=rule)
    assert [len(result.history) for result in many] == [2, 2]


@pytest.mark.parametrize(("limit", "few"), [(2**19, True), (2**40, False)])
def test_many_small_networks_with_many_rows_are_cut_into_what_the_memory_holds(monkeypatch, limit, few):
    monkeypatch.setattr("xpnet.training.runs.stacks.sizes.MEMORY", limit)
    monkeypatch.setattr("xpnet.training.runs.stacks.measuring.AT_ONCE", limit)
    x, y = np.random.default_rng(0).random((2000, 4)), np.arange(2000) % 3
    settings = {"epochs": 1, "batch_size": 1000, "class_weight": "balanced", "validation": (x, y)}
    train_many(NETWORK, (x, y), seeds=2, **settings)
    tracemalloc.start()
    try:
        results = train_many(NETWORK, (x, y), seeds=20, **settings)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(results) == 20
    assert (peak < 2e6) == few, peak  # the measures of 20 networks are 0.3 MB; with copies and weights, 3 MB


def test_a_stack_is_gone_when_it_is_done():
    """Its programs hold no evaluator that holds them: their memory does not wait for the collection of garbage."""
    x, y = np.random.default_rng(0).random((3000, 4)), np.arange(3000) % 3

    def once():
        return train_many(NETWORK, (x, y), seeds=20, validation=(x, y), epochs=1, batch_size=1000)

    once()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        results = once()
        left = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()
    assert len(results) == 20
    assert left < 1e6


def stacks_of(results):
    """Return in how large a stack each network trained."""
    return [int(result.execution.split(" network")[0].rpartition(" ")[2]) for result in results]


def test_a_stack_holds_what_fits_in_the_cache(monkeypatch):
    def sizes(cache, **settings):
        monkeypatch.setattr("xpnet.training.runs.stacks.sizes.CACHE", cache)
        return stacks_of(train_many(NETWORK, (X, Y), seeds=5, epochs=1, **settings))

    # 27 parameters and gradients and as much again, one mini-batch of 10 rows with 4 inputs and 3 outputs: 4 bytes each
    one = 4 * (27 * 3 + 10 * (6 + 2 * 4))
    assert sizes(3 * one - 1) == [2, 2, 2, 2, 1]
    assert sizes(3 * one) == [3, 3, 3, 2, 2]
    assert sizes(3 * one, optimizer="adam") == [2, 2, 2, 2, 1]
    assert sizes(1) == [1] * 5
    assert sizes(1, at_once=4) == [3, 3, 3, 2, 2]


def test_one_different_penalty_is_a_difference():
    many = train_many(NETWORK, (X, Y), l1=[0.1, 0.2], epochs=1)
    assert not np.array_equal(many[0].parameters[0].w, many[1].parameters[0].w)


def test_networks_that_waited_when_all_was_interrupted_are_as_they_began():
    def interrupt(records, parameters):
        raise KeyboardInterrupt

    many = train_many(NETWORK, (X, Y), seeds=4, epochs=2, watch=interrupt, interrupt="return", at_once=2)
    for seed, result in enumerate(many):
        np.testing.assert_array_equal(result.parameters[0].w, NETWORK.initialize("numpy", seed)[0].w)


def test_a_stopping_rule_returns_a_verdict():
    for call in (train, lambda *given, **settings: train_many(*given, seeds=2, **settings)):
        with pytest.raises(TypeError, match="stopping must return a Verdict, got None"):
            call(NETWORK, (X, Y), stopping=lambda history: None)


def test_labels_may_be_text():
    names = np.asarray(["ant", "bee", "cow"])[Y]
    splits = [(ALL[:12], ALL[12:]), (ALL[5:], ALL[:5])]
    told, plain = (
        train_many(NETWORK, (X, labels), splits=splits, class_weight=weight, epochs=1)
        for labels, weight in ((names.tolist(), {"cow": 2.0}), (Y, {2: 2.0}))
    )
    for a, b in zip(told, plain, strict=True):
        np.testing.assert_array_equal(a.parameters[0].w, b.parameters[0].w)
        assert a.predict(X).tolist() == [("ant", "bee", "cow")[i] for i in b.predict(X)]
    assert told.ensemble().classes == ("ant", "bee", "cow")
