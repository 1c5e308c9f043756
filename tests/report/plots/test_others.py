"""What is in the Axes of the plots that are no learning curves."""

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

import xpnet
from xpnet.data import Scaling
from xpnet.report import (
    Film,
    animate_decision_boundary,
    animate_film,
    decision_plane,
    plot_confusion,
    plot_decision_boundary,
    plot_gradient_norms,
    plot_learning_rate_range,
    plot_low_rank,
    plot_mistakes,
    plot_regularization_path,
    plot_search,
    plot_singular_values,
    plot_unit_balls,
    plot_weights,
)
from xpnet.training import learning_rate_range

X = np.asarray([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.asarray([0, 1, 1, 0])


@pytest.fixture
def ax():
    return Figure().add_subplot()


def texts(ax):
    return [words.get_text() for words in ax.texts]


# ---- confusion --------------------------------------------------------------------------------------------


def test_colors_are_shares_of_a_class_and_numbers_are_rows(ax):
    plot_confusion(np.asarray([[3, 1], [0, 0]]), ["$a", "_b"], ax=ax)
    assert ax.images[0].get_array().tolist() == [[0.75, 0.25], [0.0, 0.0]]  # a class without rows is no error
    assert ax.images[0].get_clim() == (0.0, 1.0)
    assert texts(ax) == ["3", "1"]
    assert [words.get_text() for words in ax.get_yticklabels()] == [r"\$a", " _b"]
    ax.figure.draw_without_rendering()


def test_a_thousand_classes_have_no_names_and_no_numbers(ax):
    plot_confusion(np.eye(1000), ax=ax)
    assert ax.images[0].get_array().shape == (1000, 1000)
    assert not ax.texts
    assert len(ax.get_xticks()) < 20


@pytest.mark.parametrize(
    ("counts", "classes", "words"),
    [
        ([[1, 2]], None, r"shape \(k, k\), got \(1, 2\)"),
        ([], None, "shape"),
        (5, None, "shape"),
        ([[-1]], None, "at least 0"),
        ([[1]], ["a", "b"], "1 names, got 2"),
    ],
)
def test_bad_counts(ax, counts, classes, words):
    with pytest.raises(ValueError, match=words):
        plot_confusion(counts, classes, ax=ax)


# ---- images -----------------------------------------------------------------------------------------------


def test_the_most_confident_mistakes_come_first(ax):
    images = np.arange(16.0).reshape(4, 4)
    proba = np.asarray([[0.4, 0.6], [0.1, 0.9], [0.2, 0.8], [0.9, 0.1]])
    plot_mistakes(images, [0, 0, 1, 0], [1, 1, 1, 0], proba=proba, classes=["no", "yes"], ax=ax)
    assert texts(ax) == ["no read as yes, 90 %", "no read as yes, 60 %"]
    assert ax.get_title() == "2 of 2 mistakes in 4 images"
    drawn = ax.images[0].get_array()
    np.testing.assert_array_equal(drawn[~np.isnan(drawn)], [4, 5, 0, 1, 6, 7, 2, 3])  # two tiles, side by side


def test_no_mistake_is_said(ax):
    plot_mistakes(np.zeros((2, 4)), [0, 1], [0, 1], ax=ax)
    assert texts(ax) == ["none of 2 images was predicted wrong"]
    assert not ax.images


@pytest.mark.parametrize("n", [1, 3, 12, 30])
def test_no_more_images_than_asked_for(ax, n):
    plot_mistakes(np.ones((30, 3, 5)), np.zeros(30, dtype=int), np.ones(30, dtype=int), most=n, ax=ax)
    assert len(ax.texts) == n
    assert (~np.isnan(ax.images[0].get_array())).sum() == 15 * n


def test_images_of_wrong_shapes(ax):
    with pytest.raises(ValueError, match="images must have a square number of pixels, got 5"):
        plot_mistakes(np.ones((1, 5)), [0], [1], ax=ax)
    with pytest.raises(ValueError, match="images must have 2 x 3 pixels, got 5"):
        plot_mistakes(np.ones((1, 5)), [0], [1], shape=(2, 3), ax=ax)
    with pytest.raises(ValueError, match="2 labels, got 1 and 2"):
        plot_mistakes(np.ones((2, 4)), [0], [1, 0], ax=ax)
    with pytest.raises(ValueError, match="most must be at least 1"):
        plot_mistakes(np.ones((1, 4)), [0], [1], most=0, ax=ax)


def test_weights_of_models_results_and_ensembles(ax):
    network = xpnet.Network([4, 3, 2])
    parameters = network.initialize(seed=0)
    models = [xpnet.Model(network, network.initialize(seed=seed)) for seed in (0, 1)]
    for given in (parameters, models[0], xpnet.Model.ensemble(models), parameters[0].w):
        ax.clear()
        plot_weights(given, ax=ax)
        drawn = ax.images[0].get_array().compressed()
        assert sorted(drawn[~np.isnan(drawn)].tolist()) == sorted(parameters[0].w.astype(float).reshape(-1).tolist())
        low, high = ax.images[0].get_clim()
        assert low == -high == pytest.approx(-np.abs(parameters[0].w).max())
    with pytest.raises(ValueError, match="square number of pixels, got 5"):
        plot_weights(np.ones((2, 5)), ax=ax)
    with pytest.raises(ValueError, match="weights must have shape"):
        plot_weights([1.0, 2.0], ax=ax)


# ---- matrices ---------------------------------------------------------------------------------------------


def test_low_rank_tiles_hold_the_best_approximations(ax):
    a = np.diag([3.0, 4.0, 0.0])
    plot_low_rank(a, [1, 2], ax=ax)
    assert texts(ax) == ["3 × 3: 9 numbers", "rank 1: 7, error 60 %", "rank 2: 14, error 0 %"]
    drawn = ax.images[0].get_array()
    np.testing.assert_allclose(drawn[1:4, 4:7], np.diag([0.0, 4.0, 0.0]), atol=1e-12)
    with pytest.raises(ValueError, match="a must have shape"):
        plot_low_rank([1.0], ax=ax)


def test_the_spectrum_of_a_matrix_and_of_its_singular_values(ax):
    plot_singular_values(np.diag([1.0, 4.0, 0.0]), ax=ax)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [4.0, 1.0, math.nan])
    assert ax.get_title() == "3 singular values, 1 of them 0"
    assert ax.get_yscale() == "log"
    for bad in ([], [-1.0], np.ones((2, 2, 2))):
        with pytest.raises(ValueError, match="a must h"):
            plot_singular_values(bad, ax=ax)
    assert plot_singular_values([0.0], ax=ax).get_yscale() == "linear"


@pytest.mark.parametrize("p", [0.5, 1, 1.5, 2, 3, math.inf])
def test_the_outline_has_norm_1(ax, p):
    x, y = np.abs(plot_unit_balls([p], ax=ax).lines[0].get_xydata().T)
    size = np.maximum(x, y) if p == math.inf else (x**p + y**p) ** (1 / p)
    np.testing.assert_allclose(size, 1.0, atol=1e-12)
    assert (ax.lines[0].get_label() == f"L{p:g} (no norm)") == (p < 1)
    assert ax.get_aspect() == 1.0


def test_bad_orders(ax):
    for bad in ([], [0], [2, -1]):
        with pytest.raises(ValueError, match="orders must be positive"):
            plot_unit_balls(bad, ax=ax)


# ---- rates ------------------------------------------------------------------------------------------------


def test_the_range_test_is_drawn_as_it_was_measured(ax):
    digits = xpnet.data.load_digits()
    found = learning_rate_range(xpnet.Network([64, 10]), (digits.x[:200] / 16, digits.y[:200]), steps=20)
    for given in (found, found._asdict()):
        ax.clear()
        plot_learning_rate_range(given, ax=ax)
        assert ax.lines[0].get_xydata().tolist() == [list(point) for point in zip(*found, strict=True)]
    assert (ax.get_xlabel(), ax.get_xscale()) == ("learning rate η", "log")


def test_costs_that_explode_are_all_shown(ax):
    plot_learning_rate_range(([0.1, 1.0, 10.0], [1.0, 1e6, None]), ax=ax)
    assert ax.get_yscale() == "log"
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [1.0, 1e6, math.nan])
    for bad in (([], []), ([0.0], [1.0]), ([1.0], []), ([[1.0]], [1.0])):
        with pytest.raises(ValueError, match=r"etas|costs"):
            plot_learning_rate_range(bad, ax=ax)


