"""Members: each equals the network that is trained alone on its rows, and their scales are in the first layer."""

import numpy as np
import pytest

import xpnet
from xpnet.backend import get
from xpnet.data import random_folds
from xpnet.tabular.members import SHARE, train_members
from xpnet.tabular.scaled_network import ScaledNetwork
from xpnet.trees import leaves, stacked

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 3)).astype("float32")
Y = (X[:, :1] * X[:, 1:2]).astype("float32")
NETWORK = xpnet.Network([3, 8, 1], hidden="relu", output="linear", cost="quadratic")


def test_a_member_is_the_network_that_is_trained_alone():
    folds, home = random_folds(60, 3), get("numpy")
    how = {"epochs": 4, "batch_size": 10, "optimizer": "adam"}
    members = train_members(NETWORK, (X, Y), seeds=[7, 8, 9], backend=home, splits=folds, together=False, **how)
    scaled = ScaledNetwork(NETWORK)
    for i, (seed, (own, watched)) in enumerate(zip((7, 8, 9), folds, strict=True)):
        alone = xpnet.train(scaled, (X[own], Y[own]), validation=(X[watched], Y[watched]), seed=seed, **how)
        result = members.results[i]
        assert result.network is NETWORK
        assert result.history.column("validation_cost") == alone.history.column("validation_cost")
        best = scaled.fold(alone.best_parameters)
        for found in (members.layers[i], result.best_parameters):
            for mine, theirs in zip(leaves(found), leaves(best), strict=True):
                np.testing.assert_array_equal(mine, theirs)


def test_members_of_an_ensemble_are_kept_at_one_epoch():
    folds, home = random_folds(60, 3), get("numpy")
    epochs = []
    how = {"splits": folds, "epochs": 12, "batch_size": 10, "optimizer": "adam"}
    how["watch"] = lambda records, parameters: epochs.append(parameters)
    members = train_members(NETWORK, (X, Y), seeds=[7, 8, 9], backend=home, **how)
    costs = np.asarray([result.history.column("validation_cost") for result in members.results])
    best = ScaledNetwork(NETWORK).fold(epochs[costs.mean(axis=0).argmin()])
    for i, layers in enumerate(members.layers):
        for mine, theirs in zip(leaves(layers), leaves(best), strict=True):
            np.testing.assert_array_equal(mine, theirs[i])


@pytest.mark.parametrize(("k", "together", "share"), [(2, True, SHARE), (2, False, 1.0), (1, True, 1.0)])
def test_temperatures_are_in_the_last_layer(k, together, share):
    y, network = (X[:, 0] > 0.3).astype(int), xpnet.Network([3, 4, 2], output="softmax", cost="log_likelihood")
    how = {"splits": random_folds(60, 3)[:k], "epochs": 3, "optimizer": "adam", "scaled": False}
    members = train_members(network, (X, y), seeds=range(k), backend=get("numpy"), together=together, **how)
    for layers, seen in zip(members.layers, members.seen, strict=True):
        np.testing.assert_allclose(layers[-1].w * seen.temperature**share, seen.parameters[-1].w, rtol=1e-5)
        np.testing.assert_array_equal(layers[0].w, seen.parameters[0].w)


def test_without_scales_and_rows_to_watch_it_is_train_many():
    home, how = get("numpy"), {"epochs": 2, "optimizer": "adam"}
    members = train_members(NETWORK, (X, Y), seeds=[1, 2], backend=home, scheme="scaled", scaled=False, **how)
    plain = xpnet.train_many(NETWORK, (X, Y), seeds=[1, 2], backend=home, **how)
    assert members.seen == (None, None)
    for mine, theirs in zip(leaves(stacked(members.layers)), leaves(plain.parameters), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_members_begin_with_given_layers():
    home = get("numpy")
    start = stacked(NETWORK.initialize(home, seed, "he") for seed in (5, 6))
    members = train_members(NETWORK, (X, Y), seeds=[0, 1], backend=home, start=start, epochs=0)
    for mine, theirs in zip(leaves(stacked(members.layers)), leaves(start), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_an_ensemble_ends_with_a_cycle_that_brought_nothing():
    noise = RNG.standard_normal((60, 1)).astype("float32")
    how = {"splits": random_folds(60, 3), "epochs": 40, "batch_size": 10, "optimizer": xpnet.adam(0.05)}
    members = train_members(NETWORK, (X, noise), seeds=range(3), backend=get("numpy"), ends=(10, 20), **how)
    assert {result.stopped_by for result in members.results} == {"no_better_cycle"}
    assert {len(result.history) for result in members.results} == {21}
    alone = train_members(
        NETWORK, (X, noise), seeds=range(3), backend=get("numpy"), ends=(10, 20), together=False, **how
    )
    assert {len(result.history) for result in alone.results} == {40}
