"""Every kernel, compiled by NVRTC as CuPy would have it compiled: no GPU is needed for that."""

import re

import numpy as np
import nvrtc
import pytest
from every_kernel import every_kernel, single

from xpnet.execution.fused.kernels import NVRTC_OPTIONS, source
from xpnet.execution.fused.operations import ANY, BOOL, FLOATING, FUNCTIONS, INTEGER
from xpnet.execution.recording.recorder import UnsupportedOperationError

pytestmark = pytest.mark.skipif(nvrtc.missing() is not None, reason=str(nvrtc.missing()))

CUPYS = ("-ftz=true", "--device-as-default-execution-space")  # what CuPy adds to `NVRTC_OPTIONS` by itself
MATHEMATICS = {*FUNCTIONS, "pow", "power"}  # NVIDIA's functions, made of fused multiply-adds inside
DTYPES = ("bool", "uint8", "int32", "int64", "float32", "float64")


def numbered(texts):
    """Return kernels of one name as one text."""
    return "\n".join(text.replace("KERNEL fused(", f"KERNEL fused{i}(") for i, text in enumerate(texts))


def pieces(ptx):
    """Return the PTX of each kernel by its number."""
    found = re.split(r"\.entry fused(\d+)\(", ptx.decode())
    return {int(i): text for i, text in zip(found[1::2], found[2::2], strict=True)}


def operations_alone():
    """Return each operation that has a form in C, in every dtype for which it has one, with the name of each."""
    texts = []
    for name in sorted({*ANY, *FLOATING, *INTEGER, *BOOL} - {"astype", "where"}):
        for dtype in DTYPES:
            x = np.ones(7, dtype)
            for given in ((x, x), (x,)):
                try:
                    texts.append((source(single(name, *given)), {name}))
                    break
                except (UnsupportedOperationError, TypeError, ValueError):
                    continue
    return texts


@pytest.mark.parametrize("architecture", ["sm_75", "sm_80", "sm_89", "sm_90"])
def test_every_kernel_of_a_step_compiles(architecture):
    texts = list(every_kernel())
    assert len(texts) > 250
    assert nvrtc.compiled(numbered(texts), (*NVRTC_OPTIONS, *CUPYS, f"-arch={architecture}")).startswith(b"\x7fELF")


def test_every_operation_in_every_dtype_compiles():
    texts = [text for text, _ in operations_alone()]
    texts += [
        source(single("multiply", np.ones(7, dtype), number))
        for dtype in ("float32", "float64")
        for number in (float("inf"), -float("inf"), float("nan"), 0.1, -0.0, 1e-45, 3, True)
    ]
    assert len(texts) > 180
    nvrtc.compiled(numbered(texts), (*NVRTC_OPTIONS, *CUPYS, "-arch=sm_90"))


def test_no_kernel_multiplies_and_adds_at_once():
    kernels = [(text, {x.name for x in kernel.fused.operations}) for text, kernel in every_kernel().items()]
    kernels += operations_alone()
    ptx = pieces(
        nvrtc.compiled(numbered([text for text, _ in kernels]), (*NVRTC_OPTIONS, *CUPYS, "-arch=compute_90"), ptx=True)
    )
    plain = [i for i, (_, names) in enumerate(kernels) if not names & MATHEMATICS]
    assert len(plain) > 250
    assert not [kernels[i][0] for i in plain if re.search(r"\b(fma|mad)\.(rn|f)", ptx[i])]


def test_without_the_option_it_would():
    texts = [text for text, kernel in every_kernel().items() if not _names(kernel) & MATHEMATICS]
    options = [option for option in NVRTC_OPTIONS if option != "-fmad=false"]
    assert b"fma.rn" in nvrtc.compiled(numbered(texts), (*options, *CUPYS, "-arch=compute_90"), ptx=True)


def _names(kernel):
    return {x.name for x in kernel.fused.operations}


def test_float32_subnormals_are_zero_on_a_gpu():
    text = source(single("multiply", np.ones(7, np.float32), 0.5))
    ptx = nvrtc.compiled(text, (*NVRTC_OPTIONS, *CUPYS, "-arch=compute_90"), ptx=True)
    assert b"mul.rn.ftz.f32" in ptx  # CuPy asks for it, and no option of ours takes it back: docs/gpu.md


def test_a_kernel_that_is_no_c_is_refused():
    with pytest.raises(SyntaxError, match="undefined"):
        nvrtc.compiled('extern "C" __global__ void fused(float* y) { y[0] = nothing(y); }', NVRTC_OPTIONS)
