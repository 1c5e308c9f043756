import math

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

import xpnet
from xpnet.report import plot_history, plot_seeds
from xpnet.training import History, Record


@pytest.fixture
def ax():
    return Figure().add_subplot()


def history(costs, validation=None, **more):
    validation = validation or [None] * len(costs)
    return History(
        tuple(
            Record(i + 1, cost, None, watched, None, 0.5, 0.1)
            for i, (cost, watched) in enumerate(zip(costs, validation, strict=True))
        ),
        **more,
    )


def labels(ax):
    return [words.get_text() for words in ax.get_legend().get_texts()]


def test_both_curves_and_the_best_epoch_of_the_validation(ax):
    assert plot_history(history([3.0, 2.0, 1.0], [2.5, 1.5, 1.75]), ax=ax) is ax
    assert labels(ax) == ["training", "validation", "best epoch 2"]
    assert ax.lines[0].get_xydata().tolist() == [[1, 3], [2, 2], [3, 1]]
    assert ax.lines[1].get_ydata().tolist() == [2.5, 1.5, 1.75]
    assert ax.lines[2].get_xdata() == [2, 2]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "cost C")


def test_without_validation_no_epoch_is_marked(ax):
    assert labels(plot_history(history([3.0, 2.0]), ax=ax)) == ["training"]


def test_the_best_epoch_is_the_one_whose_parameters_are_kept(ax):
    digits = xpnet.data.load_digits()
    x, y = digits.x / 16, digits.y
    validation = (x[500:700], y[500:700])
    result = xpnet.train(xpnet.Network([64, 10]), (x[:500], y[:500]), validation=validation, epochs=4, keep="accuracy")
    plot_history(result, measure="accuracy", ax=ax)
    assert labels(ax)[-1] == f"best epoch {result.best_record.epoch}"
    assert ax.lines[1].get_ydata().tolist() == result.history.column("validation_accuracy")


@pytest.mark.parametrize("of_json", [False, True])
def test_records_plain_or_named_give_the_same_curve_and_gaps_stay_gaps(ax, of_json):
    found = history([1.0, math.nan, 0.5])
    records = [{"epoch": 1, "cost": 1.0}, {"epoch": 2, "cost": None}, {"epoch": 3, "cost": 0.5}]
    y = plot_history(records if of_json else found, ax=ax).lines[0].get_ydata()
    np.testing.assert_array_equal(y, [1.0, math.nan, 0.5])


def test_one_epoch_is_a_visible_point(ax):
    assert plot_history(history([1.0]), ax=ax).lines[0].get_marker() == "."


@pytest.mark.parametrize(
    ("given", "measure", "error", "words"),
    [
        ([], "cost", ValueError, "at least one epoch"),
        (History(), "cost", ValueError, "at least one epoch"),
        ("history.csv", "cost", TypeError, "got str"),
        (3, "cost", TypeError, "got int"),
        ([1, 2], "cost", TypeError, "records, got int"),
        ([{"cost": 1.0}], "cost", ValueError, "epoch and a cost"),
        ([{"epoch": 1, "cost": 1.0}], "accuracy", ValueError, "measure must have been measured, got 'accuracy'"),
        ([{"epoch": 1, "cost": 1.0}], "loss", ValueError, "measure must be one of cost, accuracy, got 'loss'"),
    ],
)
def test_bad_histories(ax, given, measure, error, words):
    with pytest.raises(error, match=words):
        plot_history(given, measure=measure, ax=ax)
    assert not ax.lines


def test_the_mean_of_seeds_and_their_standard_deviation(ax):
    plot_seeds([history([4.0, 2.0, 0.1]), history([2.0, 1.0])], ax=ax)
    mean, *single = ax.lines
    assert mean.get_xydata().tolist() == [[1, 3.0], [2, 1.5]]  # the epochs that both had
    assert [line.get_ydata().tolist() for line in single] == [[4.0, 2.0, 0.1], [2.0, 1.0]]
    band = ax.collections[0].get_paths()[0].vertices
    at_1 = band[band[:, 0] == 1][:, 1]
    assert (at_1.min(), at_1.max()) == pytest.approx((3 - 2**0.5, 3 + 2**0.5))
    assert labels(ax) == ["mean of 2 seeds", "± standard deviation"]


def test_results_of_many_networks_are_drawn(ax):
    x, y = np.asarray([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), [0, 1, 1, 0]
    results = xpnet.train_many(xpnet.Network([2, 2, 1]), (x, y), seeds=3, epochs=2)
    plot_seeds(results, ax=ax)
    expected = np.mean([result.history.column("cost") for result in results], axis=0)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), expected)


def test_one_seed_has_no_band_and_diverged_ones_are_counted(ax):
    plot_seeds([history([1.0, 0.5]), history([1.0, math.nan])], ax=ax)
    assert labels(ax) == ["mean of 1 seed (1 diverged)"]
    assert not ax.collections
    with pytest.raises(ValueError, match="did not diverge, got none"):
        plot_seeds([history([math.inf])], ax=ax)


def test_seeds_need_histories_and_a_part(ax):
    with pytest.raises(ValueError, match="at least one history"):
        plot_seeds([], ax=ax)
    with pytest.raises(ValueError, match="part must be"):
        plot_seeds([history([1.0])], part="test", ax=ax)
    with pytest.raises(ValueError, match="of the validation"):
        plot_seeds([history([1.0], [1.0]), history([1.0])], part="validation", ax=ax)


def test_without_ax_a_new_figure_is_made():
    from matplotlib import pyplot as plt

    first, second = plot_history(history([1.0])), plot_history(history([1.0]))
    assert isinstance(first, mpl.axes.Axes)
    assert first.figure is not second.figure
    plt.close("all")
