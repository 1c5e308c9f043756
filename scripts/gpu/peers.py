"""The same training step in PyTorch and JAX, each in its fastest plain forms.  A part of bench_gpu.

All do what xpnet's step does: gather a mini-batch of resident data by a given order, sigmoid layers, cross-entropy
summed over the outputs and averaged over the batch, gradients, w - eta dw, and a running sum of the cost.  They do
less than xpnet beside it: no hits are counted, and their order lies on the device before the clock starts.
"""

import importlib.util
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gpu.keeping import MissingError


class Problem(NamedTuple):
    """What is trained on: host arrays."""

    sizes: tuple[int, ...]
    batch: int
    eta: float
    x: Any  # (n, n_in), float32
    labels: Any  # (n,)
    order: Any  # (steps, batch)
    start: list[Any]  # w, b, w, b, ... with w (n_out, n_in) and b (1, n_out)


class Peer(NamedTuple):
    """A peer, ready to go."""

    epoch: Callable[[], float]  # runs one more epoch, waits for the device, returns the summed cost
    weights: Callable[[], list[Any]]  # host arrays in the form of `Problem.start`
    product: Callable[[Any, Any], Any]  # of two host arrays, in the precision in force


# ---- PyTorch ------------------------------------------------------------------------------------------------------


def torch_eager(bench, problem, tf32):
    """Every operation is called from Python."""
    torch, module = _torch_module(bench, problem, tf32)
    return _torch_peer(torch, module, problem, module)


def torch_compiled(bench, problem, tf32):
    """Forward and backward compiled, with CUDA graphs of its own making; the update is one call for all weights."""
    torch, module = _torch_module(bench, problem, tf32)
    how = {"backend": "eager"} if bench.dry else {"mode": "reduce-overhead"}
    return _torch_peer(torch, module, problem, torch.compile(module, dynamic=False, **how))


def torch_graph(bench, problem, tf32):
    """The whole step captured once as a CUDA graph, which also counts the steps; Python only replays it."""
    torch, module = _torch_module(bench, problem, tf32)
    order = _torch_order(torch, module, problem)
    parameters = list(module.parameters())
    index = torch.zeros(1, dtype=torch.int64, device=module.x.device)
    total = torch.zeros((), device=module.x.device)

    def step():
        _torch_step(torch, module, parameters, order.index_select(0, index).view(-1), problem.eta, total)
        index.add_(1)

    replay = step if bench.dry else _captured(torch, step, [*parameters, index, total])

    def epoch():
        index.zero_()
        total.zero_()
        for _ in range(len(problem.order)):
            replay()
        return float(total)

    return Peer(epoch, lambda: _torch_weights(parameters), _torch_product(torch, module))


def _captured(torch, step, tensors):
    """Return a call that replays `step` as a graph; the warm-up that capturing needs is undone."""
    before = [tensor.detach().clone() for tensor in tensors]
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        step()
        for tensor, kept in zip(tensors, before, strict=True):
            tensor.detach().copy_(kept)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):  # others may use the device meanwhile
        step()
    return graph.replay


def _torch_module(bench, problem, tf32):
    """Return torch and the network with its data, a module that gives the cost of the rows it is given."""
    if importlib.util.find_spec("torch") is None:
        raise MissingError("torch is not installed")
    import torch

    if not (bench.dry or torch.cuda.is_available()):
        raise MissingError("torch finds no GPU")
    torch.set_float32_matmul_precision("high" if tf32 else "highest")

    class Cost(torch.nn.Module):
        def __init__(self):
            super().__init__()
            pairs = zip(problem.sizes, problem.sizes[1:], strict=False)
            self.layers = torch.nn.ModuleList(torch.nn.Linear(n_in, n_out) for n_in, n_out in pairs)
            self.register_buffer("x", torch.from_numpy(problem.x))
            self.register_buffer("y", torch.eye(problem.sizes[-1])[torch.from_numpy(problem.labels)])

        def forward(self, rows):
            a, y = self.x.index_select(0, rows), self.y.index_select(0, rows)
            for layer in self.layers[:-1]:
                a = torch.sigmoid(layer(a))
            z = self.layers[-1](a)
            return torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(rows)

    module = Cost()
    with torch.no_grad():
        for parameter, start in zip(module.parameters(), problem.start, strict=True):
            parameter.copy_(torch.from_numpy(start).view(parameter.shape))
    return torch, module.to("cpu" if bench.dry else "cuda")


