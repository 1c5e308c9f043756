"""Learning curves: of one training, and of several seeds with their spread."""

from math import isfinite, nan
from typing import Any

import numpy as np

from xpnet.report.plots.canvas import axes, color, curve, tidy, whole_numbers
from xpnet.report.recorded import histories_of, history_of
from xpnet.training import History

LABELS = {"cost": "cost C", "accuracy": "accuracy"}


def plot_history(history: Any, *, measure: str = "cost", ax: Any = None) -> Any:
    """Draw the learning curves of a training, with the best epoch of the validation marked.

    Parameters
    ----------
    history : Result, History or records
        Records may be mappings, as ``xpnet train --json`` prints them; `read_history` reads them from a file.
    measure : str
        ``"cost"`` or ``"accuracy"``.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        With a line for the training and one for the validation, if there was one.  The best epoch is that whose
        parameters `Result.best_parameters` holds.  Without a validation no epoch is marked: the last one counts.

    Raises
    ------
    ValueError
        If there is no epoch, or `measure` was not measured.
    TypeError
        If `history` or `ax` is something else.
    ImportError
        If Matplotlib is not installed.

    Examples
    --------
    >>> ax = plot_history([{"epoch": 1, "cost": 0.9}, {"epoch": 2, "cost": 0.4}])
    >>> ax.lines[0].get_ydata().tolist()
    [0.9, 0.4]
    """
    found = history_of(history)
    _check_measure(measure)
    curves = {"training": _column(found, measure), "validation": _column(found, f"validation_{measure}")}
    measured = {name: values for name, values in curves.items() if values is not None}
    if not measured:
        raise ValueError(f"measure must have been measured, got {measure!r}")
    ax = axes(ax)
    for i, name in enumerate(curves):
        if name in measured:
            curve(ax, found.column("epoch"), measured[name], label=name, color=color(i))
    best = _best_epoch(found)
    if best is not None:
        ax.axvline(best, color="#666666", linestyle=":", linewidth=1, label=f"best epoch {best}")
    ax.set(xlabel="epoch", ylabel=LABELS[measure])
    whole_numbers(ax)
    return tidy(ax)


def plot_seeds(histories: Any, *, measure: str = "cost", part: str | None = None, ax: Any = None) -> Any:
    """Draw the learning curves of several seeds: each one thin, their mean, and a standard deviation around it.

    Parameters
    ----------
    histories : Results, or a sequence of what `plot_history` takes
        Networks that diverged are not drawn; the legend counts them.
    measure : str
        ``"cost"`` or ``"accuracy"``.
    part : str, optional
        ``"validation"`` or ``"training"``.  Default: the validation if there was one.
    ax : matplotlib Axes, optional
        Default: those of a new figure.

    Returns
    -------
    matplotlib Axes
        The first line is the mean, over the epochs that all of them had; the band is the standard deviation (with
        n - 1) of the single networks, not the error of the mean.

    Raises
    ------
    ValueError, TypeError, ImportError
        As `plot_history`; and if all networks diverged.

    Examples
    --------
    >>> runs = [[{"epoch": 1, "cost": 1.0}], [{"epoch": 1, "cost": 3.0}]]
    >>> plot_seeds(runs).lines[0].get_ydata().tolist()
    [2.0]
    """
    found = histories_of(histories)
    _check_measure(measure)
    if part not in (None, "training", "validation"):
        raise ValueError(f"part must be 'training' or 'validation', got {part!r}")
    watched = all(_column(each, f"validation_{measure}") is not None for each in found)
    part = part or ("validation" if watched else "training")
    columns = [_column(each, f"validation_{measure}" if part == "validation" else measure) for each in found]
    if any(column is None for column in columns):
        raise ValueError(f"measure must have been measured by every network, got {measure!r} of the {part}")
    sound = [column for column in columns if column is not None and all(map(isfinite, column))]
    if not sound:
        raise ValueError("histories must hold one that did not diverge, got none")
    ax = axes(ax)
    n, epochs = min(map(len, sound)), [each.column("epoch") for each in found]
    _draw_mean(ax, max(epochs, key=len)[:n], np.asarray([column[:n] for column in sound]), len(found) - len(sound))
    for column, numbers in zip(columns, epochs, strict=True):
        if column in sound:
            ax.plot(numbers, column, color=color(0), linewidth=0.6, alpha=0.5)
    ax.set(xlabel="epoch", ylabel=f"{LABELS[measure]}, {part}")
    whole_numbers(ax)
    return tidy(ax)


def _draw_mean(ax: Any, epochs: list[int], values: Any, diverged: int) -> None:
    mean, count = values.mean(axis=0), f"mean of {len(values)} seed{'' if len(values) == 1 else 's'}"
    curve(ax, epochs, mean, color=color(0), label=f"{count} ({diverged} diverged)" if diverged else count)
    if len(values) > 1:
        spread = values.std(axis=0, ddof=1)
        how = {"color": color(0), "alpha": 0.2, "linewidth": 0}
        ax.fill_between(epochs, mean - spread, mean + spread, label="± standard deviation", **how)


def _check_measure(measure: str) -> None:
    if measure not in LABELS:
        raise ValueError(f"measure must be one of {', '.join(LABELS)}, got {measure!r}")


def _column(history: History, name: str) -> list[float] | None:
    """Return a column with NaN where it was not measured; None if it never was."""
    values = history.column(name)
    return None if all(value is None for value in values) else [nan if v is None else float(v) for v in values]


def _best_epoch(history: History) -> int | None:
    """Return the best epoch of the validation; None without one."""
    if history[-1].validation_cost is None or None in history.column(history.monitor):
        return None
    return history.best().epoch
