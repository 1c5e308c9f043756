"""The table of docs/portability.md holds: each function on each library, under `jax.jit`, and with gradients."""

from importlib.util import find_spec

import portability
import pytest
from portable_calls import CALLS, functions

import xpnet
from xpnet.backend import get

EVERY = [pytest.param(call, id=f"{room}.{name}") for room, calls in CALLS.items() for name, call in calls.items()]
SMOOTH = [p for p in EVERY if p.values[0].grad is not None]
needs_jax = pytest.mark.skipif(not find_spec("jax"), reason="jax is not installed")
needs_torch = pytest.mark.skipif(not find_spec("torch"), reason="torch is not installed")


@pytest.mark.parametrize("room", sorted(CALLS))
def test_every_public_function_is_in_the_table(room):
    public = functions(getattr(xpnet, room))
    assert [name for name in CALLS[room] if "." not in name and name not in public] == []
    assert [name for name in public if name not in CALLS[room]] == [], "no example in tests/portable_calls.py"


@pytest.mark.parametrize("call", EVERY)
def test_results_stay_in_their_library_on_their_device_in_their_dtype(call, backend):
    if backend.name == "jax":
        pytest.skip("JAX traces it instead")
    assert portability.at_home(call, backend) == "yes"


@pytest.mark.parametrize("call", [p for p in EVERY if p.values[0].grad is None])
def test_what_has_no_gradient_is_constant_or_not_floating(call):
    if call.data and call.data[0].dtype.kind == "f":
        assert portability.floating(call.run(get("numpy"), *call.data)) == [] or not portability.slopes(call).any()


@needs_jax
@pytest.mark.parametrize("call", EVERY)
def test_jit(call):
    seen = portability.attempt(lambda: portability.traced(call, get("jax", dtype="float32")))
    assert seen == "yes" if call.jit is True else seen in REFUSALS


# JAX's errors of a value that is read, or is to become a shape, before it is known
REFUSALS = {
    *("ConcretizationTypeError", "TracerArrayConversionError", "TracerBoolConversionError"),
    "TracerIntegerConversionError",
}


@needs_jax
@pytest.mark.parametrize("call", SMOOTH)
def test_gradients_of_jax(call):
    home = get("jax", dtype="float64")
    seen = portability.attempt(lambda: portability.jax_gradient(call, home, compiled=call.jit is True))
    assert (seen == "yes") is (call.grad is True), seen


@needs_jax
def test_a_compiled_function_answers_nan_where_it_cannot_refuse():
    import jax

    from xpnet.linalg import pinv, svd

    bad = get("jax", dtype="float64").asarray([[1.0, float("nan")], [2.0, 3.0]])
    for found in (*jax.jit(svd)(bad), jax.jit(pinv)(bad)):
        assert bool(jax.numpy.all(jax.numpy.isnan(found)))
    with pytest.raises(ValueError, match=r"a must be finite, got nan at \(0, 1\)"):  # gradients alone hide no value
        jax.grad(lambda a: pinv(a).sum())(bad)


@needs_torch
@pytest.mark.parametrize("call", SMOOTH)
def test_gradients_of_torch(call):
    seen = portability.attempt(lambda: portability.torch_gradient(call, get("torch", dtype="float64")))
    assert (seen == "yes") is (call.grad is True), seen
