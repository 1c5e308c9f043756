"""JAX, written by hand: the step compiled, and the epoch compiled.  A part of bench_training.py."""

import numpy as np
from bench_peers import BETA1, BETA2, EPSILON, timed


def jax_step(task):
    """Return a training step by hand, ``step((parameters, memory), rows, x, y)``, and its first carry."""
    import jax
    import jax.numpy as jnp

    def cost(parameters, a, y):
        for w, b in parameters[:-1]:
            a = jax.nn.sigmoid(a @ w.T + b)
        w, b = parameters[-1]
        z = a @ w.T + b
        if task.cost == "cross_entropy":
            return jnp.sum(jnp.logaddexp(z, 0.0) - z * y) / len(z)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1))

    def descend(parameters, g, memory):
        return jax.tree.map(lambda p, g: p - task.eta * g, parameters, g), memory

    def adam(parameters, g, memory):
        first, second, t = memory
        first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, g)
        second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, g)
        size, root = task.eta / (1 - BETA1 ** (t + 1)), jnp.sqrt(1 - BETA2 ** (t + 1))
        moved = jax.tree.map(lambda p, m, v: p - size * m / (jnp.sqrt(v) / root + EPSILON), parameters, first, second)
        return moved, (first, second, t + 1)

    def step(carry, rows, x, y):
        parameters, memory = carry
        gradients = jax.grad(cost)(parameters, x[rows], y[rows])
        return {"sgd": descend, "adam": adam}[task.optimizer](parameters, gradients, memory)

    def begin():
        parameters, *zeros = (jax.tree.map(f, task.start) for f in (jnp.array, jnp.zeros_like, jnp.zeros_like))
        return parameters, (*zeros, jnp.float32(0)) if task.optimizer == "adam" else ()

    return step, begin


def jax_runner(task, begin, epoch):
    """Return the contestant whose epoch is ``epoch(carry, rows, x, y) -> carry``, with x, y and rows on the device."""
    import jax
    import jax.numpy as jnp

    x, y = jnp.asarray(task.x), jnp.asarray(task.targets if task.cost == "cross_entropy" else task.y)

    def run(seed):
        carry = [begin()]

        def one(rows):
            carry[0] = jax.block_until_ready(epoch(carry[0], jnp.asarray(rows), x, y))

        took = timed(task, seed, one)
        return took, [(np.asarray(w), np.asarray(b)) for w, b in carry[0][0]]

    return run


def jax_jit(task):
    """JAX with the step compiled: the loop is Python's, the number of the step stays on the device."""
    import jax
    import jax.numpy as jnp

    step, begin = jax_step(task)
    numbered = jax.jit(lambda carry, i, rows, x, y: (step(carry, rows[i], x, y), i + 1), donate_argnums=(0, 1))

    def epoch(carry, rows, x, y):
        i = jnp.asarray(0)
        for _ in range(len(rows)):
            carry, i = numbered(carry, i, rows, x, y)
        return carry

    return jax_runner(task, begin, epoch)


def jax_scan(task):
    """JAX with the whole epoch compiled into one scan."""
    import jax

    step, begin = jax_step(task)

    def epoch(carry, rows, x, y):
        return jax.lax.scan(lambda carry, batch: (step(carry, batch, x, y), None), carry, rows)[0]

    return jax_runner(task, begin, jax.jit(epoch, donate_argnums=0))
