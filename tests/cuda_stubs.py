"""CUDA libraries in which every function fails: with them CuPy loads its linear algebra and checks arguments anywhere.

CuPy's modules are linked against cuBLAS, cuSOLVER and others, hundreds of megabytes that need a GPU.  A C compiler
makes libraries of the same names and symbols in a second.
"""

import ctypes
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

LIBRARIES = ("cublas", "cusolver", "cusparse", "curand")
FAILED = 1  # CUBLAS_STATUS_NOT_INITIALIZED, and the like for the others


def missing() -> str | None:
    """Return what is not here to make them, or None."""
    lacking = [tool for tool in ("cc", "nm") if shutil.which(tool) is None]
    return f"no {lacking[0]} is here, to make stand-ins for CUDA's libraries" if lacking else None


def load(folder: Path) -> None:
    """Make the libraries in a folder and load them, before CuPy looks for the real ones."""
    from cuda import pathfinder

    def find(name: str, search: Any = pathfinder.load_nvidia_dynamic_lib) -> Any:
        if name not in LIBRARIES:
            return search(name)
        library = ctypes.CDLL(str(next(folder.glob(f"lib{name}.so.*"))))
        return SimpleNamespace(abs_path=library._name, _handle_uint=library._handle)

    pathfinder.load_nvidia_dynamic_lib = find
    found = find_spec("cupy_backends.cuda.libs")
    folders = found.submodule_search_locations if found else None
    for module in Path((folders or ["nowhere"])[0]).glob("*.so"):
        if module.name.split(".")[0] in LIBRARIES:
            _make(module, folder)


def _make(module: Path, folder: Path) -> None:
    """Make and load the libraries whose symbols a module of CuPy's asks for."""
    listed = subprocess.run(["nm", "-D", "--undefined-only", module], check=True, capture_output=True, text=True).stdout
    wanted: dict[str, list[str]] = {}
    for symbol, library in re.findall(r" U (\w+)@(libcu\w+\.so\.\d+)", listed):
        wanted.setdefault(library, []).append(symbol)
    for library, symbols in wanted.items():
        text, versions = folder / f"of_{library}.c", folder / f"of_{library}.map"
        text.write_text("\n".join(f"int {symbol}(void) {{ return {FAILED}; }}" for symbol in symbols))
        versions.write_text(f"{library} {{ global: *; }};\n")
        options = ["-shared", "-fPIC", f"-Wl,-soname,{library}", f"-Wl,--version-script={versions}"]
        subprocess.run(["cc", *options, text, "-o", folder / library], check=True)
        ctypes.CDLL(str(folder / library), ctypes.RTLD_GLOBAL)
