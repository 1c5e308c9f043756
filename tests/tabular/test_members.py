"""Members: each equals the network that is trained alone on its rows, and their scales are in the first layer."""

import numpy as np

import xpnet
from xpnet.backend import get
from xpnet.data import random_folds
from xpnet.tabular.members import train_members
from xpnet.tabular.scaled_network import ScaledNetwork
from xpnet.trees import leaves

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 3)).astype("float32")
Y = (X[:, :1] * X[:, 1:2]).astype("float32")
NETWORK = xpnet.Network([3, 8, 1], hidden="relu", output="linear", cost="quadratic")


def test_a_member_is_the_network_that_is_trained_alone():
    folds, home = random_folds(60, 3), get("numpy")
    how = {"epochs": 4, "batch_size": 10, "optimizer": "adam"}
    members = train_members(NETWORK, (X, Y), seeds=[7, 8, 9], backend=home, splits=folds, **how)
    scaled = ScaledNetwork(NETWORK)
    for member, seed, (own, watched) in zip(members, (7, 8, 9), folds, strict=True):
        alone = xpnet.train(scaled, (X[own], Y[own]), validation=(X[watched], Y[watched]), seed=seed, **how)
        assert member.network is NETWORK
        assert member.history.column("validation_cost") == alone.history.column("validation_cost")
        for mine, theirs in zip(
            leaves(member.best_parameters), leaves(scaled.fold(alone.best_parameters)), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)


def test_without_scales_it_is_train_many():
    home, how = get("numpy"), {"epochs": 2, "optimizer": "adam"}
    members = train_members(NETWORK, (X, Y), seeds=[1, 2], backend=home, scheme="scaled", scaled=False, **how)
    plain = xpnet.train_many(NETWORK, (X, Y), seeds=[1, 2], backend=home, **how)
    for mine, theirs in zip(leaves(members.parameters), leaves(plain.parameters), strict=True):
        np.testing.assert_array_equal(mine, theirs)
