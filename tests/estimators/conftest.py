"""scikit-learn dispatches on arrays of other libraries only if this variable is set."""

import os

os.environ["SCIPY_ARRAY_API"] = "1"
