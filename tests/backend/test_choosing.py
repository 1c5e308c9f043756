"""Choosing a library, a device and a dtype."""

import subprocess
import sys
import threading

import fake_cupy
import numpy as np
import pytest
from tools import assert_at_home, assert_close

from xpnet.backend import (
    Backend,
    BackendError,
    available,
    blas,
    get,
    library_of,
    namespace,
    of,
    resolve,
    to_numpy,
    using,
)


def test_get_is_numpy_float32_by_default():
    assert (get().name, get().dtype_name, get().device) == ("numpy", "float32", "cpu")


def test_get_prefers_argument_then_context_then_environment(monkeypatch):
    monkeypatch.setenv("XPNET_BACKEND", "array_api_strict")
    assert get().name == "array_api_strict"
    with using("numpy", dtype="float64") as inner:
        assert get() is inner
        assert get("array_api_strict").dtype_name == "float32"
        assert get(dtype="float32").dtype_name == "float32"
    assert get().name == "array_api_strict"
    assert get("numpy").name == "numpy"


def test_using_is_seen_by_its_own_thread_only():
    seen = []
    with using("array_api_strict"):
        thread = threading.Thread(target=lambda: seen.append(get().name))
        thread.start()
        thread.join()
    assert seen == ["numpy"]


def test_using_ends_even_after_an_error():
    with pytest.raises(KeyError), using("array_api_strict"):
        raise KeyError
    assert get().name == "numpy"


def test_resolve_follows_the_arrays_unless_they_are_numpy(backend: Backend):
    x = backend.asarray([1.0])
    assert resolve(None, x=[1.0], y=np.zeros(2), z=x).name == backend.name
    assert resolve("numpy", x=x).name == "numpy"
    with using(backend):
        assert resolve(None, x=x).name == backend.name
        assert backend.name == "numpy" or resolve(None, x=x) is backend


def test_resolve_follows_the_device_of_the_arrays_whatever_the_default_is():
    first, second = (get("array_api_strict", device=name) for name in ("device1", "device2"))
    x = first.full((2,))
    assert resolve(None, x=x).device == x.device
    assert resolve(None, x=x).full((1,)).device == x.device
    for default in (second, get("array_api_strict"), get("numpy")):
        with using(default):
            assert resolve(None, x=x).device == x.device
    with using(second, dtype="float64"):  # the default of another device says nothing of this one's dtype
        assert resolve(None, x=x).dtype_name == "float32"
    with using(first) as default:
        assert resolve(None, x=x) is default


def test_resolve_refuses_to_choose_between_two_devices():
    first, second = (get("array_api_strict", device=name).full((2,)) for name in ("device1", "device2"))
    with pytest.raises(BackendError, match="y must be on the library and device of x"):
        resolve(None, x=first, y=second)
    assert resolve("numpy", x=first, y=second).name == "numpy"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "tensorflow"}, "backend must be one of numpy, cupy, torch, jax, array_api_strict, auto, got 'tens"),
        ({"dtype": "float16"}, "dtype must be one of float32, float64, got 'float16'"),
    ],
)
def test_get_refuses_unknown_names(arguments, message):
    with pytest.raises(ValueError, match=message):
        get(**arguments)


@pytest.mark.parametrize(
    ("name", "device", "dtype", "message"),
    [
        ("numpy", "cuda", None, "device must be 'cpu' on numpy, got 'cuda'"),
        ("array_api_strict", "moon", None, "device must be one of array-api-strict's, got 'moon'"),
        ("array_api_strict", "no_float64", "float64", "dtype float64 is not available on array_api_strict"),
    ],
)
def test_get_refuses_a_device_that_is_not_there(name, device, dtype, message):
    with pytest.raises(BackendError, match=message):
        get(name, device=device, dtype=dtype)


def test_get_refuses_devices_of_torch_and_jax():
    for name, device in (("torch", "cuda:9"), ("jax", 99), ("jax", "moon")):
        if available()[name]:
            pytest.skip(f"{name} is not installed")
        with pytest.raises(BackendError, match="device must be"):
            get(name, device=device)


# ---- options ----------------------------------------------------------------------------------------------


def test_options_are_kept_compared_and_hashed():
    one, same, other = get("numpy", threads=1), get("numpy", threads=1), get("numpy", threads=2)
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != get("numpy") == get("numpy", threads=None)
    assert (one.options["threads"], dict(get("numpy").options)) == (1, {})


def test_a_backend_of_four_arguments_has_no_options():
    made = of(np.zeros(2, dtype="float32"))
    assert made == get("numpy")
    assert not made.options


def test_options_are_inherited_and_overridden():
    with using("numpy", threads=2) as inner:
        assert get() is inner
        assert get(dtype="float64").options == {"threads": 2}
        assert get(threads=1).options == {"threads": 1}
        assert get(threads=None).options == {}
        assert not get("numpy").options
    assert get(inner) is inner
    changed = get(inner, dtype="float64", threads=1)
    assert (changed.dtype_name, changed.options) == ("float64", {"threads": 1})


