"""Model files: saving, loading and exporting."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xpnet.io.atomic import write_atomically
from xpnet.io.models.intervals import Errors
from xpnet.io.models.model import Model
from xpnet.io.models.model_file import further_arrays, is_model_file, load, save
from xpnet.io.records import save_records

if TYPE_CHECKING:
    from xpnet.io.onnx.exporting import to_onnx


def __getattr__(name: str) -> Any:
    """Import what `import xpnet` leaves out."""
    if name == "to_onnx":
        return import_module("xpnet.io.onnx.exporting").to_onnx
    raise AttributeError(f"module 'xpnet.io' has no attribute {name!r}")


__all__ = [
    "Errors",
    "Model",
    "further_arrays",
    "is_model_file",
    "load",
    "save",
    "save_records",
    "to_onnx",
    "write_atomically",
]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
