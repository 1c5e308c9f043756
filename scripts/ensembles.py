"""An ensemble of eight networks beside its best member and beside one network: log loss on test rows, five seeds.

    python scripts/ensembles.py [--tables FOLDER] [--seeds 0 1 2 3 4] [--markdown] [--quick]

For each seed a fifth of the rows is the test part.  Of the rest, member i of the ensemble trains on seven eighths and
watches the last one (eight folds, one stack); each keeps the parameters of its epoch of least validation cost.  The
best member is that of least validation cost.  The one network trains on all rows of the rest, for as many epochs as
the members needed (the median of their best epochs), since it has no rows to watch.  FOLDER holds tables in CSV whose
column names are in TABLES; without it, only the digits are used.
"""

import argparse
import csv
from pathlib import Path
from statistics import fmean, median, stdev

import numpy as np

import xpnet
from xpnet.data import Encoding, load_digits, stratified_split

TABLES = {"flchain": "death", "segment": "category", "titanic": "survived", "wine": "quality"}
MEMBERS, EPOCHS, PATIENCE = 8, 100, 15


def read(path, target):
    """Return the cells, the names of the columns and the class of each row; rare classes are left out."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    names = header
    place = names.index(target) if target in names else len(names) - 1
    labels = [row.pop(place) for row in rows]
    y = np.unique(labels, return_inverse=True)[1]
    kept = [i for i, label in enumerate(y) if (y == label).sum() >= 20]
    return np.asarray(rows, dtype=object)[kept], [name for i, name in enumerate(names) if i != place], y[kept]


def log_loss(p, y):
    """Return the mean of -ln of the probability of the right class."""
    return float(-np.mean(np.log(np.maximum(p[np.arange(len(y)), y], 1e-15))))


def folds(n, k, seed):
    """Return k pairs of (training rows, validation rows)."""
    parts = np.array_split(np.random.default_rng(seed).permutation(n), k)
    return [(np.concatenate([part for part in parts if part is not own]), own) for own in parts]


def compare(x, y, test, y_test, seed, epochs):
    """Return the log loss of the ensemble, of its best member and of one network trained on all rows."""
    network = xpnet.Network([x.shape[1], 64, int(y.max()) + 1], hidden="relu", cost="log_likelihood")
    settings = {"batch_size": 32, "optimizer": xpnet.adam(0.002)}
    results = xpnet.train_many(
        network, (x, y), seeds=[100 * seed + i for i in range(MEMBERS)], splits=folds(len(y), MEMBERS, seed),
        epochs=epochs, stopping=xpnet.stopping.no_improvement(PATIENCE, "validation_cost"), keep="cost", **settings,
    )  # fmt: skip
    needed = round(median(result.best_record.epoch for result in results))
    one = xpnet.train(network, (x, y), seed=seed, epochs=max(1, needed), **settings)
    models = (results.ensemble(), results.best("validation_cost").model, one.model)
    return [log_loss(model.predict_proba(test), y_test) for model in models]


def tasks(folder):
    """Yield the name, and a function of a seed that returns x, y, test rows and their classes, of each data set."""
    digits = load_digits()

    def of_digits(seed):
        split = stratified_split(digits.y, 0.2, seed)
        x = (digits.x / 16.0).astype(np.float32)
        return x[split.train], digits.y[split.train], x[split.test], digits.y[split.test]

    yield "digits", of_digits
    for name, target in TABLES.items() if folder else ():
        cells, names, y = read(folder / f"{name}.csv", target)
        y = np.unique(y, return_inverse=True)[1]

        def of_table(seed, cells=cells, names=names, y=y):
            split = stratified_split(y, 0.2, seed)
            encoding = Encoding.fit(cells[split.train], names, impute="median")
            return encoding.apply(cells[split.train]), y[split.train], encoding.apply(cells[split.test]), y[split.test]

        yield name, of_table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, metavar="FOLDER")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--quick", action="store_true", help="one seed, three epochs, to see that it runs")
    args = parser.parse_args()
    seeds, epochs = ([0], 3) if args.quick else (args.seeds, EPOCHS)
    print(f"log loss on test rows, mean +/- standard deviation over {len(seeds)} seeds;")
    print("in brackets how much more than the ensemble: mean of the paired differences +/- its standard error\n")
    print("| data | ensemble of 8 | its best member | one network, all rows |")
    print("|---|---|---|---|")
    for name, make in tasks(args.tables):
        found = []
        for seed in seeds:
            x, y, test, y_test = make(seed)
            found.append(compare(x, y, test, y_test, seed, epochs))
        columns = list(zip(*found, strict=True))
        told = [f"{fmean(c):.4f} +/- {_spread(c):.4f}" for c in columns]
        for i in (1, 2):
            more = [single - ensemble for ensemble, single in zip(columns[0], columns[i], strict=True)]
            told[i] += f" (+{fmean(more):.4f} +/- {_spread(more) / len(more) ** 0.5:.4f})"
        print(f"| {name} | {' | '.join(told)} |", flush=True)


def _spread(values):
    return stdev(values) if len(values) > 1 else 0.0


if __name__ == "__main__":
    main()