def test_gradients_of_a_network_or_their_norms(ax):
    network = xpnet.Network([2, 3, 1])
    moments = [network.gradients(network.initialize(seed=seed), X, XOR) for seed in (0, 1)]
    plot_gradient_norms(moments, epochs=[1, 5], ax=ax)
    assert [line.get_xdata().tolist() for line in ax.lines] == [[1, 5], [1, 5]]
    expected = [float(np.linalg.norm(layers[1].w)) for layers in moments]
    assert ax.lines[1].get_ydata().tolist() == pytest.approx(expected)
    assert ax.lines[1].get_label() == r"$\|\partial C/\partial w^{3}\|$"
    ax.figure.draw_without_rendering()
    for bad, epochs in (([], None), ([[]], None), ([[1.0]], [1, 2])):
        with pytest.raises(ValueError, match=r"norms must|epochs must"):
            plot_gradient_norms(bad, epochs=epochs, ax=ax)


def test_the_path_of_a_recommender(ax):
    from xpnet.recommend import Ratings, SoftImpute

    pairs = np.arange(0, 300, 2)
    ratings = Ratings.of(pairs // 15, pairs % 15, np.random.default_rng(0).normal(3, 1, 150))
    points = SoftImpute(k=5, n_lambdas=4).path(ratings)[-1].history
    plot_regularization_path(points, ax=ax)
    assert ax.lines[0].get_xydata().tolist() == [[point.lam, point.rank] for point in points]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale()) == ("λ", "rank", "log")
    for bad, measures in (([], None), ([{"lambda": 1.0}], None), ([{"rank": 1}], None), (points, ["test"])):
        with pytest.raises(ValueError, match="points must"):
            plot_regularization_path(bad, measures=measures, ax=ax)


