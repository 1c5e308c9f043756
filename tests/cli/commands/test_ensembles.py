"""Files of ensembles on the command line: predictions with their spread, and tests beside the members' means."""

import numpy as np
import pytest

from xpnet import Network, load, save, train
from xpnet.io import Model

PLAIN = ("--members", 1, "--bins", 0, "--hidden", 8)


@pytest.fixture
def clouds(xpnet, table):
    """Train three networks on clouds.csv, save them as ensemble.safetensors, and return the ensemble."""
    for seed in range(3):
        words = ("--target", "kind", "--epochs", 1, "--seed", seed, "--split-seed", 0, "-o", f"{seed}.safetensors")
        words += PLAIN
        assert xpnet("train", table(), *words).code == 0
    save("ensemble.safetensors", Model.ensemble([load(f"{seed}.safetensors") for seed in range(3)]))
    return load("ensemble.safetensors")


@pytest.fixture
def houses(xpnet, tmp_path, rng):
    """Train two regressions, save them as ensemble.safetensors, and return the ensemble."""
    a = rng.standard_normal(60)
    (tmp_path / "t.csv").write_text("a,n\n" + "".join(f"{x},{1000 + 50 * x}\n" for x in a))
    for seed in range(2):
        words = ("--target", "n", "--epochs", 2, "--seed", seed, "--split-seed", 0, "-o", f"{seed}.safetensors")
        words += PLAIN
        assert xpnet("train", "t.csv", *words).code == 0
    save("ensemble.safetensors", Model.ensemble([load(f"{seed}.safetensors") for seed in range(2)]))
    return load("ensemble.safetensors")


NEW = [[0.1, 0.2], [0.9, 2.1], [0.5, 1.0]]


@pytest.fixture
def new(tmp_path):
    (tmp_path / "new.csv").write_text("width,height\n" + "".join(f"{w},{h}\n" for w, h in NEW))
    return "new.csv"


def cells(ran):
    assert (ran.code, ran.err) == (0, "")
    return [line.split(",") for line in ran.out.splitlines()]


def test_the_spread_is_that_of_the_chosen_class(xpnet, clouds, new):
    header, *rows = cells(xpnet("predict", "ensemble.safetensors", new, "--spread"))
    assert header == ["row", "prediction", "spread"]
    assert [row[1] for row in rows] == clouds.predict(NEW).tolist()
    chosen = [clouds.classes.index(row[1]) for row in rows]
    np.testing.assert_allclose([float(row[2]) for row in rows], clouds.spread(NEW)[range(3), chosen], rtol=1e-6)


def test_with_probabilities_each_has_its_spread(xpnet, clouds, new):
    header, *rows = cells(xpnet("predict", "ensemble.safetensors", new, "--spread", "--proba"))
    assert header == ["row", "prediction", "p_far", "p_near", "spread", "spread_far", "spread_near"]
    found = np.asarray([row[2:] for row in rows], dtype="float64")
    np.testing.assert_allclose(found[:, :2], clouds.predict_proba(NEW), rtol=1e-6)
    np.testing.assert_allclose(found[:, 3:], clouds.spread(NEW), rtol=1e-6)
    told = xpnet("predict", "ensemble.safetensors", new, "--spread", "--proba", "--json").events
    assert list(told[0]) == header
    assert [event["spread_far"] for event in told] == found[:, 3].tolist()


def test_the_spread_of_a_value_is_in_its_unit(xpnet, houses, tmp_path):
    (tmp_path / "new.csv").write_text("a\n-1\n1.5\n")
    header, *rows = cells(xpnet("predict", "ensemble.safetensors", "new.csv", "--spread"))
    assert header == ["row", "prediction", "spread"]
    values = [member.predict([[-1.0], [1.5]]) for member in houses.members]
    np.testing.assert_allclose([float(row[1]) for row in rows], np.mean(values, axis=0), rtol=1e-5)
    np.testing.assert_allclose([float(row[2]) for row in rows], np.std(values, axis=0), rtol=1e-4)


