"""Model files: saving and loading."""

from xpnet.io.atomic import write_atomically
from xpnet.io.intervals import Errors
from xpnet.io.model import Model
from xpnet.io.model_file import further_arrays, is_model_file, load, save
from xpnet.io.records import save_records

__all__ = [
    "Errors",
    "Model",
    "further_arrays",
    "is_model_file",
    "load",
    "save",
    "save_records",
    "write_atomically",
]
