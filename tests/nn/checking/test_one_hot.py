"""One-hot targets."""

import numpy as np
import pytest

from xpnet.nn import one_hot


def test_masked_labels_are_refused():
    with pytest.raises(ValueError, match="labels must not have masked entries"):
        one_hot(np.ma.masked_equal([0, 1], 1), 2, np.float64)
