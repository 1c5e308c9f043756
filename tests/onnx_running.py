"""What the tests of exported graphs share: running one, and comparing it with its model."""

from pathlib import Path

import numpy as np
import onnxruntime

import xpnet
from xpnet.backend import to_numpy
from xpnet.io.onnx.feeding import inputs_of

# Of the largest output.  Sums in another order differ by 1e-15 in float64.  Float32 rounds by 6e-8 in each layer, and
# an output exp(z) has the error of z, times z.
TOLERANCES = {"float64": 1e-12, "float32": 1e-5}


def opened(path):
    """Return a session on one thread, as a program would open the file."""
    how = onnxruntime.SessionOptions()
    how.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, how, providers=["CPUExecutionProvider"])


def exported(path, model):
    """Export a model and open the file."""
    xpnet.to_onnx(path, model)
    return opened(path)


def assert_same(folder: Path, model, rows):
    """Assert that the exported graph gives for these rows what the model gives, in the same shapes and dtypes."""
    found = exported(folder / "model.onnx", model).run(None, inputs_of(model, rows))
    predicted = to_numpy(model.predict(rows))
    near = TOLERANCES[model.backend.dtype_name]
    if not model.network.classifies:
        (value,) = found
        assert (value.shape, value.dtype) == (predicted.shape, predicted.dtype)
        np.testing.assert_allclose(value, predicted, rtol=0.0, atol=near * float(np.abs(predicted).max()))
        return
    label, p = found
    assert label.shape == predicted.shape
    assert label.tolist() == predicted.tolist()
    expected = to_numpy(model.predict_proba(rows))
    assert (p.shape, p.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(p, expected, rtol=0.0, atol=near * float(expected.max()))
