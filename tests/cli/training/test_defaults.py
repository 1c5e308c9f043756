"""What flags mean that are left out: the book's settings for images, the recipe for tables."""

import pytest

from xpnet import load


def trained(xpnet, table, *flags):
    ran = xpnet("train", table(), "--target", "kind", "--epochs", 2, *flags)
    assert ran.code == 0
    return ran.out, load("xpnet-clouds.safetensors")


def test_a_table_is_trained_by_the_recipe(xpnet, table):
    out, model = trained(xpnet, table)
    assert model.n_members == 5
    assert (model.network.sizes[1:-1], model.network.hidden[0].name) == ((128, 128), "relu")
    assert (model.network.output.name, model.network.cost.name) == ("softmax", "log_likelihood")
    assert "5 networks in one stack" in out


def test_flags_say_otherwise(xpnet, table):
    flags = ("--hidden", 4, "--activation", "tanh", "--cost", "cross_entropy", "--members", 1, "--bins", 0)
    _, model = trained(xpnet, table, *flags)
    assert (model.n_members, model.network.sizes) == (1, (2, 4, 2))
    assert (model.network.hidden[0].name, model.network.output.name) == ("tanh", "sigmoid")
    _, model = trained(xpnet, table, "--fast")
    assert model.n_members == 1
    _, model = trained(xpnet, table, "--seeds", 3, "--optimizer", "sgd")
    assert model.n_members == 1


@pytest.mark.parametrize("split", [("--split", "ordered"), ("--split-by", "width"), ("--split-time", "width")])
def test_members_watch_parts_of_the_same_kind(xpnet, table, split, monkeypatch):
    from xpnet.cli.training import fitting

    seen = {}
    whole = fitting.member_folds

    def spy(n, k, seed, **how):
        seen.update(how)
        return whole(n, k, seed, **how)

    monkeypatch.setattr(fitting, "member_folds", spy)
    trained(xpnet, table, *split)
    (name,) = seen
    assert name == ("groups" if "--split-by" in split else "times")


def test_digits_keep_the_settings_of_the_book(xpnet):
    assert xpnet("train", "--epochs", 1).code == 0
    model = load("xpnet-digits.safetensors")
    assert (model.n_members, model.network.sizes, model.network.hidden[0].name) == (1, (64, 30, 10), "sigmoid")
    assert xpnet("train", "--fast").code == 2