def test_info_says_how_many_threads():
    most = get("numpy").info()["threads"]
    assert most.startswith("at most ")
    assert get("numpy", threads=1).info()["threads"] == "1"
    assert get("numpy", threads=10**6).info()["threads"] == most.removeprefix("at most ")


def test_active_changes_nothing_on_a_cpu(backend: Backend, monkeypatch):
    if backend.name == "cupy":
        pytest.skip("cupy is on no CPU")
    cupy = fake_cupy.install(monkeypatch)  # not even where there is a GPU

    def settings():
        return get(), np.geterr(), [pool.num_threads for pool in blas.pools()], cupy.compute_type, [*cupy.inside]

    before, x = settings(), backend.full((2,), 1e30)
    with backend.active():
        assert settings() == before
        assert (x * 3.0).dtype == x.dtype
    error = KeyError("no")
    with pytest.raises(KeyError) as raised, backend.active():
        raise error
    assert raised.value is error
    assert settings() == before
    assert cupy.log == []


# ---- the three errors of a GPU ----------------------------------------------------------------------------


def test_cupy_not_installed_says_what_to_install(monkeypatch):
    fake_cupy.hide(monkeypatch)
    with pytest.raises(BackendError, match=r"cupy is not installed; pip install 'xpnet\[cuda13\]'"):
        get("cupy")


def test_cupy_without_a_gpu_says_so(monkeypatch):
    fake_cupy.install(monkeypatch, count=0)
    with pytest.raises(BackendError, match=r"cupy is installed but finds no usable NVIDIA GPU \(CUDA reports no dev"):
        get("cupy")
    assert "no usable NVIDIA GPU" in available()["cupy"]
    assert get("auto").name == "numpy"


def test_cupy_refuses_a_device_number_out_of_range(monkeypatch):
    fake_cupy.install(monkeypatch, count=2)
    for device in (2, -1, "cuda"):
        with pytest.raises(BackendError, match=f"device must be between 0 and 1 on this machine, got {device!r}"):
            get("cupy", device=device)


def test_auto_is_numpy_where_no_gpu_is(monkeypatch):
    fake_cupy.hide(monkeypatch)
    assert get("auto").name == "numpy"


def test_auto_takes_the_options_of_what_it_picks(monkeypatch):
    with monkeypatch.context() as without:
        fake_cupy.hide(without)
        assert get("auto", threads=1, tf32=True).options == {"threads": 1}
        with pytest.raises(ValueError, match="options of numpy must be one of threads, got 'depth'"):
            get("auto", depth=1)
    fake_cupy.install(monkeypatch)
    assert get("auto", threads=1, tf32=True).options == {"tf32": True}


def test_a_backend_of_cupy_is_opened_and_entered_with_its_options(monkeypatch):
    cupy = fake_cupy.install(monkeypatch, count=2)
    opened = get("cupy", device=1, tf32=True, memory_limit=2**30)
    assert opened.info()["tf32"] == "on"
    assert cupy.log == ["use 1", "limit {'size': 1073741824}"]
    with opened.active():
        assert cupy.compute_type == 7
    assert cupy.compute_type == 0


# ---- the doors --------------------------------------------------------------------------------------------


def test_asarray_casts_floats_and_keeps_integers(backend: Backend):
    for given in ([[1.5, 2.0]], np.asarray([[1.5, 2.0]]), np.asarray([[1.5, 2.0]], dtype="float32")):
        assert_close(backend, backend.asarray(given), [[1.5, 2.0]])
    assert backend.xp.isdtype(backend.asarray(np.asarray([1, 2], dtype="uint8")).dtype, "integral")
    assert backend.xp.isdtype(backend.asarray([True, False]).dtype, "bool")


def test_asarray_takes_arrays_of_other_libraries(backend: Backend):
    foreign = get("array_api_strict", device="device2").asarray([1.0, 2.0])
    assert_close(backend, backend.asarray(foreign), [1.0, 2.0])


def test_asarray_takes_read_only_and_reversed_arrays(backend: Backend):
    x = np.arange(6.0).reshape(2, 3)
    x.flags.writeable = False
    assert_close(backend, backend.asarray(x), x)
    assert_close(backend, backend.asarray(x[::-1, ::-1]), x[::-1, ::-1])


def test_asarray_returns_an_array_of_the_backend_itself(backend: Backend):
    x = backend.asarray([1.0, 2.0])
    assert backend.asarray(x) is x


@pytest.mark.parametrize("given", [["a", "b"], [1.0 + 2.0j], [[1.0, 2.0], [3.0]], [None]])
def test_asarray_refuses_what_is_not_real_numbers(backend: Backend, given):
    with pytest.raises(TypeError, match="scores must"):
        backend.asarray(given, name="scores")


def test_to_numpy_gives_back_what_asarray_took(backend: Backend):
    x = np.arange(6.0).reshape(2, 3)
    host = to_numpy(backend.asarray(x))
    assert type(host) is np.ndarray
    np.testing.assert_array_equal(host, x)


