"""One call of every public function of `xpnet.linalg` and `xpnet.nn`, and what it can do with JAX and PyTorch.

`tests/test_portability.py` proves what is said here; `scripts/portability_table.py` writes it into docs/portability.md.
"""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from xpnet import linalg, nn
from xpnet.backend import Backend

# why a cell of the table says no, or nothing (None)
SHAPE = "The shape of the result depends on values (a rank), and a compiler needs shapes first."
READS = "It returns Python numbers, text or lists, or counts its steps by values: it reads the values."
BASIS = "The basis is determined only up to a rotation: it has no derivative."
DISCRETE = None  # no floating results, or they are constant: there is nothing to differentiate


class Call(NamedTuple):
    """A call with small arrays: `run(home, *arrays)`, where `home` is the backend of the arrays.

    Attributes
    ----------
    run : callable
    data : tuple of array
        On the host, in float64; gradients are taken of the first.
    jit : bool or str
        Whether it works under ``jax.jit``, or why not.
    grad : bool, str or None
        Whether JAX and PyTorch compute the gradient that finite differences give, or why not; None: there is none.
    """

    run: Callable[..., Any]
    data: tuple[Any, ...]
    jit: bool | str = True
    grad: bool | str | None = True


A = np.asarray([[1.1, 0.3, -0.8], [0.2, 1.7, 0.4], [-0.5, 0.9, 2.3], [0.7, -0.2, 0.6]])
B = np.asarray([[0.4, 1.2, 0.1], [-1.3, 0.5, 0.8], [0.3, 0.6, 1.9], [1.5, -0.7, 0.2]])
Q = np.asarray([[0.6, 0.0], [0.8, 0.0], [0.0, 0.6], [0.0, 0.8]])
BITS = np.asarray([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND, PLACES = np.asarray([0, 0, 0, 1]), np.arange(4, dtype="int32")


def _of(function: Callable[..., Any], *settings: Any, **named: Any) -> Callable[..., Any]:
    """Return a call of `function` on its arrays, with these settings behind them."""
    return lambda home, *arrays: function(*arrays, *settings, **named)


def _linalg() -> dict[str, Call]:
    settings: dict[str, tuple[Any, ...]] = {
        **dict.fromkeys(("hard_threshold", "project_l1", "project_l2", "project_l21", "project_linf"), (1.5,)),
        **dict.fromkeys(("project_nuclear", "project_spectral", "soft_threshold"), (1.5,)),
        **dict.fromkeys(("prox_l0", "prox_l1", "prox_l2", "prox_l21", "prox_linf", "prox_nuclear"), (0.4,)),
        **dict.fromkeys(("prox_spectral", "prox_squared_l2"), (0.4,)),
        **dict.fromkeys(("ky_fan_norm", "ky_fan_dual_norm", "low_rank", "truncated_svd", "project_l0"), (2,)),
        "schatten_norm": (3,),
        "dual_norm": ("nuc", (-2, -1)),
        "lpq_norm": (3, 1.5),
        "project_box": (-0.5, 1.0),
        "svd": (False,),
    }
    named = {
        "l21_norm": {"group_axis": -1},
        "lpq_norm": {"group_axis": -1},
        "vector_norm": {"axis": -1, "weights": [0.5, 1.0, 2.0]},
        "randomized_svd": {"k": 1, "oversampling": 1},
    }
    two = {"lstsq": B, "procrustes": B, "subspace_angles": B[:, :2]}
    calls = {
        name: Call(
            _of(getattr(linalg, name), *settings.get(name, ()), **named.get(name, {})),
            (A, two[name]) if name in two else (A,),
        )
        for name in functions(linalg)
    }
    discrete = {name: calls[name]._replace(grad=DISCRETE) for name in ("is_orthonormal", "matrix_rank")}
    return (
        calls
        | discrete
        | {
            "append_columns": Call(
                lambda _, a, c: linalg.append_columns(linalg.gram_schmidt(a), c), (A[:, :2], B[:, :1])
            ),
            "column_space": calls["column_space"]._replace(jit=SHAPE),
            "complete_basis": Call(_of(linalg.complete_basis), (Q,), grad=BASIS),
            "conjugate_exponent": Call(lambda _: linalg.conjugate_exponent(3), (), grad=DISCRETE),
            "flip_signs": Call(lambda _, a: linalg.flip_signs(linalg.svd(a, False, flip=False)), (A,)),
            "null_space": Call(_of(linalg.null_space), (A.T,), jit=SHAPE, grad=BASIS),
            "project": Call(_of(linalg.project), (A, Q)),
            "spectral_error": Call(
                lambda _, a: linalg.spectral_error(a, linalg.truncated_svd(a, 1), iterations=2), (A,)
            ),
            "subspace_angles": calls["subspace_angles"]._replace(data=(A[:, :2], B[:, :2])),
        }
    )


NETWORK = nn.Network([3, 2, 3], hidden="tanh", cost="log_likelihood")
W1, B1 = np.asarray([[0.5, -1.0, 0.3], [0.2, 0.8, -0.6]]), np.asarray([[0.1, -0.2]])
W2, B2 = np.asarray([[0.7, -0.3], [0.4, 0.9], [-0.8, 0.5]]), np.asarray([[0.0, 0.3, -0.1]])
Y = np.asarray([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]])
PARAMETERS = (W1, B1, W2, B2)


def layers(w1: Any, b1: Any, w2: Any, b2: Any) -> nn.Parameters:
    return nn.Layer(w1, b1), nn.Layer(w2, b2)


def _gradients(home: Backend, x: Any, y: Any, *p: Any) -> Any:
    trace = nn.forward(layers(*p), x, NETWORK.activations)
    return nn.backprop(layers(*p), trace, y, NETWORK.activations, NETWORK.cost)


def _network(method: str, *more: Any, **settings: Any) -> Call:
    run = getattr(NETWORK, method)
    if not more:
        return Call(lambda home, x, *p: run(layers(*p), x), (A, *PARAMETERS), **settings)
    return Call(lambda home, x, y, *p: run(layers(*p), x, y), (A, *more, *PARAMETERS), **settings)


def _perceptron(run: Callable[..., Any], grad: bool | str | None = DISCRETE) -> Call:
    return Call(run, (BITS + 0.1, AND), jit=READS, grad=grad)


def _separating(home: Backend) -> nn.Perceptron:
    return nn.Perceptron(home.asarray([1.0, 1.0]), home.asarray(-1.5))


def _nn() -> dict[str, Call]:
    found = {name: Call(_of(f), (A,)) for name, f in nn.ACTIVATIONS.items()}
    found["step"] = found["step"]._replace(grad=DISCRETE)
    for name, cost in {**nn.COSTS, "mistakes": nn.mistakes}.items():
        value, output = cost.value, cost.output
        found[name] = Call(lambda _, z, y, v=value, f=output: v(z, f(z), y), (A, Y))
    found["mistakes"] = found["mistakes"]._replace(grad=DISCRETE)
    found["huber"] = Call(lambda _, z, y: nn.huber(1.0).value(z, z, y), (A, Y))
    return found | {
        "Network.feedforward": _network("feedforward"),
        "Network.predict_proba": _network("predict_proba"),
        "Network.predict": _network("predict", grad=DISCRETE),
        "Network.cost_value": _network("cost_value", Y),
        "Network.gradients": _network("gradients", Y),
        "add_bits": Call(_of(nn.add_bits), (BITS[:, 0], BITS[:, 1]), grad=DISCRETE),
        "backprop": Call(_gradients, (A, Y, *PARAMETERS)),
        "binary_output": Call(lambda home: nn.binary_output(4, home), (), grad=DISCRETE),
        "constrain": Call(lambda _, *p: nn.constrain(layers(*p), 1.0), PARAMETERS),
        "dropout_mask": Call(
            lambda home, n: nn.dropout_mask(n, 5, (1, 2), 0.5, home.dtype),
            (np.arange(4, dtype="int32"),),
            grad=DISCRETE,
        ),
        "explain_backprop": Call(
            lambda _, x, y, *p: str(nn.explain_backprop(NETWORK, layers(*p), x, y)),
            (A, Y, *PARAMETERS),
            READS,
            DISCRETE,
        ),
        "forward": Call(lambda _, x, *p: nn.forward(layers(*p), x, NETWORK.activations)[:2], (A, *PARAMETERS)),
        "gradient_check": Call(
            lambda _, x, y, *p: str(nn.gradient_check(NETWORK, layers(*p), x, y)), (A, Y, *PARAMETERS), READS, DISCRETE
        ),
        "initialize": Call(lambda home: nn.initialize((3, 2), home, 0), (), grad=DISCRETE),
        "margin": _perceptron(lambda home, x, y: nn.margin(x, y, _separating(home))),
        "nand": Call(_of(nn.nand), (BITS[:, 0], BITS[:, 1]), grad=DISCRETE),
        "nand_perceptron": Call(lambda home: nn.nand_perceptron(home).w, (), grad=DISCRETE),
        "novikoff_bound": _perceptron(lambda home, x, y: nn.novikoff_bound(x, y, _separating(home))),
        "one_against_rest": _perceptron(lambda _, x, y: nn.one_against_rest(x, y, 2).perceptron.w, grad=True),
        "one_hot": Call(lambda home, y: nn.one_hot(y, 2, home.dtype), (AND,), grad=DISCRETE),
        "penalize": Call(lambda _, *p: nn.penalize(layers(*p), layers(*p), 4, 0.1, 0.2), PARAMETERS),
        "penalty": Call(lambda _, *p: nn.penalty(layers(*p), 4, 0.1, 0.2), PARAMETERS),
        "perceptron_network": Call(lambda _: str(nn.perceptron_network([3, 2])), (), grad=DISCRETE),
        "perceptron_rule": _perceptron(lambda _, x, y: nn.perceptron_rule(x, y).perceptron.w, grad=True),
        "perceptron_updates": _perceptron(
            lambda _, x, y: next(iter(nn.perceptron_updates(x, y))).perceptron.w, grad=True
        ),
        "sharpened": Call(lambda _, *p: nn.sharpened(layers(*p), 3.0), PARAMETERS),
        "small_change": Call(
            lambda _, x, *p: tuple(nn.small_change(NETWORK, layers(*p), x, layers(*p))), (A, *PARAMETERS)
        ),
    }


def functions(room: Any) -> list[str]:
    """Return the names of a room that are called: functions, activations and costs."""
    found = [(name, getattr(room, name)) for name in room.__all__]
    return sorted(name for name, f in found if inspect.isfunction(f) or isinstance(f, nn.Activation | nn.Cost))


CALLS = {"linalg": _linalg(), "nn": _nn()}
