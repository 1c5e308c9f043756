"""What is measured of predictions, and ranks.  Needs only NumPy."""

import numpy as np

LEAST = 1e-6  # a probability below it counts as this one: one sure mistake does not decide a mean log loss
BINS = 15


def of_values(y, predicted):
    """Return R2 and the root mean square error of predicted values."""
    error = np.mean((y - predicted) ** 2)
    return {"r2": float(1.0 - error / np.var(y)), "rmse": float(np.sqrt(error))}


def of_probabilities(y, p):
    """Return the measures of probabilities, shape (n, k), of classes numbered from 0; `auc` for two classes only."""
    p = p / p.sum(axis=1, keepdims=True)
    clipped = np.clip(p, LEAST, 1.0)
    clipped /= clipped.sum(axis=1, keepdims=True)
    figures = {
        "accuracy": float(np.mean(p.argmax(axis=1) == y)),
        "logloss": float(-np.mean(np.log(clipped[np.arange(y.size), y]))),
        "brier": float(np.mean(np.sum((p - np.eye(p.shape[1])[y]) ** 2, axis=1))),
        "ece": calibration_error(y, p),
    }
    return {"auc": area_under_curve(y, p[:, 1]), **figures} if p.shape[1] == 2 else figures


def area_under_curve(y, score):
    """Return the area under the ROC curve: how often a row of class 1 has a higher score than one of class 0."""
    order = ranks(score)
    ones = int(y.sum())
    pairs = ones * (y.size - ones)
    return float((order[y == 1].sum() - ones * (ones + 1) / 2) / pairs)


def calibration_error(y, p):
    """Return the expected calibration error of the predicted class, with 15 bins of equal width."""
    sure, right = p.max(axis=1), p.argmax(axis=1) == y
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    apart = [abs(right[bins == b].mean() - sure[bins == b].mean()) * np.mean(bins == b) for b in np.unique(bins)]
    return float(sum(apart))


def ranks(values):
    """Return ranks from 1, the least value first; equal values share the mean of their ranks."""
    values = np.asarray(values, dtype=float)
    below = (values[None, :] < values[:, None]).sum(axis=1)
    equal = (values[None, :] == values[:, None]).sum(axis=1)
    return below + (equal + 1) / 2
