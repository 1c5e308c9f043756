"""What a search found: the score over one axis, or the best settings of several."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from xpnet.checks import is_number
from xpnet.report.plots.canvas import axes, color, text, tidy
from xpnet.training import SearchResults
from xpnet.training.runs.settings.grid import in_words

MOST = 20  # settings that are listed
WIDE = 20  # a range of an axis for which it is logarithmic


def plot_search(found: Any, *, score: str | None = None, larger: bool = True, most: int = MOST, ax: Any = None) -> Any:
    """Draw the scores of a search with the standard errors of their means.

    Parameters
    ----------
    found : SearchResults, or a sequence of mappings
        `read_search` reads the results from the file of a search.  Mappings have a `setting` (a mapping), a `mean`
        and an `error`.
    score : str, optional
        The name of the score, where `found` does not know it.
    larger : bool
        Whether a larger score is better, where `found` does not know it.
    most : int
        The largest number of settings that are listed.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        If a single axis of numbers was searched, the scores over it; otherwise a list of the best settings, the best
        at the top.  Settings without a mean (diverged, or not finished) are counted in the title.

    Raises
    ------
    ValueError
        If no setting has a mean, or `most` is below 1.
    TypeError
        If `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> rows = [{"setting": {"eta": eta}, "mean": mean, "error": 0.01} for eta, mean in ((0.1, 0.8), (0.5, 0.9))]
    >>> plot_search(rows, score="accuracy").lines[0].get_xydata().tolist()
    [[0.1, 0.8], [0.5, 0.9]]
    """
    if most < 1:
        raise ValueError(f"most must be at least 1, got {most}")
    if isinstance(found, SearchResults):
        score, larger = found.score.name, found.score.larger
    rows = [_row(each) for each in found]
    whole = [row for row in rows if row[1] is not None and isfinite(row[1])]
    if not whole:
        raise ValueError("found must hold a setting with a mean, got none: they diverged or are missing")
    ax, left = axes(ax), len(rows) - len(whole)
    name = text(score or "score")
    axis = _only_axis([row[0] for row in whole])
    if axis is None:
        _list(ax, sorted(whole, key=lambda row: -row[1] if larger else row[1]), name, most, left)
        return tidy(ax, legend=False)
    _over_axis(ax, sorted((row[0][axis], *row[1:]) for row in whole), name, axis)
    if left:
        ax.set_title(f"{left} of {len(rows)} settings diverged or are missing")
    return tidy(ax, legend=False)


def _row(row: Any) -> tuple[Any, Any, float]:
    """Return setting, mean and error."""
    known = row if isinstance(row, Mapping) else row._asdict()
    if "setting" not in known or "mean" not in known:
        raise ValueError(f"found must hold rows with setting and mean, got one with {', '.join(known)}")
    return known["setting"], known["mean"], known.get("error") or 0.0


def _only_axis(settings: list[Any]) -> str | None:
    """Return the name of the only axis, if its values are numbers, and more than one."""
    if not all(isinstance(setting, Mapping) for setting in settings):
        return None
    names = {name for setting in settings for name in setting}
    if len(names) != 1 or len(settings) < 2:
        return None
    name = names.pop()
    numbers = all(is_number(setting.get(name)) for setting in settings)
    return name if numbers else None


def _over_axis(ax: Any, points: list[tuple[float, float, float]], score: str, axis: str) -> None:
    places, means, errors = zip(*points, strict=True)
    ax.errorbar(places, means, errors, color=color(0), marker="o", markersize=4, linewidth=1.2, capsize=3)
    wide = places[0] > 0 and places[-1] > WIDE * places[0]
    label = {"eta": "learning rate η", "l2": "λ (l2)"}.get(axis, text(axis))
    ax.set(xlabel=label, ylabel=f"{score}, mean ± standard error", xscale="log" if wide else "linear")


def _list(ax: Any, ranked: list[Any], score: str, most: int, left: int) -> None:
    shown = ranked[:most]
    places = list(range(len(shown)))
    names = [text(in_words(dict(row[0])) if isinstance(row[0], Mapping) else row[0], 50) for row in shown]
    ax.errorbar(
        [row[1] for row in shown], places, xerr=[row[2] for row in shown], color=color(0), fmt="o", markersize=4
    )
    ax.set_yticks(places, names)
    ax.invert_yaxis()
    ax.set(xlabel=f"{score}, mean ± standard error")
    told = f"; {left} diverged or are missing" if left else ""
    ax.set_title(f"best {len(shown)} of {len(ranked) + left} settings{told}", fontsize="medium")
