"""The tables, with the task of each, and their splits.

Eight come from a folder of CSV files, four with packages.  xpnet's defaults for tables were chosen on the eight; the
four are "unseen": nothing was ever chosen on them.
"""

from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from xpnet.data import Split, random_split, stratified_split

TARGETS = {
    "flchain": "death",
    "segment": "category",
    "titanic": "survived",
    "wine": "quality",
    "flights": "late",
    "abalone": "rings",
    "computers": "price",
    "diamonds": "price",
}
REGRESSIONS = ("abalone", "computers", "diamonds", "diabetes", "randhie")
MOST_ROWS = 8000


@dataclass(frozen=True)
class Table:
    """A table: its columns without the target, and the target as class numbers (with `classes`) or as values."""

    name: str
    target: str
    x: pd.DataFrame
    y: np.ndarray
    classes: tuple[str, ...] | None = None

    @property
    def texts(self):
        """The names of the columns that hold categories."""
        return [name for name in self.x if not pd.api.types.is_numeric_dtype(self.x[name])]

    @property
    def labels(self):
        """The target as it stands in the file: text or values."""
        return self.y if self.classes is None else np.asarray(self.classes)[self.y]


@dataclass(frozen=True)
class Part:
    """A table and one of its splits: what a method gets to see."""

    table: Table
    seed: int
    split: Split = field(init=False)

    def __post_init__(self):
        table, seed = self.table, self.seed
        split = random_split(len(table.y), 0.2, seed) if table.classes is None else stratified_split(table.y, 0.2, seed)
        object.__setattr__(self, "split", split)

    @property
    def train(self):
        """Rows and target of the training part."""
        return self.table.x.iloc[self.split.train], self.table.y[self.split.train]

    @property
    def test(self):
        """Rows of the test part."""
        return self.table.x.iloc[self.split.test]

    @property
    def truth(self):
        """Target of the test part."""
        return self.table.y[self.split.test]


def table_of(name, frame, target):
    """Return the table that a frame holds."""
    x, y = frame.drop(columns=[target]), frame[target].to_numpy()
    if name in REGRESSIONS:
        return Table(name, target, x, y.astype(float))
    classes, numbers = np.unique(y.astype(str), return_inverse=True)
    return Table(name, target, x, numbers, tuple(classes.tolist()))


# ---- the tables that come with packages ------------------------------------------------------------------------------


def breast_cancer():
    """Return the frame and the name of its target."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer(as_frame=True)
    return bunch.data.assign(kind=np.asarray(bunch.target_names)[bunch.target]), "kind"


def diabetes():
    """Return the frame and the name of its target."""
    from sklearn.datasets import load_diabetes

    return load_diabetes(as_frame=True).frame, "target"


def fair():
    """Return the frame and the name of its target: how happy a marriage is, from 1 to 5, as classes."""
    from statsmodels.datasets import fair

    frame = fair.load_pandas().data
    return frame.assign(rate_marriage=frame["rate_marriage"].astype(int).astype(str)), "rate_marriage"


def randhie():
    """Return the frame and the name of its target: the number of visits to a doctor.  8,000 of its 20,190 rows."""
    from statsmodels.datasets import randhie

    frame = randhie.load_pandas().data
    rows = np.random.default_rng(0).permutation(len(frame))[:MOST_ROWS]
    return frame.iloc[rows].reset_index(drop=True), "mdvis"


PACKAGED = {"breast_cancer": breast_cancer, "diabetes": diabetes, "fair": fair, "randhie": randhie}
PACKAGES = {"breast_cancer": "sklearn", "diabetes": "sklearn", "fair": "statsmodels", "randhie": "statsmodels"}
NAMES = (*TARGETS, *PACKAGED)


@cache
def load(name, folder):
    """Return a table, or one clear error that says where it was looked for."""
    if name in PACKAGED:
        return table_of(name, *PACKAGED[name]())
    path = Path(folder, f"{name}.csv")
    if not path.is_file():
        raise SystemExit(f"--folder must hold {path.name}, got {folder}")
    return table_of(name, pd.read_csv(path), TARGETS[name])


def missing(name):
    """Return why a table cannot be had here, or nothing."""
    package = PACKAGES.get(name)
    return f"{package} is not installed" if package and not find_spec(package) else ""


def made_up():
    """Return two small tables, one of classes and one of values, with a category and gaps."""
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.uniform(-1, 1, (150, 3)), columns=["a", "b", "c"])
    x["place"] = rng.choice(["coast", "hill", "town"], 150)
    values = 3.0 * x["a"] + x["b"] * x["c"] + (x["place"] == "coast")
    x.loc[::17, "b"], x.loc[::19, "place"] = np.nan, None
    kinds = np.asarray(["low", "middle", "high"])[np.digitize(values, [-0.8, 0.8])]
    return [
        table_of("made-up classes", x.assign(kind=kinds), "kind"),
        Table("made-up values", "value", x, values.to_numpy()),
    ]
