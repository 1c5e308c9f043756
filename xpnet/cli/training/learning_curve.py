"""How the test figures grow with the rows: training on a sixteenth, an eighth, … of the training part."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from xpnet.cli.report import Classified, Regressed

SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
FEWEST = 20  # rows; fewer show nothing but chance


def parts_of_rows(labels: Any, n: int, seed: int) -> Iterator[Any]:
    """Yield row numbers of growing parts of n training rows, each inside of the next; all classes are in each.

    Examples
    --------
    >>> [len(rows) for rows in parts_of_rows(None, 800, 0)]
    [50, 100, 200, 400]
    """
    order = np.random.default_rng(seed).permutation(n)
    classes = 0 if labels is None else len(np.unique(labels))
    for share in SHARES:
        rows = order[: round(share * n)]
        if len(rows) >= FEWEST and (labels is None or len(np.unique(labels[rows])) == classes):
            yield rows


def curve_lines(points: list[tuple[int, Classified | Regressed]]) -> list[str]:
    """Return the curve as lines: training rows, and the test figures that they gave."""
    figure = "root mean square error" if isinstance(points[0][1], Regressed) else "accuracy"
    lines = [f"  {'rows to train on':>16}  test {figure}"]
    for n, test in points:
        value = (
            f"{test.rmse:.4g}  (R2 {test.r2:.4f})" if isinstance(test, Regressed) else f"{100 * test.accuracy:.2f} %"
        )
        lines.append(f"  {n:>16,}  {value}")
    return lines


def curve_json(points: list[tuple[int, Classified | Regressed]]) -> list[dict[str, Any]]:
    """Return the curve as plain JSON."""
    return [{"rows": n, **_figures(test)} for n, test in points]


def _figures(test: Classified | Regressed) -> dict[str, float]:
    return {"rmse": test.rmse, "r2": test.r2} if isinstance(test, Regressed) else {"accuracy": test.accuracy}
