"""Model files: saving and loading."""

from xpnet.io.atomic import write_atomically
from xpnet.io.models.intervals import Errors
from xpnet.io.models.model import Model
from xpnet.io.models.model_file import is_model_file, load, save
from xpnet.io.records import save_records

__all__ = ["Errors", "Model", "is_model_file", "load", "save", "save_records", "write_atomically"]
