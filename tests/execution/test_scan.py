"""JAX's scan gives the plain loop's numbers."""

import numpy as np
import pytest
from tools import TOLERANCES
from training_steps import NETWORKS, OPTIMIZERS, SETTINGS, expansions, go, prepare

from xpnet.backend import available, get
from xpnet.execution.loop import Loop
from xpnet.execution.scan import Scan
from xpnet.training import adam, sgd

pytestmark = pytest.mark.skipif(available()["jax"] is not None, reason="jax is not installed")


def agree(network, optimizer, **settings):
    """Run the scan on JAX, and the plain loop on NumPy: JAX would compile every operation of it."""
    step, carry, inputs = prepare(network, optimizer, get("jax", dtype="float64"), **settings)
    scan = go(Scan(step), carry, inputs)
    step, carry, inputs = prepare(network, optimizer, get("numpy", dtype="float64"), **settings)
    with np.errstate(all="ignore"):
        plain = go(Loop(step), carry, inputs)
    for a, b in zip(scan, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=TOLERANCES["training"]["float64"] * max(1.0, np.abs(b).max()))


# each once: JAX takes a second to compile a step, and what goes wrong in a scan does not depend on pairs of them
ONCE = [
    tuple([*names][i % len(names)] for names in (NETWORKS, OPTIMIZERS, SETTINGS))
    for i in range(max(map(len, (NETWORKS, OPTIMIZERS, SETTINGS))))
]


@pytest.mark.parametrize(("network", "optimizer", "settings"), ONCE)
def test_every_network_optimizer_and_setting(network, optimizer, settings):
    agree(NETWORKS[network], OPTIMIZERS[optimizer], **SETTINGS[settings])


def test_expanded_images():
    agree(NETWORKS["plain"], sgd(0.5), expand=expansions()[1])


def test_one_compiled_scan_serves_all_calls_of_one_shape():
    step, carry, inputs = prepare(NETWORKS["one layer"], sgd(0.5), get("jax"))
    traced = []

    def counting(carry, entry):
        traced.append(1)
        return step(carry, entry)

    scan = Scan(counting)
    for _ in range(3):
        carry, _ = scan(carry, inputs[0])
    assert len(traced) == 1
    scan(carry, inputs[1])
    assert len(traced) == 2


def test_the_nesting_of_what_comes_back_is_kept():
    step, carry, inputs = prepare(NETWORKS["one layer"], adam(0.01), get("jax"))
    (parameters, slots), outputs = Scan(step)(carry, inputs[0])
    assert type(parameters[0]) is type(carry[0][0])
    assert len(slots) == 2
    assert outputs.shape == (6, 6, 3)
