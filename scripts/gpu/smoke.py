"""Does it run at all: short checks that fail where a figure would mislead.  The first part of gpu_evidence."""

from functools import partial

import numpy as np

import xpnet
from gpu.agreement import difference
from gpu.bench import environment
from gpu.keeping import MissingError
from xpnet.execution import executor
from xpnet.trees import leaves

CLOSE = {"float32": 2e-3, "float64": 1e-10}  # after some hundred steps, each of them rounding
CAPTURED = "captured CUDA graph"
# what `train` and `Network` are given, by name
TRAININGS = {
    "sgd": ({"optimizer": xpnet.sgd(eta=0.5)}, {}),
    "adam": ({"optimizer": xpnet.adam(eta=0.001)}, {}),
    "dropout": ({"optimizer": xpnet.adam(eta=0.001)}, {"dropout": 0.2}),
    "bend": ({"expand": xpnet.Expansion(8, shift=1.0, bend=0.5)}, {}),
    "stream": ({"stream": True}, {}),
}


def items(bench):
    """Return the items of the part "smoke"."""
    ways = [(f"graph against loop: {name}", partial(graph_against_loop, bench, name)) for name in TRAININGS]
    return [
        *ways,
        ("graph against loop: float64", partial(graph_against_loop, bench, "adam", "float64")),
        ("TF32: a stack of products stays in float32", partial(tf32_stack, bench)),
        ("Cholesky: an indefinite matrix is refused", partial(indefinite, bench)),
    ]


def graph_against_loop(bench, name, dtype="float32"):
    """Train some hundred steps twice, captured and in the plain loop; refuse parameters that are far apart."""
    digits, (given, described) = xpnet.data.load_digits(), TRAININGS[name]
    examples = (digits.x[:600] / 16.0).astype(dtype), digits.y[:600]
    found = []
    for generic in (None, "1"):
        with environment(XPNET_GENERIC=generic):
            network = xpnet.Network([64, 30, 10], **described)
            found.append(xpnet.train(network, examples, epochs=3, backend=bench.backend(dtype), **given))
    ran = found[0].execution
    if ran != CAPTURED and not bench.dry:
        raise RuntimeError(f"the step was not captured: {ran}")
    pairs = zip(*(map(xpnet.backend.to_numpy, leaves(each.parameters)) for each in found), strict=True)
    apart = max(difference(a, b) for a, b in pairs)
    if not apart <= CLOSE[dtype]:
        raise RuntimeError(f"graph and loop must agree to {CLOSE[dtype]}, got {apart}")
    return {"difference": bench.figure(apart), "ran": bench.pick(ran, "dry run")}


def tf32_stack(bench):
    """Multiply stacks of matrices in a graph while TF32 is on; refuse an error of TF32's size."""
    home = bench.backend(tf32=True)
    rng = np.random.default_rng(0)
    w, x = rng.standard_normal((3, 64, 64)), rng.standard_normal((4, 3, 64, 64))

    def step(carry, inputs):
        return carry, inputs @ carry[0]

    with home.active():
        run = executor(step, home.name)
        _, made = run((home.asarray(w),), home.asarray(x))
        made = xpnet.backend.to_numpy(made)
    exact = np.asarray(x, dtype="float32").astype("float64") @ np.asarray(w, dtype="float32").astype("float64")
    apart = difference(made, exact)
    if not apart <= 1e-5:
        raise RuntimeError(f"stacks must be multiplied in float32, got an error of {apart}")
    return {"error": bench.figure(apart)}


def indefinite(bench):
    """Ask for an inner product with a matrix that is none: CuPy's Cholesky says nothing."""
    home, refused = bench.backend(), 0
    if not hasattr(home.xp, "linalg"):
        raise MissingError("no linear algebra here")
    matrices = [[[1.0, 2.0], [2.0, 1.0]], [[2.0, -3.0, 0.0], [-3.0, 2.0, 0.0], [0.0, 0.0, 1.0]]]
    for matrix in matrices:
        a = home.asarray(np.eye(len(matrix)))
        try:
            xpnet.linalg.gram_schmidt(a, inner=home.asarray(np.asarray(matrix)))
        except ValueError:
            refused += 1
    if refused < len(matrices):
        raise RuntimeError(f"{len(matrices) - refused} of {len(matrices)} indefinite matrices were taken")
    return {"refused": refused}
