"""How the model does on rows that it was not trained on: figures, confusion, calibration, and some of the rows."""

from collections import Counter
from typing import Any

import numpy as np

from xpnet.backend import to_numpy
from xpnet.io import Model
from xpnet.tabular.explaining.reliability import calibration_error, reliability

MOST_CLASSES = 30  # of a confusion matrix; of more, the commonest confusions are listed
MOST_PAIRS = 50
MOST_ROWS = 200  # that a page shows
MISTAKES = 100  # of them, at most


def figures(model: Model, x: Any, y: Any) -> dict[str, Any]:
    """Return figures of a model on labelled rows, as plain JSON.

    Parameters
    ----------
    model : Model
    x : array or Table, shape (m, n_columns)
        Raw rows.
    y : host array, shape (m,) or (m, n_out)
        Class numbers, 0 or 1 for each of several labels, or values in the unit of the data.
    """
    alone = [_score(member, x, y) for member in model.members] if model.n_members > 1 else []
    return _figures(model, x, y) | {"members": alone}


def _score(model: Model, x: Any, y: Any) -> float:
    """Return the accuracy of a single network, or its root mean square error."""
    decided = to_numpy(model.decide(x)).reshape(len(y), -1)
    if not model.network.classifies:
        return float(((decided - y.reshape(len(y), -1)) ** 2).mean()) ** 0.5
    return float((decided == y.reshape(len(y), -1)).all(axis=1).mean())


def _figures(model: Model, x: Any, y: Any) -> dict[str, Any]:
    decided = to_numpy(model.decide(x))
    if not model.network.classifies:
        return _values(decided.reshape(len(decided), -1), y.reshape(len(y), -1))
    p = to_numpy(model.predict_proba(x))
    found = {"rows": len(y), "calibration": _calibration(p, y)}
    if model.network.several:
        return found | {"accuracy": float((decided == y).all(axis=1).mean())}
    counts = Counter(zip(y.tolist(), decided.tolist(), strict=True))
    return found | {"accuracy": float((decided == y).mean()), **_confusion(counts, model.network.n_classes)}


def chosen_rows(model: Model, x: Any, y: Any, most: int = MOST_ROWS) -> dict[str, Any]:
    """Return which rows the page shows: mistakes, the most certain first, then right answers of every class in turn.

    Returns
    -------
    dict
        ``number``: row numbers; ``truth`` and ``said``: class numbers; ``certainty``: the probability of what is said.
        Of a regression: the rows with the largest errors, then others; ``truth`` and ``said`` are values.
    """
    decided = to_numpy(model.decide(x))
    if not model.network.classifies:
        error = abs(decided.reshape(len(y), -1) - y.reshape(len(y), -1)).sum(axis=1)
        rows = sorted(range(len(y)), key=lambda i: (-float(error[i]), i))[:MISTAKES]
        rows += [i for i in range(len(y)) if i not in set(rows)][: most - len(rows)]
        return {"number": rows, "truth": _plain(y[rows]), "said": _plain(decided[rows]), "certainty": None}
    if model.network.several:
        rows = list(range(min(most, len(y))))
        return {"number": rows, "truth": y[rows].tolist(), "said": decided[rows].tolist(), "certainty": None}
    sure = to_numpy(model.predict_proba(x)).max(axis=1).tolist()
    truth, said = y.tolist(), decided.tolist()
    wrong = sorted((i for i in range(len(y)) if truth[i] != said[i]), key=lambda i: (-sure[i], i))
    right = _in_turn([i for i in range(len(y)) if truth[i] == said[i]], truth)
    rows = (wrong[:MISTAKES] + right + wrong[MISTAKES:])[:most]
    return {
        "number": rows,
        "truth": [truth[i] for i in rows],
        "said": [said[i] for i in rows],
        "certainty": [sure[i] for i in rows],
    }


def _in_turn(rows: list[int], truth: list[int]) -> list[int]:
    """Return the rows so that the classes take turns."""
    seen: Counter[int] = Counter()
    turn = {}
    for i in rows:
        turn[i] = seen[truth[i]]
        seen[truth[i]] += 1
    return sorted(rows, key=lambda i: (turn[i], truth[i]))


def _confusion(counts: Counter[tuple[int, int]], k: int) -> dict[str, Any]:
    if k <= MOST_CLASSES:
        return {"confusion": [[counts[i, j] for j in range(k)] for i in range(k)]}
    wrong = [(pair, n) for pair, n in counts.most_common() if pair[0] != pair[1]]
    return {"pairs": [[*pair, n] for pair, n in wrong[:MOST_PAIRS]], "pairs_left_out": max(0, len(wrong) - MOST_PAIRS)}


def _calibration(p: Any, y: Any) -> dict[str, Any]:
    if p.shape[1] == 1:  # one label, which a row has or has not
        p, y = np.concatenate([1.0 - p, p], axis=1), y[:, 0].astype("int64")
    return {"bins": [list(each) for each in reliability(p, y).bins], "error": calibration_error(p, y)}


def _values(decided: Any, y: Any) -> dict[str, Any]:
    error, spread = float(((decided - y) ** 2).mean()), float(((y - y.mean(axis=0)) ** 2).mean())
    return {"rows": len(y), "rmse": error**0.5, "r2": 1.0 - error / spread if spread else 0.0}


def _plain(values: Any) -> Any:
    """Return values as a list; those of a single output without its axis."""
    return (values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values).tolist()
