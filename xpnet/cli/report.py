"""The results of a test as text: accuracy, a table of the classes, and some misread images."""

import shutil
import sys
from collections.abc import Iterator
from math import isnan
from statistics import fmean
from typing import Any, NamedTuple

from xpnet.backend import to_numpy
from xpnet.cli.terminal import one_line, shown
from xpnet.data import Dataset, Table
from xpnet.data.profiling.target_profile import RARE
from xpnet.io import Model
from xpnet.tabular.explaining.reliability import calibration_error
from xpnet.tabular.intervals import interval_coverage
from xpnet.training import accuracy, confusion
from xpnet.training.watching.metrics import auc

COVERAGE = 0.9  # of the intervals whose measured coverage is told
SHADES = " .:-=+*#%@"
SIDES = {64: 8, 784: 28}


class Classified(NamedTuple):
    """The predictions of a classifier for labelled rows, and their accuracy."""

    predicted: Any  # (m,), class indices
    accuracy: float
    counts: Any  # (k, k): how many rows of class i were predicted as class j
    auc: float | None = None  # area under the ROC curve, if probabilities are known and there is a pair to compare

    @property
    def balanced(self) -> float:
        """The mean, over the classes that have rows, of the share of their rows that is predicted right."""
        right, rows = self.counts.diagonal(), self.counts.sum(axis=1)
        return float((right[rows > 0] / rows[rows > 0]).mean())

    @property
    def majority(self) -> float:
        """The accuracy of always predicting the commonest class of these rows."""
        return float(self.counts.sum(axis=1).max() / self.counts.sum())


class Regressed(NamedTuple):
    """The predictions of a regression for rows with known values, and their error."""

    predicted: Any  # (m,)
    rmse: float  # root mean square error, in the unit of the target
    r2: float  # fraction of the variance that is explained
    spread: float  # standard deviation of the values: the error of always predicting their mean


def tell_remarks(remarks: list[str]) -> None:
    """Print what may not be as it was meant, on standard error."""
    for remark in remarks:
        print(f"xpnet: note: {one_line(remark)}", file=sys.stderr)


def test_model(model: Model, data: Dataset) -> Classified | Regressed:
    """Return the predictions of `model` for `data`, and how good they are."""
    test = judge(model, data, predict(model, data))
    if isinstance(test, Regressed) or data.y is None:
        return test
    area = auc(data.y, to_numpy(model.predict_proba(data.x)))
    return test._replace(auc=None if isnan(area) else area)


def predict(model: Model, data: Dataset) -> Any:
    """Return the class indices, or the values of a regression, that `model` says of raw rows: a host array (m,).

    Several labels at once are 0 or 1 each, (m, n_out).
    """
    decided = to_numpy(model.decide(data.x))
    return decided.astype("int64") if model.network.classifies else decided


def rows_and_labels(model: Model, data: Dataset) -> tuple[Any, Any]:
    """Return raw rows, and their labels or values in the model's own terms."""
    assert data.y is not None
    return data.x, data.y if model.classes is None else [model.classes[i] for i in data.y.tolist()]


def judge(model: Model, data: Dataset, predicted: Any) -> Classified | Regressed:
    """Return predictions with their accuracy or error."""
    y: Any = data.y
    if model.classes is None:
        error, spread = float(((predicted - y) ** 2).mean()), float(y.var())
        return Regressed(predicted, error**0.5, 1.0 - error / spread if spread else 0.0, spread**0.5)
    return Classified(predicted, accuracy(y, predicted), confusion(y, predicted, len(model.classes)))


def summary(model: Model, test: Classified | Regressed) -> dict[str, Any]:
    """Return the figures of a test as plain JSON."""
    if isinstance(test, Regressed):
        return {"rmse": test.rmse, "r2": test.r2, "rmse_of_mean": test.spread}
    figures = {"accuracy": test.accuracy, "balanced_accuracy": test.balanced, "auc": test.auc}
    figures |= {"majority": test.majority}
    return {**figures, "classes": [row[:3] for row in class_rows(model, test)]}


def summary_line(test: Classified | Regressed) -> str:
    """Return the test in a line: ``accuracy 97.22 % (350 of 360)``."""
    n = len(test.predicted)
    if isinstance(test, Regressed):
        return f"root mean square error {test.rmse:.4g}, R2 {test.r2:.4f} ({n} rows)"
    return f"accuracy {100 * test.accuracy:.2f} % ({round(test.accuracy * n)} of {n})"


def figures(model: Model, data: Dataset, test: Classified | Regressed) -> dict[str, float]:
    """Return the figures of a test for all rows together: accuracy, or rmse and r2, and the cost."""
    judged = {"rmse": test.rmse, "r2": test.r2} if isinstance(test, Regressed) else {"accuracy": test.accuracy}
    return judged | {"cost": model.cost_value(data.x, data.y)}


def member_means(model: Model, data: Dataset) -> dict[str, float] | None:
    """Return the mean of each figure over the members of an ensemble, each tested alone; None for one network."""
    if model.n_members < 2:
        return None
    found = [figures(member, data, test_model(member, data)) for member in model.members]
    return {name: fmean(each[name] for each in found) for name in found[0]}


