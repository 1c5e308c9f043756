"""The pictures of docs/linalg.md: unit balls, loss of orthogonality, a spectrum and a compressed image.

    python scripts/linalg_pictures.py [--out docs/pictures] [--quick]

The image is the portrait of Grace Hopper (public domain) that comes with Matplotlib; `--image FILE.npy` takes
another, a matrix of gray levels.  Without Matplotlib (pip install matplotlib) the figures are printed all the
same, of a sheet of the bundled digits.
"""

import argparse
from pathlib import Path

import numpy as np

import xpnet
from xpnet import linalg, report

ORDERS = [0.5, 1, 1.5, 2, 4, np.inf]
RANKS = [5, 20, 60]


def portrait():
    """Return Matplotlib's sample picture as gray levels from 0 to 1, every second point of it."""
    from matplotlib import cbook, image

    with cbook.get_sample_data("grace_hopper.jpg") as file:
        color = image.imread(file, format="jpg")
    return color[::2, ::2].mean(axis=-1) / 255


def sheet(rows=20, columns=20):
    """Return the first digits side by side, as one image of gray levels from 0 to 1."""
    digits = xpnet.data.load_digits().x[: rows * columns].reshape(rows, columns, 8, 8)
    return 1 - digits.transpose(0, 2, 1, 3).reshape(8 * rows, 8 * columns) / 16


def default_image():
    """Return the portrait if Matplotlib is here, else the sheet."""
    try:
        return portrait()
    except ImportError:
        return sheet()


def compress(image, ranks):
    """Return (rank, numbers kept, relative error) for each rank."""
    whole = float(linalg.norm(image))
    for k in ranks:
        near = linalg.low_rank(image, k)
        kept = k * (sum(image.shape) + 1)
        yield k, kept, float(near.frobenius_error) / whole


def with_condition(rng, m, n, condition):
    """Return a random matrix with singular values from 1 down to 1/condition, evenly spaced in their logarithms."""
    u, v = (linalg.qr(rng.standard_normal((size, n))).Q for size in (m, n))
    return (u * np.geomspace(1.0, 1.0 / condition, n)) @ v.T


def losses(rng, conditions):
    """Return the loss of orthogonality of each method at each condition number."""
    methods = ("cgs", "mgs", "cgs2", "block", "householder")
    matrices = [with_condition(rng, 200, 50, condition) for condition in conditions]
    return {
        method: [float(linalg.orthogonality_loss(linalg.gram_schmidt(a, method=method, rtol=0.0).q)) for a in matrices]
        for method in methods
    }


def draw_unit_balls(plt, path):
    """Draw where the norm is 1, for several orders."""
    figure, axes = plt.subplots(1, len(ORDERS), figsize=(13, 2.5), layout="constrained", sharey=True)
    for ax, p in zip(axes, ORDERS, strict=True):
        report.plot_unit_balls([p], ax=ax).get_legend().remove()
        ax.set(title=ax.lines[0].get_label(), xlabel="", ylabel="")
    figure.savefig(path, dpi=110)


def draw_losses(plt, found, conditions, path):
    """Draw the loss of orthogonality against the condition number."""
    figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    for (method, loss), mark in zip(found.items(), "osv^x", strict=True):
        ax.loglog(conditions, loss, marker=mark, markersize=4, linewidth=1, label=method)
    ax.loglog(conditions, 2.2e-16 * np.asarray(conditions), "k:", linewidth=1, label="ε · cond")
    ax.set(xlabel="condition number of a (200 × 50)", ylabel="‖I − qᴴq‖₂", ylim=(1e-16, 100))
    ax.legend(frameon=False)
    figure.savefig(path, dpi=110)


def draw_compression(plt, image, ranks, path):
    """Draw the singular values, the image, and its approximations."""
    wide = len(ranks) + 1
    how = {"figsize": (3 * (wide + 1), 3.6), "layout": "constrained", "width_ratios": [1, wide]}
    figure, (left, right) = plt.subplots(1, 2, **how)
    report.plot_singular_values(image, ax=left)
    report.plot_low_rank(image, ranks, ax=right)
    figure.savefig(path, dpi=90)


def main():
    """Print the figures behind the pictures, and draw them where there is a folder for them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder for the pictures")
    parser.add_argument("--image", type=Path)
    parser.add_argument("--quick", action="store_true", help="few points, no pictures: only shows that it works")
    options = parser.parse_args()
    image = np.load(options.image) if options.image else default_image()
    conditions = [1e2, 1e8] if options.quick else np.geomspace(1e1, 1e15, 15).tolist()
    found = losses(np.random.default_rng(0), conditions)
    print("| method | " + " | ".join(f"{condition:.0e}" for condition in conditions) + " |")
    print("|---" * (len(conditions) + 1) + "|")
    for method, loss in found.items():
        print(f"| {method} | " + " | ".join(f"{x:.1e}" for x in loss) + " |")
    for k, kept, error in compress(image, RANKS):
        print(f"rank {k:3}: {kept:6} numbers instead of {image.size}, relative error {error:.3f}")
    if options.out and not options.quick:
        import matplotlib as mpl

        mpl.use("Agg")
        import matplotlib.pyplot as plt

        options.out.mkdir(parents=True, exist_ok=True)
        draw_unit_balls(plt, options.out / "unit_balls.png")
        draw_losses(plt, found, conditions, options.out / "loss_of_orthogonality.png")
        draw_compression(plt, image, RANKS, options.out / "compressed_image.jpg")


if __name__ == "__main__":
    main()
