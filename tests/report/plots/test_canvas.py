import subprocess
import sys

import pytest
from matplotlib.figure import Figure

from xpnet.report import plot_history, plot_unit_balls
from xpnet.report.plots.canvas import text


@pytest.mark.parametrize("ax", ["ax", Figure(), [Figure().add_subplot()]])
def test_something_else_than_axes_is_refused(ax):
    with pytest.raises(TypeError, match=f"ax must be Axes of Matplotlib, got {type(ax).__name__}"):
        plot_unit_balls(ax=ax)


def test_a_missing_matplotlib_is_told_with_what_installs_it(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'xpnet\[plot\]'"):
        plot_history([{"epoch": 1, "cost": 1.0}])


def test_matplotlib_is_not_imported_before_the_first_plot():
    code = "import sys, xpnet.report; xpnet.report.plot_history; print('matplotlib' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


@pytest.mark.parametrize("name", [r"$\frac$", "$a$", "_x", "a\x1b[2J\n", "a" * 99, 7])
def test_names_of_people_are_text_that_can_be_drawn(name):
    figure = Figure()
    ax = figure.add_subplot()
    ax.plot([1], label=text(name))
    ax.legend()
    figure.draw_without_rendering()
    shown = ax.get_legend().get_texts()[0].get_text()
    assert shown.isprintable()
    assert len(shown) <= 32