def test_full_is_on_the_backends_device(backend: Backend):
    assert_at_home(backend, backend.full((2, 3), 7.0))
    assert_close(backend, backend.full((2,), 7.0), [7.0, 7.0])


def test_of_names_library_device_and_dtype_of_an_array(backend: Backend):
    found = of(backend.asarray([1.0]))
    assert (found.name, found.device, found.dtype) == (backend.name, backend.device, backend.dtype)


def test_rng_is_the_same_everywhere(backend: Backend):
    assert backend.rng((3, 1)).integers(0, 10**9) == np.random.default_rng((3, 1)).integers(0, 10**9)


def test_compile_and_synchronize_change_no_number(backend: Backend):
    doubled = backend.compile(lambda x: x * 2.0)(backend.asarray([1.0, 2.0]))
    backend.synchronize()
    assert_close(backend, doubled, [2.0, 4.0])


def test_info_names_library_version_device_and_dtype(backend: Backend):
    info = backend.info()
    assert info["name"] == backend.name
    assert info["dtype"] == backend.dtype_name
    assert info["version"]
    assert info["device"]


# ---- namespace --------------------------------------------------------------------------------------------


def test_namespace_is_the_library_of_the_arrays(backend: Backend):
    x = backend.asarray([1.0])
    assert namespace(x) is namespace(x=x, y=x)
    assert_close(backend, namespace(x).exp(x * 0.0), [1.0])


def test_namespace_names_the_argument_that_is_elsewhere():
    here, there = np.zeros(2), get("array_api_strict", device="device1").full((2,))
    with pytest.raises(BackendError, match=r"y must be on the library and device of x \(numpy, cpu\), got array_api"):
        namespace(x=here, y=there)
    with pytest.raises(BackendError, match="argument 2 must be"):
        namespace(there, get("array_api_strict", device="device2").full((2,)))


def test_namespace_refuses_what_is_no_array():
    with pytest.raises(TypeError, match="x must be an array, got list"):
        namespace(x=[1.0])


# ---- importing --------------------------------------------------------------------------------------------


def test_import_loads_no_other_array_library():
    heavy = "('cupy', 'torch', 'jax', 'array_api_strict', 'sklearn', 'matplotlib', 'scipy', 'pandas')"
    code = f"import sys, xpnet; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_float64_on_jax_says_what_to_set():
    if available()["jax"]:
        pytest.skip("jax is not installed")
    code = "import xpnet; xpnet.backend.get('jax', dtype='float64')"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "BackendError: dtype float64 is not available on jax" in out.stderr
    assert "JAX_ENABLE_X64=1" in out.stderr


def test_numbers_are_cast_before_they_move_to_a_device_without_their_dtype(backend):
    xp = backend.xp
    assert backend.asarray([1.5], xp.float32).dtype == xp.float32
    assert backend.asarray([1.5], xp.int32).dtype == xp.int32


@pytest.mark.parametrize("dtype", [">i2", ">i4", ">i8", ">u4", ">f4", ">f8"])
def test_asarray_takes_the_other_byte_order(backend: Backend, dtype):
    made = backend.asarray(np.asarray([1, 258], dtype=dtype))
    assert to_numpy(made).dtype.isnative
    assert to_numpy(made).tolist() == [1, 258]


def test_asarray_gives_subclasses_no_say_and_refuses_masked_entries(backend: Backend):
    plain = np.asarray([[1.0, 2.0], [3.0, 4.0]])
    for given in (plain.view(np.matrix), np.ma.masked_array(plain), np.ma.masked_array(plain, mask=False)):
        made = backend.asarray(given)
        assert_close(backend, made, plain)
        if backend.name == "numpy":
            assert type(made) is np.ndarray
    masked = np.ma.masked_array(plain, mask=[[False, True], [False, False]])
    for given in (masked, masked.astype(int), [masked[0], masked[1]]):
        with pytest.raises(ValueError, match="scores must not have masked entries, got 1; fill them or leave"):
            backend.asarray(given, name="scores")


def test_to_numpy_takes_what_numpy_has_no_view_of():
    torch = pytest.importorskip("torch")
    x = torch.asarray([1.5, -2.0], dtype=torch.bfloat16, requires_grad=True)
    assert to_numpy(x).tolist() == [1.5, -2.0]
    assert get("numpy").asarray(x).dtype == np.float32
    assert to_numpy(torch.conj(torch.asarray([1 + 2j]))).tolist() == [1 - 2j]
    jnp = pytest.importorskip("jax.numpy")
    assert get("numpy").asarray(jnp.asarray([1.5], dtype="bfloat16")).tolist() == [1.5]


def test_numpys_longdouble_is_a_dtype_like_another():
    backend = of(np.zeros(2, np.longdouble))
    assert backend.asarray([1.0, 2.0]).dtype == np.longdouble


def test_a_scalar_of_numpys_becomes_an_array(backend: Backend):
    made = backend.asarray(np.float64(0.5))
    assert library_of(made) == backend.name
    assert (made.shape, made.dtype) == ((), backend.dtype)
    assert not isinstance(made, np.generic)
