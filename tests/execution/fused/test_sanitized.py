"""Kernels do not care in which order places are computed, nor step out of their arrays: as C, under sanitizers."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from c_kernels import COMPILER, needs_compiler
from every_kernel import every_kernel, single

from xpnet.execution.fused.c_operations import type_of
from xpnet.execution.fused.fusion import layout_of
from xpnet.execution.fused.kernels import PRELUDE, Kernel, Operand

HARNESS = Path(__file__).parents[2] / "sanitized.h"
STEP = 3  # the counter says 1, and ahead 2
SANITIZERS = ["-fsanitize=undefined,address", "-fno-sanitize-recover=all"]


def has_sanitizers(folder):
    file = folder / "empty.c"
    file.write_text("int main(void) { return 0; }\n")
    made = subprocess.run([str(COMPILER), *SANITIZERS, str(file), "-o", str(folder / "empty")], capture_output=True)
    return made.returncode == 0 and subprocess.run([str(folder / "empty")], capture_output=True).returncode == 0


def array(operand, over):
    """Return an array of a kernel for the harness: its bytes, and where the number at the origin lies."""
    layout, size = operand.layout, operand.layout.dtype.itemsize
    reach = [(n - 1) * step for n, step in zip(layout.shape, layout.strides, strict=True)]
    before = -sum(min(0, r) for r in reach)
    last = sum(max(0, r) for r in reach) + STEP * operand.shift * size
    return f"{{{before + last + size}, {before}, '{layout.dtype.kind}', {size}, {over}}}"


def on_one_another(kernel):
    """Return, for each input, the number of the output that may lie on it, or -1."""
    free, found = list(range(len(kernel.outputs))), []
    for x, operand in zip(kernel.fused.inputs, kernel.inputs, strict=True):
        fits = (
            x.role == "broadcast"
            and operand == Operand(operand.layout.contiguous())
            and operand.layout.shape == kernel.fused.shape
        )
        over = next((i for i in free if fits and kernel.outputs[i] == operand), None)
        if over is not None:
            free.remove(over)
        found.append(-1 if over is None else len(kernel.inputs) + over)
    return found


def program(kernels):
    """Return a program in C that checks the kernels and says how many are wrong."""
    lines = [PRELUDE, f'#include "{HARNESS}"']
    for i, (text, kernel) in enumerate(kernels):
        every = [*kernel.inputs, *kernel.outputs]
        lines.append(text.replace(PRELUDE, "").replace("KERNEL fused(", f"KERNEL fused{i}("))
        given = ", ".join(f"({type_of(x.layout.dtype)}*)p[{k}]" for k, x in enumerate(every))
        lines.append(f"static void call{i}(char **p, const int *c, int ahead) {{ fused{i}({given}, c, ahead); }}")
        overs = on_one_another(kernel) + [-1] * len(kernel.outputs)
        rows = ", ".join(array(x, over) for x, over in zip(every, overs, strict=True))
        lines.append(f"static const Array arrays{i}[] = {{{rows}}};")
    lines.append("int main(void) {\n    int wrong = 0;")
    for i, (_, kernel) in enumerate(kernels):
        counts = f"{len(kernel.inputs)}, {len(kernel.inputs) + len(kernel.outputs)}, {kernel.size}"
        lines.append(f'    if (check(call{i}, arrays{i}, {counts})) wrong = 1, puts("kernel {i}");')
    return "\n".join([*lines, "    return wrong;\n}\n"])


def checked(kernels, folder):
    """Return how the program for these kernels ended."""
    if not has_sanitizers(folder):
        pytest.skip("the C compiler has no sanitizers")
    file = folder / "kernels.c"
    file.write_text(program(kernels))
    options = ["-O0", "-g1", "-ffp-contract=off", *SANITIZERS]
    subprocess.run([str(COMPILER), *options, str(file), "-o", str(folder / "kernels"), "-lm"], check=True)
    return subprocess.run([str(folder / "kernels")], capture_output=True, text=True)


@needs_compiler
def test_every_kernel_in_any_order_and_over_its_arguments(tmp_path):
    kernels = list(every_kernel().items())
    assert len(kernels) > 250
    assert sum(over >= 0 for _, kernel in kernels for over in on_one_another(kernel)) > 100
    ended = checked(kernels, tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr[:3000]


@needs_compiler
@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("y0[i] = ", "y0[i + 1] = ", "heap-buffer-overflow"),
        ("y0[i] = v1", "y0[0] = v1", "kernel 0"),
        ("x0[i]", "x0[(2147483647 + i) / 2147483647]", "signed integer overflow"),
    ],
)
def test_the_sanitizers_see(old, new, why, tmp_path):
    fused = single("negative", np.ones(7))
    (x,), ((_, y),) = fused.inputs, fused.outputs
    kernel = Kernel(fused, (Operand(layout_of(x.place)),), (Operand(layout_of(y)),))
    assert old in kernel.text
    ended = checked([(kernel.text.replace(old, new), kernel)], tmp_path)
    assert ended.returncode != 0
    assert why in ended.stdout + ended.stderr
