"""One neuron that learns to turn 1 into 0: the learning slowdown of chapter 3, and how the cross-entropy cures it.

    python scripts/learning_slowdown.py [--out docs/pictures] [--quick]

With the quadratic cost dC/dz has a factor sigma'(z), nearly 0 for a neuron that is sure and wrong: the worse start
learns later.  With the cross-entropy dC/dz is a - y, and it learns at once.  (The two learning rates are the book's;
they can't be compared with each other.)
"""

import numpy as np
from drawing import Panel, draw, options, table

import xpnet
from xpnet.nn import Layer

STARTS = ((0.6, 0.9), (2.0, 2.0))
ETAS = {"quadratic": 0.15, "cross_entropy": 0.005}


class Outputs(xpnet.Callback):
    """Keeps what the neuron answers to the input 1."""

    def __init__(self, network, start):
        self.network = network
        self.seen = [self.ask(start)]

    def ask(self, parameters):
        """Return the output for the input 1."""
        return float(self.network.feedforward(parameters, np.ones((1, 1)))[0, 0])

    def epoch(self, record, parameters):  # noqa: ARG002  (the callback's form)
        """Ask it again."""
        self.seen.append(self.ask(parameters))


def learn(cost, start, epochs):
    """Return the output before the first epoch and after each."""
    w, b = start
    network, parameters = xpnet.Network([1, 1], cost=cost), (Layer(np.full((1, 1), w), np.full((1, 1), b)),)
    outputs = Outputs(network, parameters)
    xpnet.train(
        network,
        (np.ones((1, 1)), np.zeros((1, 1))),
        epochs=epochs,
        optimizer=xpnet.sgd(ETAS[cost]),
        parameters=parameters,
        callbacks=[outputs],
        backend=xpnet.backend.get("numpy", dtype="float64"),
    )
    return outputs.seen


def costs(name, outputs):
    """Return the cost of each output where 0 is wanted."""
    a = np.asarray(outputs)
    return 0.5 * a**2 if name == "quadratic" else -np.log(1.0 - a)


def main():
    """Print the outputs along the way, and draw the costs."""
    chosen = options(__doc__)
    epochs = 30 if chosen.quick else 300
    seen = {(cost, start): learn(cost, start, epochs) for cost in ETAS for start in STARTS}
    marks = [0, epochs // 6, epochs // 3, epochs // 2, epochs]
    table(
        ["cost", "eta", "w, b", *(f"output after {epoch}" for epoch in marks)],
        [
            [cost, ETAS[cost], f"{w:g}, {b:g}", *(f"{outputs[epoch]:.2f}" for epoch in marks)]
            for (cost, (w, b)), outputs in seen.items()
        ],
    )
    panels = [
        Panel(
            f"{cost.replace('_', '-')} cost, eta {eta:g}",
            {f"w = {w:g}, b = {b:g}": (range(epochs + 1), costs(cost, seen[cost, (w, b)])) for w, b in STARTS},
            {"xlabel": "epoch", "ylabel": "cost", "ylim": (0, None)},
        )
        for cost, eta in ETAS.items()
    ]
    draw(chosen.out, "learning_slowdown.png", *panels)


if __name__ == "__main__":
    main()
