"""The pictures of docs/notes.md, and the figures there that no test holds.

    python scripts/notes_pictures.py [--out docs/pictures] [--quick]

Pictures need Matplotlib (pip install matplotlib).
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
from drawing import Panel, draw, table
from threadpoolctl import threadpool_limits

import xpnet
from xpnet.nn import Layer, perceptron_network, sharpened, sigmoid, step
from xpnet.trees import leaves

SIZES = {"1": 1, "10": 10, "100": 100, "all 1,438": None}
BOX = {"boxstyle": "round,pad=0.35", "edgecolor": "#444444"}
FORWARD, BACKWARD, GRADIENT = "#0072b2", "#d55e00", "#009e73"


def digits():
    """Return images and labels of the bundled digits to learn from: four fifths of them."""
    whole = xpnet.data.load_digits()
    train, _ = xpnet.data.stratified_split(whole.y, 0.2, seed=0)
    return whole.x[train] / 16, whole.y[train]


def measure_vectorizing(x, y):
    """Print how long the gradients of 1,000 examples take, one after the other and all at once."""
    network = xpnet.Network([64, 30, 10])
    parameters, rows = network.initialize("numpy", seed=0), range(1000)

    def one_by_one():
        for i in rows:
            network.gradients(parameters, x[i : i + 1], y[i : i + 1])

    def at_once():
        network.gradients(parameters, x[:1000], y[:1000])

    with threadpool_limits(1):
        slow, fast = (1e3 * min(seconds(f) for _ in range(20)) for f in (one_by_one, at_once))
    print(f"gradients of 1,000 digits, one thread: {slow:.0f} ms one by one, {fast:.2f} ms at once")


def seconds(f):
    """Return how long a call of f takes."""
    started = perf_counter()
    f()
    return perf_counter() - started


def measure_backprop(x, y):
    """Print how far backpropagation is from finite differences, and how many of those the gradient would take."""
    network = xpnet.Network([64, 30, 10])
    parameters = network.initialize("numpy", seed=0)
    report = xpnet.gradient_check(network, parameters, x[:100], y[:100])
    n = sum(w.size for w in leaves(parameters))
    print(f"backpropagation and finite differences agree to {report.error:.0e}; {n:,} weights and biases")


def measure_batches(x, y, epochs):
    """Print what training reaches with batches of several sizes; return the costs of each epoch."""
    costs, rows = {}, []
    for name, size in SIZES.items():
        result = xpnet.train(xpnet.Network([64, 30, 10]), (x, y), epochs=epochs, batch_size=size)
        cost, accuracy = result.history.column("cost"), result.history[-1].accuracy
        steps = epochs * -(-len(y) // (size or len(y)))
        rows.append([name, f"{steps:,}", f"{cost[0]:.2f}", f"{cost[-1]:.3f}", f"{100 * accuracy:.1f} %"])
        costs[name] = cost
    table(["batch", "steps", "cost, first epoch", "cost, last", "accuracy, last"], rows)
    return costs


def output_along(network, parameters, weights, c):
    """Return the output for the input (1, 1) as one weight of the first layer moves, all then multiplied by c."""
    x, ((w, b), *rest) = np.ones((1, 2)), parameters
    moved = [(Layer(np.concatenate([[[value, w[0, 1]]], w[1:]]), b), *rest) for value in weights]
    return [float(network.feedforward(sharpened(each, c), x)[0, 0]) for each in moved]


def draw_neurons(folder):
    """Draw the sigmoid beside the step, and what a moving weight does to a network of either."""
    z, weights = np.linspace(-6.0, 6.0, 601), np.linspace(-4.0, 4.0, 401)
    curves = {f"σ({c}z)" if c > 1 else "σ(z)": (z, sigmoid(c * z)) for c in (1, 3, 10)}
    sigmoids, perceptrons = xpnet.Network([2, 3, 1]), perceptron_network([2, 3, 1])
    # seed 112: one whose perceptrons do jump
    start = sigmoids.initialize(xpnet.backend.get("numpy", dtype="float64"), seed=112, scheme="large")
    kinds = {
        "sigmoid neurons": (sigmoids, 1),
        "weights and biases × 10": (sigmoids, 10),
        "perceptrons": (perceptrons, 1),
    }
    moved = {label: (weights, output_along(network, start, weights, c)) for label, (network, c) in kinds.items()}
    draw(
        folder,
        "notes_sigmoid.png",
        Panel("one neuron", {**curves, "step(z)": (z, step(z))}, {"xlabel": "z", "ylabel": "a"}),
        Panel("a network 2-3-1", moved, {"xlabel": "one weight of the first layer", "ylabel": "output"}),
    )


def draw_backprop(path):
    """Draw which quantity the four equations make of which, for the last two layers."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(9.6, 4.2), layout="constrained")
    ax.set(xlim=(-0.6, 10.4), ylim=(-0.25, 4.2))
    ax.set_axis_off()
    for i, text in enumerate(["$a^{L-2}$", "$z^{L-1}$", "$a^{L-1}$", "$z^L$", "$a^L$", "$C$"]):
        put(ax, 2 * i, 3.5, text, FORWARD)
    for i, text in enumerate(["$w^{L-1}, b^{L-1}$", "$\\sigma$", "$w^L, b^L$", "$\\sigma$", "$y$"]):
        arrow(ax, (2 * i, 3.5), (2 * i + 2, 3.5), FORWARD, text)
    for x, l in ((2, "{L-1}"), (6, "L")):
        put(ax, x, 1.9, f"$\\delta^{l}$", BACKWARD)
        put(ax, x - 0.8, 0.2, f"$\\partial C/\\partial w^{l}$", GRADIENT)
        put(ax, x + 1.0, 0.2, f"$\\partial C/\\partial b^{l}$", GRADIENT)
        arrow(ax, (x, 3.5), (x, 1.9), BACKWARD, "")
        ax.text(x + 0.12, 2.65, "$\\sigma'$", color=BACKWARD, fontsize=11)
        for start, end in (((x - 2, 3.5), x - 0.8), ((x, 1.9), x - 0.8), ((x, 1.9), x + 1.0)):
            arrow(ax, start, (end, 0.2), GRADIENT, "")
        ax.text(x - 1.35, 1.05, "BP4", color=GRADIENT, fontsize=11, ha="right")
        ax.text(x + 0.75, 1.05, "BP3", color=GRADIENT, fontsize=11)
    arrow(ax, (10, 3.5), (6, 1.9), BACKWARD, "BP1")
    arrow(ax, (6, 1.9), (2, 1.9), BACKWARD, "BP2")
    arrow(ax, (6, 1.9), (2, 1.9), BACKWARD, "$w^L$", below=True)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def put(ax, x, y, text, color):
    """Write a quantity into a box."""
    ax.text(
        x, y, text, ha="center", va="center", fontsize=13, color=color, bbox={**BOX, "facecolor": "white"}, zorder=3
    )


