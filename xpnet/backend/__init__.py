"""Array libraries: the one place that chooses a library, a device, a dtype and options.

All other code gets the functions from its arguments (`namespace`), so the same source runs on NumPy, CuPy, PyTorch, JAX
and array-api-strict.  Only two functions move arrays between host and device: `Backend.asarray` moves them to the
device, `to_numpy` moves them back.
"""

from xpnet.backend.backend import Backend
from xpnet.backend.choosing import available, get, names, of, resolve, using
from xpnet.backend.libraries import (
    Array,
    AxisError,
    BackendError,
    LinAlgError,
    Namespace,
    StandIn,
    detached,
    device_of,
    holds,
    library_of,
    namespace,
    plain_array,
    to_numpy,
)
from xpnet.backend.trouble import all_true, is_linalg_error, is_look_free, quiet, vecdot

__all__ = [
    "Array",
    "AxisError",
    "Backend",
    "BackendError",
    "LinAlgError",
    "Namespace",
    "StandIn",
    "all_true",
    "available",
    "detached",
    "device_of",
    "get",
    "holds",
    "is_linalg_error",
    "is_look_free",
    "library_of",
    "names",
    "namespace",
    "of",
    "plain_array",
    "quiet",
    "resolve",
    "to_numpy",
    "using",
    "vecdot",
]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
