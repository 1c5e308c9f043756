"""A learning curve as text: training rows, and the test figures that they gave."""

from typing import Any

from xpnet.cli.report import Classified, Regressed


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