def arrow(ax, start, end, color, text, below=False):
    """Draw an arrow between two boxes, with a word above or below its middle."""
    (x0, y0), (x1, y1) = start, end
    how = {"arrowstyle": "-|>", "color": color, "linewidth": 1.3, "shrinkA": 24, "shrinkB": 24}
    ax.annotate("", xy=end, xytext=start, arrowprops=how)
    ax.text((x0 + x1) / 2, (y0 + y1) / 2 + (-0.35 if below else 0.15), text, ha="center", color=color, fontsize=11)


def main():
    """Print the figures, and draw the pictures where there is a folder for them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder for the pictures")
    parser.add_argument("--quick", action="store_true", help="few epochs: only shows that it works")
    chosen = parser.parse_args()
    x, y = digits()
    measure_vectorizing(x, y)
    measure_backprop(x, y)
    costs = measure_batches(x, y, 2 if chosen.quick else 30)
    if chosen.out:
        draw_neurons(chosen.out)
        curves = {f"batches of {name}": (range(1, len(cost) + 1), cost) for name, cost in costs.items()}
        draw(
            chosen.out,
            "notes_batches.png",
            Panel("1,438 digits, eta 0.5", curves, {"xlabel": "epoch", "ylabel": "training cost", "yscale": "log"}),
        )
        draw_backprop(chosen.out / "notes_backprop.png")


if __name__ == "__main__":
    main()
