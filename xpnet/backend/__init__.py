"""Where arrays are born: the one place that chooses a library, a device, a dtype and options.

Everything else asks the arrays it was given for their namespace (`namespace`), so the same source runs on
NumPy, CuPy, PyTorch, JAX and array-api-strict.  Arrays cross between host and device at two doors only:
`Backend.asarray` in, `to_numpy` out.
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
    is_linalg_error,
    is_look_free,
    library_of,
    namespace,
    quiet,
    to_numpy,
)

__all__ = [
    "Array",
    "AxisError",
    "Backend",
    "BackendError",
    "LinAlgError",
    "Namespace",
    "StandIn",
    "available",
    "detached",
    "get",
    "is_linalg_error",
    "is_look_free",
    "library_of",
    "names",
    "namespace",
    "of",
    "quiet",
    "resolve",
    "to_numpy",
    "using",
]