def test_each_of_several_labels_has_its_spread(xpnet, clouds, new, rng):
    x, y = rng.standard_normal((20, 2)), rng.integers(0, 2, (20, 2))
    results = [train(Network([2, 2], labels="several"), (x, y), epochs=1, seed=seed) for seed in range(2)]
    save("tags.safetensors", Model.ensemble(results), preprocessing=clouds.preprocessing, data=clouds.data)
    header, *rows = cells(xpnet("predict", "tags.safetensors", new, "--spread"))
    assert header == ["row", "prediction", "spread_0", "spread_1"]
    found = np.asarray([row[2:] for row in rows], dtype="float64")
    np.testing.assert_allclose(found, load("tags.safetensors").spread(NEW), rtol=1e-6)


def test_classes_without_names_have_columns_too(xpnet, clouds, new):
    models = [Model(m.network, m.parameters, m.preprocessing, data=m.data) for m in clouds.members]
    save("plain.safetensors", Model.ensemble(models))
    header, *rows = cells(xpnet("predict", "plain.safetensors", new, "--spread", "--proba"))
    assert header == ["row", "prediction", "p_0", "p_1", "spread", "spread_0", "spread_1"]
    assert [row[1] for row in rows] == [str(clouds.classes.index(label)) for label in clouds.predict(NEW)]


def test_one_network_has_no_spread_and_nothing_is_written(xpnet, clouds, new, tmp_path):
    ran = xpnet("predict", "0.safetensors", new, "--spread", "-o", "p.csv")
    message = "xpnet: error: --spread needs an ensemble of two or more networks, got one network in 0.safetensors\n"
    assert (ran.code, ran.out, ran.err) == (1, "", message)
    assert not (tmp_path / "p.csv").exists()


def test_predictions_with_a_spread_may_be_written_over(xpnet, clouds, new):
    for _ in range(2):
        assert xpnet("predict", "ensemble.safetensors", new, "--spread", "-o", "p.csv").code == 0


def test_evaluate_gives_the_ensemble_and_the_mean_of_its_members(xpnet, clouds):
    (told,) = xpnet("evaluate", "ensemble.safetensors", "--json").events
    alone = [xpnet("evaluate", f"{seed}.safetensors", "--json").events[0] for seed in range(3)]
    assert told["members"] == 3
    assert {one["members"] for one in alone} == {1}
    for name in ("accuracy", "cost"):
        assert told["member_means"][name] == pytest.approx(np.mean([one[name] for one in alone]), rel=1e-6)
    assert told["cost"] <= told["member_means"]["cost"]  # the cost is convex in the output
    assert not any("member_means" in one for one in alone)
    ran = xpnet("evaluate", "ensemble.safetensors")
    assert f"\ncost {told['cost']:.4g}\n" in ran.out
    means = told["member_means"]
    line = f"its 3 members alone, on average: accuracy {100 * means['accuracy']:.2f} %, "
    assert f"\n{line}cost {means['cost']:.4g}\n" in ran.out
    assert "members" not in xpnet("evaluate", "0.safetensors").out


def test_evaluate_gives_the_errors_of_an_ensemble_of_regressions(xpnet, houses):
    (told,) = xpnet("evaluate", "ensemble.safetensors", "--json").events
    alone = [xpnet("evaluate", f"{seed}.safetensors", "--json").events[0] for seed in range(2)]
    for name in ("rmse", "r2", "cost"):
        assert told["member_means"][name] == pytest.approx(np.mean([one[name] for one in alone]), rel=1e-5)
    assert told["rmse"] <= told["member_means"]["rmse"]
    scaled = houses.targets.scale[0]
    assert told["cost"] == pytest.approx(0.5 * (told["rmse"] / scaled) ** 2, rel=1e-3)
    ran = xpnet("evaluate", "ensemble.safetensors", "t.csv", "--target", "n")
    assert ran.code == 0
    assert "its 2 members alone, on average: root mean square error " in ran.out