def _torch_order(torch, module, problem):
    return torch.from_numpy(problem.order).to(module.x.device)


def _torch_step(torch, cost, parameters, rows, eta, total):
    value = cost(rows)
    gradients = torch.autograd.grad(value, parameters)
    with torch.no_grad():
        torch._foreach_add_(parameters, gradients, alpha=-eta)
        total.add_(value.detach())


def _torch_peer(torch, module, problem, cost):
    parameters = list(module.parameters())
    batches = list(_torch_order(torch, module, problem))
    total = torch.zeros((), device=module.x.device)

    def epoch():
        total.zero_()
        for rows in batches:
            _torch_step(torch, cost, parameters, rows, problem.eta, total)
        return float(total)

    return Peer(epoch, lambda: _torch_weights(parameters), _torch_product(torch, module))


def _torch_weights(parameters):
    host = [parameter.detach().cpu().numpy().copy() for parameter in parameters]  # on the host it would be a view
    return [each.reshape(1, -1) if each.ndim == 1 else each for each in host]


def _torch_product(torch, module):
    def product(a, b):
        return (torch.from_numpy(a).to(module.x.device) @ torch.from_numpy(b).to(module.x.device)).cpu().numpy()

    return product


# ---- JAX ----------------------------------------------------------------------------------------------------------


def jax_jit(bench, problem, tf32):
    """One compiled step, called for each mini-batch."""
    jax, step, data, parameters = _jax_step(bench, problem, tf32)
    compiled = jax.jit(step, donate_argnums=0)
    batches = list(jax.numpy.asarray(problem.order))

    def epoch(parameters):
        carry = (parameters, jax.numpy.zeros(()))
        for rows in batches:
            carry = compiled(carry, data, rows)
        return carry

    return _jax_peer(jax, epoch, parameters, tf32)


def jax_scan(bench, problem, tf32):
    """One compiled epoch: the step under `lax.scan`."""
    jax, step, data, parameters = _jax_step(bench, problem, tf32)
    order = jax.numpy.asarray(problem.order)

    def whole(parameters, data, order):
        carry = (parameters, jax.numpy.zeros(()))
        return jax.lax.scan(lambda carry, rows: (step(carry, data, rows), None), carry, order)[0]

    compiled = jax.jit(whole, donate_argnums=0)
    return _jax_peer(jax, lambda parameters: compiled(parameters, data, order), parameters, tf32)


def _jax_step(bench, problem, tf32):  # noqa: ARG001  (the precision is set where the step is run)
    if importlib.util.find_spec("jax") is None:
        raise MissingError("jax is not installed")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # leaves memory to the others
    import jax

    if not bench.dry and jax.default_backend() == "cpu":
        raise MissingError("jax finds no GPU")
    jnp = jax.numpy
    data = (jnp.asarray(problem.x), jnp.asarray(np.eye(problem.sizes[-1], dtype="float32")[problem.labels]))

    def cost(parameters, x, y):
        a = x
        for w, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            a = jax.nn.sigmoid(a @ w.T + b)
        z = a @ parameters[-2].T + parameters[-1]
        return jnp.sum(jax.nn.softplus(z) - y * z) / len(y)

    def step(carry, data, rows):
        parameters, total = carry
        x, y = (each.at[rows].get(mode="promise_in_bounds") for each in data)
        value, gradients = jax.value_and_grad(cost)(parameters, x, y)
        updated = [w - problem.eta * g for w, g in zip(parameters, gradients, strict=True)]
        return updated, total + value

    return jax, step, data, [jnp.asarray(w) for w in problem.start]


def _jax_peer(jax, epoch, parameters, tf32):
    precision = "tensorfloat32" if tf32 else "highest"
    kept = [parameters]

    def run():
        with jax.default_matmul_precision(precision):
            kept[0], total = epoch(kept[0])
        return float(total)

    def product(a, b):
        with jax.default_matmul_precision(precision):
            return np.asarray(jax.numpy.asarray(a) @ jax.numpy.asarray(b))

    return Peer(run, lambda: [np.asarray(w) for w in kept[0]], product)


PEERS = {
    "PyTorch, eager": torch_eager,
    "PyTorch, compiled (reduce-overhead)": torch_compiled,
    "PyTorch, whole step as a CUDA graph": torch_graph,
    "JAX, jit": jax_jit,
    "JAX, scan": jax_scan,
}
