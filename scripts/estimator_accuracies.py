"""Accuracies of xpnet's MLPClassifier and of scikit-learn's, at equal settings, with the same and with other seeds.

    python scripts/estimator_accuracies.py [--seeds 5] [--quick]

Standardized inputs, scikit-learn's defaults, a quarter of the rows for the test.  Where the seeds are the same, so are
the weights; where they differ, the means differ by chance.  The figures of docs/estimators.md are its output.
"""

import argparse
import warnings

import numpy as np
from sklearn import datasets, neural_network
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from xpnet import estimators

DATA = ("digits", "breast_cancer", "wine", "iris")


def parts(name):
    """Return standardized rows to train and to test on, and their labels."""
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    train, test, *labels = train_test_split(x, y, test_size=0.25, stratify=y, random_state=0)
    scaler = StandardScaler().fit(train)
    return [scaler.transform(train), scaler.transform(test), *labels]


def accuracies(library, data, seeds, settings):
    """Return the test accuracy of a library's estimator for each seed."""
    train, test, y_train, y_test = data
    fitted = (library.MLPClassifier(**settings, random_state=seed).fit(train, y_train) for seed in seeds)
    return np.asarray([model.score(test, y_test) for model in fitted])


def line(name, n, settings):
    """Return the row of a data set."""
    data = parts(name)
    ours = accuracies(estimators, data, range(n), settings)
    same = accuracies(neural_network, data, range(n), settings)
    other = accuracies(neural_network, data, range(n, 2 * n), settings)
    error = np.sqrt((ours.var(ddof=1) + other.var(ddof=1)) / n)
    return f"| {name} | {ours.mean():.4f} | {same.mean():.4f} | {other.mean():.4f} | {error:.4f} |"


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="two seeds and few epochs")
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    n, settings = (2, {"max_iter": 5}) if options.quick else (options.seeds, {})
    ours, others = f"seeds 0 to {n - 1}", f"seeds {n} to {2 * n - 1}"
    print(f"| data | xpnet, {ours} | scikit-learn, {ours} | scikit-learn, {others} | standard error |")
    print("|---|---|---|---|---|")
    for name in DATA:
        print(line(name, n, settings), flush=True)


if __name__ == "__main__":
    main()