# ---- boundaries -------------------------------------------------------------------------------------------


def own(z):
    return z / (1.0 + np.abs(z))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_image_has_the_color_of_the_predicted_class(ax, k):
    soft = xpnet.nn.Activation("own", own, lambda z, a: 1.0 / (1.0 + np.abs(z)) ** 2)  # a function of one's own
    network = xpnet.Network([2, 4, k], hidden=soft)
    model = xpnet.Model(network, network.initialize(seed=1))
    plane = decision_plane(model, X, n=7)
    places = np.stack(np.meshgrid(plane.across, plane.up), axis=-1).reshape(-1, 2)
    np.testing.assert_array_equal(plane.values.reshape(-1), model.decide(places))
    plot_decision_boundary(plane, X, np.minimum(XOR, max(1, k - 1)), classes=["a", "b", "c"], ax=ax)
    drawn = ax.images[0].get_array()
    for kind in set(plane.values.reshape(-1).tolist()):
        strongest = drawn[plane.values == kind].min(axis=-1)
        assert strongest.max() < 1.0
    assert len(ax.collections) == 2
    assert [words.get_text() for words in ax.get_legend().get_texts()] == ["a", "b"]
    assert ax.collections[0].get_offsets().tolist() == X[XOR == 0].tolist()


def test_a_regression_is_drawn_by_its_values(ax):
    network = xpnet.Network([2, 1], output="linear", cost="quadratic")
    model = xpnet.Model(network, network.initialize(seed=0))
    plot_decision_boundary(model, X, [0.0, 1.0, 2.0, 3.0], ax=ax)
    assert ax.images[0].get_array().shape == (200, 200)
    assert ax.get_legend() is None


def test_bad_planes(ax):
    network = xpnet.Network([2, 1])
    model = xpnet.Model(network, network.initialize(seed=0))
    with pytest.raises(ValueError, match=r"x must have shape \(m, 2\), got \(4, 3\)"):
        decision_plane(model, np.ones((4, 3)))
    with pytest.raises(ValueError, match="x must be finite"):
        decision_plane(model, [[0.0, math.nan]])
    with pytest.raises(ValueError, match="n must be between 2 and"):
        decision_plane(model, X, n=1)
    with pytest.raises(ValueError, match="y must have 4 labels, got 1"):
        plot_decision_boundary(model, X, [0], ax=ax)
    tags = xpnet.Network([2, 2], labels="several")
    with pytest.raises(ValueError, match="one label for each row"):
        decision_plane(xpnet.Model(tags, tags.initialize(seed=0)), X)


