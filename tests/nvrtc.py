"""NVRTC, the compiler of CUDA's kernels, from its wheel: it needs no GPU and no driver."""

import ctypes
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def missing() -> str | None:
    """Return why NVRTC cannot be had, or None."""
    return None if _libraries() else "nvidia-cuda-nvrtc is not installed"


def _libraries() -> list[Path]:
    try:
        found = find_spec("nvidia.cuda_nvrtc")
    except ModuleNotFoundError:
        return []
    folders = found.submodule_search_locations if found else None
    return [path for folder in folders or () for path in sorted(Path(folder).glob("**/libnvrtc.so.*"))]


def compiled(text: str, options: Sequence[str], *, ptx: bool = False) -> bytes:
    """Return CUDA C as machine code, or as PTX.

    Raises
    ------
    SyntaxError
        With what the compiler says.
    """
    library = ctypes.CDLL(str(_libraries()[0]))
    program = ctypes.c_void_p()
    _check(library.nvrtcCreateProgram(ctypes.byref(program), text.encode(), b"kernels.cu", 0, None, None))
    try:
        given = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
        if library.nvrtcCompileProgram(program, len(options), given):
            raise SyntaxError(_text(library, "ProgramLog", program).decode())
        return _text(library, "PTX" if ptx else "CUBIN", program)
    finally:
        library.nvrtcDestroyProgram(ctypes.byref(program))


def _text(library: Any, name: str, program: Any) -> bytes:
    size = ctypes.c_size_t()
    _check(getattr(library, f"nvrtcGet{name}Size")(program, ctypes.byref(size)))
    made = ctypes.create_string_buffer(size.value)
    _check(getattr(library, f"nvrtcGet{name}")(program, made))
    return made.raw


def _check(status: int) -> None:
    assert status == 0, f"NVRTC says {status}"
