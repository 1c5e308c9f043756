"""The arguments of `train_many`: lists for the networks, rows, starts; each error names what is wrong."""

import numpy as np
import pytest

from xpnet import Network, adam, momentum, sgd, train, train_many
from xpnet.trees import leaves, map_arrays

X, Y = np.random.default_rng(0).random((20, 4)), np.arange(20) % 3
NETWORK = Network([4, 3, 3])
ALL = np.arange(20)


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