def test_each_frame_of_the_animation_is_that_of_its_parameters(ax, tmp_path):
    network = xpnet.Network([2, 3, 1])
    recorded = [network.initialize(seed=seed, scheme="large") for seed in range(3)]
    film = animate_decision_boundary(network, recorded, X, XOR, epochs=[1, 4, 9], n=20, ax=ax)
    film.save(tmp_path / "film.gif")
    drawn = ax.images[0].get_array()
    assert ax.get_title() == "epoch 9"
    other = Figure().add_subplot()
    plot_decision_boundary(decision_plane(xpnet.Model(network, recorded[2]), X, n=20), X, XOR, ax=other)
    np.testing.assert_array_equal(drawn, other.images[0].get_array())
    with pytest.raises(ValueError, match="recorded must hold"):
        animate_decision_boundary(network, [], X)
    with pytest.raises(ValueError, match="epochs must be 3 numbers, got 1"):
        animate_decision_boundary(network, recorded, X, epochs=[1])


# ---- searches ---------------------------------------------------------------------------------------------


def row(mean, error=0.1, **setting):
    return {"setting": setting, "mean": mean, "error": error}


def test_one_axis_of_numbers_is_drawn_over_it(ax):
    plot_search([row(0.7, eta=1.0), row(None, eta=100.0), row(0.9, eta=0.01)], score="accuracy", ax=ax)
    assert ax.lines[0].get_xydata().tolist() == [[0.01, 0.9], [1.0, 0.7]]
    assert (ax.get_xscale(), ax.get_xlabel()) == ("log", "learning rate η")
    assert ax.get_ylabel() == "accuracy, mean ± standard error"
    assert ax.get_title() == "1 of 3 settings diverged or are missing"


@pytest.mark.parametrize("larger", [True, False])
def test_several_axes_are_a_list_with_the_best_at_the_top(ax, larger):
    plot_search([row(0.7, eta=1.0, hidden="relu"), row(0.9, eta=0.1, hidden="tanh")], larger=larger, most=1, ax=ax)
    best = (0.9, "eta=0.1 hidden=tanh") if larger else (0.7, "eta=1 hidden=relu")
    assert (ax.lines[0].get_xdata()[0], ax.get_yticklabels()[0].get_text()) == best
    assert ax.get_title() == "best 1 of 2 settings"
    assert ax.yaxis_inverted()


def test_a_search_without_a_mean_is_refused(ax):
    for bad in ([], [row(None, eta=1.0)], [row(math.nan, eta=1.0)]):
        with pytest.raises(ValueError, match="setting with a mean, got none"):
            plot_search(bad, ax=ax)
    with pytest.raises(ValueError, match="rows with setting and mean"):
        plot_search([{"eta": 1.0}], ax=ax)


@pytest.mark.parametrize("values", [False, True])
def test_a_film_of_a_plane_shows_what_the_network_said(values):
    network = xpnet.Network([2, 4, 1], output="linear", cost="quadratic") if values else xpnet.Network([2, 4, 1])
    y = np.asarray([0.0, 1.0, 1.0, 4.0]) if values else XOR
    film = Film(xpnet.Model(network, network.initialize(seed=0)), X, y)
    result = xpnet.train(network, (X, y), epochs=3, callbacks=[film])
    moving = animate_film(film.to_json(), ax=Figure().add_subplot())
    moving._draw_frame(2)
    ax = moving._fig.axes[0]
    assert ax.get_title() == "epoch 3"
    left, right, bottom, top = ax.images[0].get_extent()
    shown, k = np.asarray(ax.images[0].get_array()), 40  # a place near the right and the lower edge
    place = [[left + (right - left) * (k + 0.5) / 48, bottom + (top - bottom) * 5.5 / 48]]
    said = float(result.model.decide(place)[0]) if values else int(result.model.decide(place)[0])
    if values:
        assert shown[5, k] == pytest.approx((said - 2.0) / 2.0, abs=1e-6)
    else:
        strongest = int(np.argmax(1.0 - shown[5, k]))
        assert strongest == {0: 0, 1: 2}[said]  # blue lacks red, vermilion lacks blue
    moving._draw_was_started = True


def test_a_film_of_weights_has_one_scale():
    model = xpnet.Model(network := xpnet.Network([64, 3, 10]), network.initialize(seed=0), Scaling.divide_by(16))
    film = Film(model, np.zeros((4, 64)), np.zeros(4, int))
    xpnet.train(network, (np.zeros((4, 64)), np.arange(4)), epochs=2, callbacks=[film])
    moving = animate_film(film.to_json(), ax=Figure().add_subplot())
    moving._draw_frame(1)
    ax = moving._fig.axes[0]
    assert ax.get_title() == "weights of 3 neurons, epoch 2"
    assert ax.images[0].get_clim()[1] == max(film.limits)
    moving._draw_was_started = True