def members_line(n: int, means: dict[str, float]) -> str:
    """Return the mean figures of n members in a line, to be read beside those of the ensemble."""
    shown_as = {"accuracy": "accuracy {:.2%}", "rmse": "root mean square error {:.4g}", "r2": "R2 {:.4f}"}
    told = [shown_as.get(name, name + " {:.4g}").format(value).replace("%", " %") for name, value in means.items()]
    return f"its {n} members alone, on average: {', '.join(told)}"


def baseline_line(model: Model, test: Classified | Regressed) -> str:
    """Return a comparison with always predicting the commonest class, or the mean; "" for digits, equally common."""
    if isinstance(test, Regressed):
        return f"  always predicting the mean: root mean square error {test.spread:.4g}"
    rows = test.counts.sum(axis=1)
    rare = bool(((rows > 0) & (rows < RARE * rows.mean())).any())
    if not (rare or (model.data or {}).get("source") == "table"):
        return ""
    commonest = shown((model.classes or ())[int(rows.argmax())])
    told = [
        "" if test.auc is None else f"area under the ROC curve {test.auc:.4f}",
        f"balanced accuracy {100 * test.balanced:.2f} %",
        f"always predicting {commonest} is right in {100 * test.majority:.2f} %",
        "--class-weight balanced gives rare classes more weight" if rare else "",
    ]
    return "  " + "; ".join(filter(None, told))


def certainty(model: Model, data: Dataset) -> dict[str, float]:
    """Return how far the model's certainty is to be trusted: the calibration error, or the coverage of intervals.

    Of a regression that does not know its errors on other rows it is {}.
    """
    if model.network.classifies:
        return {"calibration_error": calibration_error(to_numpy(model.predict_proba(data.x)), data.y)}
    if model.errors is None or not model.errors.holds(COVERAGE):
        return {}
    return {"interval_coverage": interval_coverage(model, data.x, data.y, COVERAGE)}


def certainty_line(found: dict[str, float]) -> str:
    """Return this in a line, or ""."""
    if "calibration_error" in found:
        return f"  calibration error {found['calibration_error']:.4f}: what probabilities are off by, on average"
    if "interval_coverage" in found:
        share = f"{100 * found['interval_coverage']:.1f} %"
        return f"  {100 * COVERAGE:.0f} % intervals hold {share} of the values: xpnet predict --interval {COVERAGE}"
    return ""


def class_rows(model: Model, test: Classified) -> Iterator[tuple[str, int, int, float | None, str]]:
    """Yield for each class: label, rows, right predictions, accuracy, and the class it is most often taken for."""
    classes = model.classes or ()
    for i, label in enumerate(classes):
        row = test.counts[i].tolist()
        right, rows = row[i], sum(row)
        row[i] = 0
        worst = max(range(len(row)), key=row.__getitem__)
        confused = f"{classes[worst]} ({row[worst]})" if row[worst] else ""
        yield str(label), rows, right, right / rows if rows else None, confused


def class_table(model: Model, test: Classified | Regressed) -> str:
    """Return these rows as a table, or "" for a regression."""
    if isinstance(test, Regressed):
        return ""
    width = max(5, *(len(shown(label)) for label in model.classes or ()))
    lines = [f"  {'class':>{width}}   rows  right  accuracy   most often taken for"]
    for label, rows, right, share, confused in class_rows(model, test):
        percent = "      -" if share is None else f"{100 * share:5.1f} %"
        lines.append(f"  {shown(label):>{width}}  {rows:5}  {right:5}   {percent}   {shown(confused)}")
    return "\n".join(line.rstrip() for line in lines)


def picture(model: Model, test: Classified | Regressed, data: Dataset, most: int = 6) -> str:
    """Return a few images with their predictions, misread ones first, or "" if the rows are no images."""
    side = SIDES.get(data.x.shape[1])
    table = isinstance(data.x, Table)
    if side is None or data.y is None or model.classes is None or table or data.x.min() < 0:
        return ""
    classes = model.classes
    wrong = (test.predicted != data.y).nonzero()[0][:most].tolist()
    chosen = wrong or list(range(min(most, data.n)))
    most = max(1, min(most, (shutil.get_terminal_size().columns + 1) // (2 * side + 3)))  # as many as fit
    images = [_shaded(data.x[i].reshape(side, side)) for i in chosen[:most]]
    lines = ["   ".join(parts) for parts in zip(*images, strict=True)]
    captions = (shown(f"read {classes[test.predicted[i]]}, is {classes[data.y[i]]}") for i in chosen[:most])
    lines.append("   ".join(f"{caption:{2 * side}}" for caption in captions))
    title = "some that were misread:" if wrong else "none was misread; the first ones:"
    return "\n".join(["", title, *(f"  {line}".rstrip() for line in lines)])


def _shaded(image: Any) -> list[str]:
    levels = (image * (len(SHADES) - 1.0) / max(1, image.max())).round().astype(int)
    return ["".join(2 * SHADES[v] for v in row) for row in levels]
