"""The BLAS of NumPy: searched once, described, and its kernel compared with the processor."""

import numpy as np
import pytest

from xpnet.backend import blas

AVX = frozenset({"fpu", "sse2", "avx"})
AVX2 = AVX | {"avx2", "fma"}
AVX512 = AVX2 | {"avx512f", "avx512dq", "avx512bw", "avx512vl"}


@pytest.mark.parametrize(
    ("architecture", "flags", "lacks"),
    [
        ("SkylakeX", AVX512, None),
        ("SapphireRapids", AVX512, None),
        ("Haswell", AVX512, "AVX-512"),
        ("Zen", AVX512, "AVX-512"),
        ("Nehalem", AVX512, "AVX-512"),
        ("Haswell", AVX2, None),
        ("Haswell", AVX2 | {"avx512f", "avx512cd", "avx512er"}, None),  # Xeon Phi: OpenBLAS has nothing newer for it
        ("Sandybridge", AVX2, "AVX2"),
        ("Prescott", AVX, "AVX"),
        ("Prescott", frozenset({"fpu", "sse2"}), None),
        ("Sandybridge", AVX, None),
        ("neoversen1", frozenset({"fp", "asimd"}), None),  # not x86-64
        ("armv8", AVX512, None),
        ("kernel not told", AVX512, None),
        ("Haswell", frozenset(), None),  # a system that does not tell
    ],
)
def test_a_kernel_older_than_the_processor_is_warned_of(architecture, flags, lacks):
    told = blas.kernel_warning(architecture, flags, None)
    if lacks is None:
        assert told is None
        assert blas.kernel_warning(architecture, flags, architecture) is None
        return
    assert told.startswith(f"the BLAS kernel {architecture} is older than this processor, which has {lacks}: ")
    assert "halves the speed of large products" in told
    assert "a newer NumPy" in told
    pinned = blas.kernel_warning(architecture, flags, architecture)
    assert pinned.endswith(f"OPENBLAS_CORETYPE={architecture} is set: unset it")


def test_flags_are_read_where_the_system_tells(tmp_path):
    x86, arm = tmp_path / "x86", tmp_path / "arm"
    x86.write_text("processor\t: 0\nvmx flags\t: vnmi\nflags\t\t: fpu avx avx2\nbugs\t:\n\nprocessor\t: 1\n")
    arm.write_text("processor\t: 0\nFeatures\t: fp asimd\n")
    assert blas.cpu_flags(str(x86)) == {"fpu", "avx", "avx2"}
    assert blas.cpu_flags(str(arm)) == frozenset()
    assert blas.cpu_flags(str(tmp_path / "none")) == frozenset()
    assert blas.cpu_flags(str(tmp_path)) == frozenset()


class Pool:
    internal_api, version, architecture, num_threads = "openblas", "0.3.31", "Haswell", 2


class Untold:
    internal_api, version, num_threads = "mkl", None, 1


def test_the_blas_is_described(monkeypatch):
    monkeypatch.setattr(blas, "pools", lambda: (Pool(), Untold()))
    assert blas.describe() == "openblas 0.3.31 (Haswell, 2 threads), mkl  (kernel not told, 1 thread)"
    assert blas.most_threads() == 2


def test_a_machine_whose_blas_is_unknown_has_one_thread_and_no_warning(monkeypatch):
    monkeypatch.setattr(blas, "pools", lambda: ())
    assert (blas.describe(), blas.most_threads(), blas.warning()) == ("not found", 1, None)


@pytest.mark.parametrize(("api", "pinned", "told"), [("openblas", "Haswell", "unset it"), ("blis", None, None)])
def test_only_openblas_is_warned_of(monkeypatch, api, pinned, told):
    monkeypatch.setattr(Pool, "internal_api", api)
    monkeypatch.setattr(blas, "pools", lambda: (Pool(),))
    monkeypatch.setattr(blas, "cpu_flags", lambda: AVX512)
    if pinned:
        monkeypatch.setenv("OPENBLAS_CORETYPE", pinned)
    warned = blas.warning()
    assert warned is None if told is None else warned.endswith(told)


def test_the_pools_are_looked_for_once():
    np.ones((2, 2)) @ np.ones((2, 2))
    assert blas.pools() is blas.pools()
