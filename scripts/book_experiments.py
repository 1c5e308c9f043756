"""The experiments of Nielsen's chapters 1 and 3 on MNIST, and the figures he reports: data for reproduce_book.py.

All have mini-batches of 10, sigmoid neurons and pixels k/256.  Figures are from the book's text or from the results
that lie beside its drawing scripts; what his programs report as a cost includes the L2 penalty.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Experiment:
    """One way of training; what changes here is trained again."""

    sizes: tuple[int, ...]
    cost: str = "cross_entropy"
    eta: float = 0.5
    epochs: int = 30
    l2: float = 0.0
    images: int = 50_000  # the first so many of the training images
    scheme: str = "large"  # initial weights: large is N(0, 1), scaled is N(0, 1/n_in)
    judged_on: str = "test"
    judges: int = 10_000  # the first so many of those
    each_epoch: bool = True  # judged after every epoch, or after the last only
    training: bool = False  # whether cost and accuracy on the training images are taken, too


@dataclass(frozen=True)
class Claim:
    """A figure of the book's: what a run of that experiment showed."""

    section: str
    experiment: str
    measure: str  # a key of MEASURES in book_report.py
    book: float | None  # None: the book gives no figure
    fails: bool = False  # the book shows it as a failure


SMALL, MIDDLE, NONE = (784, 30, 10), (784, 100, 10), (784, 10)
SIZES = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
MORE_DATA = (69.09, 76.37, 85.29, 88.85, 91.27, 93.24, 94.89, 95.85, 95.97)
BASELINE = 2225  # test images of 10,000 that the average-darkness rule gets right


def _quadratic(sizes, eta):
    return Experiment(sizes, "quadratic", eta)


def _validated(sizes, eta, epochs=30, l2=5.0, scheme="large", **other):
    return Experiment(sizes, eta=eta, epochs=epochs, l2=l2, scheme=scheme, judged_on="validation", **other)


def _hyper(eta, l2):
    return _validated(NONE, eta, l2=l2, scheme="scaled", images=1000, judges=100)


EXPERIMENTS = {
    "first": _quadratic(SMALL, 3.0),
    "first-100": _quadratic(MIDDLE, 3.0),
    "slow": _quadratic(MIDDLE, 0.001),
    "fast": _quadratic(SMALL, 100.0),
    "no-hidden": _quadratic(NONE, 3.0),
    "cross-entropy": Experiment(SMALL, training=True),
    "cross-entropy-100": Experiment(MIDDLE),
    "overfitting": Experiment(SMALL, epochs=400, images=1000, training=True),
    "regularized": Experiment(SMALL, epochs=400, images=1000, l2=0.1, training=True),
    "regularized-full": Experiment(SMALL, l2=5.0, training=True),
    "regularized-100": _validated(MIDDLE, 0.5),
    "long-100": _validated(MIDDLE, 0.1, 60),
    "long-100-scaled": _validated(MIDDLE, 0.1, 60, scheme="scaled"),
    "large-30": _validated(SMALL, 0.1),
    "scaled-30": _validated(SMALL, 0.1, scheme="scaled"),
    "large-100": _validated(MIDDLE, 0.1),
    "scaled-100": _validated(MIDDLE, 0.1, scheme="scaled"),
    "too-much": _validated(SMALL, 10.0, l2=1000.0, scheme="scaled"),
    "hyper-10-1000": _hyper(10.0, 1000.0),
    "hyper-10-20": _hyper(10.0, 20.0),
    "hyper-100-20": _hyper(100.0, 20.0),
    "hyper-1-20": _hyper(1.0, 20.0),
    **{f"eta-{eta:g}": _validated(SMALL, eta, scheme="scaled", training=True) for eta in (0.025, 0.25, 2.5)},
    **{
        f"data-{n}": _validated(SMALL, 0.5, 1_500_000 // n, round(n * 1e-4, 4), images=n, each_epoch=False)
        for n in SIZES
    },
}

CLAIMS = (
    Claim("Chapter 1", "first", "best", 95.42),
    Claim("Chapter 1", "first", "epoch 1", 91.29),
    Claim("Chapter 1", "first", "last", 95.34),
    Claim("Chapter 1", "first-100", "best", 96.59),
    Claim("Chapter 1", "no-hidden", "best", None),
    Claim("Chapter 1", "slow", "epoch 1", 11.39, fails=True),
    Claim("Chapter 1", "slow", "last", 21.42, fails=True),
    Claim("Chapter 1", "fast", "epoch 1", 10.09, fails=True),
    Claim("Chapter 1", "fast", "last", 9.82, fails=True),
    Claim("Chapter 3: cross-entropy", "cross-entropy", "best", 95.49),
    Claim("Chapter 3: cross-entropy", "cross-entropy-100", "best", 96.82),
    Claim("Chapter 3: overfitting and regularization", "overfitting", "best", 82.27),
    Claim("Chapter 3: overfitting and regularization", "overfitting", "training, last", 100.0),
    Claim("Chapter 3: overfitting and regularization", "overfitting", "lowest cost", 1.20),
    Claim("Chapter 3: overfitting and regularization", "overfitting", "last cost", 1.77),
    Claim("Chapter 3: overfitting and regularization", "regularized", "best", 87.10),
    Claim("Chapter 3: overfitting and regularization", "regularized", "last cost", 0.891),
    Claim("Chapter 3: overfitting and regularization", "cross-entropy", "training, last", 97.86),
    Claim("Chapter 3: overfitting and regularization", "regularized-full", "best", 96.49),
    Claim("Chapter 3: overfitting and regularization", "regularized-full", "last", 95.61),
    Claim("Chapter 3: overfitting and regularization", "regularized-100", "best", 97.92),
    Claim("Chapter 3: overfitting and regularization", "long-100", "best", 98.04),
    Claim("Chapter 3: overfitting and regularization", "long-100-scaled", "best", 98.04),
    *(
        Claim("Chapter 3: weight initialization", name, measure, book)
        for name, figures in {
            "large-30": (86.43, 96.48, 96.37),
            "scaled-30": (92.70, 96.53, 96.50),
            "large-100": (89.94, 97.55, 97.42),
            "scaled-100": (92.95, 97.81, 97.81),
        }.items()
        for measure, book in zip(("epoch 1", "best", "last"), figures, strict=True)
    ),
    Claim("Chapter 3: choosing hyper-parameters", "too-much", "epoch 1", 10.30, fails=True),
    Claim("Chapter 3: choosing hyper-parameters", "too-much", "last", 9.67, fails=True),
    Claim("Chapter 3: choosing hyper-parameters", "hyper-10-1000", "last", 10.0, fails=True),
    Claim("Chapter 3: choosing hyper-parameters", "hyper-10-20", "epochs 1 to 4", 17.25, fails=True),
    Claim("Chapter 3: choosing hyper-parameters", "hyper-100-20", "last", 10.0, fails=True),
    Claim("Chapter 3: choosing hyper-parameters", "hyper-1-20", "epochs 1 to 4", 52.0),
    *(
        Claim("Chapter 3: three learning rates", f"eta-{eta}", measure, book)
        for eta, figures in {"0.025": (0.878, 0.339), "0.25": (0.495, 0.339), "2.5": (0.925, 0.861)}.items()
        for measure, book in zip(("training cost, epoch 1", "training cost, last"), figures, strict=True)
    ),
    *(
        Claim("Chapter 3: more training images", f"data-{n}", "last", book)
        for n, book in zip(SIZES, MORE_DATA, strict=True)
    ),
)
