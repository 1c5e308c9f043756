"""What all plots share: Matplotlib itself, imported when the first plot is drawn; the Axes; colors; text of people."""

from types import ModuleType
from typing import Any

# Okabe and Ito's colors, which people with any color vision tell apart (https://jfly.uni-koeln.de/color/)
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
ONE_SIDED, TWO_SIDED = "Blues", "RdBu_r"  # colors of values from 0 on, and of values around 0


def matplotlib() -> ModuleType:
    """Return Matplotlib.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    try:
        import matplotlib as mpl
        import matplotlib.axes
    except ImportError as error:
        raise ImportError("plots need Matplotlib, which is not installed: pip install 'xpnet[plot]'") from error
    return mpl


def axes(ax: Any) -> Any:
    """Return the Axes to draw in: `ax`, or the only one of a new figure.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    TypeError
        If `ax` is something else.
    """
    mpl = matplotlib()
    if ax is None:
        from matplotlib import pyplot as plt

        return plt.subplots(layout="constrained")[1]
    if not isinstance(ax, mpl.axes.Axes):
        raise TypeError(f"ax must be Axes of Matplotlib, got {type(ax).__name__}")
    return ax


def color(i: int) -> str:
    """Return the i-th color; they begin again after the seventh."""
    return COLORS[i % len(COLORS)]


def text(name: Any, most: int = 30) -> str:
    r"""Return a name as text that Matplotlib does not take for a formula, at most `most` characters.

    Examples
    --------
    >>> print(text("$x$"), text("_hidden"), text("a\x1bb"))
    \$x\$  _hidden a?b
    """
    shown = "".join(c if c.isprintable() else "?" for c in str(name))
    if len(shown) > most:
        shown = f"{shown[: most - 1]}…"
    shown = shown.replace("$", r"\$")
    return f" {shown}" if shown.startswith("_") else shown  # a legend leaves out names that begin with _


def tidy(ax: Any, *, legend: bool = True) -> Any:
    """Return Axes of curves with a light grid, without the upper and the right edge, and with a legend."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25, linewidth=0.6)
    if legend:
        ax.legend(frameon=False, fontsize="small")
    return ax


def curve(ax: Any, x: Any, y: Any, **how: Any) -> Any:
    """Draw a curve; its points are marked where there are few."""
    how = {"linewidth": 1.5, "marker": "." if len(x) < 20 else None, **how}
    return ax.plot(x, y, **how)[0]


def tell(ax: Any, words: str) -> Any:
    """Return Axes that hold a sentence in place of a picture."""
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes)
    ax.set_axis_off()
    return ax


def whole_numbers(ax: Any) -> None:
    """Mark whole numbers only on the axis of x."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
